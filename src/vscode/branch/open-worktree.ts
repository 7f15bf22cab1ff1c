import { lstatSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { realPathOf } from '../../common/real-path.ts';
import { shellWord } from '../../common/shell-word.ts';
import { messageText } from '../../messages/translate.ts';
import { addWorktree } from '../../workspace/add-worktree.ts';
import { openRepository } from '../../workspace/open-repository.ts';
import type { Repository } from '../../workspace/types.ts';
import { busy } from '../busy.ts';
import type { DelegationItem } from '../delegations/delegation-item.ts';
import { notify } from '../notify.ts';
import { shownPrompt, withoutIcons } from '../text/without-links.ts';
import type { WindowContext } from '../window-context.ts';
import { gitSays } from './git-extension.ts';
import { mustBeThere } from './must-be-there.ts';

/** Opens the branch of the work beside the checkout, in a working tree and a window of its own; one that has it already is used. */
export async function openWorktree(window: WindowContext, delegation: DelegationItem): Promise<void> {
  const { t } = vscode.l10n;
  const branch = delegation.delivered!.branch;
  const root = window.worktreeOf(delegation);
  const opened = await openRepository(root);
  if (!opened.ok) {
    void notify.error(messageText(opened.reason, t));
    return;
  }
  const folder = (await worktreeWith(opened.repository, branch)) ?? (await makeWorktree(opened.repository, branch));
  if (folder === null) return;
  await window.refresh();
  void notify.info(
    t('{0} is checked out in {1}. Remove it there when you are done: git worktree remove {2}', branch, folder, shellWord(folder)),
  );
  await vscode.commands.executeCommand('vscode.openFolder', vscode.Uri.file(folder), { forceNewWindow: true });
}

/** The one that has the branch checked out, if it says so itself: a repository could bring an entry that names any folder. */
async function worktreeWith({ checkedOut, commonDir }: Repository, branch: string): Promise<string | null> {
  const folder = checkedOut.get(branch);
  const there = folder === undefined ? null : await openRepository(folder);
  return folder !== undefined && there?.ok && there.repository.commonDir === commonDir ? folder : null;
}

/** @returns null where the user has left, or git has refused; the latter is told */
async function makeWorktree(repository: Repository, branch: string): Promise<string | null> {
  const { t } = vscode.l10n;
  const proposed = proposedFolder(repository.root, branch);
  const folder = await vscode.window.showInputBox({
    title: withoutIcons(t('Open {0} in a Worktree', branch)),
    prompt: shownPrompt(t('Folder for a second working tree of the repository, with {0} checked out', branch)),
    value: proposed,
    ignoreFocusOut: true,
    validateInput: (text) => {
      if (!path.isAbsolute(text.trim())) return t('Give the whole path of the folder.');
      return isThere(text.trim()) ? shownPrompt(t('{0} is there already. Give another folder.', text.trim())) : null;
    },
  });
  if (!folder) return null;
  // Not what was read and agreed to, if it came, or came to lead elsewhere, while the question stood.
  const isMoved = folder.trim() === proposed && proposed !== proposedFolder(repository.root, branch);
  if (isMoved || isThere(folder.trim())) return makeWorktree(repository, branch);
  try {
    await busy(t('Making a working tree for {0}…', branch), async () => {
      await mkdir(path.dirname(folder.trim()), { recursive: true });
      await mustBeThere(repository.root, branch);
      await addWorktree(repository, folder.trim(), branch);
    });
    return folder.trim();
  } catch (error) {
    void notify.error(t('There is no working tree for {0}: {1}', branch, gitSays(error)));
    return null;
  }
}

/** A link to nothing, too. */
const isThere = (folder: string) => lstatSync(folder, { throwIfNoEntry: false }) !== undefined;

/** Beside the repository, as VS Code itself proposes it; what came with the repository may be a link there, so by where it leads. */
export function proposedFolder(root: string, branch: string): string {
  const beside = `${root}.worktrees`;
  return path.join(realPathOf(beside) ?? beside, branch.replace(/[^\p{L}\p{N}._-]+/gu, '-'));
}
