/** Among programs that users have installed lie scripts that they wrote, with a token in some of them. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { entriesIn } from '../common/list-names.ts';
import { holdsPassword } from './holds-password.ts';

/** Nobody writes longer ones by hand; an archive may begin as a script does. */
const LONGEST = 256 * 1024;

/** The names right in a folder of programs of the scripts in which a password seems to stand. */
export function secretScripts(folder: string): string[] {
  return entriesIn(folder).flatMap((entry) => (entry.isFile() && isSecret(join(folder, entry.name)) ? [entry.name] : []));
}

function isSecret(path: string): boolean {
  try {
    const file = openSync(path, 'r');
    try {
      const begin = Buffer.alloc(2);
      readSync(file, begin, 0, 2, 0);
      const { size } = fstatSync(file);
      if (begin.toString('latin1') !== '#!' || size > LONGEST) return false;
      const content = Buffer.alloc(size);
      readSync(file, content, 0, size, 0);
      return !content.includes(0) && holdsPassword(content);
    } finally {
      closeSync(file);
    }
  } catch {
    return false; // one that nobody may read is not read inside either
  }
}
