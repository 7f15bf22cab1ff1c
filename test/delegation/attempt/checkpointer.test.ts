import assert from 'node:assert/strict';
import { type CheckpointSource, createCheckpointer } from '../../../src/delegation/attempt/checkpointer.ts';
import { english, inWords } from '../../messages/english.ts';

/** A source whose checkpoints end when the test says so. */
function slowSource() {
  const pending: { previous: string; done: (tree: string, problems?: string[]) => void; fail: (error: Error) => void }[] = [];
  let waiting: (() => void) | null = null;
  let running = 0;
  const kept: string[] = [];
  const source: CheckpointSource = {
    keep: async (step, tree) => void kept.push(`${step} ${tree}`),
    take(previous) {
      running++;
      assert.equal(running, 1, 'two checkpoints at once');
      return new Promise((resolve, reject) => {
        pending.push({
          previous,
          done(tree, problems = []) {
            running--;
            resolve({ tree, problems: problems.map(inWords) });
          },
          fail(error) {
            running--;
            reject(error);
          },
        });
        waiting?.();
      });
    },
  };
  /** Resolves when the next checkpoint has begun. */
  const begun = async () => {
    if (pending.length === 0) await new Promise<void>((resolve) => (waiting = resolve));
    waiting = null;
    const next = pending.shift();
    assert.ok(next);
    return next;
  };
  return { source, kept, begun, count: () => pending.length };
}

function make(delayMs = 0) {
  const slow = slowSource();
  const written: { step: number; tree: string }[] = [];
  let wrote: (() => void) | null = null;
  const write = (checkpoint: { step: number; tree: string }) => {
    written.push(checkpoint);
    wrote?.();
  };
  const checkpointer = createCheckpointer({ source: slow.source, first: { step: 0, tree: 'base' }, delayMs, write });
  const nextWrite = () => new Promise<void>((resolve) => (wrote = resolve));
  return { ...slow, written, checkpointer, nextWrite };
}

/** Lets everything that is due happen: timers of 0 ms and what they lead to. */
const turn = () => new Promise<void>((resolve) => setTimeout(() => setImmediate(resolve), 2));

