/** Where a repository has its objects: in a folder of its own, and in those of others that it borrows from. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { MOST_RULE_BYTES, readPlainFile } from '../common/read-plain-file.ts';
import { namedFrom, realPathOf } from '../common/real-path.ts';

/** Git follows folders that are borrowed from to one more than this depth. */
const DEEPEST = 5;
/** Nobody borrows from more, and git would look for each object in each of them. */
const MOST_BORROWED = 500;
const QUOTED = /^"(?:[^"\\]|\\[abfnrtv"\\]|\\[0-3][0-7]{2})*"$/;

/** The real paths of an object directory and of those that it borrows from, its own first. */
export const objectDirectories = (first: string): string[] => followBorrowed(first).folders;

interface Borrowed {
  readonly folders: string[];
  readonly names: string[];
  readonly all: string[];
  readonly odd: string | undefined;
}

/**
 * Git takes a line that is no plain path in ways of its own, and reads another repository by it. What is not followed here is not followed at all.
 * @returns the same; the names by which git finds them; all that are named; and the first list of which not every line could be followed
 */
export function followBorrowed(first: string): Borrowed {
  const found: string[] = [];
  const names: string[] = [];
  const all: string[] = [];
  let odd: string | undefined;
  let left = MOST_BORROWED;
  const visit = (directory: string, depth: number): void => {
    const real = realPathOf(directory);
    all.push(directory);
    if (real === null) return;
    names.push(directory);
    if (found.includes(real)) return;
    found.push(real);
    const list = join(real, 'info', 'alternates');
    const lines = linesOf(list);
    const isFollowed = lines !== null && (depth < DEEPEST || lines.length === 0) && lines.length <= left;
    if (!isFollowed) odd ??= list;
    left -= lines?.length ?? 0;
    if (isFollowed) for (const line of lines) visit(namedFrom(real, unquote(line)), depth + 1);
  };
  visit(first, 0);
  return { folders: found, names, all, odd };
}

/** The lines that name folders; null = they cannot all be read as git reads them. */
function linesOf(list: string): string[] | null {
  const bytes = readPlainFile(list, MOST_RULE_BYTES);
  if (bytes === null) return isThere(list) ? null : [];
  const text = bytes.toString('utf8');
  if (text.includes('\0') || !Buffer.from(text).equals(bytes)) return null;
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.every((line) => !line.startsWith('"') || QUOTED.test(line)) ? lines : null;
}

const isThere = (path: string): boolean => {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
};

/** Git quotes an alternate like a C string when it begins with a quote. */
function unquote(line: string): string {
  if (!line.startsWith('"')) return line;
  const simple: Record<string, number> = { n: 10, t: 9, r: 13, a: 7, b: 8, f: 12, v: 11 };
  const bytes: number[] = [];
  const body = Buffer.from(line.slice(1, -1), 'utf8').toString('latin1');
  for (const match of body.matchAll(/\\([0-7]{3})|\\(.)|([^\\])/gs)) {
    const [, octal, escaped, plain] = match;
    if (octal !== undefined) bytes.push(Number.parseInt(octal, 8));
    else if (escaped !== undefined) bytes.push(simple[escaped] ?? escaped.charCodeAt(0));
    else if (plain !== undefined) bytes.push(plain.charCodeAt(0));
  }
  return Buffer.from(bytes).toString('utf8');
}
