import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { foldersOnPath, isProgram, versionFolders } from '../common/find-program.ts';
import { type Message, message } from '../messages/message.ts';

export interface FindOptions {
  /** The setting claudeKimi.claudePath. */
  readonly setting?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly home: string;
  /** Folders of the whole machine to look in. Default: the usual ones. */
  readonly systemFolders?: readonly string[];
}

export interface FoundClaude {
  readonly program: string;
  /** `the setting`, `PATH`, `a usual folder` or `the login shell`. */
  readonly how: string;
}

export type ClaudeSearch = { readonly ok: true; readonly claude: FoundClaude } | { readonly ok: false; readonly reason: Message };

const PROBE_MS = 5000;

/**
 * Finds the program `claude`: the setting, PATH, the usual folders, then what the login shell would start (a desktop's PATH often lacks
 * what the terminal's has).
 */
export async function findClaude(options: FindOptions): Promise<ClaudeSearch> {
  const setting = options.setting?.trim();
  if (setting) {
    const wanted = setting.replace(/^~(?=[\\/])/, options.home);
    const program = path.isAbsolute(wanted) ? usable(wanted, options.platform) : null;
    if (program) return found(program, 'the setting');
    return {
      ok: false,
      reason: message('claude.notAtPath', { path: setting }),
    };
  }
  const onPath = firstIn(foldersOnPath(options.env, options.platform), options.platform);
  if (onPath) return found(onPath, 'PATH');
  const usual = firstIn(usualFolders(options), options.platform);
  if (usual) return found(usual, 'a usual folder');
  const shell = await askLoginShell(options);
  if (shell) return found(shell, 'the login shell');
  return {
    ok: false,
    reason: message('claude.notFound'),
  };
}

function found(program: string, how: string): ClaudeSearch {
  return { ok: true, claude: { program, how } };
}

function usualFolders({ env, platform, home, systemFolders }: FindOptions): string[] {
  if (platform === 'win32') {
    const data = env.APPDATA ?? path.join(home, 'AppData', 'Roaming');
    return [path.join(home, '.local', 'bin'), path.join(home, '.claude', 'local'), path.join(data, 'npm'), path.join(home, '.bun', 'bin')];
  }
  return [
    path.join(home, '.local/bin'),
    path.join(home, '.claude/local'),
    ...(systemFolders ?? ['/usr/local/bin', '/opt/homebrew/bin', '/usr/bin']),
    ...['.npm-global/bin', '.npm/bin', '.bun/bin', '.volta/bin', '.yarn/bin', 'bin'].map((folder) => path.join(home, folder)),
    ...versionFolders(path.join(home, '.nvm/versions/node'), 'bin'),
    ...versionFolders(path.join(home, '.local/share/mise/installs/node'), 'bin'),
  ];
}

function firstIn(folders: readonly string[], platform: NodeJS.Platform): string | null {
  for (const folder of folders) {
    const program = usable(path.join(folder, platform === 'win32' ? 'claude.exe' : 'claude'), platform);
    const npm = platform === 'win32' && !program ? usable(path.join(folder, 'claude.cmd'), platform) : null;
    if (program ?? npm) return program ?? npm;
  }
  return null;
}

/** npm's `claude.cmd` cannot be started without a shell, which would read our JSON in its own way: the program behind it is taken. */
function usable(file: string, platform: NodeJS.Platform): string | null {
  if (platform === 'win32' && /\.(cmd|bat|ps1)$/i.test(file)) {
    const behind = path.join(path.dirname(file), 'node_modules', '@anthropic-ai', 'claude-code', 'bin', 'claude.exe');
    return existsSync(behind) ? behind : null;
  }
  return isProgram(file) ? file : null;
}

/** The marks tell our answer from whatever the shell's start files print. */
function askLoginShell({ env, platform, home }: FindOptions): Promise<string | null> {
  const shell = env.SHELL;
  if (platform === 'win32' || !shell || !path.isAbsolute(shell) || !existsSync(shell)) return Promise.resolve(null);
  const mark = randomBytes(8).toString('hex');
  const command = `printf '%s' ${mark}; command -v claude; printf '%s' ${mark}`;
  return new Promise((resolve) => {
    const options = { timeout: PROBE_MS, killSignal: 'SIGKILL' as const, cwd: home, env: { ...env } as NodeJS.ProcessEnv };
    const child = execFile(shell, ['-l', '-i', '-c', command], options, (_error, stdout) => {
      const line = stdout.split(mark)[1]?.trim();
      resolve(line && path.isAbsolute(line) ? usable(line, platform) : null);
    });
    child.stdin?.end();
  });
}
