import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The names of what is in a folder; none when there is no such folder or it cannot be read. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** The paths below a folder that a pattern names and that are there; `*` stands for any part of one name. */
export function expandNames(folder: string, pattern: string): string[] {
  let found = [''];
  for (const part of pattern.split('/')) {
    const matches = part.includes('*') ? nameMatcher(part) : null;
    found = found.flatMap((path) => {
      const names = matches ? namesIn(join(folder, path)).filter(matches) : [part];
      return names.map((name) => join(path, name));
    });
  }
  return found.filter((path) => isThere(join(folder, path)));
}

/** A test for names; `*` in the pattern stands for any part of one. */
export function nameMatcher(pattern: string): (name: string) => boolean {
  const whole = new RegExp(`^${pattern.split('*').map(escapeRegExp).join('.*')}$`);
  return (name) => whole.test(name);
}

function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false; // in a folder that this user may not enter
  }
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
