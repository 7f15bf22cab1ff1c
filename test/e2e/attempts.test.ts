import assert from 'node:assert/strict';
import path from 'node:path';
import type { RequestRecord, Scenario, Turn } from '../fakes/kimi/scenario.ts';
import { field, type ServerHandle } from '../fakes/mcp-client.ts';
import { journals } from './moments.ts';
import { finish, makeWorld, run, task, type World, write } from './world.ts';

const FEEDBACK = 'The word must be written in capitals: DONE.';

/** The turn for each step of one conversation, counted from its own first request. */
const turns =
  (...list: Turn[]): Scenario =>
  ({ step }) =>
    list[step] ?? finish();

describe('attempts on one branch', () => {
  let world: World;
  afterEach(() => world.close());

  const call = (branch: string, more: Record<string, unknown> = {}, server: ServerHandle = world.server) =>
    server.call('implement_feature', task(world, branch, more));
  const textOf = (request: RequestRecord | undefined) => request?.body.toString() ?? '';

  describe('after the end', () => {
    it('the same text gives the stored report, from any server, and spends nothing', async () => {
      world = await makeWorld([write('done.txt', 'done\n'), run('cat done.txt'), finish()]);
      const first = await call('feature/again');
      assert.equal(world.kimi.requests.length, 3);
      const plain = (report: string) =>
        report.replace(/^stored: .*\n| until \S+ \S+ UTC$| \(as of .*\)/gm, '').replace(/[0-9a-f]{6}(?=:?$| {3}more)/gm, '');
      for (const server of [world.server, await world.another()]) {
        const again = await call('feature/again', { attempt: 1, max_steps: 300, budget: 9 }, server);
        assert.match(
          again,
          /^stored: .*nothing was run or spent.*; another attempt: the same call with attempt: 2, or with your feedback/m,
        );
        assert.equal(plain(again), plain(first));
      }
      assert.equal(world.kimi.requests.length, 3);
      assert.equal(world.git('rev-list', '--count', 'main..feature/again'), '1');
    });

    it('the same text as attempt 2 is attempt 2, once', async () => {
      world = await makeWorld(
        ({ index }) => [run('true'), finish(), write('done.txt', 'done\n'), run('cat done.txt'), finish()][index] ?? {},
      );
      assert.equal(field(await call('feature/retry'), 'outcome'), 'no_changes');
      const second = await call('feature/retry', { attempt: 2 });
      assert.equal(field(second, 'outcome'), 'unverified', second);
      assert.equal(field(second, 'attempt'), '2 of 2');
      assert.match(await call('feature/retry', { attempt: '2' }), /^stored: .*nothing was run or spent by this call$/m);
      assert.equal(world.kimi.requests.length, 5);
      const third = await call('feature/retry', { attempt: 3 });
      assert.match(third, /^outcome: invalid_request {3}fallback_needed: true$/m);
      assert.match(third, /^next: do it yourself, no further call for this task$/m);
    });

    it('other text is attempt 2: it knows the task and the feedback, and stands on the work of attempt 1', async () => {
      world = await makeWorld(
        ({ index }) =>
          [
            write('done.txt', 'done\n'),
            run('cat done.txt'),
            finish('First.', 'Write the word'),
            run('cat done.txt; git log --oneline'),
            run('echo DONE > done.txt'),
            finish('Second.', 'Write it in capitals'),
          ][index]!,
        { env: { KIMI_RETRY_MODEL: 'kimi-k2.7-code', KIMI_PRICES: '0/0/0.001' } },
      );
      const first = await call('feature/two');
      const second = await call('feature/two', { task_spec: FEEDBACK });
      assert.equal(field(second, 'attempt'), '2 of 2');
      const models = world.kimi.requests.map(({ body }) => (JSON.parse(body.toString()) as { model: string }).model);
      assert.deepEqual(models, [...Array(3).fill('kimi-k2.6'), ...Array(3).fill('kimi-k2.7-code')]);
      assert.match(field(first, 'cost') ?? '', /\$0\.0000/);
      assert.doesNotMatch(field(second, 'cost') ?? '', /\$0\.0000/, 'the price that the user set is the one of the usual model');
      const opening = textOf(world.kimi.requests[3]);
      assert.ok(opening.includes(FEEDBACK), 'the feedback');
      assert.ok(opening.includes('Write done.txt with the word done.'), 'the task of attempt 1');
      assert.match(textOf(world.kimi.requests[4]), /exit 0(?: in [\d.]+s)?\\ndone(?:\\n|")/, 'the work of attempt 1 is in the workspace');
      assert.equal(world.git('log', '--format=%s', 'main..feature/two'), 'Write it in capitals\nWrite the word');
      assert.equal(field(second, 'base'), field(first, 'base'), 'the diff is still against the beginning');
      assert.match(second, /^\+DONE$/m);
      assert.equal(world.git('show', 'feature/two:done.txt'), 'DONE');
    });

    it('each further attempt knows the task and all the feedback so far', async () => {
      world = await makeWorld(({ step, index }) => [write('done.txt', `${index}\n`), run('true'), finish()][step]!, {
        env: { KIMI_MAX_ATTEMPTS: '4' },
      });
      await call('feature/four');
      await call('feature/four', { task_spec: FEEDBACK });
      await call('feature/four', { task_spec: 'In blue, too.' });
      await call('feature/four', { task_spec: 'And underlined.' });
      const openings = [0, 3, 6, 9].map((at) => textOf(world.kimi.requests[at]));
      for (const opening of openings) assert.ok(opening.includes('# Task\\nWrite done.txt with the word done.'), opening.slice(-900));
      assert.deepEqual(
        openings.map((opening) => [FEEDBACK, 'In blue, too.', 'And underlined.'].filter((text) => opening.includes(text)).length),
        [0, 1, 2, 3],
      );
      assert.match(openings[3] ?? '', /Earlier feedback.*capitals.*In blue, too\..*# Feedback of the reviewer.*And underlined\./);
    });

    it('the same text gives the stored report while the branch is checked out for review; other text must wait', async () => {
      world = await makeWorld(({ index }) => [write('done.txt', 'done\n'), run('cat done.txt'), finish()][index] ?? finish());
      const first = await call('feature/look');
      world.git('checkout', '-q', 'feature/look');
      const again = await call('feature/look');
      assert.match(again, /^stored: /m);
      assert.equal(field(again, 'tip'), field(first, 'tip'));
      const other = await call('feature/look', { task_spec: FEEDBACK });
      assert.equal(field(other, 'outcome'), 'invalid_request');
      assert.match(field(other, 'reason') ?? '', /feature\/look is checked out .* in .*\/repo\. Switch to another branch there/);
      world.git('checkout', '-q', 'main');
      assert.equal(field(await call('feature/look', { task_spec: FEEDBACK }), 'attempt'), '2 of 2');
    });

    it('a third text is refused with fallback_needed, and spends nothing', async () => {
      world = await makeWorld(({ step, index }) => [write('done.txt', `${index}\n`), run('true'), finish()][step]!);
      await call('feature/three');
      await call('feature/three', { task_spec: FEEDBACK });
      const spent = world.kimi.requests.length;
      const tip = world.git('rev-parse', 'feature/three');
      const third = await call('feature/three', { task_spec: 'Once more, please.' });
      assert.equal(field(third, 'fallback_needed'), 'true');
      assert.match(field(third, 'reason') ?? '', /2 of 2 attempts on feature\/three are used/);
      assert.equal(world.kimi.requests.length, spent);
      assert.equal(world.git('rev-parse', 'feature/three'), tip);
    });

    it('the argument `attempt` is a hint: attempts are counted here', async () => {
      world = await makeWorld(({ step, index }) => [write('done.txt', `${index}\n`), run('true'), finish()][step]!);
      assert.equal(field(await call('feature/hint', { attempt: 7 }), 'attempt'), '1 of 2');
      assert.equal(field(await call('feature/hint', { attempt: 1, task_spec: FEEDBACK }), 'attempt'), '2 of 2');
    });

    it('attempt 2 inherits checks and scope, and its base is where the delegation began', async () => {
      world = await makeWorld(
        ({ index }) => [write('done.txt', 'wrong\n'), run('true'), finish(), run('echo done > done.txt'), finish()][index]!,
      );
      const checks = ['grep -q "^done" done.txt'];
      assert.equal(field(await call('feature/checks', { checks, scope: ['done.txt'] }), 'outcome'), 'unverified');
      const second = await call('feature/checks', { task_spec: FEEDBACK });
      assert.equal(field(second, 'outcome'), 'ready', second);
      assert.match(second, /grep -q "\^done" done\.txt {2}exit \d then pass {3}failed before, passes now/);
      assert.match(textOf(world.kimi.requests[3]), /Change only files in\\n- done\.txt/);
    });

    it('a second failed attempt needs the fallback', async () => {
      world = await makeWorld(() => finish('Nothing to do.'));
      const first = await call('feature/none');
      assert.deepEqual([field(first, 'outcome'), field(first, 'fallback_needed')], ['no_changes', 'false']);
      const second = await call('feature/none', { task_spec: FEEDBACK });
      assert.deepEqual([field(second, 'outcome'), field(second, 'fallback_needed')], ['no_changes', 'true']);
      assert.match(field(second, 'next') ?? '', /do it yourself/);
    });

    it('an attempt that hands nothing back hides nothing: report and diff tell what the branch still holds', async () => {
      world = await makeWorld(
        ({ index }) =>
          [write('done.txt', 'one\n'), run('true'), finish(), finish('Nothing.'), { fault: 'stall_before_headers' as const }, finish()][
            index
          ]!,
        { env: { KIMI_MAX_ATTEMPTS: '3' } },
      );
      const where = { repo_path: world.repo, branch_name: 'feature/kept' };
      const first = await call('feature/kept', { scope: ['src/**'] });
      const second = await call('feature/kept', { task_spec: FEEDBACK });
      assert.equal(field(second, 'outcome'), 'no_changes', second);
      const running = call('feature/kept', { task_spec: 'Once more.' });
      await world.kimi.arrived(5);
      await world.server.call('cancel_delegation', where);
      const third = await running;
      assert.equal(field(third, 'outcome'), 'cancelled', third);
      for (const report of [second, third]) {
        assert.equal(field(report, 'tip'), field(first, 'tip'));
        assert.match(report, /nothing new was handed back: tip, files and diff are what feature\/kept holds from before/);
        assert.match(report, /^files: 1, \+1 -0, 1 out of scope$/m);
        assert.match(report, /^\+one$/m);
        assert.match(await world.server.call('delegation_diff', where), /^\+one$/m);
      }
      const last = await call('feature/kept', { task_spec: 'Once more.' });
      assert.equal(field(last, 'outcome'), 'no_changes', last);
      assert.equal(field(last, 'fallback_needed'), 'true');
      assert.match(field(last, 'next') ?? '', /what was reached is on feature\/kept/);
    });

    it('a rate limit that does not go away: the same call resumes, and the second time needs the fallback', async () => {
      world = await makeWorld(({ step }) => (step === 0 ? write('done.txt', 'done\n') : { fault: '429_rpm' }), {
        env: { KIMI_RETRY_SECONDS: '1' },
        kimi: { thinkMs: 150 },
      });
      const first = await call('feature/slow');
      assert.deepEqual([field(first, 'outcome'), field(first, 'fallback_needed')], ['rate_limited', 'false']);
      const second = await call('feature/slow');
      assert.deepEqual([field(second, 'outcome'), field(second, 'fallback_needed')], ['rate_limited', 'true']);
      assert.equal(journals(world.state).length, 1, 'one attempt, continued');
    });

    it('more steps and more money can be given to go on', async () => {
      let stop = true;
      world = await makeWorld(
        ({ step }) => (stop && step === 2 ? { fault: '429_quota' } : step < 6 ? run(`echo ${step} >> log.txt`) : finish()),
        {
          kimi: { thinkMs: 150 },
        },
      );
      assert.equal(field(await call('feature/more', { max_steps: 3 }), 'outcome'), 'quota_exhausted');
      stop = false;
      const where = { repo_path: world.repo, branch_name: 'feature/more' };
      const report = await world.server.call('resume_delegation', { ...where, max_steps: 20, budget: 3 });
      assert.equal(field(report, 'outcome'), 'unverified', report);
      assert.equal(world.git('show', 'feature/more:log.txt'), '0\n1\n2\n3\n4\n5');
    });

    it('a limit that is lifted lets the same attempt go on, by the same call and by resume_delegation; it counts once', async () => {
      world = await makeWorld(({ step }) => (step < 7 ? run(`echo ${step} >> log.txt`) : finish()));
      const first = await call('feature/limit', { max_steps: 3 });
      assert.deepEqual([field(first, 'outcome'), field(first, 'fallback_needed')], ['step_limit', 'false']);
      assert.match(field(first, 'next') ?? '', /^the same call with a higher max_steps goes on/);
      assert.match(await call('feature/limit', { max_steps: 3 }), /^stored: /m);
      const where = { repo_path: world.repo, branch_name: 'feature/limit' };
      assert.match(await world.server.call('resume_delegation', where), /reason: .*at its limit of 3 steps\. Give a higher max_steps/);
      assert.equal(world.kimi.requests.length, 3);
      const second = await call('feature/limit', { max_steps: 5 });
      assert.deepEqual([field(second, 'outcome'), field(second, 'fallback_needed')], ['step_limit', 'false'], second);
      assert.equal(world.kimi.requests.length, 5);
      assert.match(textOf(world.kimi.requests[3]), /The limit was raised: 2 steps are left\. Go on/);
      const third = await world.server.call('resume_delegation', { ...where, max_steps: 20 });
      assert.deepEqual([field(third, 'outcome'), field(third, 'attempt')], ['unverified', '1 of 2'], third);
      assert.equal(world.git('show', 'feature/limit:log.txt'), '0\n1\n2\n3\n4\n5\n6');
      assert.equal(world.git('rev-list', '--count', 'main..feature/limit'), '1');
      assert.equal(field(await call('feature/limit', { task_spec: FEEDBACK }), 'attempt'), '2 of 2');
    });

    it('checks that are given later run on the work that is there; the model is not asked', async () => {
      world = await makeWorld([write('done.txt', 'done\n'), run('true'), finish()]);
      const first = await call('feature/later');
      assert.equal(field(first, 'outcome'), 'unverified');
      const tip = world.git('rev-parse', 'feature/later');
      const keyless = await world.another({ env: { KIMI_API_KEY: '' } });
      const second = await call('feature/later', { checks: ['grep done done.txt'] }, keyless);
      assert.deepEqual([field(second, 'outcome'), field(second, 'attempt')], ['ready', '1 of 2'], second);
      assert.match(second, /grep done done\.txt {2}exit 2 then pass {3}failed before, passes now/);
      assert.match(await call('feature/later', { checks: ['grep done done.txt'] }), /^stored: /m);
      const third = await call('feature/later', { checks: ['grep nothing README.md'] });
      assert.equal(field(third, 'outcome'), 'unverified', third);
      const fourth = await call('feature/later', { checks: ['test ! -e done.txt'] });
      assert.deepEqual([field(fourth, 'outcome'), field(fourth, 'fallback_needed')], ['checks_failed', 'false'], fourth);
      assert.equal(
        field(await world.server.call('get_delegation', { repo_path: world.repo, branch_name: 'feature/later' }), 'outcome'),
        'checks_failed',
      );
      assert.equal(world.git('rev-parse', 'feature/later'), tip);
      assert.equal(world.kimi.requests.length, 3);

      const wall = await world.another({ env: { KIMI_SANDBOX_PROGRAM: '/nonexistent/bwrap' } });
      const unable = await call('feature/later', { checks: ['true'] }, wall);
      assert.deepEqual([field(unable, 'outcome'), field(unable, 'tip')], ['sandbox_unavailable', tip.slice(0, 7)], unable);
      assert.equal(field(await call('feature/later', { checks: ['grep done done.txt'] }), 'outcome'), 'ready', 'the same call goes on');

      world.git('branch', '-f', 'feature/later', 'main');
      const moved = await call('feature/later', { checks: ['true'] });
      assert.equal(field(moved, 'outcome'), 'invalid_request', moved);
      assert.match(field(moved, 'reason') ?? '', /only on the work as it was handed back/);
    });

    it('there is nothing to resume where nothing was stopped', async () => {
      world = await makeWorld([write('done.txt', 'done\n'), run('true'), finish()]);
      const resume = () => world.server.call('resume_delegation', { repo_path: world.repo, branch_name: 'feature/over' });
      assert.match(await resume(), /outcome: invalid_request.*\n[\s\S]*nothing to resume on feature\/over/);
      await call('feature/over');
      assert.match(await resume(), /outcome: invalid_request.*\n[\s\S]*nothing to resume on feature\/over/);
      assert.equal(world.kimi.requests.length, 3);
    });

    it('when all attempts are used, Claude gets none any more, and a person who asks in the window does', async () => {
      world = await makeWorld(({ step, index }) => [write(`done-${index}.txt`, 'done\n'), run('true'), finish()][step]!);
      for (const text of ['First.', 'Second.']) await call('feature/more', { task_spec: text });
      const refused = await call('feature/more', { task_spec: 'Third.' });
      assert.match(refused, /^outcome: invalid_request {3}fallback_needed: true[\s\S]*2 of 2 attempts/);
      const window = await world.another({ clientName: 'kimi-delegate-window' });
      const report = await call('feature/more', { task_spec: 'Third.' }, window);
      assert.deepEqual([field(report, 'outcome'), field(report, 'attempt')], ['unverified', '3 of 3'], report);
      assert.equal(world.git('rev-list', '--count', 'main..feature/more'), '3');
      assert.match(await call('feature/more', { task_spec: 'Fourth.' }), /2 of 2 attempts/, 'the limit of Claude stays');
    });

    it('a branch that the user deleted begins anew, with the same text and with another', async () => {
      world = await makeWorld(({ step, index }) => [write('done.txt', `${index}\n`), run('true'), finish()][step]!);
      await call('feature/gone');
      for (const text of ['Write done.txt with the word done.', 'Write something else.']) {
        world.git('branch', '-D', 'feature/gone');
        const before = world.kimi.requests.length;
        const report = await call('feature/gone', { task_spec: text });
        assert.equal(field(report, 'outcome'), 'unverified', report);
        assert.equal(field(report, 'attempt'), '1 of 2');
        assert.ok(!textOf(world.kimi.requests[before]).includes('Feedback of the reviewer'));
        assert.equal(world.git('rev-list', '--count', 'main..feature/gone'), '1');
      }
    });

    it('a branch that is deleted while attempt 2 runs does not disturb it: the next call is busy', async () => {
      world = await makeWorld(turns(write('done.txt', 'done\n'), run('true'), finish()));
      await call('feature/pulled');
      await world.close();
      world = await makeWorld(
        ({ index }) => [write('done.txt', 'done\n'), finish(), { fault: 'stall_before_headers' as const }][index] ?? finish(),
      );
      await call('feature/pulled');
      const running = call('feature/pulled', { task_spec: FEEDBACK });
      await world.kimi.arrived(3);
      world.git('branch', '-D', 'feature/pulled');
      const other = await world.another();
      assert.equal(field(await call('feature/pulled', { task_spec: 'Quite another task.' }, other), 'outcome'), 'busy');
      assert.match(await other.call('cancel_delegation', { repo_path: world.repo, branch_name: 'feature/pulled' }), /told to stop/);
      assert.equal(field(await running, 'outcome'), 'cancelled');
    });
  });

  describe('where it begins', () => {
    it('a branch that exists and is not ours is continued from its tip', async () => {
      world = await makeWorld(turns(run('cat src/mine.txt'), write('done.txt', 'done\n'), finish()));
      world.git('checkout', '-q', '-b', 'feature/mine');
      world.write('src/mine.txt', 'by hand\n');
      world.git('add', '-A');
      world.git('commit', '-q', '-m', 'By hand');
      world.git('checkout', '-q', 'main');
      const tip = world.git('rev-parse', 'feature/mine');
      const report = await call('feature/mine');
      assert.equal(field(report, 'outcome'), 'unverified', report);
      assert.match(report, /base: [0-9a-f]{7} \(the existing branch feature\/mine\)/);
      assert.match(textOf(world.kimi.requests[1]), /by hand/);
      assert.equal(world.git('rev-parse', 'feature/mine^'), tip);
    });

    it('a branch that is checked out is refused, with a free name', async () => {
      world = await makeWorld([finish()]);
      world.git('branch', 'feature/here');
      world.git('branch', 'feature/here-2');
      world.git('worktree', 'add', '-q', path.join(world.folder, 'elsewhere'), 'feature/here');
      const report = await call('feature/here');
      assert.equal(field(report, 'outcome'), 'invalid_request');
      assert.match(field(report, 'reason') ?? '', /checked out.*elsewhere.*"feature\/here-3"/);
      assert.equal(world.kimi.requests.length, 0);
    });

    it('a base can be given', async () => {
      world = await makeWorld(turns(run('ls src'), write('done.txt', 'done\n'), finish()));
      world.git('tag', 'v1');
      world.write('src/later.txt', 'later\n');
      world.git('add', '-A');
      world.git('commit', '-q', '-m', 'Later');
      const report = await call('feature/based', { base: 'v1' });
      assert.match(report, /base: [0-9a-f]{7} \(v1\)/);
      assert.equal(world.git('rev-parse', 'feature/based^'), world.git('rev-parse', 'v1'));
      assert.ok(!textOf(world.kimi.requests[1]).includes('later.txt'));
    });
  });
});
