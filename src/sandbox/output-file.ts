/** The file that keeps the whole output of a command, up to a limit. */
import { closeSync, constants, fstatSync, lstatSync, openSync, rmSync, unlinkSync, writeSync } from 'node:fs';

export interface OutputFile {
  write(chunk: Uint8Array): void;
  /** Closes the file; unless `keep`, removes it. Returns its path when there is a file to read. */
  end(keep: boolean): string | null;
}

/**
 * Opens the file before the command starts and writes only to that descriptor: the folder may be one that commands can write,
 * where the name could become a symlink to a file of the user's. A file that can't be made is no reason to lose the command.
 * @param path in a folder that no command can replace (`CommandOptions.outputFile`); only the last name is guarded here
 */
export function openOutputFile(path: string, limitBytes: number): OutputFile {
  const descriptor = create(path);
  let left = limitBytes;
  return {
    write(chunk) {
      if (descriptor === null || left <= 0) return;
      const part = chunk.subarray(0, left);
      left = write(descriptor, part) ? left - part.length : 0;
    },
    end(keep) {
      if (descriptor === null) return null;
      try {
        const ours = isSameFile(path, descriptor);
        closeSync(descriptor);
        if (ours && !keep) unlinkSync(path);
        return ours && keep ? path : null;
      } catch {
        return null; // the command has run, and its result is known
      }
    },
  };
}

function create(path: string): number | null {
  try {
    rmSync(path, { force: true });
    return openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
  } catch {
    return null;
  }
}

/** False when the disk is full or gone: the rest of the output is counted and thrown away. */
function write(descriptor: number, part: Uint8Array): boolean {
  try {
    writeSync(descriptor, part);
    return true;
  } catch {
    return false;
  }
}

function isSameFile(path: string, descriptor: number): boolean {
  const there = lstatSync(path, { throwIfNoEntry: false });
  const own = fstatSync(descriptor);
  return there !== undefined && there.ino === own.ino && there.dev === own.dev;
}
