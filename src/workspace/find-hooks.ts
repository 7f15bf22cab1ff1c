/** The hooks that git would run in the user's checkout, and where they lie; nothing is run here. */
import { accessSync, constants, existsSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, relative } from 'node:path';
import { contains } from '../common/path-contains.ts';
import { settingsIn } from './git-config.ts';
import type { Repository } from './types.ts';

export interface HookFolder {
  readonly path: string;
  /** The same, relative to the root, where it lies in the working tree. */
  readonly inTree: string | null;
  /** Where it only starts the hooks of another folder, as husky's `.husky/_` does: that one. */
  readonly starts: string | null;
}

/** `core.hooksPath` of the user's or the repository's configuration, else the git dir's own. */
export async function hookFolder(repository: Repository): Promise<HookFolder | null> {
  const { root, user, commonDir } = repository;
  const set = (await settingsIn(repository, 'files')).get('core.hookspath');
  const home = set?.startsWith('~/') ? join(user.home, set.slice(2)) : set;
  const named = home ? (isAbsolute(home) ? home : join(root, home)) : join(commonDir, 'hooks');
  const path = realFolder(named);
  if (path === null) return null;
  const isInTree = contains(root, path) && !contains(commonDir, path) && !contains(repository.gitDir, path);
  const inTree = isInTree ? relative(root, path).split('\\').join('/') : null;
  return { path, inTree, starts: inTree?.endsWith('/_') ? dirname(path) : null };
}

function realFolder(path: string): string | null {
  try {
    const real = realpathSync.native(path);
    return statSync(real).isDirectory() ? real : null;
  } catch {
    return null;
  }
}

/** Whether git would run it: a file that may be executed. */
export function hasHook({ path, starts }: HookFolder, name: string): boolean {
  try {
    accessSync(join(path, name), constants.X_OK);
    return statSync(join(path, name)).isFile() && (starts === null || existsSync(join(starts, name)));
  } catch {
    return false;
  }
}
