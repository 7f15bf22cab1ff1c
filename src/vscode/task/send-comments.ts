import * as vscode from 'vscode';
import { commentsText } from '../../delegation/start/line-comments.ts';
import type { DelegationItem } from '../delegations/delegation-item.ts';
import { notify } from '../notify.ts';
import type { LineComments } from '../review/line-comments.ts';
import type { WindowContext } from '../window-context.ts';
import { taskCall } from './delegate-task.ts';
import { runTask } from './run-task.ts';

/** One further attempt, with all that was said about lines; what came of no attempt stays to be sent. */
export async function sendComments(
  window: WindowContext,
  delegation: DelegationItem,
  comments: LineComments,
  mayDelegate: (root: string) => Promise<boolean>,
): Promise<void> {
  const { t } = vscode.l10n;
  const sent = comments.of(delegation);
  if (sent.length === 0) {
    void notify.info(t('There is no comment to send. Comment on lines of the review first.'));
    return;
  }
  const worktree = window.worktreeOf(delegation);
  if (!(await mayDelegate(worktree))) return;
  const { branch, id } = delegation.identity;
  const more = await vscode.window.showInputBox({
    title: sent.length === 1 ? t('Send 1 Comment to Kimi') : t('Send {0} Comments to Kimi', sent.length),
    prompt: t('What else is to be said of {0}? Enter sends, with or without it.', branch),
    value: window.drafts.get(id) ?? '',
    ignoreFocusOut: true,
  });
  if (more === undefined) return;
  const feedback = [more.trim(), commentsText(sent)].filter(Boolean).join('\n\n');
  const kind = delegation.lastAttempt?.result?.kind ?? delegation.lastAttempt?.start?.kind ?? 'feature';
  const attempts = () => window.find(id)?.attempts.length ?? 0;
  const before = attempts();
  await runTask(window, taskCall(worktree, branch, kind, feedback, []));
  if (attempts() <= before) return;
  comments.forget(delegation, sent);
  window.drafts.delete(id);
}
