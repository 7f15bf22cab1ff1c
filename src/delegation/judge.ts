import { judgeChecks } from '../checks/verdict.ts';
import type { HandBack } from './hand-back.ts';
import type { Outcome } from './outcome.ts';
import type { AttemptResult } from './result.ts';

/**
 * From facts to the outcome: what the model said about its work is not asked. `ready` must be earned: a blocking warning makes
 * it `needs_review`, no proof makes it `unverified`.
 * @param kind a bug fix whose checks fail as before has failed; other work has merely no proof
 */
export function judge(
  handed: HandBack,
  warnings: AttemptResult['warnings'],
  kind: AttemptResult['kind'],
): { outcome: Outcome; reason: string } {
  if (handed.ending.kind === 'nothing') return { outcome: 'no_changes', reason: 'the worker ended without changing a file' };
  if (handed.ending.kind === 'moved') return { outcome: 'branch_moved', reason: handed.ending.reason };
  // The work itself is at fault (a hostile .gitmodules), so the same again cannot help; feedback can.
  if (handed.ending.kind === 'rejected') return { outcome: 'checks_failed', reason: handed.ending.reason };
  const verdict = judgeChecks(handed.checks);
  const blocking = warnings.filter((warning) => warning.level === 'blocking').length;
  if (verdict.kind === 'failed') return { outcome: 'checks_failed', reason: verdict.reason };
  if (verdict.kind === 'cannot_run') return { outcome: 'environment_broken', reason: verdict.reason };
  if (verdict.kind === 'no_proof' && kind === 'bug' && handed.checks.length > 0)
    return { outcome: 'checks_failed', reason: verdict.reason };
  if (blocking > 0)
    return {
      outcome: 'needs_review',
      reason: blocking === 1 ? '1 blocking warning, see below' : `${blocking} blocking warnings, see below`,
    };
  if (verdict.kind === 'proved') return { outcome: 'ready', reason: '' };
  return { outcome: 'unverified', reason: handed.checks.length === 0 ? 'no check was given, so nothing proves the work' : verdict.reason };
}
