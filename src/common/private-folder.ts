import { mkdirSync } from 'node:fs';

/** Makes a folder that nobody but the user may enter, with all that lead to it; one that is there stays as it is. */
export function makePrivateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
}
