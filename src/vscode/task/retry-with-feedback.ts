import type { DelegationItem } from '../delegations/delegation-item.ts';
import { isStill } from '../review/merge-discard.ts';
import type { WindowContext } from '../window-context.ts';
import { askFeedback, forgetDraft } from './ask-task.ts';
import { feedbackCall } from './delegate-task.ts';
import { runTask } from './run-task.ts';

/** The next attempt on the same branch, with what the user says about the last one. */
export async function retryWithFeedback(
  window: WindowContext,
  delegation: DelegationItem,
  mayDelegate: (root: string) => Promise<boolean>,
): Promise<void> {
  const { branch, id } = delegation.identity;
  if (!(await mayDelegate(window.worktreeOf(delegation)))) return;
  const draft = { drafts: window.drafts, key: id };
  const feedback = await askFeedback(branch, draft);
  // It took minutes to write: on newer work, or anew where this was merged or discarded, it would be a task that nobody has given.
  if (!feedback || !(await isStill(window, delegation, 'retry'))) return;
  await runTask(window, feedbackCall(window, delegation, feedback), { text: feedback, sent: () => forgetDraft(draft, feedback) });
}
