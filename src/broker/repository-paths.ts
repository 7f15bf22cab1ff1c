import { lstatSync } from 'node:fs';
import path from 'node:path';
import { readRules } from '../common/read-plain-file.ts';
import { namedFrom, realPathOf } from '../common/real-path.ts';
import { coverage } from './protocol.ts';

/**
 * Where a path of a repository really is and, for a linked worktree, the working tree that its repository lives in: whoever has one
 * of them open, or forbade one of them, means the same repository.
 * @returns one path or two, the path itself first
 */
export function repositoryPaths(repoPath: string): readonly [string, ...string[]] {
  const real = realPathOf(repoPath) ?? repoPath;
  const main = mainWorktree(real);
  return main && main !== real ? [real, main] : [real];
}

/** The folder through which a window covers the first of the paths that it covers, and how well; null when it covers none. */
export function coverageOf(folders: readonly string[], paths: readonly string[]): { folder: string; rank: number } | null {
  for (const repositoryPath of paths) {
    const rank = coverage(folders, repositoryPath);
    const folder = folders.find((each) => coverage([each], repositoryPath) === rank);
    if (rank !== null && folder !== undefined) return { folder, rank };
  }
  // Of a linked worktree whose git dir names no working tree, by what a folder names.
  const common = linkedGitDir(paths[0] ?? '');
  const main = common === null ? undefined : folders.find((folder) => gitDirAt(folder) === common);
  return main === undefined ? null : { folder: main, rank: main.length };
}

/**
 * A linked worktree has a file `.git` that names `<git dir>/worktrees/<name>`. The way back is checked too, so that a folder
 * cannot claim to belong to a repository that knows nothing of it. What the pointer names is laid by whoever made the folder, as a pipe too.
 */
function mainWorktree(folder: string): string | null {
  const common = linkedGitDir(folder);
  if (common === null) return null;
  return path.basename(common) === '.git' ? path.dirname(common) : submoduleOf(common);
}

/** The git dir that a linked worktree shares with its repository; null where a folder lies in none. */
export function linkedGitDir(folder: string): string | null {
  for (let at = folder; ; at = path.dirname(at)) {
    const kind = tryTo(() => lstatSync(path.join(at, '.git')));
    if (kind?.isDirectory()) return null;
    const gitDir = kind?.isFile() ? pointerOf(at) : undefined;
    if (gitDir) {
      const real = realPathOf(gitDir);
      const back = real && realPathOf(namedFrom(real, readRules(path.join(real, 'gitdir')).trim()));
      return real && back === path.join(at, '.git') ? path.dirname(path.dirname(real)) : null;
    }
    if (path.dirname(at) === at) return null;
  }
}

/** Settings are read from some more files than this one, and none has it twice. */
const MOST_NAMED = 20;

/** The working tree of a submodule, of which its git dir tells; it must name that in turn. */
function submoduleOf(gitDir: string): string | null {
  const lines = readRules(path.join(gitDir, 'config')).matchAll(/^[ \t]*worktree[ \t]*=[ \t]*(?:"([^"\n]*)"|([^\n]*))/gim);
  // Of several git takes the last; to follow hundred thousands takes many seconds.
  for (const [, quoted, plain] of [...lines].slice(-MOST_NAMED)) {
    const named = realPathOf(namedFrom(gitDir, (quoted ?? plain ?? '').trim()));
    if (named !== null && gitDirAt(named) === gitDir) return named;
  }
  return null;
}

/** Where the file `.git` of a folder leads, as it says. */
function pointerOf(folder: string): string | undefined {
  const gitDir = /^gitdir: ([^\r\n\0]+)/.exec(readRules(path.join(folder, '.git')))?.[1];
  return gitDir === undefined ? undefined : namedFrom(folder, gitDir);
}

/** The real git dir of a folder that is a working tree by itself; null = it is none. */
export function gitDirAt(folder: string): string | null {
  const git = path.join(folder, '.git');
  const kind = tryTo(() => lstatSync(git));
  const led = kind?.isFile() ? pointerOf(folder) : kind && git;
  return led === undefined ? null : realPathOf(led);
}

function tryTo<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
