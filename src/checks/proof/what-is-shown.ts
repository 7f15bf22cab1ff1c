/** How far tests of an attempt show its work where only checks passed that nobody gave: those would pass whatever a worker claims. */
import type { TaskKind } from '../../common/task-kind.ts';
import type { CheckComparison } from '../types.ts';
import type { NoRedToGreen, RedToGreen } from './types.ts';

/** Whether no check speaks for the work itself: each was found, and passed, or failed by the same tests, before it, or passes always. */
export const onlyFound = (checks: readonly CheckComparison[]): boolean =>
  checks.every(({ found, idle, verdict }) => idle || (found && verdict !== 'fixed'));

export const failsOnBase = (shown: RedToGreen | { readonly notShown: NoRedToGreen }): shown is RedToGreen =>
  !('notShown' in shown) && shown.failOnBase !== 0;

/**
 * Tests that fail on the base only since what they call is not there do so for code that does nothing, too: whether they look at what it does
 * is told by small faults in it. Where nothing says by what they fail, a feature has hardly been there.
 */
export const needsFaults = (kind: TaskKind, { how }: RedToGreen): boolean => how === 'load' || (how === 'unknown' && kind === 'feature');
