/** The files of a repository, and around it, that name what is never sent, as in a `.gitignore`; they add to the list and take nothing back. */
import path from 'node:path';
import { EVERYTHING, patternsIn, seenAround } from '../../agent/never-send/pattern-lines.ts';
import { behindFolders } from '../../common/behind-folders.ts';
import { isEntry, namesIn } from '../../common/list-names.ts';
import { readPlainFile } from '../../common/read-plain-file.ts';
import { listTree, readIds, readSizedBlobs, type TreeFile } from '../../workspace/read-objects.ts';
import type { ObjectSource, Repository } from '../../workspace/types.ts';

const PATTERN_FILE = '.kimiignore';
const MOST_PATTERN_BYTES = 256 * 1024;
/** In folders below the root; of more nobody knows what they say. */
const [MOST_FILES, MOST_PATTERNS] = [200, 1000];
/** So many of the folders of a commit are looked into on the disk, where a list may lie that is not committed: a second. */
const MOST_FOLDERS = 50_000;
const MOST_FOLDERS_AGAIN = 2_000;

/**
 * What the lists of a repository keep back, seen from its root: that at the root and those in folders below, in the commit and in working trees.
 * @param source null = there is nothing of the commit
 * @param roots of its working trees: a list that is not committed lies in one of them alone
 */
export async function listedPatterns(source: ObjectSource | null, commit: string, roots: readonly string[]): Promise<string[]> {
  const onDisk = roots.flatMap((root) => patternsOnDisk(root));
  if (source === null) return onDisk;
  const files = await listTree(source, commit).catch(() => null);
  if (files === null) return EVERYTHING;
  const folders = [...foldersOf(files)];
  const below = [...few(await inFoldersOfCommit(source, files)), ...roots.flatMap((root) => few(inFoldersOnDisk(root, folders)))];
  return [...new Set([...(await patternsInCommit(source, commit)), ...onDisk, ...below])];
}

/** What lists in folders around a repository keep back of it: in the repository that a submodule belongs to, beside several ones, in the home. */
export function patternsAround(roots: readonly string[]): string[] {
  const each = roots.flatMap((root) =>
    foldersAround(root).map((folder) => {
      const way = path.relative(folder, root);
      return patternsOnDisk(folder).flatMap((pattern) => seenBehind(way, pattern));
    }),
  );
  return few(each);
}

/**
 * Tells what lists in the user's working trees and around them keep back that they did not when it was called. It is asked before each request, so
 * of a large repository only some folders are looked into.
 */
export function watchLists(repository: Repository, files: readonly TreeFile[]): () => string[] {
  const roots = workingTreesOf(repository);
  const folders = [...foldersOf(files)].slice(0, MOST_FOLDERS_AGAIN);
  const now = () => [
    ...roots.flatMap((root) => [...patternsOnDisk(root), ...few(inFoldersOnDisk(root, folders))]),
    ...patternsAround(roots),
  ];
  const began = new Set(now());
  return () => [...new Set(now())].filter((pattern) => !began.has(pattern));
}

/** The working tree that is worked in and, for a linked one, the main one of its repository. */
export function workingTreesOf({ root, gitDir, commonDir, config }: Repository): string[] {
  if (gitDir === commonDir) return [root];
  const named = config.get('core.worktree');
  const main = path.basename(commonDir) === '.git' ? path.dirname(commonDir) : named && path.resolve(commonDir, named);
  return main && main !== root ? [root, main] : [root];
}

/** What some lists say, unless they are, or say, more than anybody has: a repository may bring thousands, each as long as may be. */
function few(lists: Iterable<readonly string[]>): string[] {
  const patterns = new Set<string>();
  let left = MOST_FILES;
  for (const list of lists) {
    if (list.length > 0) left--;
    for (const pattern of list) patterns.add(pattern);
    if (left < 0 || patterns.size > MOST_PATTERNS) return EVERYTHING;
  }
  return [...patterns];
}

async function patternsInCommit(source: ObjectSource, commit: string): Promise<string[]> {
  const read = await readSizedBlobs(source, commit, [PATTERN_FILE], MOST_PATTERN_BYTES).catch(() => null);
  const found = read?.get(PATTERN_FILE);
  if (read && !found) return [];
  return found?.bytes ? patternsIn(found.bytes) : EVERYTHING;
}

/** What is there and is no list that can be read, or leads to none, forbids everything. At a root, whatever the case of its name. */
function patternsOnDisk(folder: string, name = PATTERN_FILE): string[] {
  const file = path.join(folder, name);
  if (!isEntry(file)) return [];
  const bytes = readPlainFile(file, MOST_PATTERN_BYTES);
  return bytes ? patternsIn(bytes) : EVERYTHING;
}

/** As somebody may remember its name: one that counts for nothing would not be noticed. */
const NEARLY = /^\.?kimi?[-_. ]?ignored?s?(\.txt)?$/i;
const isListElsewhere = (name: string) => name !== PATTERN_FILE && NEARLY.test(path.posix.basename(name));

async function inFoldersOfCommit(source: ObjectSource, files: readonly TreeFile[]): Promise<string[][]> {
  const lists = files.filter(({ path: name, mode }) => mode.startsWith('100') && isListElsewhere(name));
  if (lists.length > MOST_FILES) return [EVERYTHING];
  const ids = lists.map(({ id }) => id);
  const blobs = ids.length === 0 ? null : await readIds(source, ids, MOST_PATTERN_BYTES);
  return lists.map(({ path: name, id }) => {
    const bytes = blobs?.get(id)?.bytes;
    const [folder, patterns] = [path.posix.dirname(name), bytes ? patternsIn(bytes) : EVERYTHING];
    return folder === '.' ? patterns : patterns.map((pattern) => seenAround(folder, pattern));
  });
}

function* inFoldersOnDisk(root: string, folders: readonly string[]): Generator<string[]> {
  for (const name of namesIn(root)) if (isListElsewhere(name)) yield patternsOnDisk(root, name);
  for (const folder of folders) yield patternsOnDisk(path.join(root, folder)).map((pattern) => seenAround(folder, pattern));
}

/** Those that hold files, and those around them, but for the root. */
function foldersOf(files: readonly TreeFile[]): ReadonlySet<string> {
  const folders = new Set<string>();
  for (const { path: name } of files) {
    for (let end = name.lastIndexOf('/'); end > 0 && folders.size < MOST_FOLDERS; end = name.lastIndexOf('/', end - 1)) {
      const folder = name.slice(0, end);
      if (folders.has(folder)) break;
      folders.add(folder);
    }
  }
  return folders;
}

/** From the nearest to that of the whole system. */
function foldersAround(folder: string): string[] {
  const parent = path.dirname(folder);
  return parent === folder ? [] : [parent, ...foldersAround(parent)];
}

function seenBehind(way: string, pattern: string): string[] {
  const plain = pattern.replaceAll('\\', '/').replace(/^\.?\//, '');
  const isInAll = !plain.replace(/\/+$/, '').includes('/') && plain === pattern;
  return [...(isInAll ? [pattern] : []), ...behindFolders(way, plain, isInAll)];
}
