import * as vscode from 'vscode';
import { type ActionCommand, actionCommands } from './delegations/action-commands.ts';
import { asOffered } from './delegations/as-offered.ts';
import type { DelegationItem } from './delegations/delegation-item.ts';
import { notify } from './notify.ts';

export type NextAction =
  | 'reviewChanges'
  | 'merge'
  | 'mergeWithoutHooks'
  | 'stashAndMerge'
  | 'undoMerge'
  | 'showCommit'
  | 'createPullRequest'
  | 'openWorktree'
  | 'applyToWorkingTree'
  | 'resume'
  | 'retry'
  | 'cancel'
  | 'discard'
  | 'undoDiscard'
  | 'showSteps'
  | 'showLog'
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
  const { t } = vscode.l10n;
  const commands: readonly (ActionCommand | readonly [null, command: string, label: string])[] = [
    ...actionCommands(t),
    ['merge', 'mergeWithoutHooks', t('Merge without Hooks…')],
    ['merge', 'stashAndMerge', t('Stash and Merge…')],
    ['name', 'showDelegation', t('Show Delegation')],
    ['name', 'showSteps', t('Show Steps')],
    [null, 'showLog', t('Show Log')],
    [null, 'checkSetup', t('Check Setup')],
    [null, 'openSourceControl', t('Open Source Control')],
  ];
  const offered = actions.flatMap((name) => {
    const [needs, , label] = commands.find(([, command]) => command === name)!;
    return needs === null || delegation?.actions.has(needs) ? [{ name, label, needs }] : [];
  });
  const chosen = await notify[kind](text, ...offered.map(({ label }) => label));
  const taken = offered.find(({ label }) => label === chosen);
  if (!taken) return;
  const { name, needs } = taken;
  if (name === 'openSourceControl') return void (await vscode.commands.executeCommand('workbench.view.scm'));
  const target = delegation && { delegationId: delegation.identity.id, offered: needs && asOffered(delegation, needs) };
  await vscode.commands.executeCommand(`claudeKimi.${name}`, ...(target ? [target] : []));
}
