import { execFile } from 'node:child_process';
import { accessSync, constants, readdirSync } from 'node:fs';
import path from 'node:path';

/** A program that can run the server. */
export interface Runtime {
  readonly program: string;
  /** VS Code's own program, which runs scripts only with ELECTRON_RUN_AS_NODE=1. */
  readonly electron: boolean;
}

const OLDEST_NODE = 22;
const TRIAL_MS = 5000;

/**
 * What shall run the server: a Node of version 22 or newer on PATH or in one of the usual folders, else `own`, the program of this
 * process. A Node starts faster than VS Code's own program and outlives its updates.
 */
export async function chooseRuntime(
  env: Readonly<Record<string, string | undefined>>,
  own: Runtime,
  platform: NodeJS.Platform,
): Promise<Runtime> {
  if (!own.electron) return own;
  for (const program of candidates(env, platform)) if (await isGoodNode(program)) return { program, electron: false };
  return own;
}

function candidates(env: Readonly<Record<string, string | undefined>>, platform: NodeJS.Platform): string[] {
  const name = platform === 'win32' ? 'node.exe' : 'node';
  const home = env.HOME ?? env.USERPROFILE ?? '';
  const onPath = (env.PATH ?? env.Path ?? '').split(path.delimiter);
  const usual =
    platform === 'win32'
      ? [path.join(env.ProgramFiles ?? 'C:\\Program Files', 'nodejs')]
      : [
          '/usr/local/bin',
          '/opt/homebrew/bin',
          '/usr/bin',
          ...versioned(path.join(home, '.nvm/versions/node'), 'bin'),
          path.join(home, '.volta/bin'),
          ...versioned(path.join(home, '.local/share/fnm/node-versions'), 'installation/bin'),
        ];
  // A folder inside of a project is not the user's, but the project's; a relative one changes with the working directory.
  const folders = [...onPath, ...usual].filter((folder) => path.isAbsolute(folder) && !folder.includes('node_modules'));
  return [...new Set(folders)].map((folder) => path.join(folder, name)).filter(isExecutable);
}

/** Newest first. */
function versioned(folder: string, below: string): string[] {
  try {
    const names = readdirSync(folder).sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
    return names.map((version) => path.join(folder, version, below));
  } catch {
    return [];
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function isGoodNode(program: string): Promise<boolean> {
  return new Promise((resolve) => {
    execFile(
      program,
      ['-p', 'process.versions.node'],
      { timeout: TRIAL_MS, windowsHide: true, cwd: path.parse(program).root },
      (error, stdout) => resolve(!error && Number.parseInt(stdout, 10) >= OLDEST_NODE),
    );
  });
}
