import { homedir } from 'node:os';
import path from 'node:path';
import { behindFolders } from '../../common/behind-folders.ts';
import { patternReadings } from '../../common/pattern-readings.ts';
import { realPathOf } from '../../common/real-path.ts';

/**
 * A pattern of the user's, and what it says where it is written as paths are elsewhere: whole (`/home/ann/shop/customers/**`), from the home (`~/shop`), by
 * `..`, or with steps that lead nowhere (`a//b`, `./a/.`). In a `.gitignore` it would match nothing. It counts in both ways.
 * @param root of the repository, its real path
 */
export function withWholePaths(pattern: string, root: string, home = homedir()): string[] {
  const parts = pattern.split(/[\s;|]+/).filter(Boolean);
  // Several, divided as in other lists: a name may hold a blank, but hardly two paths or patterns.
  const isList = parts.length > 1 && parts.every((part) => /[/*.]/.test(part) && !part.startsWith('!'));
  const bare = pattern.replace(/\s+#.*$/, '');
  return [...new Set([pattern, ...(isList ? parts : []), bare])].flatMap(patternReadings).flatMap((one) => readings(one, root, home));
}

function readings(pattern: string, root: string, home: string): string[] {
  const sign = pattern.startsWith('!') ? '!' : '';
  const given = pattern
    .slice(sign.length)
    .replaceAll('\\', '/')
    .replace(/^file:\/\/(?=\/)/i, '');
  const isOfHome = /^~(\/|$)/.test(given);
  const plain = path.posix.normalize(isOfHome ? home + given.slice(1) : given).replace(/(?<=.)\/\.$/, '');
  const whole = plain.startsWith('../') ? path.posix.join(root, plain) : plain;
  // In the folder of one name a repository may have files of its own: only a way that nobody has in one is a way to it.
  const isFarFrom = (end: string) => end === '**' && !isOfHome && whole.split('/').filter((part) => /[^*]/.test(part)).length < 2;
  const inside = [whole, realForm(whole)].flatMap((one) =>
    one.startsWith('/') ? behindFolders(root.slice(1), one.slice(1), false).filter((end) => !isFarFrom(end)) : [],
  );
  return [...new Set([pattern, ...(given === plain || isOfHome ? [] : [sign + plain]), ...inside.map((end) => sign + end)])];
}

/** The same by where links lead, as far as it names folders. */
function realForm(whole: string): string {
  const parts = whole.split('/');
  const first = parts.findIndex((part) => /[*?[]/.test(part));
  const named = first < 0 ? parts : parts.slice(0, first);
  for (let length = named.length; length > 1; length--) {
    const real = realPathOf(named.slice(0, length).join('/'));
    if (real !== null) return [real, ...parts.slice(length)].join('/');
  }
  return whole;
}
