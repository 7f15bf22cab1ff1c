import * as vscode from 'vscode';
import { oneLine } from '../../mcp/escape-untrusted.ts';
import type { Message } from '../../messages/message.ts';
import { joinSentences } from '../../messages/translate.ts';
import { busy } from '../busy.ts';
import type { Action, DelegationItem } from '../delegations/delegation-item.ts';
import { mayAsk } from '../delegations/may-ask.ts';
import { notify, tellChanged } from '../notify.ts';
import { type NextAction, offerActions } from '../offer-actions.ts';
import { movedText } from '../text/ahead-text.ts';
import { linesText } from '../text/lines-text.ts';
import type { WindowContext } from '../window-context.ts';
import { askToTake } from './ask-to-take.ts';
import { decisionSummary } from './decision-summary.ts';
import { explainRefusal } from './explain-refusal.ts';
import { explainSuccess, stashTexts } from './explain-success.ts';
import { chooseMergeOptions, type MergeOptions, mergeOptionTexts } from './merge-options.ts';
import { whereTexts } from './where-text.ts';

/** Takes the work into the branch that is checked out, after a summary and a confirmation. */
export async function merge(window: WindowContext, shown: DelegationItem, given: MergeOptions = {}): Promise<void> {
  const t = vscode.l10n.t;
  const delegation = await current(window, shown, 'merge');
  if (!delegation) return;
  const { delivered, reviewable, tip } = delegation;
  if (!delivered || !reviewable || !tip) return;
  const root = window.worktreeOf(delegation);
  const target = { expected_tip: tip, ...meant(window, delegation) };
  const chosen = await askToMerge(window, delegation, root, given, ({ autostash = false }) =>
    decide(window, delegation, 'merge_delegation', { ...target, how: 'squash', preview: true, autostash }, root),
  );
  if (!chosen) return;
  const { how, skipHooks = false, check = false, autostash = false } = chosen;
  const { branch } = delivered;
  const into = branchOfHead(window, delegation);
  const args = { ...target, how, skip_hooks: skipHooks, check, autostash };
  const text = into ? t('{0} was merged into {1}.', branch, into) : t('{0} was merged.', branch);
  await callTool(window, delegation, 'merge_delegation', args, { text, next: ['undoMerge', 'showCommit', 'createPullRequest'] }, root);
}

/** @returns null where the user decided otherwise, or it would be refused, which is told */
async function askToMerge(
  window: WindowContext,
  delegation: DelegationItem,
  root: string,
  given: MergeOptions,
  tryIt: (options: MergeOptions) => Promise<Decided>,
): Promise<(MergeOptions & { readonly how: 'squash' | 'merge' }) | null> {
  const { t } = vscode.l10n;
  const [squash, whole, more] = [t('Squash Merge'), t('Merge Commit'), t('Options…')];
  const into = branchOfHead(window, delegation);
  const { branch } = delegation.delivered!;
  const question = into ? t('Merge {0} into {1}?', branch, into) : t('Merge {0} into the current commit?', branch);
  let options = given;
  for (;;) {
    const tried = await tryIt(options);
    if (tried.outcome !== 'previewed') return null;
    const detail = [
      ...whereTexts(window, delegation, root),
      ...decisionSummary(delegation),
      await meanwhileText(root, delegation),
      '',
      t('Squash Merge makes one commit. Files with uncommitted changes are never overwritten.'),
      ...stashTexts(tried.reason, t),
      ...mergeOptionTexts(delegation, options),
    ];
    const chosen = await askToTake(delegation, question, detail, squash, whole, more);
    if (chosen === squash || chosen === whole) return { ...options, how: chosen === squash ? 'squash' : 'merge' };
    if (chosen !== more) return null;
    options = (await chooseMergeOptions(delegation, options)) ?? options;
  }
}

/** Takes a merge back while nothing was built on it; the delegation is open again. */
export async function undoMerge(window: WindowContext, shown: DelegationItem): Promise<void> {
  const { t } = vscode.l10n;
  const delegation = await current(window, shown, 'undoMerge');
  if (!delegation) return;
  const text = t('The merge of {0} was taken back. The branch is there again.', branchOf(delegation));
  await callTool(window, delegation, 'restore_delegation', { undo_merge: true }, { text, next: ['reviewChanges', 'merge'] });
}

/** Some of the work: a file, or changes of it by lines of the branch (`12-40,55`). */
export interface ChosenPart {
  readonly path: string;
  readonly lines?: string;
}

