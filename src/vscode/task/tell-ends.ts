import * as vscode from 'vscode';
import { errorText } from '../../common/caught-error.ts';
import type { DelegationItem } from '../delegations/delegation-item.ts';
import { offerActions } from '../offer-actions.ts';
import type { WindowContext } from '../window-context.ts';
import { isWantedEnd } from './wanted-end.ts';

/** Tells how delegations end that somebody else has started, as much as the user wants to hear, and what a reload has stopped. */
export function tellEnds(window: WindowContext): vscode.Disposable {
  let running = new Set<string>();
  const look = () => {
    const now = window.delegations();
    for (const delegation of now) {
      const { identity, group } = delegation;
      if (group === 'running' || !running.has(identity.id)) continue;
      if (!window.ownTasks.has(delegation, window.findByBranch) && isWantedEnd(delegation, wanted())) {
        void tell(delegation).catch((error) => window.log.warn(errorText(error)));
      }
    }
    running = new Set(now.flatMap(({ group, identity }) => (group === 'running' ? [identity.id] : [])));
  };
  void window.ready.then(() => {
    for (const [repository, branch] of window.ownTasks.stopped) void tellStopped(window.findByBranch(repository, branch));
  });
  return window.onDidChange(look);
}

const wanted = () => vscode.workspace.getConfiguration('claudeKimi').get<string>('notifications', 'failures');

async function tell(delegation: DelegationItem): Promise<void> {
  const { identity, group } = delegation;
  const { endWords } = await import('../text/end-words.ts');
  const text = `${identity.branch}: ${endWords(delegation, vscode.l10n.t)}`;
  if (group === 'ready') await offerActions('info', text, delegation, ['reviewChanges', 'merge']);
  else await offerActions('warning', text, delegation, ['showDelegation', 'retry', 'resume']);
}

async function tellStopped(delegation: DelegationItem | undefined): Promise<void> {
  if (!delegation?.actions.has('resume')) return;
  const { identity, lastAttempt } = delegation;
  const text = vscode.l10n.t(
    '{0}: VS Code was closed or reloaded. Resume continues after step {1}.',
    identity.branch,
    lastAttempt?.result?.steps ?? lastAttempt?.step ?? 0,
  );
  await offerActions('warning', text, delegation, ['resume', 'discard']);
}
