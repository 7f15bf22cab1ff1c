/**
 * Links in a git dir behind which something would be written elsewhere. Git follows each of them, and whoever packed the repository chose
 * where they lead, and much of what is written: a name, a message, a whole object.
 */
import { type Dirent, lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { contains } from '../common/path-contains.ts';
import { namedFrom, realPathOf } from '../common/real-path.ts';

/** Right in a git dir: read only, not at all, or (objects, lfs) looked at where something is written. Any other may be a draft's name. */
const NOT_WRITTEN = new Set([
  ...['config', 'config.worktree', 'description', 'hooks', 'info', 'branches', 'remotes', 'svn', 'modules', 'annex', 'rr-cache'],
  ...['objects', 'lfs'],
]);
/** As many as a kernel follows. */
const MOST_LINKS = 40;

/**
 * The first link right in a git dir, or among the folders of its objects, that leads out of it.
 * @param homes the real paths of the git dir and the common one
 * @param ask asks of a link what follows it, which takes time
 */
export function linkOutOf(
  dir: string,
  homes: readonly string[],
  ask: (link: string, isOut: (link: string) => boolean) => boolean,
): string | undefined {
  const shared = sharedHome(dir);
  const isShared = (link: string) => shared !== null && isTheSameIn(shared, link);
  const written = linksIn(dir).filter((link) => !NOT_WRITTEN.has(basename(link)));
  const objects = join(dir, 'objects');
  const real = realPathOf(objects);
  const store = linksIn(objects).filter((link) => /^([0-9a-f]{2}|pack)$/.test(basename(link)));
  const storeHomes = real === null ? homes : [...homes, real];
  return (
    written.find((link) => ask(link, () => !isShared(link) && leadsOut(link, homes))) ??
    store.find((link) => ask(link, () => leadsOut(link, storeHomes)))
  );
}

/**
 * Where a git dir is only links into another one, as `git new-workdir` and Android's `repo` make it: each leads to what has its name
 * there. Objects alone lie elsewhere only where HEAD's do, so that is a store of objects already.
 */
export function sharedHome(dir: string): string | null {
  const [refs, objects] = ['refs', 'objects'].map((name) => {
    const target = linkTarget(join(dir, name));
    return target !== undefined && basename(target) === name ? realPathOf(namedFrom(dir, dirname(target))) : null;
  });
  return refs && refs === objects ? refs : null;
}

/** Whether a link leads to what has its name there, also where that is nothing yet; what is a link there in its turn leads on. */
function isTheSameIn(shared: string, link: string): boolean {
  const there = join(shared, basename(link));
  const real = realPathOf(link);
  if (real !== null) return real === there;
  const target = namedFrom(dirname(link), linkTarget(link) ?? '');
  return linkTarget(there) === undefined && basename(target) === basename(there) && realPathOf(dirname(target)) === shared;
}

/** Whether what git writes by the name of a link would come to lie elsewhere; where there is nothing yet, git would make it. */
export function leadsOut(link: string, homes: readonly string[], followed = 0): boolean {
  const real = realPathOf(link);
  if (real !== null) return !homes.some((home) => contains(home, real));
  const target = linkTarget(link);
  if (target === undefined) return leadsOut(dirname(link), homes, followed);
  const folder = realPathOf(dirname(link));
  return folder === null || followed === MOST_LINKS || leadsOut(namedFrom(folder, target), homes, followed + 1);
}

export function linkTarget(path: string): string | undefined {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : undefined;
  } catch {
    return undefined;
  }
}

export function linksIn(folder: string): string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // nor can git look there
  }
  return entries.filter((entry) => entry.isSymbolicLink()).map(({ name }) => join(folder, name));
}
