/** Moves prepared files into the user's checkout. What is moved is written down first, so that it is finished or undone whatever happens. */
import { randomBytes } from 'node:crypto';
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
  readlinkSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { errorCode } from '../common/caught-error.ts';
import { parseJson, writeJson } from '../common/json-file.ts';
import { readPlainFile } from '../common/read-plain-file.ts';
import { decodeName } from './run-git.ts';

/** Of a journal: a million files. */
const MOST_BYTES = 256 * 2 ** 20;

/** Tells a file from every other one, and whether it was written since; a move leaves it as it is. */
const stampSchema = z.string().nullable();
export type Stamp = z.infer<typeof stampSchema>;

const journalSchema = z.object({
  version: z.literal(1),
  /** HEAD before and after. */
  before: z.string(),
  after: z.string(),
  /** What comes with the move of HEAD, if anything. A journal that somebody else wrote names no other ref. */
  mark: z
    .string()
    .regex(/^refs\/claude-kimi\/merged\/\w+$/)
    .optional(),
  index: z.object({ before: stampSchema, after: z.string() }),
  /** Paths are bytes as latin1. `before`: what stands there; `after`: what was prepared for it; null = nothing. */
  moves: z.array(z.object({ path: z.string(), before: stampSchema, after: stampSchema })),
  /** Folders that may lose their last file, with their mode. */
  folders: z.array(z.tuple([z.string(), z.number()])),
  /** Folders that are not there yet. */
  made: z.array(z.string()),
});
export type MergeJournal = z.infer<typeof journalSchema>;
export type MergeCommits = Pick<MergeJournal, 'before' | 'after' | 'mark'>;
export type Move = MergeJournal['moves'][number];

/** In the git dir of the working tree. */
export const MERGE_FOLDER = 'claude-kimi-merge';

/** Where a merge is prepared, beside the index of the working tree. `staged` and `aside` may lead into the checkout: see `makeMergeFolder`. */
export function mergeFolder(gitDir: string) {
  const root = join(gitDir, MERGE_FOLDER);
  const at = (name: string) => join(root, name);
  return {
    root,
    journal: at('journal.json'),
    staged: at('new'),
    aside: at('old'),
    index: at('index'),
    oldIndex: at('index.old'),
    complete: at('complete'),
  };
}

/** The name of a folder of the checkout in which a merge is prepared. */
export const IN_CHECKOUT = /^\.claude-kimi-merge-[0-9a-f]{12}$/;

/**
 * Only who holds the lock of HEAD may. Files move by renames, so they are prepared on the file system of the checkout, which need not be
 * the one of its git dir: then in a folder of the checkout that git ignores.
 * @returns false when another merge has left something there
 */
export function makeMergeFolder({ gitDir, root }: { gitDir: string; root: string }, beside: 'git dir' | 'checkout'): boolean {
  const folder = mergeFolder(gitDir);
  if (existsSync(folder.root)) return false;
  mkdirSync(folder.root, { mode: 0o700 });
  if (beside === 'checkout') {
    const inside = join(root, `.claude-kimi-merge-${randomBytes(6).toString('hex')}`);
    for (const place of [folder.staged, folder.aside]) symlinkSync(join(inside, basename(place)), place); // first, so a crash leaves nothing unknown
    mkdirSync(inside, { mode: 0o700 });
    writeFileSync(join(inside, '.gitignore'), '*\n');
    for (const place of [folder.staged, folder.aside]) mkdirSync(join(inside, basename(place)));
  } else for (const place of [folder.staged, folder.aside]) mkdirSync(place);
  return true;
}

export function removeMergeFolder({ gitDir, root }: { readonly gitDir: string; readonly root: string }): void {
  const folder = mergeFolder(gitDir);
  rmSync(folder.journal, { force: true }); // first: without it nothing is taken back any more
  const inside = dirname(linkTarget(folder.staged) ?? '');
  if (IN_CHECKOUT.test(basename(inside)) && dirname(inside) === root) rmSync(inside, { recursive: true, force: true });
  rmSync(folder.root, { recursive: true, force: true });
}

function linkTarget(path: string): string | null {
  return look(path)?.isSymbolicLink() ? readlinkSync(path) : null;
}

/** Somebody else has changed what a merge was about to replace. */
export class ChangedMeanwhile extends Error {
  readonly file: string;
  constructor(path: string) {
    super(`${decodeName(path)} was changed while merging`);
    this.file = decodeName(path);
  }
}

/** A file cannot be renamed to where it belongs, as that lies on another file system. */
export class OnOtherFileSystem extends Error {
  readonly file: string;
  constructor(path: string) {
    super(`${decodeName(path)} is on another file system`);
    this.file = decodeName(path);
  }
}

/** A merge failed, and what it had moved could not all be put back: whoever opens the repository next tries it anew. */
export class NotTakenBack extends Error {}

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

/** @returns null when nothing was moved yet. @throws when it cannot be read: what was put aside must not go then */
export function readMergeJournal(gitDir: string): MergeJournal | null {
  const { journal: file } = mergeFolder(gitDir);
  const text = readPlainFile(file, MOST_BYTES, 'refused')?.toString('utf8');
  const journal = text === undefined ? null : parseJson(journalSchema, text);
  if (!journal && existsSync(file)) throw new Error(`${file} cannot be read, or is of another version`);
  return journal;
}

/** The journal is on the disk before the first file moves. */
export function writeMergeJournal(gitDir: string, root: string, commits: MergeCommits, moves: readonly Move[]): MergeJournal {
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
    if (before !== null) move(place, join(folder.aside, String(n)), path);
  }
  for (const { path, after } of journal.moves) if (after !== null) install(absolute(folder.staged, path), root, path);
  for (const { path, before, after } of journal.moves) if (before !== null && after === null) removeEmptyParents(root, path);
  // An editor that had a file open writes into the one that was put aside.
  for (const [n, { path, before }] of journal.moves.entries()) {
    if (before !== null && stampOf(join(folder.aside, String(n))) !== before) throw new ChangedMeanwhile(path);
  }
  writeFileSync(folder.complete, '');
  syncToDisk(folder.root);
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

/** Whether every file is at its place, the index too; whoever uses git afterwards writes it anew. */
export function hasMoved(gitDir: string, { index: { before, after } }: MergeJournal): boolean {
  const index = join(gitDir, 'index');
  return existsSync(mergeFolder(gitDir).complete) && stampOf(index) !== before && stampOf(`${index}.lock`) !== after;
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
    const { atime, mtime } = statSync(from);
    copyFileSync(from, to);
    utimesSync(to, atime, mtime); // for git, the time of an index counts
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
  move(from, place, path);
}

function move(from: Buffer, to: Buffer | string, path: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    throw errorCode(error) === 'EXDEV' ? new OnOtherFileSystem(path) : error;
  }
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
export function parentsOf(path: string): string[] {
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
