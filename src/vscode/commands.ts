import * as vscode from 'vscode';
import { errorText } from '../common/caught-error.ts';
import { firstLine } from '../common/first-line.ts';
import { oneLine } from '../mcp/escape-untrusted.ts';
import { asOffered } from './delegations/as-offered.ts';
import { inOrder, tipBeforeAttempt } from './delegations/delegation-facts.ts';
import type { Action, DelegationItem } from './delegations/delegation-item.ts';
import { mayAsk } from './delegations/may-ask.ts';
import { type ReviewableResult, reviewableOf } from './delegations/reviewable-result.ts';
import type { AttemptRecord } from './feed/delegation-reader.ts';
import type { StepsDocuments } from './log/steps-documents.ts';
import { notify, tellChanged } from './notify.ts';
import { PAGE_LINK } from './page/link-command.ts';
import type { Pages } from './page/open-page.ts';
import type { CommitFiles } from './review/commit-file-system.ts';
import type { Front } from './review/front.ts';
import type { LineComments } from './review/line-comments.ts';
import type { SetupStatus } from './setup/setup-status.ts';
import { withoutIcons } from './text/without-links.ts';
import type { Arrangement } from './tree/arrange.ts';
import { repositoryNames } from './tree/repository-names.ts';
import type { Row } from './tree/row.ts';
import type { Tree } from './tree/tree.ts';
import type { WindowContext } from './window-context.ts';

/** What a command gets: a row of the view, the id of a delegation, or nothing (from the palette). */
type Target =
  | {
      readonly delegationId: string | null;
      readonly click?: { kind: string; path?: string; line?: number | undefined; attempt?: number | undefined } | null;
      /** Of a button in a message: what it is about. */
      readonly offered?: string | null | undefined;
    }
  | string
  | undefined;

export interface ActionParts {
  readonly files: CommitFiles;
  readonly setUp: SetupStatus;
  readonly pages: Pages;
  readonly front: Front;
  readonly tree: Tree;
  readonly steps: StepsDocuments;
  /** Kept for all windows. */
  readonly memory: vscode.Memento;
  readonly comments: LineComments;
}

/** Registers commands; what goes wrong in one is shown. */
interface Registrar {
  command(name: string, run: (target: Target, more: unknown) => Promise<unknown>): vscode.Disposable;
  /** @param action what the delegation must allow */
  onDelegation(
    name: string,
    action: Action,
    run: (delegation: DelegationItem, target: Target, more: unknown) => Promise<unknown>,
  ): vscode.Disposable;
}

/** The commands of the work part. Each one is loaded when it is used for the first time. */
export function registerActions(window: WindowContext, parts: ActionParts): vscode.Disposable {
  const { pages, front } = parts;
  const command: Registrar['command'] = (name, run) =>
    vscode.commands.registerCommand(`claudeKimi.${name}`, async (target: Target, more: unknown) => {
      try {
        if (ALWAYS_ALLOWED.has(name) || isTrusted()) await run(target, more);
      } catch (error) {
        await showProblem(window, error);
      }
    });
  const onDelegation: Registrar['onDelegation'] = (name, action, run) =>
    command(name, async (target, more) => {
      const delegation = await choose(window, target, action, front);
      if (delegation) await run(delegation, target, more);
    });
  const registrar = { command, onDelegation };
  return vscode.Disposable.from(
    pages.onDidChangeFront(front.update),
    ...taskCommands(window, parts, registrar),
    ...lookCommands(window, parts, registrar),
    ...decisionCommands(window, parts, registrar),
    ...branchCommands(window, registrar),
    ...listCommands(window, parts, registrar),
  );
}

