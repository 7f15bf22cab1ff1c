import { GitError, runGit } from './run-git.ts';
import { filtersAtHome } from './stage-merge.ts';
import type { Repository } from './types.ts';

/**
 * Makes a second working tree with a branch in it. Filters by a relative path are those of the checkout: in the new folder it would be
 * a script of the branch, which git writes there just before it runs it.
 * @throws GitError
 */
export async function addWorktree(repository: Repository, folder: string, branch: string): Promise<void> {
  const args = ['worktree', 'add', '--quiet', folder, branch];
  const { root, user, gitDir } = repository;
  const { code, stderr } = await runGit(args, { cwd: root, user, config: filtersAtHome(repository) });
  if (code !== 0) throw new GitError(args, code, stderr, gitDir);
}