/**
 * Puts the changes into the user's files, staged and without a commit; the delegation stays to be merged or discarded.
 * @param part only this
 */
export async function applyToWorkingTree(window: WindowContext, shown: DelegationItem, part?: ChosenPart): Promise<void> {
  const t = vscode.l10n.t;
  const delegation = await current(window, shown, 'apply');
  if (!delegation?.delivered || !delegation.tip) return;
  const { branch } = delegation.delivered;
  const root = window.worktreeOf(delegation);
  const place = part && (part.lines === undefined ? part.path : `${part.path}:${part.lines}`);
  const what = place === undefined ? branch : oneLine(place, 200);
  const button = t('Apply');
  const detail = [
    // A file or lines do not tell whose they are.
    ...(part ? [branch] : []),
    ...whereTexts(window, delegation),
    ...decisionSummary(delegation, part?.path),
    ...(part?.lines === undefined ? [] : [t('Only the changes that these lines belong to. What was checked is the whole work.')]),
    '',
    t('The changes appear as staged changes in your files. No commit is made.'),
  ];
  const into = meant(window, delegation);
  if ((await askToTake(delegation, t('Apply {0} to your working tree?', what), detail, button)) !== button) return;
  const args = { expected_tip: delegation.tip, how: 'apply', ...(part && { paths: [placeOf(part)] }), ...into };
  const text = t('{0} was applied to your working tree as staged changes.', what);
  await callTool(window, delegation, 'merge_delegation', args, { text, next: ['openSourceControl'] }, root);
}

