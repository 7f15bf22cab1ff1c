import assert from 'node:assert/strict';
import type { RequestRecord, Scenario, Turn } from '../fakes/kimi/scenario.ts';
import { field, type ServerHandle } from '../fakes/mcp-client.ts';
import { finish, makeWorld, run, task, type World, write } from './world.ts';

const FEEDBACK = 'The word must be written in capitals: DONE.';

/** The turn for each step of one conversation, counted from its own first request. */
const turns =
  (...list: Turn[]): Scenario =>
  ({ step }) =>
    list[step] ?? finish();

describe('where the next attempt begins', () => {
  let world: World;
  afterEach(() => world.close());

  const call = (branch: string, more: Record<string, unknown> = {}, server: ServerHandle = world.server) =>
    server.call('implement_feature', task(world, branch, more));
  const textOf = (request: RequestRecord | undefined) => request?.body.toString() ?? '';

  const commit = (file: string, text: string) => {
    world.write(file, text);
    world.git('add', '-A');
    world.git('commit', '-q', '-m', `Change ${file}`);
  };
  const short = (name: string) => world.git('rev-parse', '--short=7', name);
  /** Lets the attempt work up to a request that is never answered, then cancels it: its work is on no branch. */
  async function cancelled(branch: string, requests: number, more = {}): Promise<void> {
    const running = call(branch, more);
    await world.kimi.arrived(requests);
    await world.server.call('cancel_delegation', { repo_path: world.repo, branch_name: branch });
    assert.equal(field(await running, 'outcome'), 'cancelled');
  }
  const STALL = { fault: 'stall_before_headers' } as const;

  it('at HEAD, when the attempt before left nothing: not where HEAD was then', async () => {
    world = await makeWorld(
      ({ index }) => [finish('Nothing to do.'), run('cat src/later.txt'), write('done.txt', 'x\n'), finish()][index]!,
    );
    assert.equal(field(await call('feature/stale'), 'outcome'), 'no_changes');
    commit('src/later.txt', 'later\n');
    const report = await call('feature/stale', { task_spec: FEEDBACK });
    assert.equal(field(report, 'outcome'), 'unverified', report);
    assert.match(report, new RegExp(`base: ${short('main')} \\(HEAD, main\\)`));
    assert.match(report, /^branch: .* {3}head: unchanged$/m);
    assert.equal(short('feature/stale^'), short('main'));
    assert.match(textOf(world.kimi.requests[2]), /exit 0(?: in [\d.]+s)?\\nlater(?:\\n|")/);
  });

  it('where the work before began, when there is some: the report says that HEAD is elsewhere', async () => {
    world = await makeWorld(
      ({ index }) => [write('done.txt', 'one\n'), run('true'), finish(), run('echo two > done.txt'), finish()][index]!,
    );
    const first = await call('feature/older');
    const began = short('main');
    commit('done.txt', 'by the user\n');
    const second = await call('feature/older', { task_spec: FEEDBACK });
    assert.equal(field(second, 'base'), field(first, 'base'));
    assert.match(second, new RegExp(`^since then: HEAD moved from ${began} to ${short('main')}; overlapping files: done\\.txt$`, 'm'));
  });

  it('beside the lines that the reviewer commented on; a line that is not there costs nothing', async () => {
    world = await makeWorld(
      ({ index }) => [write('done.txt', 'one\ntwo\nthree\n'), run('true'), finish(), run('sed -i s/two/TWO/ done.txt'), finish()][index]!,
    );
    await call('feature/lines');
    const wrong = await call('feature/lines', { task_spec: 'done.txt:7: Why?' });
    assert.match(wrong, /^outcome: invalid_request[\s\S]*comment on done\.txt:7, but done\.txt has 3 lines on the branch/);
    assert.equal(world.kimi.requests.length, 3, 'nothing was sent');
    const report = await call('feature/lines', { task_spec: 'Nearly.\n- done.txt:2: In capitals.' });
    assert.equal(field(report, 'outcome'), 'unverified', report);
    const told = JSON.parse(textOf(world.kimi.requests[3])).messages.at(-1).content;
    assert.match(
      told,
      /must change:\nNearly\.\n- done\.txt:2: In capitals\.\n\nThe lines that it is about[^\n]*\nIn capitals\.\n<<\w+ done\.txt \[lines 1-3\]\n {2}1 one\n> 2 two\n {2}3 three\n/,
    );
  });

  it('on unfinished work: it keeps its base, over an attempt that did nothing too', async () => {
    world = await makeWorld(({ index }) => [write('done.txt', 'half\n'), STALL, STALL, run('cat done.txt'), finish()][index] ?? finish());
    const began = short('main');
    await cancelled('feature/half', 2);
    commit('src/later.txt', 'later\n');
    await cancelled('feature/half', 3, { task_spec: 'Something better.', attempt: 2 });
    const report = await call('feature/half', { task_spec: 'Something else again.', attempt: 2 });
    assert.equal(field(report, 'outcome'), 'unverified', report);
    assert.match(report, new RegExp(`base: ${began} \\(HEAD, main\\)`));
    assert.match(report, new RegExp(`^since then: HEAD moved from ${began} to ${short('main')}; no file overlaps$`, 'm'));
    assert.equal(world.git('show', 'feature/half:done.txt'), 'half');
  });

  it('on the branch as it is: unfinished work never undoes what somebody has committed there since', async () => {
    world = await makeWorld(
      ({ index }) =>
        [write('done.txt', 'one\n'), finish(), write('half.txt', 'half\n'), STALL, write('more.txt', 'more\n'), finish()][index] ??
        finish(),
    );
    await call('feature/shared');
    await cancelled('feature/shared', 4, { task_spec: FEEDBACK });
    world.git('checkout', '-q', 'feature/shared');
    commit('hand.txt', 'by hand\n');
    world.git('checkout', '-q', 'main');
    const report = await call('feature/shared', { task_spec: 'Something else.' });
    assert.equal(field(report, 'outcome'), 'unverified', report);
    assert.match(report, /feature\/shared was moved since: what the attempt before left unfinished was not carried over/);
    assert.equal(world.git('ls-tree', '--name-only', 'feature/shared', 'hand.txt', 'half.txt', 'more.txt'), 'hand.txt\nmore.txt');
  });

  it('not at a base that is given for a branch that exists', async () => {
    world = await makeWorld(turns(write('done.txt', 'done\n'), finish()));
    world.git('branch', 'feature/mine');
    world.git('tag', 'v1');
    commit('src/later.txt', 'later\n');
    world.git('branch', 'feature/newer');
    const refused = await call('feature/newer', { base: 'v1' });
    assert.equal(field(refused, 'outcome'), 'invalid_request');
    assert.match(field(refused, 'reason') ?? '', /feature\/newer exists already and is continued from its tip.*Leave base out/);
    assert.equal(world.kimi.requests.length, 0);
    assert.equal(field(await call('feature/mine', { base: 'v1' }), 'outcome'), 'unverified', 'its tip is that base');
  });

  it('a base that is given again is no matter; another one is not used, and the report says so', async () => {
    world = await makeWorld(({ step, index }) => [run(`echo ${index} > done.txt`), finish()][step]!, {
      env: { KIMI_MAX_ATTEMPTS: '3' },
    });
    world.git('tag', 'v1');
    commit('src/later.txt', 'later\n');
    await call('feature/based', { base: 'v1' });
    const second = await call('feature/based', { base: 'v1', task_spec: FEEDBACK });
    assert.match(second, /^decides: .*; nothing flagged$/m);
    const third = await call('feature/based', { base: 'main', task_spec: 'Once more.' });
    assert.match(third, /base main was not used: the work on feature\/based goes on from where it stood/);
    assert.equal(field(third, 'base'), field(second, 'base'));
  });
});
