/**
 * Opens files and folders of the workspace so that a link, pipe or device put there (even between check and use) is not followed.
 *
 * On Linux every folder on the way is opened without following links and the next one is opened relative to it
 * (through /proc/self/fd, which stands in for openat). Elsewhere the real path is compared after opening.
 */
import { constants } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, readlink, realpath } from 'node:fs/promises';
import path from 'node:path';
import type { PathRefusal } from './paths.ts';
import { isInside } from './paths.ts';
import { errorCode, explainSystemError } from './system-errors.ts';

/** The part of a resolved path that opening needs. */
export interface SafeTarget {
  readonly root: string;
  readonly host: string;
  readonly shown: string;
}

export interface OpenedFile {
  readonly ok: true;
  readonly handle: FileHandle;
  readonly size: number;
}

/** A folder that is held while names in it are used. */
export interface HeldFolder {
  readonly ok: true;
  /** A path for a name in this very folder, wherever it has been moved meanwhile. */
  at(name: string): string;
  close(): Promise<void>;
}

const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;
const NO_WAIT = constants.O_NONBLOCK ?? 0;
const IS_FOLDER = constants.O_DIRECTORY ?? 0;

/** Opens a regular file for reading. The caller closes the handle. */
export async function openForReading(target: SafeTarget): Promise<OpenedFile | PathRefusal> {
  const folder = await holdFolder({ ...target, host: path.dirname(target.host) }, 'existing');
  if (!folder.ok) return folder;
  try {
    const name = folder.at(path.basename(target.host));
    const before = await lstat(name);
    const kind = specialKind(before);
    if (kind !== null) return refuse(target, kind);
    const handle = await open(name, constants.O_RDONLY | NO_FOLLOW | NO_WAIT);
    let problem: string | null = 'could not be checked; try again';
    try {
      const stats = await handle.stat();
      problem = specialKind(stats) ?? (await strayProblem(handle, target));
      if (problem === null) return { ok: true, handle, size: stats.size };
    } finally {
      if (problem !== null) await handle.close();
    }
    return refuse(target, problem);
  } catch (error) {
    return refuseError(target, error);
  } finally {
    await folder.close();
  }
}

/**
 * Holds the folder `target.host`, which is inside `target.root`.
 * @param mode `create` makes the folders that are missing
 */
export async function holdFolder(target: SafeTarget, mode: 'existing' | 'create'): Promise<HeldFolder | PathRefusal> {
  if (!isInside(target.root, target.host)) return refuse(target, 'is outside the repository');
  try {
    return process.platform === 'linux' ? await holdByDescriptor(target, mode) : await holdByPath(target, mode);
  } catch (error) {
    return refuseError(target, error);
  }
}

/** Why a file that exists must not be replaced or changed; `null` when it may. */
export function writeProblem(stats: { isFile(): boolean; nlink: number } & SpecialStats): string | null {
  const kind = specialKind(stats);
  if (kind !== null) return kind;
  if (stats.nlink > 1)
    return 'has other hard links, so a change could reach outside; make it a file of its own first (cp it, then mv the copy over it)';
  return null;
}

type SpecialStats = {
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
  isFIFO(): boolean;
  isSocket(): boolean;
};

function specialKind(stats: SpecialStats): string | null {
  if (stats.isFile()) return null;
  if (stats.isDirectory()) return 'is a folder; list_files shows what is in it';
  if (stats.isSymbolicLink()) return 'is a symbolic link, which is not followed here; give the real path';
  if (stats.isFIFO()) return 'is a pipe, not a file; leave it alone';
  if (stats.isSocket()) return 'is a socket, not a file; leave it alone';
  return 'is a device, not a file; leave it alone';
}

async function strayProblem(handle: FileHandle, target: SafeTarget): Promise<string | null> {
  const opened = process.platform === 'linux' ? await readlink(`/proc/self/fd/${handle.fd}`) : await realpath(target.host);
  return isInside(target.root, opened) ? null : 'was replaced by a link that leads out of the repository; look with list_files';
}

async function holdByDescriptor(target: SafeTarget, mode: 'existing' | 'create'): Promise<HeldFolder> {
  const flags = constants.O_RDONLY | IS_FOLDER | NO_FOLLOW;
  let handle = await open(target.root, flags);
  for (const part of path.relative(target.root, target.host).split('/').filter(Boolean)) {
    const parent = handle;
    const child = `/proc/self/fd/${parent.fd}/${part}`;
    try {
      if (mode === 'create') await mkdir(child).catch(ignoreExisting);
      handle = await open(child, flags);
    } finally {
      await parent.close();
    }
  }
  const held = handle;
  return { ok: true, at: (name) => `/proc/self/fd/${held.fd}/${name}`, close: () => held.close() };
}

async function holdByPath(target: SafeTarget, mode: 'existing' | 'create'): Promise<HeldFolder | PathRefusal> {
  if (mode === 'create') await mkdir(target.host, { recursive: true });
  const real = await realpath(target.host);
  if (!isInside(target.root, real)) return refuse(target, 'leads out of the repository through a link');
  return { ok: true, at: (name) => path.join(real, name), close: async () => undefined };
}

function ignoreExisting(error: unknown): void {
  if (errorCode(error) !== 'EEXIST') throw error;
}

function refuse(target: SafeTarget, problem: string): PathRefusal {
  return { ok: false, message: `${target.shown} ${problem}` };
}

function refuseError(target: SafeTarget, error: unknown): PathRefusal {
  const meaning = explainSystemError(error);
  if (meaning === null) throw error;
  return refuse(target, `cannot be opened: ${meaning}`);
}
