import * as vscode from 'vscode';
import { errorText } from '../common/caught-error.ts';
import { cutText } from '../common/cut-text.ts';
import { firstLine } from '../common/first-line.ts';
import { message } from '../messages/message.ts';
import { messageText } from '../messages/translate.ts';
import { explainGit } from '../workspace/explain-git.ts';
import type { Action, DelegationItem } from './delegations/delegation-item.ts';
import { notify } from './notify.ts';
import type { CommitFiles } from './review/commit-file-system.ts';
import type { SetupStatus } from './setup/setup-status.ts';
import type { WindowContext } from './window-context.ts';

/** What a command gets: a row of the view, the id of a delegation, or nothing (from the palette). */
type Target =
  | { readonly delegationId: string | null; readonly click?: { kind: string; path?: string; line?: number | undefined } | null }
  | string
  | undefined;

/** The commands of the work part. Each one is loaded when it is used for the first time. */
export function registerActions(window: WindowContext, files: CommitFiles, setUp: SetupStatus): vscode.Disposable {
  const mayDelegate = async (root: string) => (await import('./setup/ensure-may-delegate.ts')).mayDelegate(setUp, root);
  const onDelegation = (name: string, action: Action, run: (delegation: DelegationItem, target: Target) => Promise<unknown>) =>
    command(name, async (target) => {
      const delegation = await choose(window, target, action);
      if (delegation) await run(delegation, target);
    });

  function command(name: string, run: (target: Target) => Promise<unknown>): vscode.Disposable {
    return vscode.commands.registerCommand(`claudeKimi.${name}`, async (target: Target) => {
      try {
        await run(target);
      } catch (error) {
        showProblem(window, error);
      }
    });
  }

  return vscode.Disposable.from(
    command('delegateTask', async () => (await import('./task/delegate-task.ts')).delegateTask(window, mayDelegate)),
    command('continueTask', async (target) => (await import('./task/task-editor.ts')).continueWriting(target)),
    command('showSteps', async (target) => {
      const delegation = idOf(target) ? window.find(idOf(target)!) : undefined;
      window.log.show(true);
      if (delegation) await window.logSteps(delegation);
    }),
    command('refresh', () => Promise.all([window.refresh(), setUp.refresh()])),
    onDelegation('cancel', 'cancel', async (delegation) => (await import('./task/cancel-task.ts')).cancelTask(window, delegation)),
    onDelegation('resume', 'resume', async (delegation) => {
      const repository = window.worktreeOf(delegation);
      if (!(await mayDelegate(repository))) return;
      const { runTask } = await import('./task/run-task.ts');
      await runTask(window, { tool: 'resume_delegation', repository, branch: delegation.identity.branch, args: {} });
    }),
    onDelegation('retry', 'retry', async (delegation) =>
      (await import('./task/retry-with-feedback.ts')).retryWithFeedback(window, delegation, mayDelegate),
    ),
    onDelegation('reviewChanges', 'review', async (delegation) =>
      (await import('./review/review-changes.ts')).reviewChanges(delegation, files),
    ),
    onDelegation('reviewFile', 'review', async (delegation, target) => {
      const click = typeof target === 'object' ? target.click : undefined;
      if (click?.path !== undefined)
        await (await import('./review/review-changes.ts')).reviewFile(delegation, click.path, files, click.line);
    }),
    onDelegation('merge', 'merge', async (delegation) => (await import('./review/merge-discard.ts')).merge(window, delegation)),
    onDelegation('applyToWorkingTree', 'apply', async (delegation) =>
      (await import('./review/merge-discard.ts')).applyToWorkingTree(window, delegation),
    ),
    onDelegation('discard', 'discard', async (delegation) => (await import('./review/merge-discard.ts')).discard(window, delegation)),
    onDelegation('undoDiscard', 'undo', async (delegation) => (await import('./review/merge-discard.ts')).undoDiscard(window, delegation)),
    onDelegation('restoreBranch', 'restore', async (delegation) =>
      (await import('./review/merge-discard.ts')).restoreBranch(window, delegation),
    ),
    onDelegation('copyName', 'name', async ({ identity }) => vscode.env.clipboard.writeText(identity.branch)),
  );
}

const idOf = (target: Target): string | null => (typeof target === 'string' ? target : (target?.delegationId ?? null));

/** The delegation that is meant; from the palette it is asked, among those for which the action is possible now. */
async function choose(window: WindowContext, target: Target, action: Action): Promise<DelegationItem | undefined> {
  await window.ready;
  const id = idOf(target);
  if (id) {
    const delegation = window.find(id);
    if (delegation?.actions.has(action)) return delegation;
    void notify.info(vscode.l10n.t('This is not possible any more: the delegation changed meanwhile.'));
    return undefined;
  }
  const possible = window.delegations().filter(({ actions }) => actions.has(action));
  if (possible.length === 0) {
    void notify.info(vscode.l10n.t('There is no delegation for which this is possible now.'));
    return undefined;
  }
  const { outcomeText } = await import('./text/translated-result.ts');
  const items = possible.map((delegation) => ({
    label: delegation.identity.branch,
    description: delegation.result ? outcomeText(delegation.result.outcome, vscode.l10n.t) : '',
    detail: cutText(firstLine(delegation.lastAttempt?.start?.task ?? delegation.result?.task ?? ''), 120),
    delegation,
  }));
  return (await vscode.window.showQuickPick(items, { placeHolder: vscode.l10n.t('Which delegation?'), matchOnDetail: true }))?.delegation;
}

function showProblem(window: WindowContext, error: unknown): void {
  const explained = explainGit(error, message('git.someRepository'));
  const text = explained ? messageText(explained, vscode.l10n.t) : errorText(error);
  window.log.error(error instanceof Error ? (error.stack ?? text) : text);
  const show = vscode.l10n.t('Show Log');
  void notify.error(text, show).then((chosen) => chosen && window.log.show(true));
}
