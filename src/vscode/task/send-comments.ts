import * as vscode from 'vscode';
import { commentsText } from '../../delegation/start/line-comments.ts';
import type { DelegationItem } from '../delegations/delegation-item.ts';
import { notify } from '../notify.ts';
import type { LineComments } from '../review/line-comments.ts';
import { isStill } from '../review/merge-discard.ts';
import type { WindowContext } from '../window-context.ts';
import { askMore, forgetDraft } from './ask-task.ts';
import { feedbackCall } from './delegate-task.ts';
import { runTask } from './run-task.ts';

/** One further attempt, with all that was said about lines. */
export async function sendComments(
  window: WindowContext,
  delegation: DelegationItem,
  comments: LineComments,
  mayDelegate: (root: string) => Promise<boolean>,
): Promise<void> {
  const said = comments.of(delegation);
  if (said.length === 0) {
    void notify.info(vscode.l10n.t('There is no comment to send. Comment on lines of the review first.'));
    return;
  }
  if (!(await mayDelegate(window.worktreeOf(delegation)))) return;
  const { branch, id } = delegation.identity;
  const draft = { drafts: window.drafts, key: id };
  const more = await askMore(branch, said.length, draft);
  if (more === null || !(await isStill(window, delegation, 'retry'))) return;
  // Some may have been taken back while the question stood.
  const now = comments.of(delegation);
  const still = said.filter((comment) => now.includes(comment));
  const feedback = [more, commentsText(still)].filter(Boolean).join('\n\n');
  if (!feedback) return;
  const sent = () => {
    comments.forget(still);
    forgetDraft(draft, more);
  };
  await runTask(window, feedbackCall(window, delegation, feedback), { text: feedback, sent });
}
