import { existsSync, lstatSync, readlinkSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { contains } from './path-contains.ts';
import { areAllAnswering, silentMountAt } from './silent-mounts.ts';

/** Where the system shows each process itself. */
const OF_EACH_PROCESS = ['/proc', '/dev/fd'];
/** As many as a kernel follows. */
const MOST_LINKS = 40;

/**
 * A path with every symbolic link on it followed, or null when there is nothing or it cannot be reached, or would be waited for. By the system: Node's own way takes
 * `link/..` for the folder around the link, where the system goes up from where it leads, and so do all who open the path.
 */
export function realPathOf(path: string): string | null {
  try {
    return wouldWait(path) ? null : realpathSync.native(path);
  } catch {
    return null;
  }
}

/** Whether a path leads to a mount that does not answer. */
export function wouldWait(path: string): boolean {
  return !areAllAnswering() && silentMountAt(wayTo(path).end) !== undefined;
}

/** Whether there is something; not where a mount that does not answer would be waited for. */
export const isThere = (path: string): boolean => !wouldWait(path) && existsSync(path);

/** What a link or a file in a folder names, with each `..` left in it: it leads up from where the links before it lead. */
export const namedFrom = (folder: string, named: string): string => (isAbsolute(named) ? named : `${folder}/${named}`);

/** What the system goes by to an absolute path. */
interface Way {
  /** With what they say. */
  readonly links: ReadonlyMap<string, string>;
  /** Those that a `..` leads up from, by their real paths. */
  readonly folders: ReadonlySet<string>;
  readonly end: string;
}

/** Whether a path goes by what only whoever opens it has, as `/proc/self/cwd` does: another process comes elsewhere by it. */
export function isByProcess(path: string): boolean {
  const { links, end } = wayTo(path);
  return [...links.keys(), end].some((at) => OF_EACH_PROCESS.some((place) => contains(place, at)));
}

/** By an absolute path that need not lead anywhere; not past a mount that does not answer. */
export function wayTo(path: string): Way {
  const links = new Map<string, string>();
  const folders = new Set<string>();
  const left = path.split('/').reverse();
  let followed = 0;
  let at = '/';
  for (let name = left.pop(); name !== undefined; name = left.pop()) {
    if (name === '' || name === '.') continue;
    if (name === '..') {
      folders.add(at);
      at = dirname(at);
      continue;
    }
    const next = join(at, name);
    if (silentMountAt(next) !== undefined) return { links, folders, end: next };
    const target = targetOf(next);
    if (target === null) at = next;
    else if (followed++ === MOST_LINKS) break;
    else {
      links.set(next, target);
      left.push(...target.split('/').reverse());
      if (isAbsolute(target)) at = '/';
    }
  }
  return { links, folders, end: at };
}

function targetOf(path: string): string | null {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ? readlinkSync(path) : null;
  } catch {
    return null;
  }
}
