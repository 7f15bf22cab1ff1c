/**
 * Removes and opens folders that commands of the model have written into: they may have taken our own rights away. Only once no command
 * lives: one that swaps a folder for a link in the right moment would have this go on in the user's, as old versions of Node go by paths.
 */
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';

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

/** Makes an empty folder. What stood there is removed; what cannot be (files of another user) is moved aside, so that nobody stumbles twice. */
export function emptyFolder(path: string): void {
  try {
    removeTree(path);
  } catch {
    let number = 1;
    while (existsSync(`${path}.left-${number}`)) number++;
    renameSync(path, `${path}.left-${number}`);
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
