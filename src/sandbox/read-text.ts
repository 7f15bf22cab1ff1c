/** Files of /proc, which may be gone before they are read. */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

/** '' when it cannot be read. */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

/** The same of as much as one of its readings gives: the arguments of a process can be many megabytes, and its processes many. */
export function readStart(path: string, most: number): string {
  try {
    const file = openSync(path, 'r');
    try {
      const bytes = Buffer.alloc(most);
      return bytes.toString('latin1', 0, readSync(file, bytes, 0, most, 0));
    } finally {
      closeSync(file);
    }
  } catch {
    return '';
  }
}
