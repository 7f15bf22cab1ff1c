/**
 * A check may fail now and then, whatever the work is. One that fails decides nothing alone: it runs once more on the same files, on the result
 * where it speaks against the work, and on the base where a failure there would let the work look like a fix.
 */
import { type ChosenChecks, compareChecks, compareOne, hasRun } from '../../checks/compare-check.ts';
import type { CheckComparison } from '../../checks/types.ts';
import type { Runs } from './base-runs.ts';

/** What takes longer together with those before it is not repeated. */
const MOST_MS = 300_000;

/**
 * @param runs what each check said; `ranTwice`: what failed on the base has failed there twice
 * @param run runs the first so many checks
 */
export async function runFailedAgain(
  chosen: ChosenChecks,
  runs: { readonly base: Runs; readonly result: Runs; readonly ranTwice: boolean },
  run: (on: 'base' | 'result', count: number) => Promise<Runs>,
): Promise<CheckComparison[]> {
  const comparisons = compareChecks(chosen, runs.base, runs.result);
  const takes = (index: number, on: 'base' | 'result') =>
    comparisons.slice(0, index + 1).reduce((sum, one) => sum + (one[on]?.durationMs ?? 0), 0);

  async function repeat(on: 'base' | 'result', verdict: CheckComparison['verdict']) {
    const failed = comparisons.flatMap((one, index) =>
      one.verdict === verdict && hasRun(one[on]) && takes(index, on) <= MOST_MS ? [index] : [],
    );
    if (failed.length === 0) return;
    const again = await run(on, Math.max(...failed) + 1);
    for (const index of failed) {
      const first = comparisons[index]!;
      const second = again[index] ?? null;
      if (!hasRun(second)) continue;
      const compared = on === 'base' ? compareOne(chosen, index, second, first.result) : compareOne(chosen, index, first.base, second);
      if (compared.verdict === verdict) continue;
      comparisons[index] = { ...compared, flaky: { on, failing: first[on]?.failing ?? [] } };
    }
  }

  await repeat('result', 'regressed');
  if (!runs.ranTwice) await repeat('base', 'fixed');
  return comparisons;
}
