/** How far tests of an attempt show its work where only checks passed that nobody gave: those would pass whatever a worker claims. */
import type { TaskKind } from '../../common/task-kind.ts';
import { testsOf } from '../definition/judge-definition.ts';
import type { CheckComparison } from '../types.ts';
import type { NoRedToGreen, RedToGreen } from './types.ts';

/** Whether no check speaks for the work itself: each was found, and passed, or failed by the same tests, before it, or passes always. */
export const onlyFound = (checks: readonly CheckComparison[]): boolean =>
  checks.every(({ found, idle, verdict }) => idle || (found && verdict !== 'fixed'));

/** Whether tests that came with the work are all that speaks for it: checks that were found, or that ran no test before and run some now. */
export const onlyOwnTests = (checks: readonly CheckComparison[]): boolean =>
  checks.every((check) => check.idle || (check.verdict === 'fixed' ? ranNoTests(check) : check.found));

const ranNoTests = ({ base, result }: CheckComparison) => testsOf(base) === 0 && testsOf(result) > 0;

const SHOW_NOTHING: ReadonlySet<NoRedToGreen> = new Set(['by_text', 'by_data', 'by_chance']);

/**
 * Whether a check that fails on the base and passes here says something of the work. It does not where new tests alone make it pass, nor where it is by
 * the text of the work, by data or by chance that they do so.
 */
export function isFixedByWork(
  checks: readonly CheckComparison[],
  shown: RedToGreen | { readonly notShown: NoRedToGreen } | undefined,
): boolean {
  if (!checks.some(({ verdict }) => verdict === 'fixed')) return false;
  if (!shown) return true;
  return 'notShown' in shown ? !(onlyOwnTests(checks) && SHOW_NOTHING.has(shown.notShown)) : !shown.fixedByTests;
}

export const failsOnBase = (shown: RedToGreen | { readonly notShown: NoRedToGreen }): shown is RedToGreen =>
  !('notShown' in shown) && shown.failOnBase !== 0;

/**
 * Tests that fail on the base only since what they call is not there do so for code that does nothing, too: whether they look at what it does
 * is told by small faults in it. Where nothing says by what they fail, a feature has hardly been there.
 */
export const needsFaults = (kind: TaskKind, { how }: RedToGreen): boolean => how === 'load' || (how === 'unknown' && kind === 'feature');
