/** Uncommitted changes that stand aside while something else moves: in git's own stash, so that whoever is left with them finds them. */
import { writtenByPrograms } from './content-filters.ts';
import { ownDriversAs } from './git-config.ts';
import { decodeName, git, isLossy, runGit, splitNul } from './run-git.ts';
import type { Repository } from './types.ts';

/** What was put aside of the user's. */
export interface Aside {
  readonly files: readonly string[];
  /**
   * `conflict`: it does not go together with what came, and the files show both sides, as after any stash of git's, which keeps them too.
   * `stash`: only that keeps it.
   */
  readonly where: 'back' | 'conflict' | 'stash';
}

/** As git itself merges texts. */
const MERGE_TEXTS = 'git merge-file --marker-size=%L %A %O %B';

const callIn = (repository: Repository) => ({
  gitDir: repository.gitDir,
  workTree: repository.root,
  user: repository.user,
  config: ownDriversAs(MERGE_TEXTS, repository.config),
  programs: writtenByPrograms(repository),
});
const listed = (paths: readonly string[]) => paths.map((path) => `${path}\0`).join('');

/**
 * Only of files that git knows, by a name that finds them: one that it does not know would come back where the merge has put its own. Where the
 * stash is another name of some branch, git would move that.
 */
export async function canPutAside(repository: Repository, paths: readonly string[]): Promise<boolean> {
  const known = new Set(splitNul(await git(['ls-files', '-z', '--cached'], callIn(repository))).map(decodeName));
  const symbolic = await runGit(['symbolic-ref', '--quiet', 'refs/stash'], callIn(repository));
  return symbolic.code !== 0 && paths.length > 0 && paths.every((path) => known.has(path) && !isLossy(path));
}

/** Stashes what is uncommitted in these files. @returns the commit that keeps it; null = there was nothing any more */
export async function putAside(repository: Repository, paths: readonly string[], name: string): Promise<string | null> {
  const before = await newestStash(repository);
  const args = ['--literal-pathspecs', 'stash', 'push', '--quiet', '--message', name, '--pathspec-from-file=-', '--pathspec-file-nul'];
  await git(args, { ...callIn(repository), stdin: listed(paths) });
  const now = await newestStash(repository);
  return now === before ? null : now;
}

/** @returns where the changes are; unless they are back, the stash stays */
export async function bringBack(repository: Repository, stash: string | null): Promise<Aside['where']> {
  if (stash === null) return 'back';
  const all = (await git(['stash', 'list', '--format=%H'], callIn(repository))).toString('latin1').split('\n');
  const at = all.indexOf(stash);
  if (at < 0) return 'stash'; // somebody has taken it meanwhile
  // With what was staged; where that does not fit any more, git changes nothing, and it comes back as not staged.
  for (const how of [['--index'], []])
    if ((await runGit(['stash', 'pop', '--quiet', ...how, `stash@{${at}}`], callIn(repository))).code === 0) return 'back';
  const unmerged = await runGit(['ls-files', '-z', '--unmerged'], callIn(repository));
  return unmerged.stdout.length > 0 ? 'conflict' : 'stash';
}

async function newestStash(repository: Repository): Promise<string | null> {
  const { code, stdout } = await runGit(['rev-parse', '--verify', '--quiet', 'refs/stash'], callIn(repository));
  return code === 0 ? stdout.toString('latin1').trim() : null;
}
