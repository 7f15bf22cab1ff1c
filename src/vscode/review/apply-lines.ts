import * as vscode from 'vscode';
import { notify } from '../notify.ts';
import type { WindowContext } from '../window-context.ts';
import { applyTarget } from './apply-target.ts';
import { COMMIT_SCHEME, fileOf } from './commit-file-system.ts';
import type { Front } from './front.ts';
import { applyToWorkingTree } from './merge-discard.ts';

/** Applies the changes that the selected lines, or the line of the cursor, belong to; of a file that is new there is only the whole. */
export async function applyLines(window: WindowContext, front: Pick<Front, 'delegation'>): Promise<void> {
  const { t } = vscode.l10n;
  const editor = vscode.window.activeTextEditor;
  const file = editor?.document.uri.scheme === COMMIT_SCHEME ? fileOf(editor.document.uri) : null;
  const delegation = applyTarget(file, window.delegations(), front.delegation());
  if (!editor || !file || !delegation) {
    void notify.info(t('Select lines on the side that shows the work of Kimi.'));
    return;
  }
  const changed = delegation.reviewable?.change.files.find(({ path }) => path === file.path);
  const isWhole = changed?.status === 'A';
  await applyToWorkingTree(window, delegation, { path: file.path, ...(!isWhole && { lines: linesOf(editor.selections) }) });
}

/** As `12-40, 55`; a selection that ends where a line begins has nothing of it. */
export function linesOf(selections: readonly Pick<vscode.Selection, 'start' | 'end'>[]): string {
  const ranges = selections.map(({ start, end }) => {
    const last = end.character === 0 && end.line > start.line ? end.line : end.line + 1;
    return start.line + 1 === last ? `${last}` : `${start.line + 1}-${last}`;
  });
  return ranges.join(',');
}
