import { type Dirent, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** More than this is not looked through: then it counts as replaced. */
const MOST_FILES = 100_000;
/** What tools write anew beside packages, and never run. */
const OWN_NOTES = new Set(['.package-lock.json', '.modules.yaml', '.yarn-state.yml', '.yarn-integrity', '.cache', '.vite', '.vite-temp']);

/**
 * The files of what is lent that a layer over it replaces or removes; those that it only adds are none. To be called while no
 * command runs.
 */
export function replacedFiles(layer: string, from: readonly string[], most = 10_000): string[] {
  const found: string[] = [];
  let looked = 0;
  const walk = (folder: string): void => {
    for (const entry of entriesOf(join(layer, folder))) {
      if (found.length >= most) return;
      const path = join(folder, entry.name);
      const host = from.map((root) => join(root, path)).find((one) => lstatSync(one, { throwIfNoEntry: false }) !== undefined);
      if (host === undefined || OWN_NOTES.has(entry.name)) continue;
      if (++looked > MOST_FILES) found.push(path);
      else if (entry.isDirectory() && lstatSync(host).isDirectory()) walk(path);
      else if (!isSame(join(layer, path), host)) found.push(path);
    }
  };
  walk('');
  return found;
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // closed by a command: what is in it cannot be run in the checks either
  }
}

function isSame(one: string, other: string): boolean {
  try {
    const [first, second] = [lstatSync(one), lstatSync(other)];
    if (first.isSymbolicLink() && second.isSymbolicLink()) return readlinkSync(one) === readlinkSync(other);
    if (!first.isFile() || !second.isFile() || first.size !== second.size) return false;
    return readFileSync(one).equals(readFileSync(other));
  } catch {
    return false;
  }
}
