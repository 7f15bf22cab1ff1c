/** The repository as a short text: folders are opened from the top while there is room; the others show only a count. */
import { count } from '../../common/count-noun.ts';

interface Folder {
  folders: Map<string, Folder>;
  files: string[];
  count: number;
}

/** The folders of a repository, with the files in each. */
export type FolderTree = Readonly<Folder>;

/** @param maxBytes bound on the result */
export function treeText(root: FolderTree, maxBytes: number): string {
  if (root.count === 0) return '(no files)';
  const lines = render(root, openFolders(root, maxBytes - 64), 0);
  return cutLines(lines, maxBytes);
}

/** @param paths repository-relative paths with `/` */
export function folderTree(paths: readonly string[]): FolderTree {
  const root = emptyFolder();
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
    const { folders } = way[way.length - 1]!;
    const next = folders.get(part) ?? emptyFolder();
    folders.set(part, next);
    way.push(next);
  }
  return way;
}

/** Breadth first, so that the shape of the whole is seen before any folder's depth. */
function openFolders(root: FolderTree, maxBytes: number): Set<FolderTree> {
  const open = new Set<FolderTree>([root]);
  let left = maxBytes - ownBytes(root, 0, maxBytes);
  let level: Folder[] = [...root.folders.values()];
  for (let depth = 1; level.length > 0; depth++) {
    const next: Folder[] = [];
    for (const folder of level.sort((a, b) => a.count - b.count)) {
      const bytes = ownBytes(folder, depth, left);
      if (bytes > left) continue;
      left -= bytes;
      open.add(folder);
      next.push(...folder.folders.values());
    }
    level = next;
  }
  return open;
}

/** Bytes of the lines that opening a folder adds; counted no further than `most`. */
function ownBytes(folder: FolderTree, depth: number, most: number): number {
  let bytes = folder.files.length * (depth * 2 + 2);
  if (bytes > most) return bytes;
  for (const [name, child] of folder.folders) bytes += Buffer.byteLength(folderLine(name, child.count, depth)) + 1;
  for (const name of folder.files) bytes += Buffer.byteLength(name) - 1;
  return bytes;
}

function render(folder: FolderTree, open: ReadonlySet<FolderTree>, depth: number): string[] {
  const lines: string[] = [];
  for (const [name, child] of folder.folders) {
    const isOpen = open.has(child);
    lines.push(isOpen ? `${'  '.repeat(depth)}${name}/` : folderLine(name, child.count, depth));
    if (isOpen) lines.push(...render(child, open, depth + 1));
  }
  for (const name of folder.files) lines.push('  '.repeat(depth) + name);
  return lines;
}

function folderLine(name: string, files: number, depth: number): string {
  return `${'  '.repeat(depth)}${name}/ (${count(files, 'file')})`;
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

function emptyFolder(): Folder {
  return { folders: new Map(), files: [], count: 0 };
}
