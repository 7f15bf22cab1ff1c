import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { packageOf } from '../../checks/definition/upgraded-packages.ts';
import { allEntriesIn } from '../../common/list-names.ts';
import { takeTurns } from '../../common/take-turns.ts';

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
export async function packagesWritten(workTree: string, since: number): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const turn = takeTurns();
  let looked = 0;
  const walk = async (folder: string, isPackage: boolean): Promise<void> => {
    for (const entry of await allEntriesIn(join(workTree, folder))) {
      await turn();
      const path = join(folder, entry.name);
      if (SCRATCH.test(path)) continue;
      if (entry.isDirectory()) await walk(path, isPackage || PACKAGES.test(entry.name));
      else if (isPackage && ++looked <= MOST_FILES && isYounger(join(workTree, path), since)) found.set(path, packageOf(path));
    }
  };
  await walk('', false);
  return found;
}

function isYounger(file: string, since: number): boolean {
  const stats = lstatSync(file, { throwIfNoEntry: false });
  return stats !== undefined && stats.ctimeMs > since;
}
