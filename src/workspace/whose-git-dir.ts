/** Whose a git dir is that a `.git` file leads to: whoever made the folder wrote the file, and may have named any repository of the user's. */
import { readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { readRules } from '../common/read-plain-file.ts';
import { realPathOf } from '../common/real-path.ts';
import { partsOutside } from './parts-outside.ts';
import type { Repository } from './types.ts';

type Places = Pick<Repository, 'root' | 'gitDir' | 'commonDir'>;

/** What git itself noted where it made the worktree; a `.git` file that somebody else wrote has no such counterpart. */
export function isLinkedWorktree({ root, gitDir, commonDir }: Places): boolean {
  if (dirname(gitDir) !== join(commonDir, 'worktrees')) return false;
  try {
    const pointer = resolve(gitDir, readRules(join(gitDir, 'gitdir')).trim());
    return realPathOf(dirname(pointer)) === root;
  } catch {
    return false;
  }
}

/**
 * Whether it is the git dir of another working tree: what would be read, sent and moved is that one's, under the name of this folder. One that
 * lies alone, as `git init --separate-git-dir` leaves it, is nobody's else.
 */
export function isAnothers(places: Places): boolean {
  const { root, gitDir, commonDir } = places;
  if (gitDir !== commonDir) return !isLinkedWorktree(places);
  const owner = dirname(commonDir);
  return basename(commonDir) === '.git' && owner !== root && holdsMore(owner);
}

/**
 * The other working trees of whose git dir a repository reads refs or objects, by its links and the list of objects that it borrows from, as
 * `git new-workdir` and `git clone --shared` make it.
 */
export async function readsOf(repository: Repository): Promise<string[]> {
  const parts = await partsOutside(repository);
  const owners = parts.flatMap((part) => /^(.+?)[\\/]\.git([\\/]|$)/.exec(part)?.[1] ?? []);
  return [...new Set(owners)].filter((owner) => owner !== repository.root);
}

function holdsMore(folder: string): boolean {
  try {
    return readdirSync(folder).some((name) => name !== '.git');
  } catch {
    return true;
  }
}
