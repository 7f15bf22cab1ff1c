import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { packageOf } from '../../checks/definition/upgraded-packages.ts';
import { entriesIn } from '../../common/list-names.ts';

const PACKAGES = /^(node_modules|\.?venv|vendor|deps)$/;
/** Caches and notes that tools keep there, and never run. */
const SCRATCH = /(^|\/)(\.cache|\.vite|\.vite-temp|__pycache__|\.package-lock\.json|\.git)(\/|$)/;
/** Of more it is not told. */
const MOST_FILES = 200_000;

/**
 * What was written among installed packages of a working tree, by file, with the package or program that it belongs to. The kernel alone sets when
 * a file was changed last. To be called while no command lives.
 * @param since milliseconds
 */
export function packagesWritten(workTree: string, since: number): Map<string, string> {
  const found = new Map<string, string>();
  let looked = 0;
  const walk = (folder: string, isPackage: boolean): void => {
    for (const entry of entriesIn(join(workTree, folder))) {
      const path = join(folder, entry.name);
      if (SCRATCH.test(path)) continue;
      if (entry.isDirectory()) walk(path, isPackage || PACKAGES.test(entry.name));
      else if (isPackage && ++looked <= MOST_FILES && isYounger(join(workTree, path), since)) found.set(path, packageOf(path));
    }
  };
  walk('', false);
  return found;
}

function isYounger(file: string, since: number): boolean {
  const stats = lstatSync(file, { throwIfNoEntry: false });
  return stats !== undefined && stats.ctimeMs > since;
}
