import type { DelegationItem } from '../delegations/delegation-item.ts';
import { isStill } from '../review/merge-discard.ts';
import type { WindowContext } from '../window-context.ts';
import { runTask } from './run-task.ts';

/** Goes on with an attempt that has stopped. Whether code may be sent may be asked before, for minutes: it is about the attempt that was there. */
export async function resumeTask(
  window: WindowContext,
  delegation: DelegationItem,
  mayDelegate: (root: string) => Promise<boolean>,
): Promise<void> {
  const repository = window.worktreeOf(delegation);
  if (!(await mayDelegate(repository)) || !(await isStill(window, delegation, 'resume'))) return;
  await runTask(window, { tool: 'resume_delegation', repository, branch: delegation.identity.branch, args: {} }, null);
}
