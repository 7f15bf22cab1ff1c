import { judgeChecks } from '../../checks/judge-checks.ts';
import { type Message, message } from '../../messages/message.ts';
import type { Delivery } from '../attempt/commit-and-import.ts';
import type { Outcome } from './outcomes.ts';
import type { AttemptResult } from './result-schema.ts';

/**
 * From facts to the outcome: what the model said about its work is not asked. `ready` must be earned: a blocking warning makes
 * it `needs_review`, no proof makes it `unverified`.
 * @param kind a bug fix whose checks fail as before has failed; other work has merely no proof
 */
export function decideOutcome(
  delivery: Delivery,
  warnings: AttemptResult['warnings'],
  kind: AttemptResult['kind'],
): { outcome: Outcome; reason: Message | null } {
  if (delivery.ending.kind === 'nothing') return { outcome: 'no_changes', reason: message('end.noChanges') };
  if (delivery.ending.kind === 'moved') return { outcome: 'branch_moved', reason: delivery.ending.reason };
  // The work itself is at fault (a hostile .gitmodules), so the same again cannot help; feedback can.
  if (delivery.ending.kind === 'rejected') return { outcome: 'checks_failed', reason: delivery.ending.reason };
  const verdict = judgeChecks(delivery.checks);
  const blocking = warnings.filter((warning) => warning.level === 'blocking').length;
  if (verdict.kind === 'failed') return { outcome: 'checks_failed', reason: verdict.reason };
  if (verdict.kind === 'no_proof' && kind === 'bug' && delivery.checks.length > 0)
    return { outcome: 'checks_failed', reason: verdict.reason };
  if (blocking > 0)
    return {
      outcome: 'needs_review',
      reason: blocking === 1 ? message('end.warnings.one') : message('end.warnings.many', { count: blocking }),
    };
  if (verdict.kind === 'proved') return { outcome: 'ready', reason: null };
  return { outcome: 'unverified', reason: delivery.checks.length === 0 ? message('checks.noneGiven') : verdict.reason };
}
