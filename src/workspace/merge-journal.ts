/** Moves prepared files into the user's checkout. What is moved is written down first, so that it is finished or undone whatever happens. */
import {
  type BigIntStats,
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  unlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { errorCode } from '../common/caught-error.ts';
import { readJson, writeJson } from '../common/json-file.ts';
import { decodeName } from './run-git.ts';

/** Tells a file from every other one, and whether it was written since; a move leaves it as it is. */
const stampSchema = z.string().nullable();
export type Stamp = z.infer<typeof stampSchema>;

const journalSchema = z.object({
  version: z.literal(1),
  /** HEAD before and after. */
  before: z.string(),
  after: z.string(),
  index: z.object({ before: stampSchema, after: z.string() }),
  /** Paths are bytes as latin1. `before`: what stands there; `after`: what was prepared for it; null = nothing. */
  moves: z.array(z.object({ path: z.string(), before: stampSchema, after: stampSchema })),
  /** Folders that may lose their last file, with their mode. */
  folders: z.array(z.tuple([z.string(), z.number()])),
  /** Folders that are not there yet. */
  made: z.array(z.string()),
});
export type MergeJournal = z.infer<typeof journalSchema>;
export type Move = MergeJournal['moves'][number];

/** Where a merge is prepared, beside the index of the working tree. */
export function mergeFolder(gitDir: string) {
  const root = join(gitDir, 'claude-kimi-merge');
  const at = (name: string) => join(root, name);
  return { root, journal: at('journal.json'), staged: at('new'), aside: at('old'), index: at('index'), oldIndex: at('index.old') };
}

/** Somebody else has changed what a merge was about to replace. */
export class ChangedMeanwhile extends Error {
  readonly file: string;
  constructor(path: string) {
    super(`${decodeName(path)} was changed while merging`);
    this.file = decodeName(path);
  }
}

/** Another git holds the lock of the index. */
export class IndexLocked extends Error {}

/** A folder has none: only files and links are moved. */
export function stampOf(path: Buffer | string): Stamp {
  const stats = look(path);
  return stats && !stats.isDirectory() ? `${stats.ino}:${stats.size}:${stats.mtimeNs}` : null;
}

function kindOf(path: Buffer): 'folder' | 'file' | null {
  const stats = look(path);
  return stats && (stats.isDirectory() ? 'folder' : 'file');
}

function look(path: Buffer | string): BigIntStats | null {
  try {
    return lstatSync(path, { bigint: true });
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return null;
    throw error;
  }
}

export function absolute(root: string, path: string): Buffer {
  return Buffer.concat([Buffer.from(`${root}/`), Buffer.from(path, 'latin1')]);
}

export function readMergeJournal(gitDir: string): MergeJournal | null {
  return readJson(journalSchema, mergeFolder(gitDir).journal);
}

/** The journal is on the disk before the first file moves. */
export function writeMergeJournal(
  gitDir: string,
  root: string,
  commits: { before: string; after: string },
  moves: readonly Move[],
): MergeJournal {
  const folder = mergeFolder(gitDir);
  const index = join(gitDir, 'index');
  const leaving = moves.flatMap(({ path, before }) => (before === null ? [] : parentsOf(path)));
  const coming = moves.flatMap(({ path, after }) => (after === null ? [] : parentsOf(path)));
  const isThere = (path: string) => kindOf(absolute(root, path)) === 'folder';
  const journal: MergeJournal = {
    version: 1,
    ...commits,
    index: { before: stampOf(index), after: stampOf(folder.index)! },
    moves: [...moves],
    folders: unique(leaving).flatMap((path) => (isThere(path) ? [[path, modeOf(absolute(root, path))] as [string, number]] : [])),
    made: unique(coming).filter((path) => !isThere(path)),
  };
  mkdirSync(folder.aside);
  writeJson(folder.journal, journal);
  for (const path of [folder.journal, folder.root]) syncToDisk(path);
  return journal;
}

/** Files and index come to their places. @throws when one cannot; `undoMoves` then takes everything back */
export function makeMoves(gitDir: string, root: string, journal: MergeJournal): void {
  const folder = mergeFolder(gitDir);
  const index = join(gitDir, 'index');
  lockIndex(folder.index, `${index}.lock`);
  if (stampOf(index) !== journal.index.before) throw new ChangedMeanwhile('.git/index');
  if (journal.index.before !== null) linkOrCopy(index, folder.oldIndex);
  for (const [n, { path, before }] of journal.moves.entries()) {
    const place = absolute(root, path);
    if (stampOf(place) !== before) throw new ChangedMeanwhile(path);
    if (before !== null) renameSync(place, join(folder.aside, String(n)));
  }
  for (const { path, after } of journal.moves) if (after !== null) install(absolute(folder.staged, path), root, path);
  for (const { path, before, after } of journal.moves) if (before !== null && after === null) removeEmptyParents(root, path);
  // An editor that had a file open writes into the one that was put aside.
  for (const [n, { path, before }] of journal.moves.entries()) {
    if (before !== null && stampOf(join(folder.aside, String(n))) !== before) throw new ChangedMeanwhile(path);
  }
  renameSync(`${index}.lock`, index);
}

/** Takes back what was moved. What somebody else has written there since stays. */
export function undoMoves(gitDir: string, root: string, journal: MergeJournal): void {
  const folder = mergeFolder(gitDir);
  const index = join(gitDir, 'index');
  for (const { path, after } of journal.moves) {
    const place = absolute(root, path);
    if (after !== null && stampOf(place) === after) unlinkSync(place);
  }
  for (const path of [...journal.made].reverse()) tryTo(() => rmdirSync(absolute(root, path)));
  for (const [path, mode] of journal.folders) {
    if (kindOf(absolute(root, path)) === null) makeFolder(absolute(root, path), mode);
  }
  for (const [n, { path, before }] of journal.moves.entries()) putBack(join(folder.aside, String(n)), root, path, before);
  if (stampOf(index) === journal.index.after) {
    if (journal.index.before === null) unlinkSync(index);
    else renameSync(folder.oldIndex, index);
  }
  if (stampOf(`${index}.lock`) === journal.index.after) unlinkSync(`${index}.lock`);
}

/** Whether the index is the one of the merge: every file is at its place then. */
export function hasMoved(gitDir: string, journal: MergeJournal): boolean {
  return stampOf(join(gitDir, 'index')) === journal.index.after;
}

export function removeMergeFolder(gitDir: string): void {
  const { root, journal } = mergeFolder(gitDir);
  rmSync(journal, { force: true }); // first: without it nothing is taken back any more
  rmSync(root, { recursive: true, force: true });
}

/** Git's own protocol: whoever makes the file may write the index. It has the new content from the start. */
function lockIndex(from: string, lock: string): void {
  try {
    linkSync(from, lock);
  } catch (error) {
    if (errorCode(error) === 'EEXIST') throw new IndexLocked();
    if (existsSync(lock)) throw new IndexLocked();
    renameSync(from, lock); // a file system without hard links
  }
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}

function install(from: Buffer, root: string, path: string): void {
  const place = absolute(root, path);
  for (const parent of parentsOf(path)) {
    const kind = kindOf(absolute(root, parent));
    if (kind === null) mkdirSync(absolute(root, parent));
    else if (kind === 'file') throw new ChangedMeanwhile(parent);
  }
  if (kindOf(place) === 'folder') removeEmptyFolders(place);
  if (kindOf(place) !== null) throw new ChangedMeanwhile(path);
  renameSync(from, place);
}

/** Where somebody has put a file of their own meanwhile, what HEAD has anyway gives way; an edit of the last moment lies beside it. */
function putBack(from: string, root: string, path: string, before: Stamp): void {
  const stamp = stampOf(from);
  if (stamp === null) return;
  const place = absolute(root, path);
  if (kindOf(place) === null) renameSync(from, place);
  else if (stamp !== before) renameSync(from, Buffer.concat([place, Buffer.from('.before-merge')]));
}

/** The folders above a path, the outermost first. */
function parentsOf(path: string): string[] {
  const names = path.split('/').slice(0, -1);
  return names.map((_, index) => names.slice(0, index + 1).join('/'));
}

function removeEmptyParents(root: string, path: string): void {
  for (const parent of parentsOf(path).reverse()) {
    if (!tryTo(() => rmdirSync(absolute(root, parent)))) return;
  }
}

/** What is left of a folder in whose place a file comes. @throws when there is more than folders in it */
function removeEmptyFolders(folder: Buffer): void {
  for (const name of readdirSync(folder, { encoding: 'buffer' })) {
    const inside = Buffer.concat([folder, Buffer.from('/'), name]);
    if (kindOf(inside) === 'folder') removeEmptyFolders(inside);
  }
  rmdirSync(folder);
}

function makeFolder(folder: Buffer, mode: number): void {
  mkdirSync(folder);
  chmodSync(folder, mode);
}

const modeOf = (path: Buffer) => Number(look(path)!.mode & 0o7777n);

const unique = (paths: readonly string[]) => [...new Set(paths)].sort();

function syncToDisk(path: string): void {
  tryTo(() => {
    const fd = openSync(path, 'r');
    fsyncSync(fd);
    closeSync(fd);
  });
}

function tryTo(act: () => void): boolean {
  try {
    act();
    return true;
  } catch {
    return false;
  }
}
