/**
 * Mount points inside folders that commands can write (a dependency folder in the working tree, a repository below /tmp).
 * bubblewrap would follow a symlink that an earlier command left there, out of the sandbox and on to the host; so they are
 * made and looked at here, component by component, while no command runs.
 */
import { lstatSync, mkdirSync, opendirSync, readlinkSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { namesIn } from '../common/list-names.ts';
import { realPathOf } from '../common/real-path.ts';

export type MountPoint = 'ready' | 'occupied' | 'unsafe';

/**
 * Makes sure that `relative` below `root` is a folder that is reached through real folders only.
 * @param replace whether files and symlinks in the way are removed (scratch space) or respected (the model's work)
 * @returns `occupied`: a folder with something in it; `unsafe`: a symlink or a file is in the way
 */
export function prepareMountPoint(root: string, relative: string, replace: boolean): MountPoint {
  let path = root;
  for (const part of relative.split('/').filter((name) => name !== '' && name !== '.')) {
    if (part === '..') return 'unsafe';
    path = join(path, part);
    const kind = kindOf(path);
    if ((kind === 'link' || kind === 'other') && replace) unlinkSync(path);
    else if (kind === 'link' || kind === 'other') return 'unsafe';
    if (kind !== 'folder') mkdirSync(path);
  }
  return isEmpty(path) ? 'ready' : 'occupied';
}

/** Makes an empty file, in scratch space, for a file to be mounted on. */
export function prepareMountPointForFile(root: string, relative: string): void {
  const path = makeParent(root, relative);
  if (kindOf(path) === 'other' && lstatSync(path).isFile()) return;
  rmSync(path, { recursive: true, force: true });
  writeFileSync(path, '', { flag: 'wx' });
}

/** Writes a file, in scratch space, unless something is there already: that is a command's own. */
export function placeFile(root: string, relative: string, text: string): void {
  const path = makeParent(root, relative);
  if (kindOf(path) === 'missing') writeFileSync(path, text, { flag: 'wx' });
}

/** Makes a symlink, in scratch space. */
export function placeLink(root: string, relative: string, target: string): void {
  const path = makeParent(root, relative);
  if (kindOf(path) === 'link' && readlinkSync(path) === target) return;
  rmSync(path, { recursive: true, force: true });
  symlinkSync(target, path);
}

function makeParent(root: string, relative: string): string {
  prepareMountPoint(root, dirname(relative), true);
  return join(root, relative);
}

/** Whether a path is a regular file and no symlink. */
export function isPlainFile(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** Whether a path is a folder, and no link leads there: a repository could lead anywhere by one. */
export function isReachedWithoutLinks(path: string): boolean {
  return realPathOf(path) === path && lstatSync(path).isDirectory();
}

/** Whether a folder holds git objects and nothing else: a repository says itself where its objects are, and could name any folder. */
export function isObjectFolder(path: string): boolean {
  const names = namesIn(path);
  return names.length > 0 && names.every((name) => /^([0-9a-f]{2}|pack|info|(tmp|incoming|bulk)[-_].*)$/.test(name));
}

function kindOf(path: string): 'missing' | 'folder' | 'link' | 'other' {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat) return 'missing';
  if (stat.isSymbolicLink()) return 'link';
  return stat.isDirectory() ? 'folder' : 'other';
}

function isEmpty(path: string): boolean {
  const folder = opendirSync(path);
  try {
    return folder.readSync() === null;
  } finally {
    folder.closeSync();
  }
}
