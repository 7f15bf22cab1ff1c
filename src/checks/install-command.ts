import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ECOSYSTEMS } from '../sandbox/ecosystems.ts';

/** What installs the dependencies of the project in a folder: at most one command for each kind of project that lies there. */
export function installCommands(folder: string): { readonly command: string; readonly isDone: boolean }[] {
  const isThere = (name: string) => existsSync(join(folder, name));
  return ECOSYSTEMS.flatMap(({ install = [], installed = [] }) => {
    const way = install.find(({ file }) => isThere(file));
    const isDone = installed.some((one) => isThere(typeof one === 'string' ? one : one.folder));
    return way ? [{ command: way.command, isDone }] : [];
  });
}
