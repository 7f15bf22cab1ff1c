import path from 'node:path';
import { contains } from '../common/path-contains.ts';
import { realPathOf } from '../common/real-path.ts';
import { type Message, message } from '../messages/message.ts';
import { openRepository, topLevelOf } from '../workspace/open-repository.ts';
import { partsOutside } from '../workspace/parts-outside.ts';
import type { Repository } from '../workspace/types.ts';
import { isAnothers, isLinkedWorktree } from '../workspace/whose-git-dir.ts';

/** What the client and the user say a call may touch. */
export interface Allowed {
  /** Roots of the client (file URIs) and CLAUDE_PROJECT_DIR; empty when the client tells neither. */
  readonly declared: readonly string[];
  /** Folders that the settings allow. */
  readonly settings: readonly string[];
  /** Where the server was started; counts only when the client tells nothing. */
  readonly cwd: string;
}

/**
 * Why a repository is out of bounds, or null. It is inside when its working tree lies in an allowed folder, when an allowed
 * folder belongs to it (the client was opened in a package or a linked worktree of it), or when it is a linked worktree of a repository
 * that is inside.
 * A `.git` that leads to a repository outside, or to that of another working tree, counts only when that repository knows of it, and none may
 * hold (or borrow) objects and refs from outside: whoever packed it could have pointed at any repository of the user's.
 */
export async function whyOutside(repository: Repository, allowed: Allowed): Promise<Message | null> {
  const own = allowed.declared.length > 0 ? allowed.declared : path.dirname(allowed.cwd) === allowed.cwd ? [] : [allowed.cwd];
  const folders = [...own, ...allowed.settings].flatMap((folder) => realPathOf(folder) ?? []);
  const elsewhere = await whyElsewhere(repository, folders, allowed.settings);
  if (elsewhere) return elsewhere;
  const foreign = (await partsOutside(repository)).find((part) => !folders.some((folder) => contains(folder, part)));
  if (foreign === undefined) return null;
  return message('outside.foreignObjects', { repository: repository.commonDir, folder: foreign });
}

async function whyElsewhere(repository: Repository, folders: readonly string[], settings: readonly string[]): Promise<Message | null> {
  const { root, commonDir } = repository;
  const known = commonDir === path.join(root, '.git') || isLinkedWorktree(repository) || isNamedWorkTree(repository);
  // Of another working tree the user has to say it: it has consent of its own, and whoever asks about this folder does not name it.
  const isNamed = settings.some((folder) => realPathOf(folder) === commonDir);
  const holdsGit = isNamed || ((known || !isAnothers(repository)) && folders.some((folder) => contains(folder, commonDir)));
  if (folders.some((folder) => contains(folder, root))) {
    if (holdsGit || known) return null;
    return message('outside.gitFolder', { pointer: path.join(root, '.git'), repository: commonDir, folder: root });
  }
  if (holdsGit && isLinkedWorktree(repository)) return null;
  for (const folder of folders) {
    // A folder can lie in a repository that has nothing to do with it: dotfiles in the home folder.
    if (known && contains(root, folder) && (await topLevelOf(folder, repository.user)) === root) return null;
    if (known && (await hasWorktreeAt(folder, commonDir))) return null;
  }
  return message('outside.repository', { repository: root, folders: folders.length > 0 ? folders : message('outside.noFolders') });
}

/** Whether a folder lies in a linked worktree of a repository, by the word of both. */
async function hasWorktreeAt(folder: string, commonDir: string): Promise<boolean> {
  const opened = await openRepository(folder).catch(() => null);
  return opened?.ok === true && opened.repository.commonDir === commonDir && isLinkedWorktree(opened.repository);
}

/** The git dir of a submodule, and one made by --separate-git-dir, says in its config whose it is. */
function isNamedWorkTree({ root, gitDir, config }: Repository): boolean {
  const named = config.get('core.worktree');
  return named !== undefined && realPathOf(path.resolve(gitDir, named)) === root;
}