function taskCommands(
  window: WindowContext,
  { setUp, comments, memory }: ActionParts,
  { command, onDelegation }: Registrar,
): vscode.Disposable[] {
  const mayDelegate = async (root: string) => (await import('./setup/ensure-may-delegate.ts')).mayDelegate(setUp, root);
  return [
    command('delegateTask', async () => (await import('./task/delegate-task.ts')).delegateTask(window, mayDelegate)),
    command('tryDemo', async () => (await import('./task/try-demo.ts')).tryDemo(window, memory, mayDelegate)),
    command('continueTask', async (target) => (await import('./task/task-editor.ts')).continueWriting(target)),
    onDelegation('cancel', 'cancel', async (delegation) => (await import('./task/cancel-task.ts')).cancelTask(window, delegation)),
    onDelegation('resume', 'resume', async (delegation) =>
      (await import('./task/resume-task.ts')).resumeTask(window, delegation, mayDelegate),
    ),
    onDelegation('retry', 'retry', async (delegation) =>
      (await import('./task/retry-with-feedback.ts')).retryWithFeedback(window, delegation, mayDelegate),
    ),
    onDelegation('sendComments', 'retry', async (delegation) =>
      (await import('./task/send-comments.ts')).sendComments(window, delegation, comments, mayDelegate),
    ),
  ];
}

const ARRANGEMENTS: Readonly<Record<string, Partial<Arrangement>>> = {
  groupByState: { groupBy: 'state' },
  groupByRepository: { groupBy: 'repository' },
  sortByNewest: { sortBy: 'newest' },
  sortByName: { sortBy: 'name' },
  sortByCost: { sortBy: 'cost' },
  filesAsList: { filesAs: 'list' },
  filesAsTree: { filesAs: 'tree' },
};

/** What touches no repository. All else waits for trust: menus say so, too, but other extensions and links do not ask them. */
const ALWAYS_ALLOWED: ReadonlySet<string> = new Set(['showLog', 'refresh', 'filter', 'clearFilter', ...Object.keys(ARRANGEMENTS)]);

function isTrusted(): boolean {
  if (vscode.workspace.isTrusted) return true;
  void notify.info(vscode.l10n.t('This folder is open in Restricted Mode. Trust it first.'));
  return false;
}

const CLICKS = { review: 'claudeKimi.reviewChanges', page: 'claudeKimi.showDelegation', file: 'claudeKimi.reviewFile' } as const;

function lookCommands(window: WindowContext, { files, pages, front, tree, steps }: ActionParts, { command, onDelegation }: Registrar) {
  return [
    onDelegation('showSteps', 'name', (delegation) => steps.show(delegation)),
    command('showStepDetails', async () => steps.setDetails(true)),
    command('hideStepDetails', async () => steps.setDetails(false)),
    command('showLog', async () => window.log.show(true)),
    command('openRow', async () => {
      const [row] = tree.view.selection;
      if (row?.click) await vscode.commands.executeCommand(CLICKS[row.click.kind], row);
    }),
    onDelegation('showDelegation', 'name', (delegation, target, attempt) =>
      pages.show(delegation, typeof attempt === 'number' ? attempt : clickOf(target)?.attempt),
    ),
    vscode.commands.registerCommand(
      PAGE_LINK,
      (...link: unknown[]) => isTrusted() && pages.follow(link).catch((error) => showProblem(window, error)),
    ),
    onDelegation('reviewChanges', 'review', async (delegation) => reviewResult(delegation, delegation.reviewable, files)),
    onDelegation('reviewFile', 'review', async (delegation, target) => {
      const click = clickOf(target);
      const { reviewable, identity } = delegation;
      if (click?.path !== undefined && reviewable)
        await (await import('./review/review-changes.ts')).reviewFile(identity.commonDir, reviewable, click.path, files, click.line);
    }),
    onDelegation('reviewAttempt', 'name', async (delegation, target) =>
      reviewResult(delegation, reviewableOf(attemptOf(delegation, target)?.result ?? null), files),
    ),
    onDelegation('compareAttempts', 'name', async (delegation, target) => {
      const after = attemptOf(delegation, target);
      const before = after && tipBeforeAttempt(delegation, after);
      if (before && after.result?.tip)
        await (await import('./review/review-changes.ts')).compareAttempts(delegation, before, after.result.tip, files);
    }),
    onDelegation('showCommit', 'commit', async (delegation) =>
      (await import('./review/review-changes.ts')).showMergeCommit(delegation, files),
    ),
    command('nextDelegation', async () => showNext(window, front, 1)),
    command('previousDelegation', async () => showNext(window, front, -1)),
    onDelegation('copyName', 'name', async ({ identity }) => vscode.env.clipboard.writeText(identity.branch)),
  ];
}

