import { type Dirent, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** More than this is not looked through: then it counts as replaced. */
const MOST_FILES = 100_000;
/** What tools write anew beside packages, and never run. */
const OWN_NOTES = new Set(['.package-lock.json', '.modules.yaml', '.yarn-state.yml', '.yarn-integrity', '.cache', '.vite', '.vite-temp']);

export interface LayerChanges {
  /** Files of what is lent that the layer replaces or removes. */
  readonly replaced: readonly string[];
  /** What it adds, a new folder as one but for one of programs. */
  readonly added: readonly string[];
}

/** What a layer makes of what is lent. To be called while no command runs. */
export function layerChanges(layer: string, from: readonly string[], most = 10_000): LayerChanges {
  const found: string[] = [];
  const added: string[] = [];
  let looked = 0;
  const walk = (folder: string): void => {
    for (const entry of entriesOf(join(layer, folder))) {
      if (found.length >= most) return;
      const path = join(folder, entry.name);
      const host = from.map((root) => join(root, path)).find((one) => lstatSync(one, { throwIfNoEntry: false }) !== undefined);
      if (OWN_NOTES.has(entry.name)) continue;
      if (host === undefined) added.push(...addedBy(entry, path, join(layer, path)));
      else if (++looked > MOST_FILES) found.push(path);
      else if (entry.isDirectory() && lstatSync(host).isDirectory()) walk(path);
      else if (!isSame(join(layer, path), host)) found.push(path);
    }
  };
  walk('');
  return { replaced: found, added };
}

function addedBy(entry: Dirent, path: string, host: string): string[] {
  const holdsPrograms = entry.isDirectory() && /^\.?bin$/.test(entry.name);
  return holdsPrograms ? entriesOf(host).map(({ name }) => join(path, name)) : [path];
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
