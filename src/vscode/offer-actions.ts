import * as vscode from 'vscode';
import type { DelegationItem } from './delegations/delegation-item.ts';
import { notify } from './notify.ts';

export type NextAction =
  | 'reviewChanges'
  | 'merge'
  | 'resume'
  | 'retry'
  | 'cancel'
  | 'discard'
  | 'undoDiscard'
  | 'showSteps'
  | 'showDelegation'
  | 'checkSetup'
  | 'openSourceControl';

/** A message with buttons for what can be done next; only what the delegation allows now. */
export async function offerActions(
  kind: 'info' | 'warning' | 'error',
  text: string,
  delegation: DelegationItem | undefined,
  actions: readonly NextAction[],
): Promise<void> {
  const t = vscode.l10n.t;
  const labels: Record<NextAction, string> = {
    reviewChanges: t('Review Changes'),
    merge: t('Merge…'),
    resume: t('Resume'),
    retry: t('Retry with Feedback…'),
    cancel: t('Cancel'),
    discard: t('Discard…'),
    undoDiscard: t('Undo Discard'),
    showSteps: t('Show Steps'),
    showDelegation: t('Show Delegation'),
    checkSetup: t('Check Setup'),
    openSourceControl: t('Open Source Control'),
  };
  const needs: Partial<Record<NextAction, string>> = { reviewChanges: 'review', undoDiscard: 'undo', showDelegation: 'name' };
  const always: readonly NextAction[] = ['showSteps', 'checkSetup', 'openSourceControl'];
  const allowed = actions.filter((name) => always.includes(name) || delegation?.actions.has((needs[name] ?? name) as never));
  const chosen = await notify[kind](text, ...allowed.map((name) => labels[name]));
  const name = allowed.find((candidate) => labels[candidate] === chosen);
  if (name === 'openSourceControl') await vscode.commands.executeCommand('workbench.view.scm');
  else if (name) await vscode.commands.executeCommand(`claudeKimi.${name}`, ...(delegation ? [delegation.identity.id] : []));
}
