/** Where tests put their files: in memory where that can be had, as a disk on which thousands of small files come and go is half of their time. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { freemem, tmpdir } from 'node:os';
import path from 'node:path';

/** At most; the tests take a hundredth of it at a time. */
const SIZE = 4 * 1024 ** 3;
const NAME = /^ckm-memory-(\d+)$/;

/**
 * Has the processes that this one starts put temporary files into memory, where it may mount some (as root on Linux), and keep there what V8
 * compiles of the tests and of the programs under test. The folder goes when the process ends.
 * @returns what takes it back for what follows
 */
export function shareScratch(): () => void {
  const folder = mountMemory() ?? mkdtempSync(path.join(tmpdir(), 'ckm-scratch-'));
  process.on('exit', () => {
    unmount(folder);
    rmSync(folder, { recursive: true, force: true });
  });
  const before = { ...process.env };
  Object.assign(process.env, { TMPDIR: folder, NODE_COMPILE_CACHE: path.join(folder, 'v8') });
  return () => {
    for (const name of ['TMPDIR', 'NODE_COMPILE_CACHE']) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  };
}

/** Not `/dev/shm`, since nobody's home lies below `/dev`. */
function mountMemory(): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || freemem() < 2 * SIZE) return null;
  removeLeft();
  const folder = path.join(tmpdir(), `ckm-memory-${process.pid}`);
  mkdirSync(folder, { mode: 0o1777 });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE},mode=1777`, 'tmpfs', folder], { stdio: 'ignore' });
    return folder;
  } catch {
    rmdirSync(folder);
    return null;
  }
}

/** Those of runs that were killed. */
function removeLeft(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = NAME.exec(name)?.[1];
    if (pid === undefined || existsSync(`/proc/${pid}`)) continue;
    unmount(path.join(tmpdir(), name));
    rmSync(path.join(tmpdir(), name), { recursive: true, force: true });
  }
}

function unmount(folder: string): void {
  if (!NAME.test(path.basename(folder))) return;
  try {
    execFileSync('umount', ['-l', folder], { stdio: 'ignore' });
  } catch {} // it was none
}

/** What programs under test get of our own environment, so that each of the hundreds of starts need not compile them again. */
export const COMPILED: Readonly<Record<string, string>> = process.env.NODE_COMPILE_CACHE
  ? { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE }
  : {};

/** A folder on another file system than the one of temporary files; null where none is known. */
export function otherFileSystem(): string | null {
  const device = (folder: string) => statSync(folder, { throwIfNoEntry: false })?.dev;
  return ['/dev/shm', '/tmp', '/var/tmp'].find((folder) => ![undefined, device(tmpdir())].includes(device(folder))) ?? null;
}
