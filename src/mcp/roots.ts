import { realpathSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Repository } from '../workspace/types.ts';

/** What the client and the user say a call may touch. */
export interface Allowed {
  /** Roots of the client (file URIs) and CLAUDE_PROJECT_DIR; empty when the client tells neither. */
  readonly told: readonly string[];
  /** Folders that the settings allow. */
  readonly settings: readonly string[];
  /** Where the server was started; counts only when the client tells nothing. */
  readonly cwd: string;
}

export function rootPaths(uris: readonly string[]): string[] {
  return uris.flatMap((uri) => {
    try {
      return [fileURLToPath(uri)];
    } catch {
      return [];
    }
  });
}

/**
 * Why a repository is out of bounds, or null. It is inside when its working tree lies in an allowed folder, when an allowed
 * folder lies in it (the client was opened in a package of it), or when it is a linked worktree of a repository that is inside.
 */
export function whyOutside(repository: Repository, allowed: Allowed): string | null {
  const own = allowed.told.length > 0 ? allowed.told : path.dirname(allowed.cwd) === allowed.cwd ? [] : [allowed.cwd];
  const folders = [...own, ...allowed.settings].flatMap(real);
  const inside = folders.some(
    (folder) => contains(folder, repository.root) || contains(repository.root, folder) || contains(folder, repository.commonDir),
  );
  if (inside) return null;
  const shown = folders.length > 0 ? folders.join(', ') : 'none';
  return `${repository.root} is outside of the folders that this client works in (${shown}). Open it in the client, or let the user add it to KIMI_DIRECTORIES.`;
}

function real(folder: string): string[] {
  try {
    return [realpathSync(folder)];
  } catch {
    return [];
  }
}

function contains(folder: string, child: string): boolean {
  const relative = path.relative(folder, child);
  return relative === '' || (!relative.startsWith(`..${path.sep}`) && relative !== '..' && !path.isAbsolute(relative));
}
