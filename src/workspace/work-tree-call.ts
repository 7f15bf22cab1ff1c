/** How git is asked about a working tree of ours. */
import type { GitCall } from './run-git.ts';
import type { PrivateGit } from './types.ts';

export function workTreeCall(
  privateGit: PrivateGit,
  workTree: string,
  signal?: AbortSignal,
): GitCall & { gitDir: string; workTree: string } {
  const { gitDir, ownIndex } = privateGit;
  return { gitDir, workTree, ...(ownIndex !== undefined && { indexFile: ownIndex }), ...(signal && { signal }) };
}
