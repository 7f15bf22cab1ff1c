/** How much the files hold that were changed lately: blocks on the disk, each once, so sparse files and hard links count as they are. */
import type { Stats } from 'node:fs';
import { lstat, opendir } from 'node:fs/promises';
import { errorCode } from '../common/caught-error.ts';

export interface DiskSize {
  readonly bytes: number;
  readonly files: number;
}

/** The clock of a file system ticks more coarsely than ours. */
const CLOCK_MS = 100;
const AT_ONCE = 32;

/**
 * @param since ms since the epoch; the time of change is the kernel's, no program sets it
 * @param enough where it ends
 * @returns `isWhole`: everything could be looked at
 */
export async function sizeOfChanged(folders: readonly string[], since: number, enough: DiskSize): Promise<DiskSize & { isWhole: boolean }> {
  const links = new Set<string>();
  const found = { bytes: 0, files: 0, isWhole: true };
  const add = (stats: Stats) => {
    if (stats.ctimeMs < since - CLOCK_MS) return;
    if (stats.nlink > 1 && !stats.isDirectory()) {
      const id = `${stats.dev} ${stats.ino}`;
      if (links.has(id)) return;
      links.add(id);
    }
    found.bytes += stats.blocks * 512;
    found.files++;
  };
  /** What vanished meanwhile is no gap. */
  const look = <T>(looking: Promise<T>): Promise<T | null> =>
    looking.catch((error: unknown) => {
      if (errorCode(error) !== 'ENOENT') found.isWhole = false;
      return null;
    });

  const queue = folders.map((folder) => Buffer.from(folder));
  const isEnough = () => found.bytes > enough.bytes || found.files > enough.files;
  for (let folder = queue.pop(); folder && !isEnough(); folder = queue.pop()) {
    for await (const some of entriesOf(folder, look)) {
      const stats = await Promise.all(some.map((path) => look(lstat(path))));
      for (const [index, path] of some.entries()) {
        const its = stats[index];
        if (its) add(its);
        if (its?.isDirectory()) queue.push(path);
      }
      if (isEnough()) break;
    }
  }
  return found;
}

/** Paths in a folder, some at a time: it may hold millions. Names are bytes, since they need not be UTF-8. */
async function* entriesOf(
  folder: Buffer<ArrayBuffer>,
  look: <T>(looking: Promise<T>) => Promise<T | null>,
): AsyncGenerator<Buffer<ArrayBuffer>[]> {
  const open = await look(opendir(folder, { encoding: 'buffer' as BufferEncoding, bufferSize: AT_ONCE }));
  if (!open) return;
  let some: Buffer<ArrayBuffer>[] = [];
  for await (const { name } of open) {
    some.push(Buffer.concat([folder, SLASH, Buffer.from(name)]));
    if (some.length < AT_ONCE) continue;
    yield some;
    some = [];
  }
  yield some;
}

const SLASH = Buffer.from('/');
