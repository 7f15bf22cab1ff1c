import * as vscode from 'vscode';
import { errorText } from '../../common/caught-error.ts';
import type { DelegationItem } from '../delegations/delegation-item.ts';
import { offerActions } from '../offer-actions.ts';
import type { WindowContext } from '../window-context.ts';
import { isWantedEnd } from './wanted-end.ts';

/** Tells how delegations end that somebody else has started, as much as the user wants to hear, and what a reload has stopped. */
export function tellEnds(window: WindowContext): vscode.Disposable {
  const began = Date.now();
  /** Of each the attempt that was the last one at the look before. */
  let seen: ReadonlyMap<string, { readonly attempt: number; readonly running: boolean }> | null = null;
  /** A short attempt begins and ends between two looks of a window that is busy: nobody saw it run. */
  const hasEnded = ({ identity, result, lastAttempt }: DelegationItem): boolean => {
    const before = seen?.get(identity.id);
    if (before?.running) return true;
    const isNew = seen !== null && before?.attempt !== lastAttempt?.number;
    return isNew && result !== null && Date.parse(result.endedAt) >= began;
  };
  const look = () => {
    const now = window.delegations();
    for (const delegation of now) {
      if (delegation.group === 'running' || !hasEnded(delegation)) continue;
      if (!window.ownTasks.has(delegation, window.findByBranch) && isWantedEnd(delegation, wanted())) {
        void tell(delegation).catch((error) => window.log.warn(errorText(error)));
      }
    }
    seen = new Map(
      now.map(({ identity, lastAttempt, group }) => [identity.id, { attempt: lastAttempt?.number ?? 0, running: group === 'running' }]),
    );
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
