import { posix } from 'node:path';

/** A folder of a repository (`''` = the root), the one that it lies in, and so on to the root. */
export function foldersUpwards(folder: string): string[] {
  return folder === '' ? [''] : [folder, ...foldersUpwards(folder.includes('/') ? posix.dirname(folder) : '')];
}
