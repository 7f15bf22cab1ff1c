import { type Dirent, lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { allEntriesIn } from '../common/list-names.ts';
import { takeTurns } from '../common/take-turns.ts';

/** More than this is not looked through: then it counts as replaced. */
const MOST_FILES = 100_000;
/** A larger one is read in pieces of so many bytes. */
const AT_ONCE = 2 ** 20;
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
export async function layerChanges(
  layer: string,
  from: readonly string[],
  { most = 10_000, isCopy = false, hidden = [] }: ChangesOptions = {},
): Promise<LayerChanges> {
  const expected = new Set([...hidden, IGNORED_BY_US]);
  const found: string[] = [];
  const added: string[] = [];
  const touched: string[] = [];
  const turn = takeTurns();
  let looked = 0;
  const add = async (entry: Dirent, path: string): Promise<void> => {
    if (!entry.isDirectory() || !CONTAINER.test(entry.name)) return void added.push(path);
    for (const inner of await allEntriesIn(join(layer, path))) {
      await turn();
      await add(inner, join(path, inner.name));
    }
  };
  const walk = async (folder: string): Promise<void> => {
    const entries = await allEntriesIn(join(layer, folder));
    for (const entry of entries) {
      await turn();
      if (found.length >= most) return;
      const path = join(folder, entry.name);
      const host = from.map((root) => join(root, path)).find((one) => lstatSync(one, { throwIfNoEntry: false }) !== undefined);
      if (OWN_NOTES.test(path) || (isCopy && path === IGNORED_BY_US)) continue;
      if (host === undefined) await add(entry, path);
      else if (++looked > MOST_FILES) found.push(path);
      else if (entry.isDirectory() && lstatSync(host).isDirectory()) {
        if (!isCopy) touched.push(path);
        await walk(path);
      } else if (!(await isSame(join(layer, path), host))) found.push(path);
    }
    if (isCopy)
      found.push(...(await removedFrom(folder, new Set(entries.map(({ name }) => name)), from)).filter((path) => !expected.has(path)));
  };
  await walk('');
  return { replaced: found, added, touched };
}

async function removedFrom(folder: string, left: ReadonlySet<string>, from: readonly string[]): Promise<string[]> {
  const names = (await Promise.all(from.map((root) => allEntriesIn(join(root, folder))))).flat();
  return names.flatMap(({ name }) => (left.has(name) || OWN_NOTES.test(join(folder, name)) ? [] : [join(folder, name)]));
}

async function isSame(one: string, other: string): Promise<boolean> {
  try {
    const [first, second] = [lstatSync(one), lstatSync(other)];
    if (first.isSymbolicLink() && second.isSymbolicLink()) return readlinkSync(one) === readlinkSync(other);
    if (!first.isFile() || !second.isFile() || first.size !== second.size) return false;
    return first.size > AT_ONCE ? await hasSameBytes(one, other) : readFileSync(one).equals(readFileSync(other));
  } catch {
    return false;
  }
}

/** Of two files of one size. */
async function hasSameBytes(one: string, other: string): Promise<boolean> {
  const files = [await open(one), await open(other)];
  try {
    const [first, second] = files.map(() => Buffer.alloc(AT_ONCE)) as [Buffer, Buffer];
    for (;;) {
      const [read, too] = await Promise.all([files[0]!.read(first), files[1]!.read(second)]);
      const count = Math.min(read.bytesRead, too.bytesRead);
      if (first.compare(second, 0, count, 0, count) !== 0 || read.bytesRead !== too.bytesRead) return false;
      if (count === 0) return true;
    }
  } finally {
    for (const file of files) await file.close();
  }
}