describe('checkpointer', () => {
  it('records a step while the model thinks', async () => {
    const { checkpointer, begun, written, nextWrite } = make();
    checkpointer.markChanged();
    checkpointer.stepDone(1);
    const one = await begun();
    assert.equal(one.previous, 'base');
    const recorded = nextWrite();
    one.done('tree-1');
    await recorded;
    assert.deepEqual(written, [{ step: 1, tree: 'tree-1' }]);
  });

  it('asks git nothing for a step that changed nothing', async () => {
    const { checkpointer, written, nextWrite, count } = make();
    const recorded = nextWrite();
    checkpointer.stepDone(1);
    await recorded;
    assert.deepEqual(written, [{ step: 1, tree: 'base' }]);
    assert.equal(count(), 0);
  });

  it('does not hold up a model that answers sooner: idle drops what has not begun', async () => {
    const { checkpointer, written } = make(0);
    checkpointer.markChanged();
    checkpointer.stepDone(1);
    await checkpointer.idle();
    await turn();
    assert.deepEqual(written, []);
  });

  it('is never made while a tool works: idle waits for the one that runs', async () => {
    const { checkpointer, begun, written } = make();
    checkpointer.markChanged();
    checkpointer.stepDone(1);
    const one = await begun();
    let idle = false;
    const waiting = checkpointer.idle().then(() => (idle = true));
    await turn();
    assert.equal(idle, false);
    one.done('tree-1');
    await waiting;
    assert.deepEqual(written, [{ step: 1, tree: 'tree-1' }]);
  });

  it('idle waits for those in the queue too', async () => {
    const { checkpointer, begun, written } = make();
    checkpointer.markChanged();
    checkpointer.stepDone(1);
    const one = await begun();
    checkpointer.markChanged();
    checkpointer.stepDone(2); // a step without a tool, so nothing waited in between
    await turn();
    let idle = false;
    const waiting = checkpointer.idle().then(() => (idle = true));
    one.done('tree-1');
    const two = await begun();
    await turn();
    assert.equal(idle, false, 'a tool would run into the second checkpoint');
    two.done('tree-2');
    await waiting;
    assert.deepEqual(written.at(-1), { step: 2, tree: 'tree-2' });
  });

  it('flush writes the last step at once', async () => {
    const { checkpointer, begun, written } = make(60_000);
    checkpointer.markChanged();
    checkpointer.stepDone(1);
    checkpointer.stepDone(2);
    const flushed = checkpointer.flush();
    (await begun()).done('tree-2');
    assert.equal(await flushed, 'tree-2');
    assert.deepEqual(written, [{ step: 2, tree: 'tree-2' }]);
  });

  it('flush waits for the one that runs, and makes one more for what changed since', async () => {
    const { checkpointer, begun, written } = make();
    checkpointer.markChanged();
    checkpointer.stepDone(1);
    const one = await begun();
    checkpointer.markChanged();
    checkpointer.stepDone(2);
    const flushed = Promise.all([checkpointer.flush(), checkpointer.flush()]);
    one.done('tree-1');
    const two = await begun();
    assert.equal(two.previous, 'tree-1');
    two.done('tree-2');
    assert.deepEqual(await flushed, ['tree-2', 'tree-2']);
    assert.deepEqual(written, [
      { step: 1, tree: 'tree-1' },
      { step: 2, tree: 'tree-2' },
    ]);
  });

  it('flush without a change writes nothing', async () => {
    const { checkpointer, written } = make();
    assert.equal(await checkpointer.flush(), 'base');
    assert.deepEqual(written, []);
  });

  it('one that fails in the background is tried again by the next, and flush succeeds', async () => {
    const { checkpointer, begun, written } = make();
    checkpointer.markChanged();
    checkpointer.stepDone(1);
    const one = await begun();
    const flushed = checkpointer.flush();
    one.fail(new Error('index.lock exists'));
    (await begun()).done('tree-1');
    assert.equal(await flushed, 'tree-1');
    assert.deepEqual(written, [{ step: 1, tree: 'tree-1' }]);
  });

  it('a flush that fails tells, and the change is not forgotten', async () => {
    const { checkpointer, begun, written } = make(60_000);
    checkpointer.markChanged();
    checkpointer.stepDone(1);
    const first = checkpointer.flush();
    (await begun()).fail(new Error('no space left'));
    await assert.rejects(first, /no space left/);
    assert.deepEqual(written, []);
    const second = checkpointer.flush();
    (await begun()).done('tree-1');
    assert.equal(await second, 'tree-1');
  });

  it('keeps each tree before the journal tells of it', async () => {
    const { checkpointer, begun, kept, written, nextWrite } = make();
    checkpointer.markChanged();
    checkpointer.stepDone(1);
    const wrote = nextWrite();
    (await begun()).done('tree-1');
    await wrote;
    assert.deepEqual([kept, written], [['1 tree-1'], [{ step: 1, tree: 'tree-1' }]]);
    checkpointer.stepDone(2); // nothing changed
    await checkpointer.flush();
    assert.deepEqual(kept, ['1 tree-1']);
  });

  it('a checkpoint that could not be written to the journal is made again', async () => {
    const { source, begun } = slowSource();
    let full = true;
    const written: unknown[] = [];
    const write = (checkpoint: unknown) => {
      if (full) throw new Error('ENOSPC');
      written.push(checkpoint);
    };
    const checkpointer = createCheckpointer({ source, first: { step: 0, tree: 'base' }, delayMs: 60_000, write });
    checkpointer.markChanged();
    checkpointer.stepDone(1);
    const first = checkpointer.flush();
    (await begun()).done('tree-1');
    await assert.rejects(first, /ENOSPC/);
    full = false;
    const second = checkpointer.flush();
    (await begun()).done('tree-1');
    await second;
    assert.deepEqual(written, [{ step: 1, tree: 'tree-1' }]);
  });

  it('tells each problem once', async () => {
    const { checkpointer, begun } = make(60_000);
    for (const tree of ['a', 'b']) {
      checkpointer.markChanged();
      const flushed = checkpointer.flush();
      (await begun()).done(tree, ['vendor/x is a repository of its own']);
      await flushed;
    }
    assert.deepEqual(checkpointer.problems().map(english), ['vendor/x is a repository of its own']);
  });

  it('tells no problem that is gone by the last checkpoint', async () => {
    const { checkpointer, begun } = make(60_000);
    for (const [tree, problems] of [
      ['a', ['vendor/x is a repository of its own', 'huge is too large']],
      ['b', ['huge is too large']],
    ] as const) {
      checkpointer.markChanged();
      const flushed = checkpointer.flush();
      (await begun()).done(tree, [...problems]);
      await flushed;
    }
    checkpointer.addProblem(inWords('files of before are missing'));
    assert.deepEqual(checkpointer.problems().map(english), ['huge is too large', 'files of before are missing']);
  });

  it('knows the tree while nothing has touched it since the last checkpoint', async () => {
    const { checkpointer, begun } = make();
    assert.equal(checkpointer.known(), 'base');
    checkpointer.markChanged();
    assert.equal(checkpointer.known(), null);
    const flushed = checkpointer.flush();
    const taken = await begun();
    assert.equal(checkpointer.known(), null, 'not while it is being made');
    taken.done('next');
    await flushed;
    assert.equal(checkpointer.known(), 'next');
  });
});
