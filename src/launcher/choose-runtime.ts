import { execFile } from 'node:child_process';
import path from 'node:path';
import { foldersOnPath, isProgram, versionFolders } from '../common/find-program.ts';
import { TRY_NODE } from '../common/node-version.ts';

/** A program that can run the server. */
export interface Runtime {
  readonly program: string;
  /** VS Code's own program, which runs scripts only with ELECTRON_RUN_AS_NODE=1. */
  readonly electron: boolean;
}

const TRIAL_MS = 5000;

/**
 * What shall run the server: a Node that is new enough on PATH or in one of the usual folders, else `own`, the program of this
 * process. A Node starts faster than VS Code's own program and outlives its updates.
 */
export async function chooseRuntime(
  env: Readonly<Record<string, string | undefined>>,
  own: Runtime,
  platform: NodeJS.Platform,
): Promise<Runtime> {
  if (!own.electron) return own;
  for (const program of installedNodes(env, platform)) if (await isGoodNode(program)) return { program, electron: false };
  return own;
}

/** Every Node on PATH and in the usual folders, in the order in which they are tried. */
export function installedNodes(env: Readonly<Record<string, string | undefined>>, platform: NodeJS.Platform): string[] {
  const name = platform === 'win32' ? 'node.exe' : 'node';
  const home = env.HOME ?? env.USERPROFILE ?? '';
  const usual =
    platform === 'win32'
      ? [path.join(env.ProgramFiles ?? 'C:\\Program Files', 'nodejs')]
      : [
          '/usr/local/bin',
          '/opt/homebrew/bin',
          '/usr/bin',
          ...versionFolders(path.join(home, '.nvm/versions/node'), 'bin'),
          path.join(home, '.volta/bin'),
          ...versionFolders(path.join(home, '.local/share/fnm/node-versions'), 'installation/bin'),
        ];
  const folders = [...foldersOnPath(env, platform), ...usual.filter((folder) => path.isAbsolute(folder))];
  return [...new Set(folders)].map((folder) => path.join(folder, name)).filter(isProgram);
}

function isGoodNode(program: string): Promise<boolean> {
  return new Promise((resolve) => {
    execFile(program, ['-e', TRY_NODE], { timeout: TRIAL_MS, windowsHide: true, cwd: path.parse(program).root }, (error) =>
      resolve(!error),
    );
  });
}
