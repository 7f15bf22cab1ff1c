import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { contains } from '../common/path-contains.ts';

interface Surroundings {
  /** Where the built programs lie. */
  readonly programFolder: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const NAME = 'claude-kimi-mcp';
/**
 * As it is called in a repository, too. By itself npx looks there first: for a program by that name among its packages, and for an `.npmrc`, which
 * names the registry and what Node loads.
 */
export const NPX = process.platform === 'win32' ? 'npx' : 'npx --prefix ~';

/** What has to be typed here to call this program: hints name a command that works. */
export function programName({ programFolder, cwd, env }: Surroundings): string {
  const program = path.join(programFolder, 'cli.js');
  if (programFolder.split(path.sep).includes('_npx')) return `${NPX} ${NAME}`;
  if (isOnPath(program, env.PATH ?? env.Path ?? '')) return NAME;
  const isClone = existsSync(path.join(programFolder, '..', 'src', 'cli.ts'));
  if (!isClone) return `${isOfProject(programFolder, cwd) ? 'npx' : NPX} ${NAME}`;
  const near = path.relative(cwd, program);
  const shown = near.startsWith('..') ? fromHome(program, env.HOME) : near;
  return `node ${shown.includes(' ') ? `"${program}"` : shown}`;
}

/** Whether it is a package of the project that somebody stands in, which npx finds there. */
function isOfProject(programFolder: string, cwd: string): boolean {
  const packages = path.resolve(programFolder, '..', '..');
  return path.basename(packages) === 'node_modules' && contains(path.dirname(packages), cwd);
}

/** As a shell takes it too. */
function fromHome(file: string, home: string | undefined): string {
  return home && file.startsWith(`${home}/`) ? `~${file.slice(home.length)}` : file;
}

/** As a link to it, or on Windows as the script that npm writes. */
function isOnPath(program: string, folders: string): boolean {
  const real = realPath(program);
  return folders
    .split(path.delimiter)
    .filter(path.isAbsolute)
    .some((folder) =>
      process.platform === 'win32'
        ? existsSync(path.join(folder, `${NAME}.cmd`))
        : real !== null && realPath(path.join(folder, NAME)) === real,
    );
}

function realPath(file: string): string | null {
  try {
    return realpathSync.native(file);
  } catch {
    return null; // not there
  }
}
