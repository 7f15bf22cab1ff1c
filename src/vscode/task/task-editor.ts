import * as vscode from 'vscode';
import { notify } from '../notify.ts';

/** Documents in which a text is being written, and what goes on with it. */
const writing = new Map<string, () => void>();

/**
 * An untitled document for a longer text. It is done with Continue, above the editor or in the status bar, both of which stay as long as
 * it takes; closing the document leaves.
 * @param keep gets the text before the document goes, which would ask whether to save it
 */
export async function writeInEditor(
  title: string,
  prompt: string,
  initialText: string,
  mayBeEmpty: boolean,
  keep: (text: string) => void,
): Promise<{ text: string; done: boolean }> {
  const { t } = vscode.l10n;
  const document = await vscode.workspace.openTextDocument({ language: 'markdown', content: initialText });
  const id = document.uri.toString();
  await vscode.window.showTextDocument(document);
  const item = vscode.window.createStatusBarItem('claudeKimi.continue', vscode.StatusBarAlignment.Left, 1);
  item.name = title;
  item.text = `$(check) ${t('Continue: {0}', title)}`;
  item.tooltip = prompt;
  item.backgroundColor = new vscode.ThemeColor('statusBarItem.warningBackground');
  item.command = { command: 'claudeKimi.continueTask', title, arguments: [document.uri] };
  item.show();
  void notify.info(t('Write it in the editor; the check mark above it continues. {0}', prompt));
  let closing: vscode.Disposable | null = null;
  const done = await new Promise<boolean>((resolve) => {
    closing = vscode.workspace.onDidCloseTextDocument((closed) => closed === document && resolve(false));
    writing.set(id, () => {
      if (mayBeEmpty || document.getText().trim()) resolve(true);
      else void notify.info(t('Say what is to be done, or close the editor to leave.'));
    });
    updateMenus();
  });
  writing.delete(id);
  updateMenus();
  item.dispose();
  (closing as vscode.Disposable | null)?.dispose();
  const text = document.getText();
  keep(text);
  if (done) await closeUnsaved(document);
  return { text, done };
}

/**
 * Without a question whether to save it: what is empty is not asked about. To close the editor in front would take whatever has come there
 * meanwhile, with all that is not saved.
 */
async function closeUnsaved(document: vscode.TextDocument): Promise<void> {
  if (document.isClosed || !document.isUntitled) return;
  const emptied = new vscode.WorkspaceEdit();
  emptied.delete(document.uri, new vscode.Range(0, 0, document.lineCount, 0));
  await vscode.workspace.applyEdit(emptied);
  const isOfTask = ({ input }: vscode.Tab) => input instanceof vscode.TabInputText && String(input.uri) === String(document.uri);
  await vscode.window.tabGroups.close(vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs.filter(isOfTask)));
}

/** @param target the document; from the palette, the one in front */
export function continueWriting(target: unknown): void {
  const uri = target instanceof vscode.Uri ? target : vscode.window.activeTextEditor?.document.uri;
  writing.get(String(uri))?.();
}

function updateMenus(): void {
  void vscode.commands.executeCommand('setContext', 'claudeKimi.taskDocuments', [...writing.keys()]);
}
