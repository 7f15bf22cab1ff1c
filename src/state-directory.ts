import { homedir, userInfo } from 'node:os';
import path from 'node:path';
import type { Message } from './messages/message.ts';

export type StateDirectory = { readonly ok: true; readonly folder: string } | { readonly ok: false; readonly reason: Message };

/**
 * The folder with everything that outlives a process: journals, workspaces, `.env`. `CLAUDE_KIMI_HOME` overrides; in the configuration of a
 * client no shell expands it. What names no certain folder is refused: by the working directory it would lie in the user's repository.
 */
export function stateDirectory(env: Readonly<Record<string, string | undefined>>, home: string | null = homeFolder()): StateDirectory {
  const given = (env.CLAUDE_KIMI_HOME || '').trim();
  const inHome = /^(?:~|\$HOME|\$\{HOME\}|%USERPROFILE%)(?:[\\/]+(.*))?$/.exec(given);
  if (given !== '' && !inHome) {
    if (path.isAbsolute(given)) return ofItsOwn(path.resolve(given), given, home);
    return { ok: false, reason: { code: 'state.notAbsolute', args: { given } } };
  }
  if (home === null) return { ok: false, reason: { code: 'state.noHome', args: {} } };
  return inHome ? ofItsOwn(path.resolve(home, inHome[1] || ''), given, home) : { ok: true, folder: path.join(home, '.claude-kimi-mcp') };
}

/** In the home folder itself our `bin`, `.env` and `cache` would be those of everything else. */
function ofItsOwn(folder: string, given: string, home: string | null): StateDirectory {
  const isShared = [path.parse(folder).root, ...(home === null ? [] : [path.resolve(home)])].includes(folder);
  return isShared ? { ok: false, reason: { code: 'state.isHome', args: { given } } } : { ok: true, folder };
}

/** HOME may be empty or wrong in the environment that a client gives; the system knows too. null = there is none. */
export function homeFolder(): string | null {
  for (const find of [homedir, () => userInfo().homedir]) {
    try {
      const folder = find();
      if (path.isAbsolute(folder)) return folder;
    } catch {}
  }
  return null;
}
