/**
 * Removes and opens folders that commands of the model have written into: they may have taken our own rights away. Only once no command
 * lives: one that swaps a folder for a link in the right moment would have this go on in the user's, as old versions of Node go by paths.
 */
import { randomUUID } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { namesIn } from '../common/list-names.ts';

const OWN = 0o700;

/**
 * Removes a folder with everything in it, read-only folders (Go's module cache is made of them) included. Links are removed, never
 * followed. A path that does not exist is no error.
 * @throws when something cannot be removed even so
 */
export function removeTree(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    openFolders(path);
    rmSync(path, { recursive: true, force: true });
  }
}

const ASIDE = /\.old-[0-9a-f-]+$/;
const asideOf = (path: string) => `${path}.old-${randomUUID()}`;

/**
 * Takes a folder out of the way at once and removes it in time, so that nobody waits for a large one.
 * @throws at once when it can neither be moved nor removed
 */
export function removeLater(path: string): void {
  const aside = asideOf(path);
  try {
    renameSync(path, aside);
  } catch {
    removeTree(path);
    return;
  }
  void removeAside(aside);
}

/** Removes in time what lies aside in a folder: a process ended meanwhile, or it could not be removed then. */
export function removeLeftAside(folder: string): void {
  for (const name of namesIn(folder)) if (ASIDE.test(name)) void removeAside(join(folder, name));
}

/** What cannot be removed is tried again when the next one begins. */
async function removeAside(path: string): Promise<void> {
  const remove = () => rm(path, { recursive: true, force: true });
  await remove()
    .catch(() => {
      openFolders(path);
      return remove();
    })
    .catch(() => {});
}

/** Makes an empty folder. What stood there is removed; what cannot be (files of another user) is moved aside, so that nobody stumbles twice. */
export function emptyFolder(path: string): void {
  try {
    removeTree(path);
  } catch {
    renameSync(path, asideOf(path));
  }
  mkdirSync(path, { recursive: true, mode: 0o700 });
}

/** Gives the owner all rights on the folder and on every folder below it, so that what is in them can be changed and removed. */
export function openFolders(path: string): void {
  openBelow(Buffer.from(path));
}

/** Names are bytes: they need not be UTF-8. */
function openBelow(path: Buffer): void {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (!stats?.isDirectory()) return;
  if ((stats.mode & OWN) !== OWN) chmodSync(path, (stats.mode & 0o7777) | OWN);
  for (const entry of readdirSync(path, { withFileTypes: true, encoding: 'buffer' })) {
    if (entry.isDirectory()) openBelow(Buffer.concat([path, Buffer.from('/'), entry.name]));
  }
}
