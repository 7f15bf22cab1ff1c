import * as vscode from 'vscode';
import type { Action, DelegationItem } from '../delegations/delegation-item.ts';
import { notify } from '../notify.ts';
import { type NextAction, offerActions } from '../offer-actions.ts';
import type { WindowContext } from '../window-context.ts';
import { decisionSummary } from './decision-summary.ts';
import { explainRefusal } from './explain-refusal.ts';

/** Takes the work into the branch that is checked out, after a summary and a confirmation. */
export async function merge(window: WindowContext, shown: DelegationItem): Promise<void> {
  const t = vscode.l10n.t;
  const delegation = await current(window, shown, 'merge');
  if (!delegation) return;
  const { delivered, reviewable, tip } = delegation;
  if (!delivered || !reviewable || !tip) return;
  const into = branchOfHead(window, delegation);
  const { branch } = delivered;
  const squash = t('Squash Merge');
  const whole = t('Merge Commit');
  const question = into ? t('Merge {0} into {1}?', branch, into) : t('Merge {0} into the current commit?', branch);
  const detail = [
    ...decisionSummary(delegation),
    '',
    t('Squash Merge makes one commit. Files with uncommitted changes are never overwritten.'),
  ].join('\n');
  const chosen = await notify.info(question, { modal: true, detail }, squash, whole);
  if (!chosen) return;
  await callTool(
    window,
    delegation,
    'merge_delegation',
    { expected_tip: tip, how: chosen === squash ? 'squash' : 'merge', ...meant(window, delegation) },
    {
      text: into ? t('{0} was merged into {1}.', branch, into) : t('{0} was merged.', branch),
      next: [],
    },
  );
}

/** Puts the changes into the user's files, staged and without a commit; the delegation stays to be merged or discarded. */
export async function applyToWorkingTree(window: WindowContext, shown: DelegationItem): Promise<void> {
  const t = vscode.l10n.t;
  const delegation = await current(window, shown, 'apply');
  if (!delegation?.delivered || !delegation.tip) return;
  const { branch } = delegation.delivered;
  const button = t('Apply');
  const detail = [...decisionSummary(delegation), '', t('The changes appear as staged changes in your files. No commit is made.')].join(
    '\n',
  );
  const chosen = await notify.info(t('Apply {0} to your working tree?', branch), { modal: true, detail }, button);
  if (chosen !== button) return;
  await callTool(
    window,
    delegation,
    'merge_delegation',
    { expected_tip: delegation.tip, how: 'apply', ...meant(window, delegation) },
    { text: t('{0} was applied to your working tree as staged changes.', branch), next: ['openSourceControl'] },
  );
}

function branchOfHead(window: WindowContext, delegation: DelegationItem): string | null {
  const head = window.headOf(delegation);
  return head && head !== 'detached' ? head.branch : null;
}

/** The branch that the question named, so that nothing gets into another one. */
function meant(window: WindowContext, delegation: DelegationItem): { into?: string } {
  return window.headOf(delegation) ? { into: branchOfHead(window, delegation) ?? 'HEAD' } : {};
}

/** A question must not rest on what was true when the row was drawn. */
async function current(window: WindowContext, shown: DelegationItem, action: Action): Promise<DelegationItem | null> {
  await window.refresh();
  const delegation = window.find(shown.identity.id);
  if (delegation?.actions.has(action)) return delegation;
  void notify.info(vscode.l10n.t('This is not possible any more: the delegation changed meanwhile.'));
  return null;
}

export async function discard(window: WindowContext, shown: DelegationItem): Promise<void> {
  const t = vscode.l10n.t;
  const delegation = await current(window, shown, 'discard');
  if (!delegation) return;
  const { delivered, tip } = delegation;
  const branch = delivered?.branch ?? delegation.identity.branch;
  const button = t('Discard');
  const before = delivered && !delivered.result.keptAt ? delivered.result.found : null;
  const what = before
    ? t('The branch goes back to {0}, where Kimi found it. Undo Discard brings the work back.', before.slice(0, 7))
    : delivered
      ? t('The branch is removed. Undo Discard brings it back.')
      : t('The unfinished work is put aside. Undo Discard brings it back.');
  const detail = [...decisionSummary(delegation), '', what].join('\n').trim();
  const chosen = await notify.warning(t('Discard {0}?', branch), { modal: true, detail }, button);
  if (chosen !== button) return;
  await callTool(window, delegation, 'discard_delegation', tip ? { expected_tip: tip } : {}, {
    text: t('{0} was discarded.', branch),
    next: ['undoDiscard'],
  });
}

export async function undoDiscard(window: WindowContext, delegation: DelegationItem): Promise<void> {
  await restore(window, delegation, vscode.l10n.t('{0} is back.', branchOf(delegation)));
}

/** Brings the branch of a merged delegation back; the merge stays. */
export async function restoreBranch(window: WindowContext, delegation: DelegationItem): Promise<void> {
  await restore(window, delegation, vscode.l10n.t('{0} is back. What was merged stays merged.', branchOf(delegation)));
}

async function restore(window: WindowContext, delegation: DelegationItem, text: string): Promise<void> {
  await callTool(window, delegation, 'restore_delegation', {}, { text, next: ['reviewChanges'] });
}

function branchOf({ disposition, identity }: DelegationItem): string {
  return disposition?.branch ?? identity.branch;
}

interface Success {
  readonly text: string;
  readonly next: readonly NextAction[];
}

async function callTool(
  window: WindowContext,
  delegation: DelegationItem,
  tool: string,
  args: Record<string, unknown>,
  success: Success,
): Promise<void> {
  const { identity } = delegation;
  const server = await window.server();
  const answer = await server.call(tool, { repo_path: window.worktreeOf(delegation), branch_name: identity.branch, ...args });
  await window.refresh();
  const now = window.find(identity.id);
  if (!/^(merged|applied|discarded|restored)$/.test(answer.data?.outcome ?? '')) {
    const head = window.headOf(delegation);
    const decision = {
      branch: delegation.delivered?.branch ?? identity.branch,
      into: head === 'detached' ? null : head,
      base: delegation.reviewable?.base ?? null,
    };
    const { text, next, feedback } = explainRefusal(answer, decision, vscode.l10n.t);
    if (feedback) window.drafts.set(identity.id, feedback);
    await offerActions('error', text, now, next);
    return;
  }
  void offerActions('info', success.text, now, success.next);
}
