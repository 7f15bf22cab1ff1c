import * as vscode from 'vscode';
import { notify, tellChanged } from '../notify.ts';
import type { WindowContext } from '../window-context.ts';
import { applyTarget, gitLine } from './apply-target.ts';
import { COMMIT_SCHEME, fileOf } from './commit-file-system.ts';
import type { Front } from './front.ts';
import { applyToWorkingTree } from './merge-discard.ts';

/** Applies the changes that the selected lines, or the line of the cursor, belong to; of a file that is new there is only the whole. */
export async function applyLines(window: WindowContext, front: Pick<Front, 'delegation'>): Promise<void> {
  const { t } = vscode.l10n;
  const editor = vscode.window.activeTextEditor;
  const file = editor?.document.uri.scheme === COMMIT_SCHEME ? fileOf(editor.document.uri) : null;
  const delegation = applyTarget(file, window.delegations(), front.delegation());
  const isMoved = window.delegations().some(({ reviewable, tip }) => reviewable?.tip === file?.commit && tip !== file?.commit);
  if (!delegation && isMoved) return tellChanged();
  if (!editor || !file || !delegation) {
    void notify.info(t('Select lines on the side that shows the work of Kimi.'));
    return;
  }
  const changed = delegation.reviewable?.change.files.find(({ path }) => path === file.path);
  const isWhole = changed?.status === 'A';
  const text = Buffer.from(await vscode.workspace.fs.readFile(editor.document.uri)).toString('utf8');
  await applyToWorkingTree(window, delegation, { path: file.path, ...(!isWhole && { lines: linesOf(editor.selections, gitLine(text)) }) });
}

/**
 * As `12-40, 55`; a selection that ends where a line begins has nothing of it.
 * @param lineOf what the server counts as the line with this number
 */
export function linesOf(selections: readonly Pick<vscode.Selection, 'start' | 'end'>[], lineOf: (shown: number) => number): string {
  const ranges = selections.map(({ start, end }) => {
    const last = lineOf(end.character === 0 && end.line > start.line ? end.line : end.line + 1);
    const first = lineOf(start.line + 1);
    return first === last ? `${last}` : `${first}-${last}`;
  });
  return ranges.join(',');
}
