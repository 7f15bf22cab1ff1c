/** What all checks together say. */
import type { CheckComparison } from './types.ts';

export interface ChecksVerdict {
  readonly kind: 'proved' | 'failed' | 'no_proof' | 'cannot_run';
  /** One sentence. */
  readonly reason: string;
}

/** One regression fails the work; otherwise one check that passes, and really tested something, proves it. */
export function judgeChecks(comparisons: readonly CheckComparison[]): ChecksVerdict {
  const commands = (list: readonly CheckComparison[]) => list.map(({ command }) => `\`${command}\``).join(', ');
  const of = (...verdicts: CheckComparison['verdict'][]) => comparisons.filter(({ verdict }) => verdicts.includes(verdict));
  const regressed = of('regressed');
  if (regressed.length > 0) return { kind: 'failed', reason: `${commands(regressed)} fails on the result in a way that the base did not.` };
  const passing = of('pass', 'fixed');
  const proving = passing.filter(hasTested);
  if (proving.length > 0) {
    const failing = of('still_failing');
    const also = failing.length > 0 ? ` ${commands(failing)} fails as it did on the base.` : '';
    return { kind: 'proved', reason: `${commands(proving)} passes on the result.${also}` };
  }
  if (comparisons.length === 0) return { kind: 'no_proof', reason: 'No check was run.' };
  if (passing.length > 0) return { kind: 'no_proof', reason: `${commands(passing)} passes but ran no test.` };
  const stuck = of('cannot_run');
  if (stuck.length === comparisons.length) return { kind: 'cannot_run', reason: `${commands(stuck)} could not be started.` };
  return { kind: 'no_proof', reason: `${commands(of('still_failing'))} fails as it did on the base.` };
}

function hasTested({ result }: CheckComparison): boolean {
  const counts = result?.counts;
  return !counts || counts.passed + counts.failed > 0;
}
