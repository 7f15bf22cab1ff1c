import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { openRepository } from '../../workspace/open-repository.ts';
import { GitError, runGit, userEnvironment } from '../../workspace/run-git.ts';
import { busy } from '../busy.ts';
import type { DelegationItem } from '../delegations/delegation-item.ts';
import { notify } from '../notify.ts';
import type { WindowContext } from '../window-context.ts';
import { gitSays } from './git-extension.ts';

/** Opens the branch of the work beside the checkout, in a working tree and a window of its own; one that has it already is used. */
export async function openWorktree(window: WindowContext, delegation: DelegationItem): Promise<void> {
  const { t } = vscode.l10n;
  const branch = delegation.delivered!.branch;
  const root = window.worktreeOf(delegation);
  const opened = await openRepository(root);
  const folder = (opened.ok ? opened.repository.checkedOut.get(branch) : undefined) ?? (await makeWorktree(root, branch));
  if (folder === null) return;
  await window.refresh();
  void notify.info(t('{0} is checked out in {1}. Remove it there when you are done: git worktree remove {1}', branch, folder));
  await vscode.commands.executeCommand('vscode.openFolder', vscode.Uri.file(folder), { forceNewWindow: true });
}

/** @returns null where the user has left, or git has refused; the latter is told */
async function makeWorktree(root: string, branch: string): Promise<string | null> {
  const { t } = vscode.l10n;
  const folder = await vscode.window.showInputBox({
    title: t('Open {0} in a Worktree', branch),
    prompt: t('Folder for a second working tree of the repository, with {0} checked out', branch),
    value: proposedFolder(root, branch),
    ignoreFocusOut: true,
    validateInput: (text) => {
      if (!path.isAbsolute(text.trim())) return t('Give the whole path of the folder.');
      return existsSync(text.trim()) ? t('{0} is there already. Give another folder.', text.trim()) : null;
    },
  });
  if (!folder) return null;
  try {
    await busy(t('Making a working tree for {0}…', branch), async () => {
      await mkdir(path.dirname(folder.trim()), { recursive: true });
      const args = ['worktree', 'add', '--quiet', folder.trim(), branch];
      const { code, stderr } = await runGit(args, { cwd: root, user: userEnvironment(process.env) });
      if (code !== 0) throw new GitError(args, code, stderr, null);
    });
    return folder.trim();
  } catch (error) {
    void notify.error(t('There is no working tree for {0}: {1}', branch, gitSays(error)));
    return null;
  }
}

/** Beside the repository, as VS Code itself proposes it. */
export function proposedFolder(root: string, branch: string): string {
  return path.join(`${root}.worktrees`, branch.replace(/[^\p{L}\p{N}._-]+/gu, '-'));
}
