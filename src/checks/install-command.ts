import { findProgram, foldersOnPath } from '../common/find-program.ts';
import { expandNames } from '../common/list-names.ts';
import { ECOSYSTEMS, type Installer } from '../sandbox/ecosystems.ts';

/**
 * What installs the dependencies of the project in a folder: at most one command for each kind of project that lies there.
 * @param hasProgram whether the user has a program of this name
 * @returns the tool: the program that the lock is of, there or not
 */
export function installCommands(
  folder: string,
  hasProgram: (name: string) => boolean = isOnPath,
): { readonly command: string; readonly isDone: boolean; readonly tool: string }[] {
  const isThere = (name: string) => expandNames(folder, name).length > 0;
  return ECOSYSTEMS.flatMap(({ install = [], installed = [] }) => {
    const way = install.find(({ file }) => isThere(file));
    const isDone = installed.some((one) => isThere(typeof one === 'string' ? one : one.folder));
    return way ? [{ command: commandOf(way, hasProgram), isDone, tool: toolOf(way) }] : [];
  });
}

function commandOf({ command, otherwise }: Installer, hasProgram: (name: string) => boolean): string {
  return otherwise === undefined || hasProgram(toolOf({ command })) ? command : otherwise;
}

const toolOf = ({ command }: Pick<Installer, 'command'>): string => command.split(' ')[0]!;

const isOnPath = (name: string): boolean => findProgram(name, foldersOnPath(process.env, process.platform)) !== null;
