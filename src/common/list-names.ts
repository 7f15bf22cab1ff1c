import { type Dirent, lstatSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** The names of what is in a folder; none when there is no such folder or it cannot be read. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Thousands of links take less; one that leads on by thousands of steps takes a hundredth of a second, each time that it is gone by. */
const MOST_LINK_MS = 100;

/**
 * The paths below a folder that a pattern names and that are there; `*` stands for any part of one name.
 * @param cut called where links that it stands for are left out, as they lead on without end
 */
export function expandNames(folder: string, pattern: string, cut: () => void = () => {}): string[] {
  let linkMs = MOST_LINK_MS;
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
  for (const part of pattern.split('/')) {
    const matches = part.includes('*') ? nameMatcher(part) : null;
    found = found.flatMap((path) => {
      if (!matches) return [join(path, part)];
      const entries = entriesIn(join(folder, path)).filter(({ name }) => matches(name));
      return entries
        .map((entry) => ({ path: join(path, entry.name), isLink: entry.isSymbolicLink() }))
        .flatMap((one) => (one.isLink && !isFollowed(join(folder, one.path)) ? [] : [one.path]));
    });
  }
  return found.filter((path) => isFound(join(folder, path), lstatSync));
}

/** What is in a folder, with its kinds; none when there is no such folder or it cannot be read. */
export function entriesIn(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** A test for names; `*` in the pattern stands for any part of one. */
export function nameMatcher(pattern: string): (name: string) => boolean {
  const whole = new RegExp(`^${pattern.split('*').map(escapeRegExp).join('.*')}$`);
  return (name) => whole.test(name);
}

function isFound(path: string, look: typeof statSync | typeof lstatSync): boolean {
  try {
    return look(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false; // in a folder that this user may not enter
  }
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
