/** Compares files of the user's checkout with commits, without touching index or objects. */
import { createHash } from 'node:crypto';
import { lstatSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { disarm } from './git-config.ts';
import { listTree } from './read-objects.ts';
import { git } from './run-git.ts';
import type { ObjectSource, Repository } from './types.ts';

/**
 * Those of some repository-relative paths whose state in the checkout none of the commits has: another content, or there and not here.
 * @param source where the commits are
 */
export async function differingFromAll(
  repository: Repository,
  source: ObjectSource,
  commits: readonly string[],
  paths: readonly string[],
): Promise<string[]> {
  if (paths.length === 0) return [];
  const trees: Map<string, string>[] = [];
  for (const commit of new Set(commits)) trees.push(new Map((await listTree(source, commit)).map((file) => [file.path, file.id])));
  const known = paths.filter((path) => trees.some((tree) => tree.has(path)));
  const onDisk = await idsOf(repository, source, known);
  return paths.filter((path) => {
    const id = onDisk.get(path) ?? (isThere(repository, path) ? 'in no tree' : undefined);
    return !trees.some((tree) => tree.get(path) === id);
  });
}

const isThere = (repository: Repository, path: string) => Boolean(lstatSync(join(repository.root, path), { throwIfNoEntry: false }));

/** The object ids that git would give to the files; what is no file, or has a name that git takes by lines only, has none. */
async function idsOf(repository: Repository, source: ObjectSource, paths: readonly string[]): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  const files: string[] = [];
  for (const path of paths) {
    const stats = lstatSync(join(repository.root, path), { throwIfNoEntry: false });
    if (stats?.isSymbolicLink()) ids.set(path, idOfLink(repository, path));
    else if (stats?.isFile() && !/[\r\n]/.test(path)) files.push(path);
  }
  if (files.length === 0) return ids;
  const output = await git(['hash-object', '--stdin-paths'], {
    gitDir: source.gitDir,
    workTree: repository.root,
    config: disarm(repository.config),
    stdin: files.map((path) => `${path}\n`).join(''),
  });
  const lines = output.toString('latin1').trim().split('\n');
  for (const [index, path] of files.entries()) ids.set(path, lines[index] ?? '');
  return ids;
}

/** Git would follow it. */
function idOfLink(repository: Repository, path: string): string {
  const target = readlinkSync(join(repository.root, path), 'buffer');
  return createHash(repository.objectFormat).update(`blob ${target.length}\0`).update(target).digest('hex');
}
