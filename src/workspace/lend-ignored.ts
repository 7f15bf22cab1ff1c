/**
 * Files of the user's checkout that git ignores and that the repository's `.worktreeinclude` or the user's setting names, as private copies in
 * another working tree. The file is the convention of Claude Code and others: patterns as in a `.gitignore`, of which only what is ignored counts.
 */
import { constants } from 'node:fs';
import { copyFile, lstat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readPlainFile } from '../common/read-plain-file.ts';
import { prepareMountPoint } from '../sandbox/mount-points.ts';
import { disarm } from './git-config.ts';
import { isOurs } from './own-place.ts';
import { decodeName, type GitCall, git, isLossy, runGit, splitNul } from './run-git.ts';
import { isSlowPattern } from './slow-patterns.ts';
import { nulList } from './stage-changes.ts';
import type { PrivateGit, Repository } from './types.ts';

const PATTERN_FILE = '.worktreeinclude';
const MOST_PATTERN_BYTES = 64 * 1024;
const MOST_FILES = 5000;
const MOST_BYTES = 256 * 2 ** 20;
const FIND_MS = 30_000;
/** Lent by themselves, in layers. */
const PACKAGES = /(^|\/)(node_modules|\.venv|venv)\//;

export interface IgnoredFiles {
  /** In the order of their names. */
  readonly paths: readonly string[];
  /** Named as well, but too many or too large. */
  readonly left: number;
}

export const NO_FILES: IgnoredFiles = { paths: [], left: 0 };

/**
 * @param setting the user's own patterns
 * @param isSecret whether a file is never sent: such a file counts only where a line names it exactly
 */
export async function findIgnored(
  repository: Repository,
  privateGit: PrivateGit,
  setting: readonly string[],
  isSecret: (file: string) => boolean,
  signal: AbortSignal,
): Promise<IgnoredFiles> {
  const file = readPlainFile(path.join(repository.root, PATTERN_FILE), MOST_PATTERN_BYTES, 'refused');
  const lines = [...(file?.toString('utf8').split(/\r?\n/) ?? []), ...setting]
    .map((line) => line.trim())
    .filter((line) => !isSlowPattern(line));
  if (lines.every((line) => line === '' || line.startsWith('#'))) return NO_FILES;
  const patterns = path.join(privateGit.gitDir, 'lent-patterns');
  await writeFile(patterns, `${lines.join('\n')}\n`);
  const { gitDir, root: workTree, user, config } = repository;
  const call: GitCall = { gitDir, workTree, user, config: disarm(config), signal, limitMs: FIND_MS };
  const named = splitNul(await git(['ls-files', '-z', '--others', '--ignored', `--exclude-from=${patterns}`], call));
  const files = named.filter((name) => !name.endsWith('/') && !PACKAGES.test(name));
  if (files.length === 0) return NO_FILES;
  // Exit code 1 says that none is ignored.
  const { stdout } = await runGit(['check-ignore', '-z', '--stdin'], { ...call, stdin: nulList(files) });
  const ignored = splitNul(stdout)
    .map(decodeName)
    // By a name that is no UTF-8 another file would be found, behind a link, too.
    .filter((name) => !isLossy(name) && (!isSecret(name) || isNamed(name, lines)) && !isOurs(privateGit, path.join(workTree, name)));
  return withinLimits(workTree, ignored.toSorted());
}

/** By its whole path or by its name, without a sign that stands for others. */
function isNamed(file: string, lines: readonly string[]): boolean {
  return lines.some((line) => line.replace(/^\//, '') === file || line === path.posix.basename(file));
}

async function withinLimits(root: string, files: readonly string[]): Promise<IgnoredFiles> {
  const paths: string[] = [];
  let bytes = 0;
  for (const file of files) {
    const stats = await lstat(path.join(root, file)).catch(() => null);
    if (!stats?.isFile()) continue;
    if (paths.length >= MOST_FILES || bytes + stats.size > MOST_BYTES) return { paths, left: files.length - paths.length };
    bytes += stats.size;
    paths.push(file);
  }
  return { paths, left: 0 };
}

/** Where something lies already (the commit's own, or the worker's), that stays. No process of a command may live meanwhile. */
export async function copyIgnored(root: string, workTree: string, files: readonly string[]): Promise<void> {
  for (const file of files) {
    const to = path.join(workTree, file);
    try {
      const stats = await lstat(path.join(root, file));
      if (!stats.isFile() || prepareMountPoint(workTree, path.posix.dirname(file), false) === 'unsafe') continue;
      await copyFile(path.join(root, file), to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
      await utimes(to, stats.atime, stats.mtime); // what is built looks older than its sources otherwise
    } catch {} // gone, or not to be read; its absence shows where it is needed
  }
}

/** The names as git lists them, for what must not come onto a branch whatever its rules say. */
export const asListed = (paths: readonly string[]): ReadonlySet<string> =>
  new Set(paths.map((file) => Buffer.from(file).toString('latin1')));
