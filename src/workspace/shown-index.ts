/**
 * The index that commands see. Ours goes along with the working tree, for checkpoints; theirs stays at the commit that the work began with, so
 * that `git status` and `git diff` tell what was changed, as in any checkout.
 */
import { copyFile, rename, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { git } from './run-git.ts';
import type { PrivateGit } from './types.ts';
import { workTreeCall } from './work-tree-call.ts';

/**
 * Makes it from ours, which knows the times of the files, so that nothing has to be read again.
 * @param commit what HEAD names
 */
export async function writeShownIndex(privateGit: PrivateGit, workTree: string, commit: string, signal?: AbortSignal): Promise<void> {
  const { gitDir, ownIndex } = privateGit;
  if (ownIndex === undefined) return;
  const made = join(gitDir, 'snapshot-shown-index');
  const { atime, mtime } = await stat(ownIndex);
  await copyFile(ownIndex, made);
  // Git reads files again that changed in the second in which the index was written; a younger copy would hide them.
  await utimes(made, atime, mtime);
  await git(['read-tree', '-m', commit], { ...workTreeCall(privateGit, workTree, signal), indexFile: made });
  await rename(made, join(gitDir, 'index'));
}