function decisionCommands(window: WindowContext, { front }: ActionParts, { command, onDelegation }: Registrar): vscode.Disposable[] {
  const decisions = () => import('./review/merge-discard.ts');
  return [
    onDelegation('merge', 'merge', async (delegation) => (await decisions()).merge(window, delegation)),
    // Only offered where hooks have refused: no menu names it.
    onDelegation('mergeWithoutHooks', 'merge', async (delegation) => (await decisions()).merge(window, delegation, { skipHooks: true })),
    // As this one is where uncommitted changes are in the way.
    onDelegation('stashAndMerge', 'merge', async (delegation) => (await decisions()).merge(window, delegation, { autostash: true })),
    onDelegation('applyToWorkingTree', 'apply', async (delegation) => (await decisions()).applyToWorkingTree(window, delegation)),
    onDelegation('applyFile', 'apply', async (delegation, target) => {
      const path = clickOf(target)?.path;
      if (typeof path === 'string' && path) await (await decisions()).applyToWorkingTree(window, delegation, { path });
    }),
    ...['applySelectedLines', 'applyThisChange'].map((name) =>
      command(name, async () => (await import('./review/apply-lines.ts')).applyLines(window, front)),
    ),
    onDelegation('undoMerge', 'undoMerge', async (delegation) => (await decisions()).undoMerge(window, delegation)),
    onDelegation('undoDiscard', 'undo', async (delegation) => (await decisions()).undoDiscard(window, delegation)),
    onDelegation('restoreBranch', 'restore', async (delegation) => (await decisions()).restoreBranch(window, delegation)),
  ];
}

function branchCommands(window: WindowContext, { onDelegation }: Registrar): vscode.Disposable[] {
  return [
    onDelegation('checkOut', 'checkOut', async (delegation) => (await import('./branch/check-out.ts')).checkOut(window, delegation)),
    onDelegation('openWorktree', 'worktree', async (delegation) =>
      (await import('./branch/open-worktree.ts')).openWorktree(window, delegation),
    ),
    onDelegation('createPullRequest', 'pullRequest', async (delegation) =>
      (await import('./branch/create-pull-request.ts')).createPullRequest(window, delegation),
    ),
  ];
}

function listCommands(window: WindowContext, { setUp, front, tree }: ActionParts, { command }: Registrar): vscode.Disposable[] {
  return [
    command('refresh', () => Promise.all([window.refresh(), setUp.refresh()])),
    command('discard', async (target, selected) => {
      const chosen = chosenRows(window, target, selected);
      const { discard, discardMany } = await import('./review/merge-discard.ts');
      if (chosen.length > 1) return discardMany(window, chosen);
      const only = await choose(window, target, 'discard', front);
      if (only) await discard(window, only);
    }),
    // The Delete key names no row.
    command('discardSelected', async () => {
      const rows = tree.view.selection.filter(isDelegationRow);
      if (rows.length > 0) await vscode.commands.executeCommand('claudeKimi.discard', rows[0], rows);
    }),
    command('clearDone', async () => (await import('./review/clear-done.ts')).clearDone(window)),
    command('filter', async () => {
      const words = await vscode.window.showInputBox({
        title: vscode.l10n.t('Filter Delegations'),
        prompt: vscode.l10n.t('Words of the branch, the task, the repository or what came of it'),
        value: tree.filter(),
      });
      if (words !== undefined) tree.setFilter(words);
    }),
    command('clearFilter', async () => tree.setFilter('')),
    ...Object.entries(ARRANGEMENTS).map(([name, change]) => command(name, async () => tree.arrange(change))),
  ];
}

const idOf = (target: Target): string | null => (typeof target === 'string' ? target : (target?.delegationId ?? null));
/** The delegations of several rows that were chosen, when the row of the menu is one of them. */
function chosenRows(window: WindowContext, target: Target, selected: unknown): DelegationItem[] {
  const rows = Array.isArray(selected) ? (selected as Row[]).filter(isDelegationRow) : [];
  if (!rows.some((row) => row === target)) return [];
  const ids = new Set(rows.map(({ delegationId }) => delegationId));
  return window.delegations().filter(({ identity, actions }) => ids.has(identity.id) && actions.has('discard'));
}

