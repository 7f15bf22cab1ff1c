import * as vscode from 'vscode';
import type { FileStatus } from './rows.ts';

/** Rows of changed files have addresses of their own, so that the marks of the user's working tree do not appear on them. */
const SCHEME = 'kimi-delegate-row';

export function changedFileUri(file: { path: string; status: FileStatus }): vscode.Uri {
  return vscode.Uri.from({ scheme: SCHEME, path: `/${file.path}`, query: file.status });
}

/** The letter and color that the Source Control view gives such a file. */
export function createChangedFileDecorations(): vscode.Disposable {
  const color = (name: string) => new vscode.ThemeColor(`gitDecoration.${name}ResourceForeground`);
  const marks: Readonly<Record<FileStatus, () => vscode.FileDecoration>> = {
    A: () => new vscode.FileDecoration('A', vscode.l10n.t('Added'), color('added')),
    M: () => new vscode.FileDecoration('M', vscode.l10n.t('Modified'), color('modified')),
    D: () => new vscode.FileDecoration('D', vscode.l10n.t('Deleted'), color('deleted')),
    R: () => new vscode.FileDecoration('R', vscode.l10n.t('Renamed'), color('renamed')),
    T: () => new vscode.FileDecoration('T', vscode.l10n.t('Type changed'), color('modified')),
  };
  return vscode.window.registerFileDecorationProvider({
    provideFileDecoration: ({ scheme, query }) =>
      scheme === SCHEME && Object.hasOwn(marks, query) ? marks[query as FileStatus]() : undefined,
  });
}
