import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Broker, startBroker } from '../../src/broker/broker.ts';
import type { Consent } from '../../src/broker/protocol.ts';
import { TEST_KEY } from '../fakes/kimi/server.ts';
import { field } from '../fakes/mcp-client.ts';
import { finish, makeWorld, run, task, type World, write } from './world.ts';

/** The same work in each delegation, however many there are. */
const WORK = ({ step }: { step: number }) => [write('done.txt', 'done\n'), run('cat done.txt')][step] ?? finish();
/** A server without a key of its own, as Claude Code starts it. */
const NO_KEY = { env: { KIMI_API_KEY: '', KIMI_BASE_URL: '' } };

describe('a server and the window that owns the repository', () => {
  let world: World;
  const brokers: Broker[] = [];
  /** How often a window was asked for key and settings. */
  let asked = 0;
  afterEach(async () => {
    for (const broker of brokers.splice(0)) await broker.close();
    await world.close();
  });

  async function open(
    more: {
      refuses?: () => boolean;
      keepsBack?: () => string[];
      settings?: Record<string, unknown>;
      trusted?: boolean;
      delayMs?: number;
      hangs?: boolean;
      consent?: Consent;
      key?: null;
    } = {},
  ): Promise<void> {
    const broker = await startBroker({
      stateDir: world.state,
      version: '1.0.0',
      folders: [world.repo],
      answer: async () => {
        asked++;
        await (more.hangs ? new Promise(() => {}) : wait(more.delayMs ?? 0));
        const settings = { baseUrl: world.kimi.baseUrl, ...more.settings, ...(more.keepsBack && { neverSend: more.keepsBack() }) };
        const key = more.key === null ? null : TEST_KEY;
        return { key, settings, trusted: more.trusted ?? true, consent: more.refuses?.() ? 'denied' : (more.consent ?? 'granted') };
      },
      askConsent: async () => 'denied',
    });
    brokers.push(broker);
  }
  const outcome = (report: string) => field(report, 'outcome');

  it('works with its key and settings; the call wins, the environment too, and files come after it', async () => {
    world = await makeWorld(WORK, NO_KEY);
    await open({ settings: { maxSteps: 1 } });
    assert.equal(outcome(await world.server.call('implement_feature', task(world, 'feature/window'))), 'step_limit');
    assert.equal(outcome(await world.server.call('implement_feature', task(world, 'feature/call', { max_steps: 9 }))), 'unverified');
    const other = await world.another({ env: { ...NO_KEY.env, KIMI_MAX_STEPS: '9' } });
    assert.equal(outcome(await other.call('implement_feature', task(world, 'feature/environment'))), 'unverified');
  });

  it('runs the checks of the setting when the call names none', async () => {
    world = await makeWorld(WORK, NO_KEY);
    await open({ settings: { checks: ['grep -q done done.txt'] } });
    const report = await world.server.call('implement_feature', task(world, 'feature/checks'));
    assert.equal(outcome(report), 'ready', report);
    assert.match(report, /grep -q done done\.txt/);
  });

  it('names the setting and the window when a value is wrong', async () => {
    world = await makeWorld(WORK, NO_KEY);
    await open({ settings: { maxSteps: 0 } });
    const report = await world.server.call('implement_feature', task(world, 'feature/wrong'));
    assert.match(report, new RegExp(`claudeKimi\\.maxSteps in the VS Code window on ${world.repo} is 0; allowed is a whole number`));
  });

  it('waits for a window that is busy for a moment', async () => {
    world = await makeWorld(WORK, NO_KEY);
    await open({ delayMs: 500 });
    assert.equal(outcome(await world.server.call('implement_feature', task(world, 'feature/busy'))), 'unverified');
  });

  it('sends nothing past a window that does not answer, whoever brought the key: it may hold a refusal', async () => {
    world = await makeWorld(WORK);
    await open({ hangs: true, consent: 'denied' });
    const report = await world.server.call('implement_feature', task(world, 'feature/silent'));
    assert.match(report, /does not answer, and what the user refuses or withholds there is not known/);
    assert.equal(world.kimi.requests.length, 0);
    await brokers.pop()!.close();
    assert.equal(outcome(await world.server.call('implement_feature', task(world, 'feature/silent'))), 'unverified');
  });

  it('sends nothing more once the user refuses, while it works', async () => {
    for (const how of ['window', 'file'] as const) {
      let refused = false;
      const refuse = () => {
        refused = how === 'window';
        if (how === 'file') writeFileSync(path.join(world.state, '.env'), `KIMI_REPOSITORIES={"${world.repo}":"deny"}\n`);
      };
      world = await makeWorld(
        ({ step }) => {
          if (step === 1) refuse();
          return WORK({ step });
        },
        how === 'window' ? NO_KEY : {},
      );
      if (how === 'window') await open({ refuses: () => refused });
      const report = await world.server.call('implement_feature', task(world, 'feature/refused'));
      assert.match(report, /^outcome: cancelled[\s\S]*the user decided meanwhile that code of this repository is not sent/);
      assert.equal(world.kimi.requests.length, 2);
      await brokers.pop()?.close();
      if (how === 'window') await world.close();
    }
  });

  it('sends nothing more as it was once the user keeps more back, while it works', async () => {
    let patterns = ['drafts/**', '!.env.test'];
    const growth = ['!.env.test', 'drafts/**', 'secret/**'];
    world = await makeWorld(({ step }) => {
      if (step === 1) patterns = growth;
      return WORK({ step });
    }, NO_KEY);
    await open({ keepsBack: () => patterns });
    const report = await world.server.call('implement_feature', task(world, 'feature/kept'));
    assert.match(report, /^outcome: cancelled[\s\S]*keeps back more than when the attempt began \(secret\/\*\*\)/);
    assert.equal(world.kimi.requests.length, 2);
    const again = await world.server.call('resume_delegation', { repo_path: world.repo, branch_name: 'feature/kept' });
    assert.equal(outcome(again), 'unverified', again);
  });

  it('sends nothing more as it was once a list in the checkout, or around it, keeps more back, while it works', async () => {
    for (const at of ['.kimiignore', 'src/.kimiignore', '../.kimiignore']) {
      world = await makeWorld(({ step }) => {
        if (step === 1) writeFileSync(path.join(world.repo, at), at.startsWith('..') ? '/repo/secret/\n' : '/secret/\n');
        return WORK({ step });
      });
      const report = await world.server.call('implement_feature', task(world, 'feature/listed'));
      assert.match(report, /^outcome: cancelled[\s\S]*keeps back more than when the attempt began \(.*secret/, at);
      assert.equal(world.kimi.requests.length, 2, at);
      const again = await world.server.call('resume_delegation', { repo_path: world.repo, branch_name: 'feature/listed' });
      assert.equal(outcome(again), 'unverified', again);
      if (at !== '../.kimiignore') await world.close();
    }
  });

  it('has no key while the folder is not trusted', async () => {
    world = await makeWorld(WORK, NO_KEY);
    await open({ trusted: false });
    const report = await world.server.call('implement_feature', task(world, 'feature/untrusted'));
    assert.equal(outcome(report), 'auth_failed');
    assert.match(report, /its folder trusted/);
    assert.equal(world.kimi.requests.length, 0);
  });

  it('does not tell the user of a denial of their own, with a key or without', async () => {
    for (const key of [undefined, null] as const) {
      for (const consent of ['denied', 'ask'] as const) {
        world = await makeWorld(WORK, NO_KEY);
        await open({ consent, ...(key === null && { key }) }); // where it is asked, the answer is no
        const report = await world.server.call('implement_feature', task(world, 'feature/denied'));
        if (key === null && consent === 'ask') assert.equal(outcome(report), 'auth_failed', 'nobody is asked for nothing');
        else {
          assert.match(
            report,
            /^outcome: environment_broken {3}fallback_needed: true\n(?!notice)[\s\S]*does not allow[\s\S]*next: do it yourself; the user/,
          );
          assert.doesNotMatch(report, /notice_for_user/);
        }
        assert.equal(world.kimi.requests.length, 0);
        await brokers.pop()?.close();
        await world.close();
      }
    }
    world = await makeWorld(WORK, NO_KEY);
  });

  it('sends nothing from a repository that KIMI_REPOSITORIES withholds, and tells how to allow it where nothing is decided', async () => {
    world = await makeWorld(WORK);
    const call = async (repositories: string, branch: string) => {
      const server = await world.another({ env: { KIMI_REPOSITORIES: repositories } });
      return server.call('implement_feature', task(world, branch));
    };
    const denied = await call('deny', 'feature/denied');
    assert.match(denied, /does not allow that code of this repository is sent to Kimi \(KIMI_REPOSITORIES in the environment/);
    assert.doesNotMatch(denied, /notice_for_user/);
    const undecided = await call(JSON.stringify({ '*': 'ask', '/elsewhere': 'allow' }), 'feature/open');
    assert.match(undecided, /notice_for_user[\s\S]*claude-kimi-mcp setup --repositories allow/);
    assert.equal(world.kimi.requests.length, 0);
    assert.equal(outcome(await call(JSON.stringify({ '*': 'ask', [world.repo]: 'allow' }), 'feature/allowed')), 'unverified');
    assert.match(
      await call('perhaps', 'feature/wrong'),
      /KIMI_REPOSITORIES in the environment of the server is "perhaps"; allowed is allow, ask/,
    );
    await open({ consent: 'granted', key: null });
    assert.match(await call('deny', 'feature/both'), /does not allow/, 'a refusal counts, whoever else allows it');
  });

  it('speaks as the window wishes from its first message on', async () => {
    world = await makeWorld(WORK, NO_KEY);
    await open({ settings: { disclosure: 'open' } });
    const other = await world.another(NO_KEY);
    assert.match(other.client.getInstructions() ?? '', /Say in one line/);
  });

  it('is asked once before the first request of an attempt', async () => {
    world = await makeWorld(() => finish(), NO_KEY);
    await open();
    for (const branch of ['feature/one', 'feature/two']) {
      const before = { asked, requests: world.kimi.requests.length, at: performance.now() };
      const call = world.server.call('implement_feature', task(world, branch));
      await world.kimi.arrived(before.requests + 1);
      // What was asked longer ago than a second is asked once more before a request.
      const seconds = Math.floor((performance.now() - before.at) / 1000);
      assert.ok(asked - before.asked >= 1 && asked - before.asked <= 1 + seconds, `${asked - before.asked} questions in ${seconds} s`);
      await call;
    }
  });
});
