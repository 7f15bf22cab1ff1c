/** The user's uncommitted work: what it is, and a commit of it for the base. The user's index and objects are not touched. */

import { randomUUID } from 'node:crypto';
import { copyFile, readdir, rm, stat, utimes } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { errorCode } from '../common/caught-error.ts';
import type { Message } from '../messages/message.ts';
import { findInstalled } from '../sandbox/find-lent.ts';
import { writtenByPrograms } from './content-filters.ts';
import { disarm, PLAIN_INDEX } from './git-config.ts';
import { isOurs } from './own-place.ts';
import { decodeName, git, isLossy, splitNul } from './run-git.ts';
import { type StageCall, stageChanges } from './stage-changes.ts';
import { touchedOnly } from './touched-lfs.ts';
import type { CommitIdentity, PrivateGit, Repository } from './types.ts';
import { writeCommit } from './write-commit.ts';

/** A command line holds 32,767 characters on Windows. `git status` takes no list of paths from elsewhere, so it looks everywhere for more. */
const MOST_ARGUMENT_BYTES = 24_000;
/** Other folders that tools install into (`vendor`) are committed by some. */
const PACKAGES = /(^|\/)(node_modules|\.venv|venv|env)\/$/;

/** Repository-relative paths with uncommitted changes, staged or not, new files included, ignored ones not. Sorted. */
export async function uncommittedPaths(repository: Repository, how: { limitMs?: number } = {}): Promise<string[]> {
  return status(repository, [], how);
}

/**
 * Those of the given repository-relative files or folders that have uncommitted changes. Names are literal, no patterns.
 * @param how.filters the user's content filters run: without them a file of theirs whose time stamp changed looks changed, but for those of git-lfs
 */
export async function uncommittedAmong(
  repository: Repository,
  paths: readonly string[],
  how: { signal?: AbortSignal; filters?: boolean } = {},
): Promise<string[]> {
  const inside = paths.filter((path) => path !== '' && !path.startsWith('/') && !path.includes('\0') && !path.split('/').includes('..'));
  if (inside.length === 0) return [];
  const isNameable = !inside.some(isLossy); // an argument is UTF-8
  if (isNameable && inside.reduce((bytes, path) => bytes + Buffer.byteLength(path) + 1, 0) <= MOST_ARGUMENT_BYTES)
    return status(repository, ['--', ...inside], how);
  const asked = new Set(inside.map((path) => path.replace(/\/+$/, '')));
  return (await status(repository, [], how)).filter((path) => isUnder(asked, path));
}

/** Whether a path, or a folder that it lies in, is among some. */
function isUnder(paths: ReadonlySet<string>, path: string): boolean {
  for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) if (paths.has(path.slice(0, end))) return true;
  return false;
}

async function status(
  repository: Repository,
  pathspec: readonly string[],
  { filters = false, ...bounds }: { signal?: AbortSignal; limitMs?: number; filters?: boolean },
): Promise<string[]> {
  const options = ['--porcelain=v2', '-z', '--untracked-files=all', '--no-renames', '--ignore-submodules=dirty'];
  const output = await git(['--literal-pathspecs', 'status', ...options, ...pathspec], {
    gitDir: repository.gitDir,
    workTree: repository.root,
    user: repository.user,
    config: filters ? [] : disarm(repository.config),
    programs: filters ? writtenByPrograms(repository) : undefined,
    ...bounds,
  });
  const found = splitNul(output).flatMap((line) => {
    const path = statusPath(line);
    return path === null ? [] : [{ path: decodeName(path), onDiskOnly: line.startsWith('1 .M') }];
  });
  const onDisk = found.filter(({ onDiskOnly }) => onDiskOnly && !filters);
  const touched = await touchedOnly(
    repository,
    onDisk.map(({ path }) => path),
    bounds.signal,
  );
  return [...new Set(found.map(({ path }) => path))].filter((path) => !touched.has(path)).sort();
}

