import assert from 'node:assert/strict';
import type { CheckRun } from '../../../src/checks/types.ts';
import { createBaseRuns, type Runs } from '../../../src/delegation/attempt/base-runs.ts';

const run = (exitCode: number | null): CheckRun => ({
  exitCode,
  killed: exitCode === null ? 'timeout' : null,
  durationMs: 1,
  counts: null,
  failing: [],
  tail: '',
});
const [pass, fail, killed] = [run(0), run(1), run(null)];

/** What runs: all checks at first, then so many, if any. */
async function play(isBeside: boolean, first: Runs, again: Runs = []) {
  const counts: (number | undefined)[] = [];
  const runs = createBaseRuns(
    async (count) => {
      counts.push(count);
      return counts.length === 1 ? first : again.slice(0, count);
    },
    () => () => isBeside,
  );
  await runs.beside();
  await runs.beside();
  return { counts, found: await runs.alone() };
}

describe('checks on the base', () => {
  it('are not repeated where no command ran beside them', async () => {
    assert.deepEqual(await play(false, [pass, fail, killed]), { counts: [undefined], found: [pass, fail, killed] });
  });

  it('are not repeated where all passed beside one', async () => {
    assert.deepEqual(await play(true, [pass, pass]), { counts: [undefined], found: [pass, pass] });
  });

  it('are repeated to the last one that failed or was killed, and not behind it', async () => {
    assert.deepEqual(await play(true, [fail, pass, pass], [pass, fail, fail]), { counts: [undefined, 1], found: [pass, pass, pass] });
    assert.deepEqual(await play(true, [pass, killed, pass], [pass, fail, fail]), { counts: [undefined, 2], found: [pass, fail, pass] });
  });

  it('that could not be run are not repeated for that', async () => {
    assert.deepEqual(await play(true, [null, pass]), { counts: [undefined], found: [null, pass] });
  });
});
