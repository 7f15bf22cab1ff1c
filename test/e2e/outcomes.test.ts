import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { OUTCOMES } from '../../src/delegation/result/outcomes.ts';
import { field } from '../fakes/mcp-client.ts';
import { journals } from './moments.ts';
import { finish, makeWorld, read, run, task, type World, write } from './world.ts';

/** Unlike any other process of the machine. */
const SLEEP = `sleep 300.${process.pid}`;

/** Every outcome of the closed set, reached through the built server. */
describe('outcomes', () => {
  const reached = new Set<string>();
  let world: World | null = null;

  afterEach(async () => {
    await world?.close();
    world = null;
  });
  after(() =>
    assert.deepEqual(
      OUTCOMES.filter((outcome) => !reached.has(outcome)),
      [],
      'outcomes without a test',
    ),
  );

  async function expect(report: string, outcome: (typeof OUTCOMES)[number], fallback: boolean): Promise<void> {
    assert.equal(field(report, 'outcome'), outcome, report);
    assert.equal(field(report, 'fallback_needed'), String(fallback), report);
    assert.ok(field(report, 'next'), 'every report says what to do next');
    reached.add(outcome);
  }

  it('ready: changes, and a check that failed before passes now', async () => {
    world = await makeWorld([write('done.txt', 'done\n'), run('cat done.txt'), finish()]);
    const report = await world.server.call(
      'implement_feature',
      task(world, 'feature/done', { checks: ['grep -q done done.txt', 'test -f README.md'] }),
    );
    await expect(report, 'ready', false);
    assert.match(report, /grep -q done done\.txt {2}exit \d+ then pass {3}failed before, passes now/);
    assert.match(report, /test -f README\.md {2}pass then pass$/m);
    assert.equal(world.git('show', 'feature/done:done.txt'), 'done');
    assert.equal(world.git('log', '-1', '--format=%an <%ae> %s', 'feature/done'), 'Ann <ann@example.org> Do the work');
    assert.equal(world.git('rev-parse', 'feature/done^'), world.git('rev-parse', 'main'));
  });

  it('unverified: changes without any check', async () => {
    world = await makeWorld([write('done.txt', 'done\n'), run('cat done.txt'), finish()]);
    await expect(await world.server.call('implement_feature', task(world, 'feature/done')), 'unverified', false);
  });

  it('ready: what a check left in its temp folder or its home on the base is not there on the result', async () => {
    world = await makeWorld([write('done.txt', 'done\n'), run('true'), finish()]);
    const leaves =
      'test ! -e "$TMPDIR/cache" && test ! -e "$HOME/.cache/x" && mkdir -p "$HOME/.cache" && touch "$TMPDIR/cache" "$HOME/.cache/x"';
    await expect(await world.server.call('implement_feature', task(world, 'feature/clean', { checks: [leaves] })), 'ready', false);
  });

  it('needs_review: the checks pass, but a file outside of the scope changed', async () => {
    world = await makeWorld([write('done.txt', 'done\n'), run('true'), finish()]);
    const report = await world.server.call('implement_feature', task(world, 'feature/done', { checks: ['true'], scope: ['src/**'] }));
    await expect(report, 'needs_review', false);
    assert.match(report, /! done\.txt changed, but out of scope/);
  });

  it('needs_review: write_tests keeps to tests', async () => {
    world = await makeWorld([write('src/greet.txt', 'hello you\n'), run('true'), finish()], {});
    const turn = [read('src/greet.txt'), write('src/greet.txt', 'hello you\n'), run('true'), finish()];
    await world.close();
    world = await makeWorld(turn);
    await expect(await world.server.call('write_tests', task(world, 'test/greet', { checks: ['true'] })), 'needs_review', false);
  });

  it('no_changes: finish without a change', async () => {
    world = await makeWorld([read('README.md'), finish('Nothing to do.')]);
    await expect(await world.server.call('implement_feature', task(world, 'feature/none')), 'no_changes', false);
    assert.equal(world.git('branch', '--list', 'feature/none'), '', 'no branch is made for nothing');
  });

  it('checks_failed: a check that passed on the base fails on the result', async () => {
    world = await makeWorld([read('src/greet.txt'), write('src/greet.txt', 'bye\n'), run('true'), finish()]);
    const report = await world.server.call('implement_feature', task(world, 'feature/bye', { checks: ['grep hello src/greet.txt'] }));
    await expect(report, 'checks_failed', false);
    assert.equal(world.git('show', 'feature/bye:src/greet.txt'), 'bye', 'the work is there to look at');
  });

  it('step_limit', async () => {
    world = await makeWorld(({ step }) => (step === 0 ? write('done.txt', 'half\n') : run(`echo ${step}`)));
    await expect(await world.server.call('implement_feature', task(world, 'feature/long', { max_steps: 4 })), 'step_limit', false);
    assert.equal(world.git('show', 'feature/long:done.txt'), 'half');
  });

  it('budget_exhausted', async () => {
    world = await makeWorld(({ step }) => run(`echo ${step}`));
    await expect(await world.server.call('implement_feature', task(world, 'feature/dear', { budget: 0.02 })), 'budget_exhausted', false);
  });

  it('loop_detected', async () => {
    world = await makeWorld(() => read('README.md'));
    await expect(await world.server.call('implement_feature', task(world, 'feature/circle', { max_steps: 60 })), 'loop_detected', false);
  });

  it('loop_detected: many different commands, none of which changes a file; one that does is work', async () => {
    world = await makeWorld(({ step }) => run(step === 40 ? 'echo half > done.txt' : `echo ${step}`));
    const report = await world.server.call('implement_feature', task(world, 'feature/still', { max_steps: 200 }));
    await expect(report, 'loop_detected', false);
    assert.match(report, /Nothing in the repository changed during the last 90 steps/);
    assert.ok(world.kimi.requests.length > 120, `${world.kimi.requests.length} steps: the change was noticed at the 60th at the latest`);
    assert.equal(world.git('show', 'feature/still:done.txt'), 'half');
  });

  it('rate_limited', async () => {
    world = await makeWorld(() => ({ fault: '429_rpm' }), { env: { KIMI_RETRY_SECONDS: '1' } });
    await expect(await world.server.call('implement_feature', task(world, 'feature/slow')), 'rate_limited', false);
  });

  it('quota_exhausted', async () => {
    world = await makeWorld(() => ({ fault: '429_quota' }));
    const report = await world.server.call('implement_feature', task(world, 'feature/poor'));
    await expect(report, 'quota_exhausted', true);
    assert.ok(field(report, 'notice_for_user'));
    assert.equal(world.kimi.requests.length, 1, 'an exhausted quota is not asked twice');
  });

  it('auth_failed: a refused key, and no key at all', async () => {
    world = await makeWorld([finish()], { env: { KIMI_API_KEY: 'sk-wrong-key' } });
    const report = await world.server.call('implement_feature', task(world, 'feature/key'));
    await expect(report, 'auth_failed', true);
    assert.ok(!report.includes('sk-wrong-key'));
    const keyless = await world.another({ env: { KIMI_API_KEY: '' } });
    const second = await keyless.call('implement_feature', task(world, 'feature/nokey'));
    await expect(second, 'auth_failed', true);
    assert.match(field(second, 'notice_for_user') ?? '', /no Kimi API key/);
    const third = await keyless.call('implement_feature', task(world, 'feature/nokey'));
    assert.equal(field(third, 'notice_for_user'), undefined, 'the user is told once a session');
  });

  it('an attempt that ends early does not wait for the checks on the base', async () => {
    world = await makeWorld(({ step }) => (step === 0 ? run('true') : { fault: '401' }), { kimi: { thinkMs: 500 } });
    const report = await world.server.call('implement_feature', task(world, 'feature/early', { checks: [SLEEP] }));
    assert.equal(field(report, 'outcome'), 'auth_failed', report);
    const checks = journals(world.state)[0]?.filter((line) => line.type === 'check');
    assert.deepEqual(
      checks?.map(({ phase, text }) => [phase, text]),
      [
        ['start', ''],
        ['end', 'cancelled'],
      ],
    );
  });

  it('api_unreachable', async () => {
    world = await makeWorld([finish()], { env: { KIMI_BASE_URL: 'http://127.0.0.1:9/v1', KIMI_RETRY_SECONDS: '1' } });
    await expect(await world.server.call('implement_feature', task(world, 'feature/net')), 'api_unreachable', false);
  });

  it('content_refused', async () => {
    world = await makeWorld(() => ({ fault: '400_content_filter' }));
    await expect(await world.server.call('implement_feature', task(world, 'feature/filter')), 'content_refused', true);
  });

  it('sandbox_unavailable: fails closed, before anything is spent', async () => {
    world = await makeWorld([finish()], { env: { KIMI_SANDBOX_PROGRAM: '/nonexistent/bwrap' } });
    const report = await world.server.call('implement_feature', task(world, 'feature/wall'));
    await expect(report, 'sandbox_unavailable', true);
    assert.equal(world.kimi.requests.length, 0);
  });

  it('environment_broken: objects are missing', async () => {
    world = await makeWorld([read('src/greet.txt'), write('done.txt', 'done\n'), run('true'), finish()]);
    const blob = world.git('rev-parse', 'HEAD:src/other.txt');
    const object = path.join(world.repo, '.git/objects', blob.slice(0, 2), blob.slice(2));
    rmSync(object);
    await expect(await world.server.call('implement_feature', task(world, 'feature/broken')), 'environment_broken', true);
  });

  for (const tool of ['implement_feature', 'fix_bug'])
    it(`checks_cannot_run, then unverified (${tool}): told before much is spent, no fault of this program; the same call goes on`, async () => {
      // Its first command ends when the check on the base has: then the attempt is stopped.
      const turns = [write('done.txt', 'done\n'), run('true'), finish()];
      let goesOn = false;
      const opened = await makeWorld(() => (goesOn ? (turns.shift() ?? finish()) : run('sleep 60')));
      const words = { checks: ['no-such-program-here'], bug_description: 'It fails.' };
      world = opened;
      const call = () => opened.server.call(tool, task(opened, 'feature/nocheck', words));
      const first = await call();
      await expect(first, 'checks_cannot_run', false);
      assert.match(field(first, 'reason') ?? '', /`no-such-program-here` could not run: the program no-such-program-here is not there/);
      assert.ok(opened.kimi.requests.length <= 3, `${opened.kimi.requests.length} requests`);
      goesOn = true;
      const second = await call();
      await expect(second, 'unverified', false);
      assert.match(second, /attempt: 1 of 2/);
      for (const report of [first, second]) assert.doesNotMatch(report, /does not work|notice_for_user/);
      assert.match(field(second, 'reason') ?? '', /`no-such-program-here` could not run.*Install the dependencies/);
      assert.match(second, /no-such-program-here: .*not found/);
    });

  it('branch_moved: the work is kept under another name', async () => {
    let moved = false;
    world = await makeWorld(() => {
      if (!moved) {
        moved = true;
        return write('done.txt', 'done\n');
      }
      world?.git('branch', '-f', 'feature/mine', 'HEAD');
      return finish();
    });
    const report = await world.server.call('implement_feature', task(world, 'feature/mine'));
    await expect(report, 'branch_moved', false);
    assert.equal(world.git('rev-parse', 'feature/mine'), world.git('rev-parse', 'main'), 'the user keeps the branch');
    assert.equal(world.git('show', `${field(report, 'kept at')}:done.txt`), 'done');
  });

  it('branch_moved: a branch that is in the way of every name below it', async () => {
    world = await makeWorld(({ step }) => {
      if (step === 1) world?.git('branch', 'feature');
      return [write('done.txt', 'done\n'), finish()][step] ?? finish();
    });
    const report = await world.server.call('implement_feature', task(world, 'feature/mine'));
    await expect(report, 'branch_moved', false);
    assert.equal(field(report, 'kept at'), 'feature-mine-kimi-1');
    assert.equal(world.git('show', 'feature-mine-kimi-1:done.txt'), 'done');
  });

  it('busy: two calls on one branch, from two servers', async () => {
    world = await makeWorld([write('done.txt', 'done\n'), run('true'), finish()], { kimi: { thinkMs: 300 } });
    const first = world.server.call('implement_feature', task(world, 'feature/one'));
    await world.kimi.arrived(1);
    const second = await (await world.another()).call('implement_feature', task(world, 'feature/one', { task_spec: 'Something else.' }));
    await expect(second, 'busy', false);
    assert.equal(field(await first, 'outcome'), 'unverified');
  });

  it('invalid_request: says what is wrong and what to do', async () => {
    world = await makeWorld([finish()]);
    const { server } = world;
    const cases: [Record<string, unknown>, RegExp][] = [
      [{ branch_name: 'main' }, /main/],
      [{ branch_name: 'HEAD' }, /HEAD/],
      [{ branch_name: 'refs/heads/x' }, /refs\/heads/],
      [{ repo_path: 'relative/path' }, /absolute/],
      [{ repo_path: path.join(world.folder, 'nowhere') }, /does not exist/],
      [{ task_spec: '' }, /task_spec/],
      [{ max_steps: 1000 }, /max_steps.*1000.*from 1 to 300/],
      [{ base: 'no-such-commit' }, /no-such-commit/],
    ];
    for (const [wrong, expected] of cases) {
      const report = await server.call('implement_feature', task(world, 'feature/x', wrong));
      await expect(report, 'invalid_request', false);
      assert.match(field(report, 'reason') ?? '', expected);
    }
    assert.equal(world.kimi.requests.length, 0);
  });

  it('storage_error: a state directory that cannot be made', async () => {
    world = await makeWorld([finish()]);
    writeFileSync(path.join(world.folder, 'file'), '');
    const server = await world.another({ env: { CLAUDE_KIMI_HOME: path.join(world.folder, 'file', 'state') } });
    await expect(await server.call('implement_feature', task(world, 'feature/disk')), 'storage_error', true);
  });

  it('cancelled by the client, children included; the same call goes on', async () => {
    world = await makeWorld([write('done.txt', 'done\n'), run(SLEEP), finish()]);
    const cancel = new AbortController();
    let sleeping: (() => void) | undefined;
    const running = new Promise<void>((resolve) => {
      sleeping = resolve;
    });
    const call = world.server.call('implement_feature', task(world, 'feature/stop'), {
      signal: cancel.signal,
      onProgress: ({ message }) => message?.includes(SLEEP) && sleeping?.(),
    });
    await running;
    cancel.abort('user-cancel');
    await assert.rejects(call);
    let report = '';
    while (!report.startsWith('outcome:'))
      report = await world.server.call('get_delegation', { repo_path: world.repo, branch_name: 'feature/stop' });
    await expect(report, 'cancelled', false);
    assert.ok(!processes().some((line) => line.includes(SLEEP)), 'no child lives on');
  });

  it('cancelled from another server by cancel_delegation', async () => {
    world = await makeWorld([write('done.txt', 'done\n'), run(SLEEP), finish()]);
    const call = world.server.call('implement_feature', task(world, 'feature/stop'));
    await world.kimi.arrived(2);
    const other = await world.another();
    assert.match(await other.call('cancel_delegation', { repo_path: world.repo, branch_name: 'feature/stop' }), /told to stop/);
    await expect(await call, 'cancelled', false);
  });

  it('interrupted when the client goes away; another server resumes to the end', async () => {
    world = await makeWorld(({ step }) => [write('done.txt', 'done\n'), run('cat done.txt'), finish()][step] ?? finish(), {
      kimi: { thinkMs: 300 },
    });
    const call = world.server.call('implement_feature', task(world, 'feature/gone')).catch(() => {});
    await world.kimi.arrived(2);
    await world.server.close();
    await call;
    const other = await world.another();
    const report = await other.call('get_delegation', { repo_path: world.repo, branch_name: 'feature/gone' });
    await expect(report, 'interrupted', false);
    const resumed = await other.call('resume_delegation', { repo_path: world.repo, branch_name: 'feature/gone' });
    assert.equal(field(resumed, 'outcome'), 'unverified', resumed);
    assert.equal(world.git('show', 'feature/gone:done.txt'), 'done');
  });

  it('internal_error: a fault of this program is told, not swallowed', async () => {
    const preload = path.join(import.meta.dirname, 'break-commit.cjs');
    world = await makeWorld([write('done.txt', 'done\n'), run('true'), finish()], { node: ['--require', preload] });
    const report = await world.server.call('implement_feature', task(world, 'feature/bug'));
    await expect(report, 'internal_error', false);
    assert.match(field(report, 'reason') ?? '', /broken for the test/);
  });
});

/** Command lines of all processes that are not zombies. */
function processes(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')];
      } catch {
        return [];
      }
    });
}