/** The path is what follows a fixed number of fields: `1 XY sub mH mI mW hH hI path`, `u` has ten fields, `?` one. */
function statusPath(line: string): string | null {
  const fields = { '1': 8, u: 10, '?': 1 }[line[0] ?? ''];
  if (fields === undefined) return null;
  let start = 0;
  for (let field = 0; field < fields; field++) start = line.indexOf(' ', start) + 1;
  return line.slice(start);
}

export interface Snapshot {
  readonly commit: string;
  /** What could not be included and why. */
  readonly problems: readonly Message[];
}

/**
 * Commits the user's working tree as it is (tracked changes, new files that are not ignored, deletions) on top of `parent`, into the
 * private git dir. Works on a copy of the user's index, so unchanged files are not read.
 */
export async function snapshotUncommitted(
  repository: Repository,
  privateGit: PrivateGit,
  parent: string,
  identity: CommitIdentity,
  signal?: AbortSignal,
): Promise<Snapshot> {
  const indexFile = join(privateGit.gitDir, `snapshot-${randomUUID()}`);
  const shared = await copyIndex(repository, privateGit, indexFile);
  const call: StageCall = {
    gitDir: privateGit.gitDir,
    workTree: repository.root,
    indexFile,
    signal,
    config: [...PLAIN_INDEX, ...privateGit.filters.settings],
  };
  try {
    const keptOut = await keptOutOf(repository, privateGit, call);
    const { problems } = await stageChanges({ ...call, keptOut }, privateGit.filters.off);
    const tree = (await git(['write-tree'], call)).toString('latin1').trim();
    const message = 'Uncommitted changes at the start of the attempt\n';
    return { commit: await writeCommit(privateGit, { tree, parents: [parent], message, identity }), problems };
  } finally {
    await Promise.all([indexFile, `${indexFile}.lock`, ...shared].map((path) => rm(path, { force: true })));
  }
}

/**
 * New files (latin1 names) that are nobody's work, though no rule ignores them: of installed packages, which are lent, and of this program itself.
 * Where some packages are committed, so may others be.
 */
async function keptOutOf(repository: Repository, privateGit: PrivateGit, call: StageCall): Promise<Set<string>> {
  const [tracked, others] = await Promise.all([
    git(['ls-files', '-z'], call).then(splitNul),
    git(['ls-files', '-z', '--others', '--exclude-standard'], call).then(splitNul),
  ]);
  const known = [...tracked, ...others.filter((name) => !name.includes('/'))].map(decodeName);
  const folders = findInstalled(repository.root, known)
    .map(({ at }) => `${relative(repository.root, at)}/`)
    .filter((folder) => PACKAGES.test(folder) && !tracked.some((name) => decodeName(name).startsWith(folder)));
  const isKeptOut = (name: string) => folders.some((folder) => name.startsWith(folder)) || isOurs(privateGit, join(repository.root, name));
  return new Set(others.filter((name) => isKeptOut(decodeName(name))));
}

/** Copies the index and, for a split index, its shared parts, which git looks for in the git dir. */
async function copyIndex(repository: Repository, privateGit: PrivateGit, indexFile: string): Promise<string[]> {
  const names = (await readdir(repository.gitDir)).filter((name) => name.startsWith('sharedindex.'));
  const copies = names.map((name) => join(privateGit.gitDir, name));
  await Promise.all(names.map((name, index) => copyFile(join(repository.gitDir, name), copies[index]!)));
  const original = join(repository.gitDir, 'index');
  try {
    const { atime, mtime } = await stat(original);
    await copyFile(original, indexFile);
    // Git reads files again that changed in the second in which the index was written; a younger copy would hide them.
    await utimes(indexFile, atime, mtime);
  } catch (error) {
    // No index means that nothing is staged, as after `git rm --cached -r .`; git then starts from an empty one.
    if (errorCode(error) !== 'ENOENT') throw error;
  }
  return copies;
}
