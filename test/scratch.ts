/** Where tests put their files: in memory where there is plenty of it, as a disk on which thousands of small files come and go is half of their time. */
import { mkdtempSync, rmSync, statfsSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const MEMORY = '/dev/shm';
/** What the tests take at a time is a tenth of it. */
const ENOUGH_BYTES = 8 * 1024 ** 3;
/** Kinds of file systems, as `statfs` tells them. */
const TMPFS = 0x01021994;

/**
 * Has the processes that this one starts put temporary files into memory, but where TMPDIR is set, or where there is little memory; and
 * keep what V8 compiles of the tests and of the programs under test. The folder goes when the process ends.
 * @returns what takes it back for what follows
 */
export function shareScratch(): () => void {
  const folder = mkdtempSync(path.join(!process.env.TMPDIR && hasRoom() ? MEMORY : tmpdir(), 'ckm-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const before = { ...process.env };
  Object.assign(process.env, { TMPDIR: folder, NODE_COMPILE_CACHE: path.join(folder, 'v8') });
  return () => {
    for (const name of ['TMPDIR', 'NODE_COMPILE_CACHE']) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  };
}

/** What programs under test get of our own environment, so that each of the hundreds of starts need not compile them again. */
export const COMPILED: Readonly<Record<string, string>> = process.env.NODE_COMPILE_CACHE
  ? { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE }
  : {};

/** A folder on another file system than the one of temporary files; null where none is known. */
export function otherFileSystem(): string | null {
  const device = (folder: string) => statSync(folder, { throwIfNoEntry: false })?.dev;
  return [MEMORY, '/tmp', '/var/tmp'].find((folder) => ![undefined, device(tmpdir())].includes(device(folder))) ?? null;
}

function hasRoom(): boolean {
  try {
    const { type, bavail, bsize } = statfsSync(MEMORY);
    return type === TMPFS && bavail * bsize >= ENOUGH_BYTES;
  } catch {
    return false;
  }
}
