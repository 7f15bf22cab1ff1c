import { statSync } from 'node:fs';
import * as vscode from 'vscode';
import { ErrorWithReason } from '../../messages/error-with-reason.ts';
import { messageText } from '../../messages/translate.ts';

/** What this window asks of VS Code's own git: it runs the user's hooks, and asks for their password. */
export interface GitRepository {
  readonly rootUri: vscode.Uri;
  checkout(branch: string): Promise<void>;
  push(remote: string, branch: string, setUpstream: boolean): Promise<void>;
}

interface GitExtension {
  readonly enabled: boolean;
  getAPI(version: 1): {
    getRepository(uri: vscode.Uri): GitRepository | null;
    openRepository?(uri: vscode.Uri): Promise<GitRepository | null>;
  };
}

/**
 * Null where the Git extension is off, or does not take the folder for a repository. For one that it has closed it gives the one around it,
 * if there is any: what is checked out or pushed there is another's.
 */
export async function gitRepository(root: string): Promise<GitRepository | null> {
  const extension = vscode.extensions.getExtension<GitExtension>('vscode.git');
  const git = extension && (extension.isActive ? extension.exports : await extension.activate());
  if (!git?.enabled) return null;
  const api = git.getAPI(1);
  const uri = vscode.Uri.file(root);
  const isMeant = (found: GitRepository | null | undefined) => found && isSameFolder(found.rootUri.fsPath, root);
  const open = api.getRepository(uri);
  if (isMeant(open)) return open;
  const opened = await api.openRepository?.(uri);
  return (isMeant(opened) && opened) || null;
}

/** However both are written: by links, or in another case where the disk does not mind. */
function isSameFolder(one: string, other: string): boolean {
  const [a, b] = [one, other].map((folder) => statSync(folder, { bigint: true, throwIfNoEntry: false }));
  return a !== undefined && b !== undefined && a.ino === b.ino && a.dev === b.dev;
}

/** What git itself says of its failure, in one line, or why it was not asked. */
export function gitSays(error: unknown): string {
  if (error instanceof ErrorWithReason) return messageText(error.reason, vscode.l10n.t);
  const said = error instanceof Error && 'stderr' in error && typeof error.stderr === 'string' ? error.stderr : String(error);
  const lines = said
    .split('\n')
    .map((line) => line.replace(/^(error|fatal|hint): /, '').trim())
    .filter((line) => line !== '' && !/^Aborting$/.test(line));
  return lines.join(' ').slice(0, 500);
}
