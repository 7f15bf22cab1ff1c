import { type Dirent, lstatSync, opendirSync, readdirSync, statSync } from 'node:fs';
import { opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { wouldWait } from './real-path.ts';

/** The names of what is in a folder; none when there is no such folder, or it cannot be read or would be waited for. */
export function namesIn(folder: string): string[] {
  try {
    return wouldWait(folder) ? [] : readdirSync(folder);
  } catch {
    return [];
  }
}

/** Whether a folder holds an entry that counts, which of millions is found by the first ones. */
export function holdsEntry(folder: string, counts: (name: string) => boolean = () => true): boolean {
  return findEntry(folder, counts) !== undefined;
}

/** The first name in a folder that is wanted, among so many as anybody has: a command makes millions. */
export function findEntry(folder: string, isWanted: (name: string) => boolean): string | undefined {
  try {
    if (wouldWait(folder)) return undefined;
    const open = opendirSync(folder);
    try {
      let left = MOST_NAMES;
      for (let entry = open.readSync(); entry !== null && left > 0; entry = open.readSync(), left--)
        if (isWanted(entry.name)) return entry.name;
      return undefined;
    } finally {
      open.closeSync();
    }
  } catch {
    return undefined; // no such folder, or one that cannot be read
  }
}

/** Thousands of links take less; one that leads on by thousands of steps takes a hundredth of a second, each time that it is gone by. */
const MOST_LINK_MS = 100;

/** Nobody has so many in folders that a pattern goes through; a command makes millions. A folder takes as long to open as so many names to read. */
const MOST_NAMES = 50_000;
const FOLDER_COST = 10;

/**
 * The paths below a folder that a pattern names and that are there; `*` stands for any part of one name.
 * @param cut called where some of those that it stands for are left out: links that lead on without end, or more than anybody has
 */
export function expandNames(folder: string, pattern: string, cut: () => void = () => {}): string[] {
  let linkMs = MOST_LINK_MS;
  let left = MOST_NAMES;
  const list = (path: string): Dirent[] => {
    const entries = left > 0 ? someEntriesIn(path, left) : [];
    left -= FOLDER_COST + entries.length;
    if (left <= 0) cut();
    return entries;
  };
  const isFollowed = (path: string): boolean => {
    if (linkMs <= 0) {
      cut();
      return false;
    }
    const start = performance.now();
    isFound(path, statSync);
    linkMs -= performance.now() - start;
    return true;
  };
  let found = [''];
  const parts = pattern.split('/');
  for (const [index, part] of parts.entries()) {
    const matches = part.includes('*') ? nameMatcher(part) : null;
    const isLast = index === parts.length - 1;
    found = found.flatMap((path) => {
      if (!matches) return [join(path, part)];
      const entries = list(join(folder, path)).filter((entry) => matches(entry.name) && (isLast || !entry.isFile()));
      return entries
        .map((entry) => ({ path: join(path, entry.name), isLink: entry.isSymbolicLink() }))
        .flatMap((one) => (one.isLink && !isFollowed(join(folder, one.path)) ? [] : [one.path]));
    });
  }
  return found.filter((path) => isFound(join(folder, path), lstatSync));
}

/** Whether there is something by this path, a link that leads nowhere too. */
export const isEntry = (path: string): boolean => isFound(path, lstatSync);

/** What is in a folder, with its kinds; none when there is no such folder or it cannot be read. */
export function entriesIn(folder: string): Dirent[] {
  try {
    return wouldWait(folder) ? [] : readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** The same of a folder that commands have filled: it may hold millions, which come in pieces, so that the server answers meanwhile. */
export async function allEntriesIn(folder: string): Promise<Dirent[]> {
  const found: Dirent[] = [];
  if (wouldWait(folder)) return found;
  try {
    for await (const entry of await opendir(folder, { bufferSize: 1000 })) found.push(entry);
  } catch {} // no folder, or one that cannot be read
  return found;
}

/** At most so many of them. */
function someEntriesIn(folder: string, most: number): Dirent[] {
  const entries: Dirent[] = [];
  try {
    if (wouldWait(folder)) return [];
    const open = opendirSync(folder, { bufferSize: 256 });
    try {
      for (let entry = open.readSync(); entry !== null && entries.length < most; entry = open.readSync()) entries.push(entry);
    } finally {
      open.closeSync();
    }
  } catch {} // no folder, or one that cannot be read
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** A test for names; `*` in the pattern stands for any part of one. */
export function nameMatcher(pattern: string): (name: string) => boolean {
  const whole = new RegExp(`^${pattern.split('*').map(escapeRegExp).join('.*')}$`);
  return (name) => whole.test(name);
}

function isFound(path: string, look: typeof statSync | typeof lstatSync): boolean {
  try {
    return !wouldWait(path) && look(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false; // in a folder that this user may not enter
  }
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
