import { type Dirent, lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { entriesIn } from '../common/list-names.ts';

/** More than this is not looked through: then it counts as replaced. */
const MOST_FILES = 100_000;
/** What tools write anew beside packages, and never run. */
const OWN_NOTES =
  /(^|\/)(\.package-lock\.json|\.modules\.yaml|\.pnpm\/lock\.yaml|\.pnpm-workspace-state(-v\d+)?\.json|\.yarn-state\.yml|\.yarn-integrity)$/;
/** New folders in which each entry may be found by its own name. */
const CONTAINER = /^(\.?bin|@[^/]+|lib|lib64|python[\d.]*|(site|dist)-packages|ruby|\d+\.\d+\.\d+|gems|specifications|archives)$/;

/** Makes git pass over a copy, in which it was written or lengthened. */
const IGNORED_BY_US = '.gitignore';

export interface LayerChanges {
  /** Files of what is lent that the layer replaces or removes. */
  readonly replaced: readonly string[];
  /** What it adds, a new folder as one but for those whose entries are found by their names. */
  readonly added: readonly string[];
  /** Folders of what is lent that it has too: what it hides in one of them cannot be seen. */
  readonly touched: readonly string[];
}

interface ChangesOptions {
  readonly most?: number;
  readonly isCopy?: boolean;
  readonly hidden?: readonly string[];
}

/**
 * What a layer makes of what is lent. To be called while no command runs.
 * @param isCopy whether it began as a copy of what is lent, so that what it lacks was removed
 * @param hidden what the copy was made without
 */
export function layerChanges(
  layer: string,
  from: readonly string[],
  { most = 10_000, isCopy = false, hidden = [] }: ChangesOptions = {},
): LayerChanges {
  const expected = new Set([...hidden, IGNORED_BY_US]);
  const found: string[] = [];
  const added: string[] = [];
  const touched: string[] = [];
  let looked = 0;
  const walk = (folder: string): void => {
    for (const entry of entriesIn(join(layer, folder))) {
      if (found.length >= most) return;
      const path = join(folder, entry.name);
      const host = from.map((root) => join(root, path)).find((one) => lstatSync(one, { throwIfNoEntry: false }) !== undefined);
      if (OWN_NOTES.test(path) || (isCopy && path === IGNORED_BY_US)) continue;
      if (host === undefined) added.push(...addedBy(entry, path, join(layer, path)));
      else if (++looked > MOST_FILES) found.push(path);
      else if (entry.isDirectory() && lstatSync(host).isDirectory()) {
        if (!isCopy) touched.push(path);
        walk(path);
      } else if (!isSame(join(layer, path), host)) found.push(path);
    }
    if (isCopy) found.push(...removedFrom(folder, layer, from).filter((path) => !expected.has(path)));
  };
  walk('');
  return { replaced: found, added, touched };
}

function removedFrom(folder: string, copy: string, from: readonly string[]): string[] {
  const left = new Set(entriesIn(join(copy, folder)).map(({ name }) => name));
  const names = from.flatMap((root) => entriesIn(join(root, folder)).map(({ name }) => name));
  return names
    .filter((name) => !left.has(name))
    .map((name) => join(folder, name))
    .filter((path) => !OWN_NOTES.test(path));
}

function addedBy(entry: Dirent, path: string, host: string): string[] {
  if (!entry.isDirectory() || !CONTAINER.test(entry.name)) return [path];
  return entriesIn(host).flatMap((inner) => addedBy(inner, join(path, inner.name), join(host, inner.name)));
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
