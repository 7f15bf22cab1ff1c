/** The repository on one screen: a line for each open folder, with its files; others show only how many they hold. */
import { count } from '../../common/count-noun.ts';
import { showName } from '../tools/text-limits.ts';

interface Folder {
  /** With `/` at its end; '' = the root. */
  path: string;
  folders: Map<string, Folder>;
  files: string[];
  count: number;
}

/** The folders of a repository, with the files in each. */
export type FolderTree = Readonly<Folder>;

const MOST_LINES = 60;
/** For folders that nothing points into; those that the task is about may take the rest. */
const ELSEWHERE_SHARE = 0.5;
const MOST_LINE_BYTES = 280;
/** A folder that nothing points into is opened when it holds no more files and folders, and further down when it is not only a way. */
const MOST_FILES_ELSEWHERE = 12;

/** Folders that a change of the code seldom concerns. */
export const ASIDE =
  /(^|\/)(\.[^/]*|examples?|samples?|docs?|vendor|third_party|dist|fixtures?|bench(?:es|marks?)?|fuzz(?:ing)?|node_modules)\//i;

/**
 * @param near paths that the task is about: the folders on the way to them are open
 * @param maxBytes bound on the result
 */
export function treeText(root: FolderTree, near: readonly string[], maxBytes: number): string {
  if (root.count === 0) return '(no files)';
  const known = new Set(near);
  const open = openFolders(root, near, known, maxBytes);
  const lines: string[] = [];
  const write = (folder: FolderTree) => {
    const line = lineOf(folder, open, known);
    if (line !== '') lines.push(line);
    for (const child of folder.folders.values()) if (open.has(child)) write(child);
  };
  write(root);
  return cutLines(lines, maxBytes);
}

/** @param paths repository-relative paths with `/` */
export function folderTree(paths: readonly string[]): FolderTree {
  const root = emptyFolder('');
  // Files of one folder come one after the other, so the way down is walked once for each folder.
  let name = '';
  let way: Folder[] = [root];
  for (const path of paths) {
    const slash = path.lastIndexOf('/');
    const folder = slash < 0 ? '' : path.slice(0, slash);
    if (folder !== name) {
      name = folder;
      way = wayTo(root, folder);
    }
    for (const at of way) at.count++;
    way[way.length - 1]!.files.push(path.slice(slash + 1));
  }
  return root;
}

function wayTo(root: Folder, folder: string): Folder[] {
  const way = [root];
  if (folder === '') return way;
  for (const part of folder.split('/')) {
    const { path, folders } = way[way.length - 1]!;
    const next = folders.get(part) ?? emptyFolder(`${path}${part}/`);
    folders.set(part, next);
    way.push(next);
  }
  return way;
}

/** The ways to what the task is about first, then small folders, from the top. */
function openFolders(root: FolderTree, near: readonly string[], known: ReadonlySet<string>, maxBytes: number): Set<FolderTree> {
  const open = new Set<FolderTree>([root]);
  let left = maxBytes - Buffer.byteLength(lineOf(root, open, known));
  const tryOpen = (folder: FolderTree, most: number): boolean => {
    if (open.has(folder)) return true;
    const bytes = Buffer.byteLength(lineOf(folder, open, known)) + 1;
    if (bytes > most || open.size >= MOST_LINES) return false;
    open.add(folder);
    left -= bytes;
    return true;
  };
  for (const path of near) {
    let at: FolderTree | undefined = root;
    for (const part of path.split('/').slice(0, -1)) {
      at = at?.folders.get(part);
      if (!at || !tryOpen(at, left)) break;
    }
  }
  left = Math.min(left, Math.floor(maxBytes * ELSEWHERE_SHARE));
  for (let level: readonly FolderTree[] = [root]; level.length > 0; ) {
    const next = level.filter((folder) => open.has(folder)).flatMap((folder) => [...folder.folders.values()]);
    for (const folder of [...next].sort((a, b) => a.count - b.count)) {
      const isSmall = folder.files.length + folder.folders.size <= MOST_FILES_ELSEWHERE;
      if (isSmall && (level[0] === root || folder.files.length > 0) && !ASIDE.test(folder.path)) tryOpen(folder, left);
    }
    level = next;
  }
  return open;
}

/** `src/: a.ts, b.ts, lib/ (3 files)`; of many files those that the task is about, and the first; hidden ones are counted. */
function lineOf(folder: FolderTree, open: ReadonlySet<FolderTree>, known: ReadonlySet<string>): string {
  const head = folder.path === '' ? '(root): ' : `${showName(folder.path)}: `;
  const about = folder.files.filter((name) => known.has(folder.path + name));
  const others = about.length > 0 ? folder.files.filter((name) => !known.has(folder.path + name)) : folder.files;
  const shut = [...folder.folders].filter(([, child]) => !open.has(child));
  const entries = [...about.map(showName), ...shut.map(([name, child]) => `${showName(name)}/ (${count(child.count, 'file')})`)];
  let left = MOST_LINE_BYTES - head.length;
  const kept: string[] = [];
  const keep = (entry: string) => {
    left -= Buffer.byteLength(entry) + 2;
    if (left >= 0) kept.push(entry);
    return left >= 0;
  };
  // Settings of tools seldom matter.
  const usual = others.filter((name) => !name.startsWith('.'));
  if (entries.every(keep)) for (const name of usual) if (!keep(showName(name))) break;
  const more = entries.length + others.length - kept.length;
  if (kept.length + more === 0) return '';
  return `${head}${kept.join(', ')}${more > 0 ? `${kept.length > 0 ? ', and ' : ''}${more} more` : ''}`;
}

function cutLines(lines: readonly string[], maxBytes: number): string {
  const kept: string[] = [];
  let left = maxBytes - 32;
  for (const line of lines) {
    left -= Buffer.byteLength(line) + 1;
    if (left < 0) return [...kept, `... ${lines.length - kept.length} more lines`].join('\n');
    kept.push(line);
  }
  return kept.join('\n');
}

function emptyFolder(path: string): Folder {
  return { path, folders: new Map(), files: [], count: 0 };
}
