import { randomBytes } from 'node:crypto';
import { chmodSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/**
 * Writes a file whole or not at all: a reader never sees half of it, and a crash leaves the old one.
 * @param mode of the file, whatever it was before and whatever the umask takes away (where the file system has modes)
 * @param last is called right before the file appears, and may throw to leave the old one
 */
export function writeWhole(file: string, text: string | Uint8Array, mode = 0o600, last: () => void = () => {}): void {
  // By a name that nobody guesses: a repository could have laid a link by it, which leads our writing anywhere.
  const fresh = `${file}.${randomBytes(6).toString('hex')}.new`;
  try {
    writeFileSync(fresh, text, { mode, flag: 'wx' });
    tryToSetMode(fresh, mode);
    last();
    renameSync(fresh, file);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
}

function tryToSetMode(file: string, mode: number): void {
  try {
    chmodSync(file, mode);
  } catch {} // not on this file system; it was created with no more than this anyway
}
