import * as vscode from 'vscode';
import { errorText } from '../common/caught-error.ts';
import { cutText } from '../common/cut-text.ts';
import { firstLine } from '../common/first-line.ts';
import type { Action, Standing } from './delegations/delegation-item.ts';
import type { CommitFiles } from './review/commit-file-system.ts';
import type { SetUpState } from './setup/setup-status.ts';
import type { Session } from './window-context.ts';

/** What a command gets: a row of the view, the id of a delegation, or nothing (from the palette). */
type Target = { readonly delegation: string | null; readonly click?: { kind: string; path?: string } | null } | string | undefined;

/** The commands of the work part. Each one is loaded when it is used for the first time. */
export function registerActions(session: Session, files: CommitFiles, setUp: SetUpState): vscode.Disposable {
  const mayWork = async (root: string) => (await import('./setup/may-delegate.ts')).mayWork(setUp, root);
  const onDelegation = (name: string, action: Action, run: (standing: Standing, target: Target) => Promise<unknown>) =>
    command(name, async (target) => {
      const standing = await choose(session, target, action);
      if (standing) await run(standing, target);
    });

  function command(name: string, run: (target: Target) => Promise<unknown>): vscode.Disposable {
    return vscode.commands.registerCommand(`claudeKimi.${name}`, async (target: Target) => {
      try {
        await run(target);
      } catch (error) {
        tellProblem(session, error);
      }
    });
  }

  return vscode.Disposable.from(
    command('delegateTask', async () => (await import('./task/delegate-task.ts')).delegateTask(session, mayWork)),
    command('continueTask', async (target) => (await import('./task/task-editor.ts')).continueWriting(target)),
    command('showSteps', async (target) => {
      const standing = idOf(target) ? session.find(idOf(target)!) : undefined;
      session.log.show(true);
      if (standing) await session.logSteps(standing);
    }),
    command('refresh', () => Promise.all([session.refresh(), setUp.refresh()])),
    onDelegation('cancel', 'cancel', async (standing) => (await import('./review/merge-discard.ts')).cancel(session, standing)),
    onDelegation('resume', 'resume', async (standing) => {
      const repository = session.rootOf(standing);
      if (!(await mayWork(repository))) return;
      const { runWork } = await import('./task/run-task.ts');
      await runWork(session, { tool: 'resume_delegation', repository, branch: standing.view.identity.branch, args: {} });
    }),
    onDelegation('retry', 'retry', async (standing) => (await import('./task/retry-with-feedback.ts')).retry(session, standing, mayWork)),
    onDelegation('reviewChanges', 'review', async (standing) =>
      (await import('./review/review-changes.ts')).reviewChanges(standing, files),
    ),
    onDelegation('reviewFile', 'review', async (standing, target) => {
      const path = typeof target === 'object' ? target.click?.path : undefined;
      if (path !== undefined) await (await import('./review/review-changes.ts')).reviewFile(standing, path, files);
    }),
    onDelegation('merge', 'merge', async (standing) => (await import('./review/merge-discard.ts')).merge(session, standing)),
    onDelegation('applyToWorkingTree', 'apply', async (standing) =>
      (await import('./review/apply-to-working-tree.ts')).applyToWorkingTree(session, standing),
    ),
    onDelegation('discard', 'discard', async (standing) => (await import('./review/merge-discard.ts')).discard(session, standing)),
    onDelegation('undoDiscard', 'undo', async (standing) => (await import('./review/merge-discard.ts')).undoDiscard(session, standing)),
    onDelegation('restoreBranch', 'restore', async (standing) =>
      (await import('./review/merge-discard.ts')).restoreBranch(session, standing),
    ),
    onDelegation('copyName', 'name', async ({ view }) => vscode.env.clipboard.writeText(view.identity.branch)),
  );
}

const idOf = (target: Target): string | null => (typeof target === 'string' ? target : (target?.delegation ?? null));

/** The delegation that is meant; from the palette it is asked, among those for which the action is possible now. */
async function choose(session: Session, target: Target, action: Action): Promise<Standing | undefined> {
  await session.ready;
  const id = idOf(target);
  if (id) {
    const standing = session.find(id);
    if (standing?.actions.has(action)) return standing;
    void vscode.window.showInformationMessage(vscode.l10n.t('This is not possible any more: the delegation changed meanwhile.'));
    return undefined;
  }
  const possible = session.standings().filter(({ actions }) => actions.has(action));
  if (possible.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t('There is no delegation for which this is possible now.'));
    return undefined;
  }
  const { outcomeWords } = await import('./text/result-text.ts');
  const items = possible.map((standing) => ({
    label: standing.view.identity.branch,
    description: standing.result ? outcomeWords(standing.result.outcome, vscode.l10n.t) : '',
    detail: cutText(firstLine(standing.last?.start?.task ?? standing.result?.task ?? ''), 120),
    standing,
  }));
  return (await vscode.window.showQuickPick(items, { placeHolder: vscode.l10n.t('Which delegation?'), matchOnDetail: true }))?.standing;
}

function tellProblem(session: Session, error: unknown): void {
  const text = errorText(error);
  session.log.error(error instanceof Error ? (error.stack ?? text) : text);
  const show = vscode.l10n.t('Show Log');
  void vscode.window.showErrorMessage(text, show).then((chosen) => chosen && session.log.show(true));
}
