import * as vscode from 'vscode';
import type { LineComment } from '../../delegation/start/line-comments.ts';
import { oneLine } from '../../mcp/escape-untrusted.ts';
import type { DelegationItem } from '../delegations/delegation-item.ts';
import { ifShaped, isText, listOf, objectOf, optional, type Shape } from '../kept-shape.ts';
import type { WindowContext } from '../window-context.ts';
import { COMMIT_SCHEME, type CommitFiles, fileOf } from './commit-file-system.ts';

/** What the user has said about lines of a review and not sent yet; it survives a reload. */
export interface LineComments extends vscode.Disposable {
  /** In the order of their files and lines; those that are about an older state of the work are none any more. */
  of(delegation: DelegationItem): readonly LineComment[];
  forget(sent: readonly LineComment[]): void;
  readonly onDidChange: vscode.Event<void>;
}

const KEY = 'claudeKimi.lineComments';
/** Those of delegations that are long over go first. */
const MOST = 500;
/** Menus ask for it. */
const CONTROLLER = 'claudeKimi.feedback';
/** With the delegation, and the commit whose lines it counts. */
interface KeptComment extends LineComment {
  readonly id: string;
  readonly tip: string;
}
const isLine: Shape<number> = (value): value is number => Number.isSafeInteger(value) && (value as number) > 0;
const isKept = listOf(objectOf<KeptComment>({ id: isText, tip: isText, file: isText, line: isLine, last: optional(isLine), text: isText }));

export function createLineComments(window: WindowContext, files: CommitFiles, memory: vscode.Memento): LineComments {
  const { t } = vscode.l10n;
  const controller = vscode.comments.createCommentController(CONTROLLER, t('Feedback for Kimi'));
  controller.options = { prompt: t('Comment on this line'), placeHolder: t('What is wrong here, and what is right?') };
  const changed = new vscode.EventEmitter<void>();
  const threads = new Map<vscode.CommentThread, KeptComment>();
  let kept: readonly KeptComment[] = ifShaped(isKept, memory.get(KEY)) ?? [];

  controller.commentingRangeProvider = {
    provideCommentingRanges: (document) =>
      delegationOf(document.uri)?.actions.has('retry') ? [new vscode.Range(0, 0, Math.max(0, document.lineCount - 1), 0)] : [],
  };

  /** Of the side that shows the work as it is now. */
  function delegationOf(uri: vscode.Uri): DelegationItem | undefined {
    const file = uri.scheme === COMMIT_SCHEME ? fileOf(uri) : null;
    return window.delegations().find(({ identity, reviewable }) => file?.gitDir === identity.commonDir && file.commit === reviewable?.tip);
  }

  /** Without those on an older state of the work, which nobody sees any more. */
  function keep(next: readonly KeptComment[]): void {
    kept = next.filter(({ id, tip }) => (window.find(id)?.reviewable?.tip ?? tip) === tip).slice(-MOST);
    void memory.update(KEY, kept);
    showThreads();
    changed.fire();
  }

  /** After a reload, and when a comment is gone, the threads follow what is kept. */
  function showThreads(): void {
    for (const [thread, comment] of threads) {
      if (kept.includes(comment) && window.find(comment.id)?.reviewable?.tip === comment.tip) continue;
      threads.delete(thread);
      thread.dispose();
    }
    const shown = new Set(threads.values());
    for (const comment of kept) {
      const { identity, reviewable } = window.find(comment.id) ?? {};
      if (shown.has(comment) || !identity || reviewable?.tip !== comment.tip) continue;
      const uri = files.uri({ gitDir: identity.commonDir, commit: comment.tip, path: comment.file });
      const range = new vscode.Range(comment.line - 1, 0, (comment.last ?? comment.line) - 1, 0);
      show(controller.createCommentThread(uri, range, []), comment);
    }
  }

  function show(thread: vscode.CommentThread, comment: KeptComment): void {
    threads.set(thread, comment);
    const body = new vscode.MarkdownString().appendText(comment.text);
    const shown = { body, mode: vscode.CommentMode.Preview, author: { name: t('You') }, label: t('not sent yet'), contextValue: 'draft' };
    // The left side of work that began on other work shows that.
    const branch = oneLine(window.find(comment.id)?.identity.branch ?? '', 100);
    Object.assign(thread, { comments: [shown], canReply: false, label: t('Feedback for Kimi on {0}', branch), contextValue: 'draft' });
    thread.collapsibleState = vscode.CommentThreadCollapsibleState.Expanded;
  }

  /** @param reply of a menu; another extension may give anything */
  function add(reply: Partial<vscode.CommentReply> | null | undefined): void {
    const { thread, text } = reply ?? {};
    if (!(thread?.uri instanceof vscode.Uri) || !isText(text)) return;
    const delegation = delegationOf(thread.uri);
    const file = fileOf(thread.uri);
    if (!delegation || !file || !text.trim()) return;
    const { start, end } = thread.range ?? new vscode.Range(0, 0, 0, 0);
    const last = end.line > start.line ? { last: end.line + 1 } : {};
    const comment = { id: delegation.identity.id, tip: file.commit, file: file.path, line: start.line + 1, ...last, text: text.trim() };
    show(thread, comment);
    keep([...kept, comment]);
  }

  const disposables = [
    controller,
    changed,
    window.onDidChange(showThreads),
    vscode.commands.registerCommand('claudeKimi.addComment', add),
    vscode.commands.registerCommand('claudeKimi.removeComment', (thread: vscode.CommentThread) =>
      keep(kept.filter((comment) => comment !== threads.get(thread))),
    ),
  ];
  const isOf =
    (delegation: DelegationItem) =>
    ({ id, tip }: KeptComment) =>
      id === delegation.identity.id && tip === delegation.reviewable?.tip;
  return {
    of: (delegation) => kept.filter(isOf(delegation)).toSorted((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1)),
    forget: (sent) => keep(kept.filter((comment) => !sent.includes(comment))),
    onDidChange: changed.event,
    dispose() {
      for (const disposable of disposables) disposable.dispose();
    },
  };
}
