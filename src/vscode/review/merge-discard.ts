import * as vscode from 'vscode';
import { sizeText } from '../../delegation/result/result-text.ts';
import { oneLine } from '../../mcp/escape-untrusted.ts';
import { messageText } from '../../messages/translate.ts';
import type { Action, DelegationItem } from '../delegations/delegation-item.ts';
import { type NextAction, offerActions } from '../offer-actions.ts';
import { checkRunText, costText, filesText, outcomeText } from '../text/result-text.ts';
import type { WindowContext } from '../window-context.ts';
import { explainRefusal } from './explain-refusal.ts';

/** Takes the work into the branch that is checked out, after a summary and a confirmation. */
export async function merge(window: WindowContext, shown: DelegationItem): Promise<void> {
  const t = vscode.l10n.t;
  const delegation = await current(window, shown, 'merge');
  if (!delegation) return;
  const { delivered, reviewable, tip } = delegation;
  if (!delivered || !reviewable || !tip) return;
  const head = window.headOf(delegation);
  const into = head && head !== 'detached' ? head.branch : null;
  const { branch } = delivered;
  const squash = t('Squash Merge');
  const whole = t('Merge Commit');
  const question = into ? t('Merge {0} into {1}?', branch, into) : t('Merge {0} into the current commit?', branch);
  const detail = [
    ...summary(delegation),
    '',
    t('Squash Merge makes one commit. Files with uncommitted changes are never overwritten.'),
  ].join('\n');
  const chosen = await vscode.window.showInformationMessage(question, { modal: true, detail }, squash, whole);
  if (!chosen) return;
  await callTool(
    window,
    delegation,
    'merge_delegation',
    { expected_tip: tip, squash: chosen === squash, ...(head && { into: into ?? 'HEAD' }) },
    {
      text: into ? t('{0} was merged into {1}.', branch, into) : t('{0} was merged.', branch),
      next: [],
    },
  );
}

/** A question must not rest on what was true when the row was drawn. */
async function current(window: WindowContext, shown: DelegationItem, action: Action): Promise<DelegationItem | null> {
  await window.refresh();
  const delegation = window.find(shown.identity.id);
  if (delegation?.actions.has(action)) return delegation;
  void vscode.window.showInformationMessage(vscode.l10n.t('This is not possible any more: the delegation changed meanwhile.'));
  return null;
}

/** What a decision rests on, in a few lines. */
export function summary(delegation: DelegationItem): string[] {
  const t = vscode.l10n.t;
  const { reviewable: result, result: last, tip } = delegation;
  if (!result) return [];
  const size = [filesText(result.change, t), sizeText(result.change), costText(result.cost, t)];
  const checks = result.checks
    .slice(0, 4)
    .map((check) => `${oneLine(check.command, 60)}: ${checkRunText(check.base, t)} → ${checkRunText(check.result, t)}`);
  const blocking = result.warnings.filter(({ level }) => level === 'blocking');
  return [
    size.join(' · '),
    ...checks,
    ...(result.outcome === 'ready'
      ? []
      : [
          `⚠ ${t('Outcome:')} ${outcomeText(result.outcome, t)}${result.reason ? ` (${oneLine(messageText(result.reason, t), 300)})` : ''}`,
        ]),
    ...blocking.slice(0, 5).map(({ text }) => `⚠ ${oneLine(messageText(text, t), 200)}`),
    ...(last && last !== result ? [`⚠ ${t('A later attempt brought nothing: {0}', outcomeText(last.outcome, t))}`] : []),
    ...(tip && tip !== result.tip
      ? [`⚠ ${t('The branch has commits that came after the work of Kimi and are not in this summary.')}`]
      : []),
  ];
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
  const detail = [...summary(delegation), '', what].join('\n').trim();
  const chosen = await vscode.window.showWarningMessage(t('Discard {0}?', branch), { modal: true, detail }, button);
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

export async function cancel(window: WindowContext, delegation: DelegationItem): Promise<void> {
  const server = await window.server();
  await server.call('cancel_delegation', { repo_path: window.worktreeOf(delegation), branch_name: delegation.identity.branch });
  await window.refresh();
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
  if (!/^(merged|discarded|restored)$/.test(answer.data?.outcome ?? '')) {
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
