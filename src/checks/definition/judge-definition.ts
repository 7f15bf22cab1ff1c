/** What a check says when it runs with the base's definition of it, beside what it says as the attempt left it. */
import { compareCheck } from '../compare-check.ts';
import type { CheckRun, DefinitionVerdict } from '../types.ts';

export const holds = (verdict: DefinitionVerdict): boolean => ['same', 'base_tests', 'new'].includes(verdict);

export function judgeDefinition(
  { base, result }: { readonly base: CheckRun | null; readonly result: CheckRun | null },
  withBase: CheckRun | null,
  changesTests: boolean,
): DefinitionVerdict {
  if (withBase === null) return 'not_run';
  if (withBase.killed !== null) return 'stopped';
  const stillFails = result?.exitCode !== 0 && compareCheck('', base, withBase).verdict === 'still_failing';
  if (withBase.exitCode !== 0 && !stillFails) return 'fails';
  const [before, now, put] = [base, result, withBase].map(testsOf);
  if (put! < before!) return 'fewer';
  if (now! < put!) return 'hides';
  // More tests as changed, though no test was written: numbers that only the new definition prints.
  return put! < now! && !changesTests ? 'fewer' : 'same';
}

/** Tests that ran; a type checker or linter counts only what fails. */
export function testsOf(run: CheckRun | null | undefined): number {
  if (!run?.counts || (run.counts.passed === 0 && run.exitCode !== 0 && run.counts.skipped === 0 && isOnlyErrors(run))) return 0;
  return run.counts.passed + run.counts.failed;
}

/** `error TS2322`, `12 problems`: nothing that could pass. */
function isOnlyErrors({ tail }: CheckRun): boolean {
  return /error TS\d+|\d+ problems? \(|^Found \d+ errors?/m.test(tail);
}
