import * as vscode from 'vscode';
import type { Action, DelegationItem } from './delegations/delegation-item.ts';
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
  | 'openSourceControl'
  | 'mergeWithoutHooks'
  | 'applyToWorkingTree';

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
    mergeWithoutHooks: t('Merge without Hooks…'),
    applyToWorkingTree: t('Apply to Working Tree'),
  };
  const needs: Partial<Record<NextAction, Action>> = {
    reviewChanges: 'review',
    undoDiscard: 'undo',
    showDelegation: 'name',
    mergeWithoutHooks: 'merge',
    applyToWorkingTree: 'apply',
  };
  const always: readonly NextAction[] = ['showSteps', 'checkSetup', 'openSourceControl'];
  const allowed = actions.filter((name) => always.includes(name) || delegation?.actions.has((needs[name] ?? name) as never));
  const chosen = await notify[kind](text, ...allowed.map((name) => labels[name]));
  const name = allowed.find((candidate) => labels[candidate] === chosen);
  if (name === 'openSourceControl') await vscode.commands.executeCommand('workbench.view.scm');
  else if (name) await vscode.commands.executeCommand(`claudeKimi.${name}`, ...(delegation ? [delegation.identity.id] : []));
}
