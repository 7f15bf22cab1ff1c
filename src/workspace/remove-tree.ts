/**
 * Removes and opens folders that commands of the model have written into: they may have taken our own rights away. Only once no command
 * lives: one that swaps a folder for a link in the right moment would have this go on in the user's, as old versions of Node go by paths.
 */
import { execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, opendirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { namesIn } from '../common/list-names.ts';

const OWN = 0o700;

/**
 * Removes a folder with everything in it, read-only folders (Go's module cache is made of them) included. Links are removed, never
 * followed. A path that does not exist is no error. Nobody is answered meanwhile: what a command has written goes by `removeInTime`.
 * @throws when something cannot be removed even so
 */
export function removeTree(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    try {
      openFolders(path);
      rmSync(path, { recursive: true, force: true });
    } catch (error) {
      if (!isTooDeep(error)) throw error;
      execFileSync(RM, [...RM_ARGS, path], { stdio: 'ignore' });
    }
  }
}

/** It goes from folder to folder, and so deeper than the length of a path allows. */
const RM = '/bin/rm';
const RM_ARGS = ['-rf', '--'];
const CHMOD = '/bin/chmod';
const CHMOD_ARGS = ['-R', 'u+rwx', '--'];
const isTooDeep = (error: unknown) => (error as NodeJS.ErrnoException).code === 'ENAMETOOLONG' && process.platform !== 'win32';

const ASIDE = /\.old-[0-9a-f-]+$/;
const asideOf = (path: string) => `${path}.old-${randomUUID()}`;

/**
 * Takes a folder out of the way at once and removes it in time, so that nobody waits for a large one.
 * @throws at once when it can neither be moved nor removed
 */
export function removeLater(path: string): void {
  const aside = putAside(path);
  if (aside !== null) void removeAside(aside);
}

/**
 * The same, for whoever tells what cannot be removed: it waits as long as a folder of a usual size takes.
 * @throws why it cannot be removed, where that is known by then
 */
export async function removeSoon(path: string): Promise<void> {
  const aside = putAside(path);
  if (aside === null) return;
  const removal = removeInTime(aside);
  removal.catch(() => {}); // it may fail when nobody waits any more
  await Promise.race([removal, setTimeout(SOON_MS, undefined, { ref: false })]);
}

const SOON_MS = 1000;

/** @returns null when it could not be moved, and was removed at once */
function putAside(path: string): string | null {
  const aside = asideOf(path);
  try {
    renameSync(path, aside);
    return aside;
  } catch {
    removeTree(path);
    return null;
  }
}

/** Removes in time what lies aside in a folder: a process ended meanwhile, or it could not be removed then. */
export function removeLeftAside(folder: string): void {
  for (const name of namesIn(folder)) if (ASIDE.test(name)) void removeAside(join(folder, name));
}

/** What cannot be removed is tried again when the next one begins. */
const removeAside = (path: string): Promise<void> => removeInTime(path).catch(() => {});

/**
 * As `removeTree`, by a program where it is more than a few files: a command can make millions of names (links to one file take next to no room), and
 * while this process removes them it answers nobody, or everybody who reads a file waits behind them.
 */
export async function removeInTime(path: string): Promise<void> {
  const kind = lstatSync(path, { throwIfNoEntry: false });
  if (kind?.isDirectory() && isSmall(path) && isRemoved(path)) return;
  if (!kind?.isDirectory() || process.platform === 'win32') return rm(path, { recursive: true, force: true });
  if (await succeeds(RM, [...RM_ARGS, path])) return;
  await succeeds(CHMOD, [...CHMOD_ARGS, path]);
  if (await succeeds(RM, [...RM_ARGS, path])) return;
  await rm(path, { recursive: true, force: true }); // no such program, or why not
}

/** So much is gone before a program would have started. */
const FEW_ENTRIES = 60;
const FEW_BLOCKS = (8 * 2 ** 20) / 512;

/** Whether what a folder holds, at any depth, is little. No more than that is looked at. Names are bytes: they need not be UTF-8. */
function isSmall(path: string): boolean {
  let [entries, blocks] = [FEW_ENTRIES, FEW_BLOCKS];
  const folders = [Buffer.from(path)];
  try {
    for (let at = folders.pop(); at !== undefined; at = folders.pop()) {
      const folder = opendirSync(at, { bufferSize: FEW_ENTRIES, encoding: 'buffer' as BufferEncoding });
      try {
        for (let entry = folder.readSync(); entry; entry = folder.readSync()) {
          const below = Buffer.concat([at, Buffer.from('/'), entry.name as unknown as Buffer]);
          if (--entries < 0) return false;
          if (entry.isDirectory()) folders.push(below);
          else blocks -= lstatSync(below).blocks;
          if (blocks < 0) return false;
        }
      } finally {
        folder.closeSync();
      }
    }
    return true;
  } catch {
    return false; // one that is closed to us
  }
}

function isRemoved(path: string): boolean {
  try {
    rmSync(path, { recursive: true, force: true });
    return true;
  } catch {
    return false;
  }
}

function succeeds(program: string, words: readonly string[]): Promise<boolean> {
  const child = spawn(program, words, { cwd: '/', env: {}, stdio: 'ignore' });
  return new Promise((resolve) => child.once('error', () => resolve(false)).once('close', (code) => resolve(code === 0)));
}

/** Makes an empty folder. What stood there goes aside and is removed in time; what cannot be (files of another user) stays there, so that nobody stumbles twice. */
export function emptyFolder(path: string): void {
  removeLater(path);
  mkdirSync(path, { recursive: true, mode: OWN });
}

/** Gives the owner all rights on the folder and on every folder below it that a path can name, so that what is in them can be changed and removed. */
export function openFolders(path: string): void {
  openBelow(Buffer.from(path));
}

/** The same by a program: a command can make a million folders. Files become writable, too. */
export async function openInTime(path: string): Promise<void> {
  if (process.platform === 'win32' || !(await succeeds(CHMOD, ['-R', 'u+rwX', '--', path]))) openFolders(path);
}

/** Of a call to the system: Linux takes 4096 bytes with the end, macOS 1024. */
const LONGEST_PATH = process.platform === 'linux' ? 4096 : 1024;

/** Names are bytes: they need not be UTF-8. */
function openBelow(path: Buffer): void {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (!stats?.isDirectory()) return;
  if ((stats.mode & OWN) !== OWN) chmodSync(path, (stats.mode & 0o7777) | OWN);
  for (const entry of readdirSync(path, { withFileTypes: true, encoding: 'buffer' })) {
    const below = Buffer.concat([path, Buffer.from('/'), entry.name]);
    if (entry.isDirectory() && below.length < LONGEST_PATH) openBelow(below);
  }
}
