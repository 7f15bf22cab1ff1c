/** What git ignores in a working tree, folders as a whole. */
import { disarm } from './git-config.ts';
import { decodeName, git, isLossy, splitNul } from './run-git.ts';
import type { PrivateGit, Repository } from './types.ts';
import { workTreeCall } from './work-tree-call.ts';

export interface IgnoredEntries {
  readonly folders: readonly string[];
  readonly files: readonly string[];
}

const ARGS = ['ls-files', '-z', '--others', '--ignored', '--exclude-standard', '--directory', '--no-empty-directory'];
const CHECKOUT_MS = 10_000;

/** In the user's checkout; folders end with a slash. */
export async function ignoredInCheckout(repository: Repository, signal: AbortSignal): Promise<string[]> {
  const { gitDir, root: workTree, user, config } = repository;
  return splitNul(await git(ARGS, { gitDir, workTree, user, config: disarm(config), signal, limitMs: CHECKOUT_MS })).map(decodeName);
}

export async function ignoredEntries(privateGit: PrivateGit, workTree: string, signal: AbortSignal): Promise<IgnoredEntries> {
  // By a name that is no UTF-8 something else would be found, behind a link, too.
  const names = splitNul(await git(ARGS, workTreeCall(privateGit, workTree, signal)))
    .map(decodeName)
    .filter((name) => !isLossy(name));
  return {
    folders: names.filter((name) => name.endsWith('/')).map((name) => name.slice(0, -1)),
    files: names.filter((name) => !name.endsWith('/')),
  };
}
