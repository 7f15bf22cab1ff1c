import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';
import { namesIn } from './list-names.ts';

/** The full path of a program in the first of the folders that has it, or null. PATH is not asked. */
export function findProgram(name: string, folders: readonly string[]): string | null {
  return folders.map((folder) => path.join(folder, name)).find(isProgram) ?? null;
}

/** Whether it is a file that can be started, by itself or through links. */
export function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/**
 * The folders of PATH that are the user's choice: a relative one changes with the working directory, and one in a project's packages
 * is the project's.
 */
export function foldersOnPath(env: Readonly<Record<string, string | undefined>>, platform: NodeJS.Platform): string[] {
  const paths = platform === 'win32' ? path.win32 : path.posix;
  return (env.PATH ?? env.Path ?? '')
    .split(paths.delimiter)
    .filter((folder) => paths.isAbsolute(folder) && !/[\\/]node_modules[\\/]/.test(`${folder}/`));
}

/** A part of each folder that a version manager made for a version (`~/.nvm/versions/node/<version>/bin`), the newest version first. */
export function versionFolders(folder: string, part: string): string[] {
  return namesIn(folder)
    .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
    .map((version) => path.join(folder, version, part));
}
