import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { listedSchema } from '../../src/cli/json-output.ts';
import { finish, gitIn, makeWorld, run, task, type World, write } from '../e2e/world.ts';
import { field } from '../fakes/mcp-client.ts';
import { until } from '../until.ts';
import { cli, inTerminal, type Place, piped, placeIn } from './run-cli.ts';

describe('attempts that run, in the terminal', function () {
  this.timeout(60_000);
  let world: World;
  let place: Place;
  /** The step at which the model thinks on until it is let go. */
  let holdAt = 3;

  beforeEach(async () => {
    holdAt = 3;
    const turns = [write('done.txt', 'done\n'), run('true'), write('more.txt', 'more\n'), finish('Done.', 'Do it')];
    world = await makeWorld((view) => turns[Math.min(view.step, turns.length - 1)]!, {
      kimi: { thinkMs: (view) => (view.step + 1 === holdAt ? 600_000 : 150) },
    });
    place = placeIn(world);
  });
  afterEach(() => world.close());

  /** Starts an attempt by a server and waits until the model thinks over the third step. */
  async function start(): Promise<Promise<string>[]> {
    const call = world.server.call('implement_feature', task(world, 'feature/slow', { checks: ['test -f done.txt'] }));
    call.catch(() => {});
    await until('the third step', async () => {
      const listed = z.array(listedSchema).parse(JSON.parse((await cli(place, 'list', '--json')).out));
      return listed[0]?.state === 'running' && listed[0].step === 3;
    });
    return [call];
  }

  it('are seen by list, show, log and stats while they run', async () => {
    await start();
    assert.match((await cli(place, 'list')).out, /feature\/slow +step 3\/50 +thinking/);
    assert.match(
      (await cli(place, 'show')).out,
      /^feature\/slow {2}step 3\/50\n[\s\S]*thinking\n\nFollow it: claude-kimi-mcp log -f feature\/slow\n/,
    );
    const json = await cli(place, 'show', '--json');
    assert.deepEqual(json, { code: 1, out: '', err: 'The attempt on feature/slow runs, so it has no result yet.\n' });
    assert.match((await cli(place, 'diff')).err, /^The first attempt on feature\/slow still runs: there is no change to show yet\.\n$/);
    for (const command of ['merge', 'discard'])
      assert.match(
        (await cli(place, command, '--yes')).err,
        /^An attempt runs on feature\/slow\. Wait for its end, or stop it first: claude-kimi-mcp cancel feature\/slow/,
      );
    assert.match((await cli(place, 'resume')).err, /^An attempt runs on feature\/slow already\. Follow it/);
    assert.match((await cli(place, 'clean', '--older-than', '0h')).out, /^Nothing to remove/);
    assert.match((await cli(place, 'log')).out, /\d +2 {2}\$ true/);
  });

  it('are followed by log -f to their end, with a status at the bottom, and go on after Ctrl-C', async () => {
    const [call] = await start();
    const session = inTerminal(place, 80, 'log', '-f');
    await session.shows(/step 3\/50 · thinking · \$0\.\d{4} · \d+s/);
    session.type('\x03');
    assert.equal(await session.ended, 130);
    assert.match(session.text(), /The attempt on feature\/slow goes on\.\n/);
    const followed = cli(place, 'log', '-f');
    await cli(place, 'cancel');
    const { code, out, err } = await followed;
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, /cancelled after 2 steps, \d+s, \$0\.\d{4}: the work so far is kept\n$/);
    assert.doesNotMatch(out, /\x1b|\r/);
    assert.equal(field(await call!, 'outcome'), 'cancelled');
  });

  it('are stopped by cancel, whoever runs them, and resumed in the terminal to their end', async () => {
    const [call] = await start();
    assert.deepEqual(await cli(place, 'cancel'), {
      code: 0,
      out: 'Stopped; what was done is kept. Go on: claude-kimi-mcp resume feature/slow\n',
      err: '',
    });
    assert.equal(field(await call!, 'outcome'), 'cancelled');
    assert.deepEqual(await cli(place, 'cancel'), { code: 1, out: '', err: 'Nothing runs on feature/slow; nothing was changed.\n' });
    assert.match((await cli(place, 'show')).out, /^feature\/slow {2}cancelled\n[\s\S]*claude-kimi-mcp resume feature\/slow +go on with it/);
    holdAt = 0;
    const { code, out, err } = await cli(place, 'resume', '--check', 'test -f more.txt');
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, /resumed after step 2\n[\s\S]*^ +0:\d\d +3 {2}write_file more\.txt {2}.+\n/m);
    assert.match(out, /ready after 4 steps[\s\S]*^feature\/slow {2}ready\n[\s\S]*test -f more\.txt {2}exit 1 → pass/m);
    assert.equal(world.git('show', 'feature/slow:more.txt'), 'more');
    assert.match(
      (await cli(place, 'resume')).err,
      /^There is nothing to resume on feature\/slow: no attempt on it was cancelled or interrupted\.\n$/,
    );
  });

  it('are checkpointed by Ctrl-C and say how to go on', async () => {
    await start();
    await cli(place, 'cancel');
    const session = inTerminal(place, 80, 'resume');
    await session.shows(/step 3\/50 · thinking/);
    session.type('\x03');
    assert.equal(await session.ended, 130);
    assert.match(
      session.text(),
      /interrupted after 2 steps, [^\n]*: the work so far is kept\nStopped; what was done is kept\. Go on: claude-kimi-mcp resume feature\/slow\n/,
    );
    assert.doesNotMatch(session.raw().split('thinking')[0]!, /taking over the branch/, 'what it did before it was stopped');
    holdAt = 0;
    const resumed = await cli({ ...place, env: { ...place.env, LANG: 'zh_CN.UTF-8' } }, 'resume');
    assert.equal(resumed.code, 0, resumed.err);
    assert.match(resumed.out, /从第 2 步之后继续\n/);
    assert.equal(world.git('show', 'feature/slow:done.txt'), 'done');
  });

  it('are checkpointed when nobody reads on', async () => {
    await start();
    await cli(place, 'cancel');
    const { code, err } = await piped(place, 'resume | head -1; exit ${PIPESTATUS[0]}');
    assert.equal(code, 130, err);
    assert.match((await cli(place, 'show')).out, /^feature\/slow {2}interrupted\n/);
    const head = await piped(place, 'log -f | head -1');
    assert.match(head.out, /^Attempt 1: .*\n$/);
    assert.deepEqual([head.code, head.err], [0, '']);
  });

  it('are not resumed without a key, with a wrong limit, or at a limit that is not lifted', async () => {
    await start();
    await cli(place, 'cancel');
    holdAt = 0;
    const keyless = { ...place, env: { KIMI_BASE_URL: world.kimi.baseUrl } };
    const { code, out, err } = await cli(keyless, 'resume');
    assert.deepEqual([code, out.includes('resumed')], [1, false]);
    assert.match(err, /^No Kimi API key was found in the environment .*claude-kimi-mcp setup$/m);
    // Objects of a repository that the user refuses would be sent along.
    const refused = path.join(world.folder, 'refused');
    gitIn(world.repo, 'clone', '-q', '--bare', '.', path.join(refused, '.git'));
    const borrowed = path.join(world.repo, '.git/objects/info/alternates');
    writeFileSync(borrowed, `${path.join(refused, '.git/objects')}\n`);
    const denies = JSON.stringify({ [refused]: 'deny', '*': 'allow' });
    const env = { ...place.env, KIMI_DIRECTORIES: world.folder, KIMI_REPOSITORIES: denies };
    const denied = await cli({ ...place, env }, 'resume');
    assert.deepEqual([denied.code, denied.out.includes('resumed')], [1, false]);
    assert.match(denied.err, /^You do not allow that code of this repository is sent to Kimi/);
    rmSync(borrowed);
    const wrong = await cli(place, 'resume', '--max-steps', 'many');
    assert.equal(wrong.code, 2);
    assert.match(wrong.err, /^max_steps in the command line is "many"; allowed is a whole number from 1 to 300\.\n/);
    assert.equal((await cli(place, 'resume', '--max-steps', '3')).code, 1);
    assert.match(
      (await cli(place, 'resume')).err,
      /^The attempt on feature\/slow ended at its limit of 3 steps\. Give a higher one with --max-steps, and it goes on\.\n$/,
    );
    assert.equal((await cli(place, 'resume', '--max-steps', '10')).code, 0);
  });
});
