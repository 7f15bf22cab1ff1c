/** What git does not track and would be lost if a file came to its place. Git takes ignored files for expendable; the user does not. */

import type { Stats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { disarmedCall } from './git-config.ts';
import { listTree } from './read-objects.ts';
import { decodeName, git, splitNul } from './run-git.ts';
import type { Repository } from './types.ts';

/**
 * Everything in the checkout that HEAD does not have, ignored or not, and that stands where one of `paths` would come: at its place,
 * in place of a folder above it, or in a folder of its name.
 * @param paths repository-relative files that are about to be made
 * @returns repository-relative paths, sorted
 */
export async function untrackedConflicts(repository: Repository, paths: readonly string[]): Promise<string[]> {
  const found = await obstacles(repository.root, paths);
  if (found.length === 0) return [];
  // Where names that differ by case mean one file, a tracked file may stand there under its old name.
  const key = (path: string) => (repository.config.get('core.ignorecase') === 'true' ? path.toLowerCase() : path);
  const tracked = new Set((await listTree(repository, repository.head.commit)).map(({ path }) => key(path)));
  const others = found.filter(({ path }) => !tracked.has(key(path))); // a tracked folder is a submodule
  const files = others.flatMap(({ path, folder }) => (folder ? [] : [path]));
  const folders = others.flatMap(({ path, folder }) => (folder ? [path] : []));
  return [...new Set([...files, ...(await untrackedIn(repository, folders))])].sort();
}

interface Obstacle {
  readonly path: string;
  readonly folder: boolean;
}

/** Folders above a path are looked at too, each once; a link is never followed, so nothing outside of the checkout counts. */
async function obstacles(root: string, paths: readonly string[]): Promise<Obstacle[]> {
  const looked = new Map<string, Promise<Stats | null>>();
  const look = (path: string) => {
    const known = looked.get(path) ?? lstat(join(root, path)).catch(() => null);
    looked.set(path, known);
    return known;
  };
  const found = new Map<string, Obstacle>();
  for (const path of paths) {
    const names = path.split('/');
    for (let depth = 1; depth <= names.length; depth++) {
      const at = names.slice(0, depth).join('/');
      const stats = await look(at);
      if (!stats) break;
      const folder = stats.isDirectory();
      if (!folder || depth === names.length) found.set(at, { path: at, folder });
      if (!folder) break;
    }
  }
  return [...found.values()];
}

async function untrackedIn(repository: Repository, folders: readonly string[]): Promise<string[]> {
  if (folders.length === 0) return [];
  const args = ['--literal-pathspecs', 'ls-files', '--others', '-z', '--', ...folders];
  return splitNul(await git(args, { ...disarmedCall(repository), workTree: repository.root })).map(decodeName);
}
