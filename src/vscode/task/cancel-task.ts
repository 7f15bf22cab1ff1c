import type { DelegationItem } from '../delegations/delegation-item.ts';
import type { WindowContext } from '../window-context.ts';

/** The attempt writes its checkpoint and stops; it can be resumed. */
export async function cancelTask(window: WindowContext, delegation: DelegationItem): Promise<void> {
  const server = await window.server();
  await server.call('cancel_delegation', { repo_path: window.worktreeOf(delegation), branch_name: delegation.identity.branch });
  await window.refresh();
}
