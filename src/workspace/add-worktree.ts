import { mkdir, rmdir } from 'node:fs/promises';
import { writtenByPrograms } from './content-filters.ts';
import { parseConfig, unnameableProgram } from './git-config.ts';
import { placesOfGitDir } from './git-places.ts';
import { type GitCall, GitError, git, runGit } from './run-git.ts';
import { filtersAtHome } from './stage-merge.ts';
import type { Repository } from './types.ts';

/**
 * Makes a second working tree with a branch in it. Filters by a relative path are those of the checkout: in the new folder it would be
 * a script of the branch, which git writes there just before it runs it. Which filters there are is told there, before anything is written:
 * some parts of a configuration count only on one branch, or in a git dir of one name.
 * @throws GitError
 */
export async function addWorktree(repository: Repository, folder: string, branch: string): Promise<void> {
  const { root, user, gitDir } = repository;
  const around = { cwd: root, user, writes: [...placesOfGitDir(gitDir), folder] };
  await mkdir(folder); // what is around it may be all that the user has
  try {
    await run(repository, ['worktree', 'add', '--quiet', '--no-checkout', folder, branch], around);
    const config = parseConfig((await git(['config', '--list', '-z', '--show-scope'], { cwd: folder, user })).toString());
    const key = unnameableProgram(config);
    if (key !== undefined) throw new GitError(['config'], 1, `${key} is no UTF-8`, gitDir);
    const programs = writtenByPrograms({ ...repository, config });
    const there = { ...around, cwd: folder, config: filtersAtHome({ ...repository, config }), programs };
    await run(repository, ['reset', '--hard', '--quiet', '--no-recurse-submodules'], there);
  } catch (error) {
    await runGit(['worktree', 'remove', '--force', folder], around).catch(() => {});
    await rmdir(folder).catch(() => {});
    throw error;
  }
}

async function run({ gitDir }: Repository, args: readonly string[], call: GitCall): Promise<void> {
  const { code, stderr } = await runGit(args, call);
  if (code !== 0) throw new GitError(args, code, stderr, gitDir);
}
