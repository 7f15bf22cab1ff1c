import { lstatSync, rmdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { namesIn } from './list-names.ts';

/**
 * Removes what this program has made in a folder, and the folder once nothing else is in it. The user names the state directory, and it may have
 * been somebody's before: `bin` and `cache` are common names.
 * @param isOwn by a name that nothing else has; a folder of such a name goes as a whole
 */
export function removeOwn(folder: string, isOwn: (name: string) => boolean): void {
  if (lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink()) {
    rmSync(folder);
    return;
  }
  for (const name of namesIn(folder)) if (isOwn(name)) rmSync(path.join(folder, name), { recursive: true, force: true });
  try {
    rmdirSync(folder);
  } catch {} // not there, or not empty
}
