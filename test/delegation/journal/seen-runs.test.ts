import assert from 'node:assert/strict';
import type { TestRun } from '../../../src/agent/types.ts';
import type { JournalEvent } from '../../../src/delegation/journal/journal.ts';
import { addToTrace, seenRuns, type Trace } from '../../../src/delegation/journal/seen-runs.ts';

const end = (step: number, more: object): JournalEvent => ({
  type: 'tool_end',
  step,
  callId: `c${step}`,
  name: 'x',
  ok: true,
  summary: '',
  ms: 1,
  ...more,
});
const write = (step: number) => end(step, { may: 'write' });
const command = (step: number) => end(step, { may: 'command' });
const test = (step: number, passed: number, more: Partial<TestRun> = {}) =>
  end(step, {
    may: 'command',
    run: { command: 'npm test', exitCode: 0, killed: null, ms: 9, counts: { passed, failed: 0, skipped: 0 }, ...more },
  });
const tree = (step: number, name: string): JournalEvent => ({ type: 'checkpoint', step, tree: name });

const seen = (...events: JournalEvent[]) => seenRuns(events.reduce(addToTrace, [] as Trace));
/** Of the one command: what it passed last, whether that was after the last edit, and what it passed before the first one. */
function told(...events: JournalEvent[]) {
  const [run, ...more] = seen(...events);
  assert.equal(more.length, 0);
  return run && [run.counts?.passed, run.afterLastEdit, run.before?.counts?.passed ?? null];
}

describe('what the worker ran', () => {
  it('is each command, as it ran last', () => {
    assert.deepEqual(seen(), []);
    const runs = seen(write(1), test(2, 3), test(3, 4), test(3, 1, { command: 'npx tsc' }), tree(3, 'a'));
    assert.deepEqual(
      runs.map(({ command: name, counts }) => [name, counts?.passed]),
      [
        ['npx tsc', 1],
        ['npm test', 4],
      ],
    );
  });

  it('is found among thousands of changes, of which each kind is kept once a step', () => {
    const many = Array.from({ length: 1000 }, (_, at) => [write(1), command(1), ...(at === 500 ? [test(1, 3)] : [])]).flat();
    const trace = [...many, tree(1, 'a'), write(2), write(2), write(3)].reduce(addToTrace, [] as Trace);
    assert.equal(trace.length, 8, 'two before the test, itself, two behind it, the tree, and one in each step after');
    assert.deepEqual(told(...many, tree(1, 'a')), [3, false, null]);
  });

  it('is after the last edit when nothing came behind it, or the trees say that nothing changed', () => {
    assert.deepEqual(told(write(1), test(1, 3), tree(1, 'a'), tree(2, 'a')), [3, true, null]);
    assert.deepEqual(told(write(1), tree(1, 'a'), test(2, 3), tree(2, 'a'), command(3), tree(3, 'a')), [3, true, null]);
    assert.deepEqual(told(write(1), tree(1, 'a'), command(2), test(2, 3), command(2), tree(2, 'a')), [3, true, null]);
    // A file tool that wrote into temp.
    assert.deepEqual(told(write(1), tree(1, 'a'), test(2, 3), tree(2, 'a'), write(3), tree(3, 'a')), [3, true, null]);
  });

  it('is not, when a tool wrote behind it, or the files were others at last', () => {
    assert.deepEqual(told(test(1, 3), write(1), tree(1, 'a')), [3, false, null]);
    assert.deepEqual(told(write(1), tree(1, 'a'), test(2, 3), tree(2, 'a'), command(3), tree(3, 'b')), [3, false, null]);
    assert.deepEqual(told(write(1), test(1, 3), write(2)), [3, false, null]);
  });

  it('is unknown, when commands came behind it that nobody looked at, or it changed files itself', () => {
    assert.deepEqual(told(write(1), test(1, 3), command(1), tree(1, 'a')), [3, null, null]);
    assert.deepEqual(told(write(1), test(1, 3)), [3, null, null], 'without a look at the end');
    assert.deepEqual(told(write(1), tree(1, 'a'), test(2, 3), tree(2, 'b')), [3, null, null]);
    assert.deepEqual(told(tree(1, 'a'), write(2), test(2, 3), write(2), tree(2, 'a')), [3, false, null]);
  });

  it('knows what the same command was before the first edit', () => {
    assert.deepEqual(told(test(1, 2), tree(1, 'a'), write(2), test(2, 3), tree(2, 'b')), [3, true, 2]);
    assert.deepEqual(told(tree(1, 'a'), command(2), test(2, 2), tree(2, 'a'), write(3), test(3, 3), tree(3, 'b')), [3, true, 2]);
    for (const earlier of [
      [write(1), test(1, 2), tree(1, 'a')],
      [command(1), test(1, 2), tree(1, 'a')],
      [tree(1, 'a'), command(2), test(2, 2), tree(2, 'b')],
      [tree(1, 'a'), command(2), tree(2, 'b'), test(3, 2), tree(3, 'b')],
    ])
      assert.deepEqual(told(...earlier, write(8), test(8, 3), tree(8, 'c')), [3, true, null]);
  });

  it('forgets what a resume makes again', () => {
    const events = [write(1), test(1, 1), tree(1, 'a'), write(2), test(2, 2)];
    assert.deepEqual(told(...events, { type: 'resume', step: 1, tree: 'a' }, write(2), test(2, 5), tree(2, 'b')), [5, true, null]);
    assert.deepEqual(told(...events, { type: 'resume', step: 1, tree: 'a' }, tree(2, 'a')), [1, true, null]);
    assert.equal(told(...events, { type: 'resume', step: 1, tree: null }), undefined);
  });

  it('names at most five, those of the work as it was left in front', () => {
    const many = [1, 2, 3, 4, 5, 6].map((step) => test(step, step, { command: `npm run test:${step}` }));
    const runs = seen(test(1, 1, { command: 'npm run early' }), write(1), tree(1, 'a'), ...many, tree(7, 'a'));
    assert.deepEqual(
      runs.map(({ command: name, afterLastEdit }) => [name, afterLastEdit]),
      [6, 5, 4, 3, 2].map((at) => [`npm run test:${at}`, true]),
    );
  });
});