/** The Delete key is pressed on whatever row has the focus: a file or an attempt is not the whole delegation. */
const isDelegationRow = ({ contextValue }: Row) => contextValue.startsWith('delegation ');

const clickOf = (target: Target) => (typeof target === 'object' ? target.click : undefined);

function attemptOf({ attempts }: DelegationItem, target: Target): AttemptRecord | undefined {
  return attempts.find(({ number }) => number === clickOf(target)?.attempt);
}

async function reviewResult(delegation: DelegationItem, result: ReviewableResult | null, files: CommitFiles): Promise<void> {
  if (result) await (await import('./review/review-changes.ts')).reviewChanges(delegation, result, files);
}

/** Opens what a click on the next row would, without those that run or are over. */
async function showNext(window: WindowContext, front: Front, step: 1 | -1): Promise<void> {
  await window.ready;
  const waiting = inOrder(window.delegations()).filter(({ group }) => group === 'attention' || group === 'ready');
  const at = waiting.findIndex(({ identity }) => identity.id === front.delegation()?.identity.id);
  const next = at < 0 ? waiting.at(step > 0 ? 0 : -1) : waiting[at + step];
  if (!next) {
    void notify.info(step > 0 ? vscode.l10n.t('This was the last delegation.') : vscode.l10n.t('This was the first delegation.'));
    return;
  }
  const open = next.group === 'ready' ? 'claudeKimi.reviewChanges' : 'claudeKimi.showDelegation';
  await vscode.commands.executeCommand(open, next.identity.id);
}

/** The delegation that is meant: a row's, the one in front, or else it is asked, among those for which the action is possible now. */
async function choose(window: WindowContext, target: Target, action: Action, front: Front): Promise<DelegationItem | undefined> {
  await window.ready;
  const inFront = front.delegation();
  const id = idOf(target) ?? (inFront?.actions.has(action) ? inFront.identity.id : null);
  if (id) {
    const delegation = window.find(id);
    const offered = (typeof target === 'object' && target.offered) || null;
    const isMeant = (one: DelegationItem) => offered === null || offered === asOffered(one, action);
    if (delegation && mayAsk(delegation, action) && isMeant(delegation)) return delegation;
    tellChanged();
    return undefined;
  }
  const possible = window.delegations().filter(({ actions }) => actions.has(action));
  if (possible.length === 0) {
    void notify.info(vscode.l10n.t('There is no delegation for which this is possible now.'));
    return undefined;
  }
  const { outcomeText } = await import('./text/translated-result.ts');
  const names = window.severalRepositories() ? repositoryNames(possible.map(({ identity }) => identity.repository)) : null;
  const described = ({ result, identity }: DelegationItem) => [
    ...(result ? [outcomeText(result.outcome, vscode.l10n.t)] : []),
    ...(names ? [names.get(identity.repository) ?? identity.repository] : []),
  ];
  const items = possible.map((delegation) => ({
    label: withoutIcons(oneLine(delegation.identity.branch, 200)),
    description: withoutIcons(described(delegation).join(' · ')),
    detail: withoutIcons(oneLine(firstLine(delegation.lastAttempt?.start?.task ?? delegation.result?.task ?? ''), 120)),
    delegation,
  }));
  return (await vscode.window.showQuickPick(items, { placeHolder: vscode.l10n.t('Which delegation?'), matchOnDetail: true }))?.delegation;
}

async function showProblem(window: WindowContext, error: unknown): Promise<void> {
  // What cannot be loaded (another version may have taken the place of this one) is said as it is.
  const text = await explained(error).catch(() => errorText(error));
  window.log.error(error instanceof Error ? (error.stack ?? text) : text);
  const show = vscode.l10n.t('Show Log');
  void notify.error(text, show).then((chosen) => chosen && window.log.show(true));
}

async function explained(error: unknown): Promise<string> {
  const [{ explainGit }, { message }, { messageText }] = await Promise.all([
    import('../workspace/explain-git.ts'),
    import('../messages/message.ts'),
    import('../messages/translate.ts'),
  ]);
  const reason = explainGit(error, message('git.someRepository'));
  return reason ? messageText(reason, vscode.l10n.t) : errorText(error);
}