/** For the server; `./` where a whole file is called like lines of another one. */
const placeOf = ({ path, lines }: ChosenPart) => (lines !== undefined ? `${path}:${lines}` : /[:#]L?\d/.test(path) ? `./${path}` : path);

/** Whether the target has moved since the work began; that both merge was tried before. */
async function meanwhileText(root: string, delegation: DelegationItem): Promise<string> {
  const { t } = vscode.l10n;
  const { lookAhead } = await import('../../workspace/look-ahead.ts');
  const { reviewable, tip } = delegation;
  const ahead = reviewable && tip ? await lookAhead(root, reviewable.base, tip).catch(() => null) : null;
  return joinSentences([...(ahead ? [movedText(ahead, t)] : []), t('It merges without a conflict.')], t);
}

function branchOfHead(window: WindowContext, delegation: DelegationItem): string | null {
  return window.headOf(delegation)?.branch ?? null;
}

/** The branch that the question named, or the commit where none is checked out, so that nothing gets into another one. */
function meant(window: WindowContext, delegation: DelegationItem): { into?: string } {
  const head = window.headOf(delegation);
  return head ? { into: head.branch ?? head.commit } : {};
}

/**
 * A question must not rest on what was true when the row was drawn.
 * @returns null where the action is not possible any more, which is told
 */
export async function current(window: WindowContext, shown: DelegationItem, action: Action): Promise<DelegationItem | null> {
  await window.refresh();
  const delegation = window.find(shown.identity.id);
  if (delegation && mayAsk(delegation, action)) return delegation;
  tellChanged();
  return null;
}

/**
 * After a question that may have stood for minutes: its answer is about the work that it named.
 * @returns whether that is there and nothing newer; otherwise it is told
 */
export async function isStill(window: WindowContext, asked: DelegationItem, action: Action): Promise<boolean> {
  const now = await current(window, asked, action);
  if (!now) return false;
  const work = ({ tip, lastAttempt }: DelegationItem) =>
    JSON.stringify([tip, lastAttempt?.number, lastAttempt?.step, lastAttempt?.result?.endedAt]);
  if (work(now) === work(asked)) return true;
  tellChanged();
  return false;
}

export async function discard(window: WindowContext, shown: DelegationItem): Promise<void> {
  const t = vscode.l10n.t;
  const delegation = await current(window, shown, 'discard');
  if (!delegation) return;
  const { delivered, tip } = delegation;
  const root = window.worktreeOf(delegation);
  const branch = delivered?.branch ?? delegation.identity.branch;
  const button = t('Discard');
  const before = delivered && !delivered.result.keptAt ? delivered.result.found : null;
  const what = before
    ? t('The branch goes back to {0}, where Kimi found it. Undo Discard brings the work back.', before.slice(0, 7))
    : delivered
      ? t('The branch is removed. Undo Discard brings it back.')
      : t('The unfinished work is put aside. Undo Discard brings it back.');
  const detail = linesText([...whereTexts(window, delegation), ...decisionSummary(delegation), '', what]);
  const chosen = await notify.warning(t('Discard {0}?', branch), { modal: true, detail }, button);
  if (chosen !== button || !(await isStill(window, delegation, 'discard'))) return;
  const success = { text: t('{0} was discarded.', branch), next: ['undoDiscard'] } as const;
  await callTool(window, delegation, 'discard_delegation', tip ? { expected_tip: tip } : {}, success, root);
}

/** One question for all. */
export async function discardMany(window: WindowContext, shown: readonly DelegationItem[]): Promise<void> {
  const { t } = vscode.l10n;
  const button = t('Discard');
  const detail = linesText([
    ...shown.slice(0, 20).map((one) => [oneLine(one.identity.branch, 100), ...whereTexts(window, one)].join(' · ')),
    ...(shown.length > 20 ? ['…'] : []),
    '',
    t('Undo Discard brings each of them back.'),
  ]);
  const chosen = await notify.warning(t('Discard {0} delegations?', shown.length), { modal: true, detail }, button);
  if (chosen !== button) return;
  for (const delegation of shown) {
    const { tip } = delegation;
    if (!(await isStill(window, delegation, 'discard'))) return;
    const { outcome } = await decide(window, delegation, 'discard_delegation', tip ? { expected_tip: tip } : {});
    if (outcome === 'refused') return;
  }
  void notify.info(t('{0} delegations were discarded.', shown.length));
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
  tool: Tool,
  args: Record<string, unknown>,
  success: Success,
  root = window.worktreeOf(delegation),
): Promise<void> {
  const { outcome, reason, now } = await decide(window, delegation, tool, args, root);
  if (outcome === 'refused') return;
  const { t } = vscode.l10n;
  const { notes, isWarning } = explainSuccess(reason, t, { canUndo: now?.actions.has('undoMerge') ?? false });
  void offerActions(isWarning ? 'warning' : 'info', joinSentences([success.text, ...notes], t), now, success.next);
}

type Tool = 'merge_delegation' | 'discard_delegation' | 'restore_delegation';

function workText(tool: Tool, { preview, undo_merge: undo }: Record<string, unknown>, branch: string): string {
  const { t } = vscode.l10n;
  if (tool === 'discard_delegation') return t('Discarding {0}…', branch);
  if (tool === 'restore_delegation') return undo ? t('Taking the merge of {0} back…', branch) : t('Bringing {0} back…', branch);
  return preview ? t('Trying the merge of {0}…', branch) : t('Taking {0} into your checkout…', branch);
}

interface Decided {
  /** `refused` also where the user has stopped it; both are told already. */
  readonly outcome: string;
  readonly reason: Message | null;
  readonly now: DelegationItem | undefined;
}

/**
 * Calls the server, where hooks may run for minutes; of a refusal it says why, and what leads on.
 * @param root the working tree that the question named: which folders are open may have changed since
 */
async function decide(
  window: WindowContext,
  delegation: DelegationItem,
  tool: Tool,
  args: Record<string, unknown>,
  root = window.worktreeOf(delegation),
): Promise<Decided> {
  const { identity } = delegation;
  const { t } = vscode.l10n;
  const answer = await busy(
    workText(tool, args, branchOf(delegation)),
    async (signal) => {
      const server = await window.server();
      const call = { repo_path: root, branch_name: identity.branch, ...args };
      return server.call(tool, call, { signal }).catch((error) => (signal.aborted ? null : Promise.reject(error)));
    },
    { cancellable: true },
  );
  await window.refresh();
  const now = window.find(identity.id);
  if (answer === null) {
    void notify.info(t('{0}: stopped. Unless it was done already, nothing was changed.', branchOf(delegation)));
    return { outcome: 'refused', reason: null, now };
  }
  const outcome = answer.data?.outcome ?? '';
  if (!/^(previewed|merged|applied|discarded|restored)$/.test(outcome)) {
    const head = window.headOf(delegation);
    const decision = {
      branch: delegation.delivered?.branch ?? identity.branch,
      // As the question named it, which may not be checked out any more.
      into: head?.branch ? { ...head, branch: typeof args.into === 'string' ? args.into : head.branch } : null,
      base: delegation.reviewable?.base ?? null,
      mayStash: tool === 'merge_delegation' && args.how !== 'apply' && args.autostash !== true,
    };
    const { text, next, feedback } = explainRefusal(answer, decision, t);
    if (feedback) window.drafts.add(identity.id, feedback);
    await offerActions('error', text, now, next);
    return { outcome: 'refused', reason: null, now };
  }
  return { outcome, reason: answer.data?.reason ?? null, now };
}
