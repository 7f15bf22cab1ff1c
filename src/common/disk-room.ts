import { statfsSync } from 'node:fs';

/** Less than this, and the files of a step have no room. */
const ROOM_BYTES = 1024 * 1024;

/** Whether the disk of a folder is as good as full; false where it cannot be asked. */
export function isDiskFull(folder: string): boolean {
  try {
    const { bavail, bsize, files, ffree } = statfsSync(folder);
    return bavail * bsize < ROOM_BYTES || (files !== 0 && ffree === 0);
  } catch {
    return false;
  }
}
