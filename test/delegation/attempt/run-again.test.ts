import assert from 'node:assert/strict';
import type { CheckRun } from '../../../src/checks/types.ts';
import { runFailedAgain } from '../../../src/delegation/attempt/run-again.ts';
import { checkWarnings } from '../../../src/delegation/result/check-warnings.ts';
import { english } from '../../messages/english.ts';

const run = (exitCode: number | null, failing: string[] = [], more: Partial<CheckRun> = {}): CheckRun => ({
  exitCode,
  killed: null,
  durationMs: 100,
  counts: { passed: 2, failed: failing.length, skipped: 0 },
  failing,
  tail: '',
  ...more,
});
const PASSES = run(0);
const FAILS = run(1, ['slow one']);

/** One check, given or found; what it says when it runs once more. */
async function judge(first: { base: CheckRun | null; result: CheckRun | null }, second: CheckRun | null, ranTwice = false) {
  const asked: string[] = [];
  const found = [];
  for (const chosen of [
    { commands: ['npm test'], found: [] },
    { commands: ['npm test'], found: [{ command: 'npm test', kind: 'test' as const, file: 'package.json', folder: '' }] },
  ]) {
    const runs = { base: [first.base], result: [first.result], ranTwice };
    const [judged] = await runFailedAgain(chosen, runs, async (on, count) => {
      asked.push(`${on} ${count}`);
      return [second];
    });
    found.push(judged!);
  }
  const [given, other] = found;
  assert.deepEqual([other!.verdict, other!.flaky], [given!.verdict, given!.flaky], 'found checks are judged as given ones');
  return {
    verdict: given!.verdict,
    flaky: given!.flaky,
    asked: asked.slice(0, 1),
    said: checkWarnings([given! as never]).map(({ text }) => english(text)),
  };
}

describe('a check that fails now and then', () => {
  it('fails once on the result and passes then: it counts as passed, and is told', async () => {
    const { verdict, flaky, asked, said } = await judge({ base: PASSES, result: FAILS }, PASSES);
    assert.deepEqual([verdict, flaky, asked], ['pass', { on: 'result', failing: ['slow one'] }, ['result 1']]);
    assert.deepEqual(said, ['`npm test` is flaky: failed once (slow one), passed once on the same files']);
  });

  it('fails once on the base: then the result is no fix', async () => {
    const { verdict, flaky, asked, said } = await judge({ base: FAILS, result: PASSES }, PASSES);
    assert.deepEqual([verdict, flaky, asked], ['pass', { on: 'base', failing: ['slow one'] }, ['base 1']]);
    assert.match(said.join('\n'), /flaky on the base: failed once \(slow one\), passed once/);
  });

  it('fails twice: it fails', async () => {
    assert.deepEqual(await judge({ base: PASSES, result: FAILS }, FAILS), {
      verdict: 'regressed',
      flaky: undefined,
      asked: ['result 1'],
      said: [],
    });
    assert.equal((await judge({ base: FAILS, result: PASSES }, FAILS)).verdict, 'fixed');
  });

  it('is not run again where it passed, where a limit stopped it or it takes long, or where it failed twice already', async () => {
    for (const [first, twice] of [
      [{ base: PASSES, result: PASSES }, false],
      [{ base: PASSES, result: run(null, [], { killed: 'timeout', durationMs: 9000 }) }, false],
      [{ base: PASSES, result: { ...FAILS, durationMs: 400_000 } }, false],
      [{ base: PASSES, result: run(127) }, false],
      [{ base: FAILS, result: PASSES }, true],
    ] as const)
      assert.deepEqual((await judge(first, PASSES, twice)).asked, []);
  });

  it('counts as failed where it was stopped the second time, or could not run', async () => {
    for (const second of [run(null, [], { killed: 'cancelled' }), null])
      assert.equal((await judge({ base: PASSES, result: FAILS }, second)).verdict, 'regressed');
  });
});
