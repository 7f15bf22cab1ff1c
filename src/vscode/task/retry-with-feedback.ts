import type { DelegationItem } from '../delegations/delegation-item.ts';
import type { WindowContext } from '../window-context.ts';
import { askFeedback } from './ask-task.ts';
import { taskCall } from './delegate-task.ts';
import { runWithDraft } from './run-task.ts';

/** The next attempt on the same branch, with what the user says about the last one. Checks and base stay as they were. */
export async function retryWithFeedback(
  window: WindowContext,
  delegation: DelegationItem,
  mayDelegate: (root: string) => Promise<boolean>,
): Promise<void> {
  const { identity, lastAttempt } = delegation;
  const { branch, id } = identity;
  const worktree = window.worktreeOf(delegation);
  if (!(await mayDelegate(worktree))) return;
  const draft = { drafts: window.drafts, key: id };
  const feedback = await askFeedback(branch, draft);
  if (!feedback) return;
  const kind = lastAttempt?.result?.kind ?? lastAttempt?.start?.kind ?? 'feature';
  await runWithDraft(window, taskCall(worktree, branch, kind, feedback, []), draft);
}
