/** Where a repository has its objects: in a folder of its own, and in those of others that it borrows from. */
import { join, resolve } from 'node:path';
import { readRules } from '../common/read-plain-file.ts';
import { realPathOf } from '../common/real-path.ts';

/** Git follows folders that are borrowed from to this depth. */
const DEEPEST = 5;

/** The real paths of an object directory and of those that it borrows from, its own first. */
export function objectDirectories(first: string): string[] {
  const found: string[] = [];
  const visit = (directory: string, depth: number): void => {
    const real = realPathOf(directory);
    if (real === null || found.includes(real)) return;
    found.push(real);
    if (depth === DEEPEST) return;
    for (const line of readRules(join(real, 'info', 'alternates')).split('\n')) {
      if (line !== '' && !line.startsWith('#')) visit(resolve(real, unquote(line)), depth + 1);
    }
  };
  visit(first, 0);
  return found;
}

/** Git quotes an alternate like a C string when it begins with a quote. */
function unquote(line: string): string {
  if (!line.startsWith('"') || !line.endsWith('"')) return line;
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
