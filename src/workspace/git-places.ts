/** What a git command sees of the machine, and what it writes: nothing, a git dir, or a working tree as well. */
import { dirname, join } from 'node:path';
import { realPathOf } from '../common/real-path.ts';
import { commonDirOf } from './find-git-dirs.ts';
import { sharedHome } from './links-out.ts';
import { followBorrowed } from './object-directories.ts';
import type { ObjectSource } from './types.ts';

/** As we call them, they tell names and ids, and write or start nothing. */
export const ONLY_LOOKS: ReadonlySet<string> = new Set([
  ...['check-attr', 'check-ignore', 'config', 'for-each-ref', 'ls-tree', 'merge-base', 'remote', 'rev-list', 'rev-parse', 'symbolic-ref'],
  'version',
]);
/** In a working tree others may write what a content filter makes. */
const READING = new Set([...ONLY_LOOKS, ...['cat-file', 'diff', 'diff-index', 'diff-tree', 'grep', 'log', 'ls-files', 'show']]);
/** What they tell of objects a model may be told, or goes into a commit. */
const OF_CONTENTS = new Set(['cat-file', 'checkout', 'diff', 'diff-tree', 'grep', 'pack-objects', 'read-tree', 'reset', 'show']);
const IN_THE_WORKING_TREE = new Set(['checkout', 'checkout-index', 'clean', 'merge-recursive', 'read-tree', 'reset', 'stash']);

export interface GitPlaces {
  readonly gitDir?: string | undefined;
  readonly workTree?: string | undefined;
  readonly indexFile?: string | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly cwd?: string | undefined;
  readonly config?: readonly (readonly [key: string, value: string])[] | undefined;
  /** Whose configuration is in force. */
  readonly user?: unknown;
  readonly writes?: readonly string[] | 'anywhere' | undefined;
  readonly programs?: readonly string[] | undefined;
}

/**
 * All that a call sees beside the system, so that nothing else of the user's is taken for an object; null = the whole machine, as the user's
 * configuration may name any file of it, and git-lfs saves a copy of what it links.
 */
export function shownPlaces(
  command: string,
  { gitDir, workTree, indexFile, env = {}, cwd, config, user }: GitPlaces,
): readonly string[] | null {
  const runsFilters = config?.some(([key, value]) => /^filter\..*\.process$/s.test(key) && value !== '');
  if (!OF_CONTENTS.has(command) || !gitDir || user || runsFilters || env.GIT_ALTERNATE_OBJECT_DIRECTORIES) return null;
  const objects = env.GIT_OBJECT_DIRECTORY ?? join(commonDirOf(gitDir), 'objects');
  const around = [workTree, cwd, indexFile && dirname(indexFile)].flatMap((place) => place ?? []);
  const { folders, names } = followBorrowed(objects);
  return [gitDir, ...placesOfGitDir(gitDir), ...folders, ...names, ...around];
}

/** The files and folders that a call may write. */
export function writtenPlaces(command: string, { gitDir, workTree, indexFile, env, writes, programs = [] }: GitPlaces): readonly string[] {
  if (writes && writes !== 'anywhere') return [...writes, ...programs];
  if (READING.has(command) && !workTree) return [];
  return [
    ...programs,
    ...(workTree && IN_THE_WORKING_TREE.has(command) ? [workTree] : []),
    ...(gitDir ? placesOfGitDir(gitDir) : []),
    ...(indexFile ? [dirname(indexFile)] : []),
    ...(env?.GIT_OBJECT_DIRECTORY ? [env.GIT_OBJECT_DIRECTORY] : []),
  ];
}

/** For a call that writes objects: `undefined` where the git dir is one of ours. */
export const objectPlaces = (where: ObjectSource): readonly string[] | undefined =>
  'commonDir' in where ? placesOfGitDir(where.gitDir) : undefined;

/** A git dir with what it shares, and where its objects lie. What of it may lead elsewhere was looked at before (`odd-git-entries.ts`). */
export function placesOfGitDir(gitDir: string): string[] {
  const common = commonDirOf(gitDir);
  const own = [gitDir, common].flatMap((dir) => [dir, sharedHome(dir) ?? dir]);
  return [...new Set([...own, join(common, 'objects')])].flatMap((place) => realPathOf(place) ?? []);
}
