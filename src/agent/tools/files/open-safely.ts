/**
 * Opens files and folders of the workspace so that a link, pipe or device put there (even between check and use) is not followed.
 *
 * On Linux every folder on the way is opened without following links and the next one is opened relative to it
 * (through /proc/self/fd, which stands in for openat). Elsewhere the real path is compared after opening.
 *
 * The calls are synchronous: a step makes up to thirty of them on a local disk, a few microseconds each, and every trip through the
 * thread pool would cost ten times as much.
 */

import { closeSync, constants, fstatSync, lstatSync, mkdirSync, openSync, readlinkSync, readSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { errorCode } from '../../../common/caught-error.ts';
import { contains } from '../../../common/path-contains.ts';
import type { NeverSend } from '../../never-send/never-send.ts';
import type { PathRefusal } from './resolve-path.ts';
import { explainSystemError } from './system-errors.ts';

/** The part of a resolved path that opening needs. */
export interface SafeTarget {
  readonly root: string;
  readonly host: string;
  readonly shown: string;
}

/** A file whose content is about to be shown or changed. */
export interface FileTarget extends SafeTarget {
  readonly relative: string;
  readonly neverSend: NeverSend;
}

export interface OpenedFile {
  readonly ok: true;
  readonly size: number;
  /** Fills the buffer from a position as far as the file goes. @returns the bytes that were read */
  read(buffer: Buffer, position: number): number;
  close(): void;
}

/** A folder that is held while names in it are used. */
export interface HeldFolder {
  readonly ok: true;
  /** A path for a name in this very folder, wherever it has been moved meanwhile. */
  at(name: string): string;
  close(): void;
}

const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;
const NO_WAIT = constants.O_NONBLOCK ?? 0;
const IS_FOLDER = constants.O_DIRECTORY ?? 0;

/** A withheld file is looked at so far: larger ones are known by their name only. */
const MOST_COMPARED = 8 * 1024 * 1024;

/** Opens a regular file for reading, unless its content is never sent. The caller closes it. */
export function openForReading(target: FileTarget): OpenedFile | PathRefusal {
  const folder = holdFolder({ ...target, host: path.dirname(target.host) }, 'existing');
  if (!folder.ok) return folder;
  try {
    const name = folder.at(path.basename(target.host));
    const kind = specialKind(lstatSync(name));
    if (kind !== null) return refuse(target, kind);
    const file = openSync(name, constants.O_RDONLY | NO_FOLLOW | NO_WAIT);
    let problem: string | null = 'could not be checked; try again';
    try {
      const stats = fstatSync(file);
      problem = specialKind(stats) ?? strayProblem(file, target) ?? withheldProblem(file, stats.size, target);
      if (problem === null)
        return { ok: true, size: stats.size, read: (buffer, position) => fill(file, buffer, position), close: () => closeSync(file) };
    } finally {
      if (problem !== null) closeSync(file);
    }
    return refuse(target, problem);
  } catch (error) {
    return refuseError(target, error);
  } finally {
    folder.close();
  }
}

/** Here, and not in each tool, so that none can forget it. */
function withheldProblem(file: number, size: number, { relative, neverSend }: FileTarget): string | null {
  const bytes = Buffer.allocUnsafe(size <= MOST_COMPARED ? size : 0);
  const as = neverSend.withheld(relative, bytes.subarray(0, fill(file, bytes, 0)));
  if (as === null) return null;
  neverSend.heldBack(as, 'name');
  const why = as === relative ? 'holds secrets by its name' : `is a copy of ${as}`;
  return `${why}, and such files are never shown to you. Work without its content: commands can use it, and an example file may tell its form`;
}

function fill(file: number, buffer: Buffer, position: number): number {
  let filled = 0;
  while (filled < buffer.length) {
    const bytes = readSync(file, buffer, filled, buffer.length - filled, position + filled);
    if (bytes === 0) break;
    filled += bytes;
  }
  return filled;
}

/**
 * Holds the folder `target.host`, which is inside `target.root`.
 * @param mode `create` makes the folders that are missing
 */
export function holdFolder(target: SafeTarget, mode: 'existing' | 'create'): HeldFolder | PathRefusal {
  if (!contains(target.root, target.host)) return refuse(target, 'is outside the repository');
  try {
    return process.platform === 'linux' ? holdByDescriptor(target, mode) : holdByPath(target, mode);
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

function strayProblem(file: number, target: SafeTarget): string | null {
  const opened = process.platform === 'linux' ? readlinkSync(`/proc/self/fd/${file}`) : realpathSync.native(target.host);
  return contains(target.root, opened) ? null : 'was replaced by a link that leads out of the repository; look with list_files';
}

function holdByDescriptor(target: SafeTarget, mode: 'existing' | 'create'): HeldFolder {
  const flags = constants.O_RDONLY | IS_FOLDER | NO_FOLLOW;
  let held = openSync(target.root, flags);
  for (const part of path.relative(target.root, target.host).split('/').filter(Boolean)) {
    const parent = held;
    const child = `/proc/self/fd/${parent}/${part}`;
    try {
      if (mode === 'create') makeFolder(child);
      held = openSync(child, flags);
    } finally {
      closeSync(parent);
    }
  }
  return { ok: true, at: (name) => `/proc/self/fd/${held}/${name}`, close: () => closeSync(held) };
}

function holdByPath(target: SafeTarget, mode: 'existing' | 'create'): HeldFolder | PathRefusal {
  if (mode === 'create') mkdirSync(target.host, { recursive: true });
  const real = realpathSync.native(target.host);
  if (!contains(target.root, real)) return refuse(target, 'leads out of the repository through a link');
  return { ok: true, at: (name) => path.join(real, name), close: () => undefined };
}

function makeFolder(at: string): void {
  try {
    mkdirSync(at);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
}

function refuse(target: SafeTarget, problem: string): PathRefusal {
  return { ok: false, message: `${target.shown} ${problem}` };
}

function refuseError(target: SafeTarget, error: unknown): PathRefusal {
  const meaning = explainSystemError(error);
  if (meaning === null) throw error;
  return refuse(target, `cannot be opened: ${meaning}`);
}
