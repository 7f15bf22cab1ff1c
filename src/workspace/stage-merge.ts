/** Prepares a merge beside the checkout: the files that it changes, as the user's content filters make them, and the index. */

import { existsSync } from 'node:fs';
import { copyFile, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { shellWord } from '../common/shell-word.ts';
import { differingFromAll } from './compare-with-disk.ts';
import { writtenByPrograms } from './content-filters.ts';
import { PLAIN_INDEX } from './git-config.ts';
import { absolute, type Move, mergeFolder, type Stamp, stampOf } from './merge-journal.ts';
import { decodeName, git, isLossy, type Setting, splitNul } from './run-git.ts';
import type { Repository } from './types.ts';

/** A path that a merge changes; bytes as latin1. */
export interface MergeChange {
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

export const ABSENT = '000000';
export const LINK = '160000';

/** @param call how git reads the repository */
export async function readMergeChanges(call: Parameters<typeof git>[1], before: string, after: string): Promise<MergeChange[]> {
  const fields = splitNul(await git(['diff-tree', '-r', '-z', '--no-renames', before, after], call));
  return fields.flatMap((raw, at) => {
    const [beforeMode = ABSENT, afterMode = ABSENT] = raw.slice(1).split(' ');
    return at % 2 === 0 ? [{ path: fields[at + 1]!, before: beforeMode, after: afterMode }] : [];
  });
}

/** What stands in the checkout in the place of each; taken before anybody looks whether it is the user's own work. */
export function stampsOf({ root }: Repository, changes: readonly MergeChange[]): Map<string, Stamp> {
  return new Map(changes.map(({ path }) => [path, stampOf(absolute(root, path))]));
}

export interface Overlooked {
  /** Not as HEAD has them. */
  readonly edited: readonly string[];
  /** As HEAD has them, but git takes them for absent. */
  readonly hidden: readonly string[];
}

/** Files among the changes at which git was told not to look (`git update-index --skip-worktree`, `--assume-unchanged`), and which are there. */
export async function overlookedFiles(repository: Repository, changes: readonly MergeChange[]): Promise<Overlooked> {
  const changed = new Set(changes.map(({ path }) => path));
  const call = { gitDir: repository.gitDir, workTree: repository.root, user: repository.user };
  const flagged = splitNul(await git(['ls-files', '-v', '-z'], call)).flatMap((line) => {
    const [tag, path] = [line[0]!, line.slice(2)];
    const present = changed.has(path) && stampOf(absolute(repository.root, path)) !== null;
    return /[a-zS]/.test(tag) && present ? [{ path: decodeName(path), hidden: /s/i.test(tag) }] : [];
  });
  const paths = flagged.map(({ path }) => path);
  const edited = new Set(await differingFromAll(repository, repository, [repository.head.commit], paths));
  for (const path of paths) if (isLossy(path)) edited.add(path); // nobody can look
  return {
    edited: [...edited].sort(),
    hidden: flagged.flatMap(({ path, hidden }) => (hidden && !edited.has(path) ? [path] : [])),
  };
}

/**
 * Fills the folder. Git believes that the working tree is an empty one, so it writes what changes, and only that; which filter a file has
 * is decided by the attributes of the result, as in any merge.
 * @param hidden files that are there although git takes them for absent
 */
export async function stageMerge(
  repository: Repository,
  commits: { before: string; after: string },
  changes: readonly MergeChange[],
  stamps: ReadonlyMap<string, Stamp>,
  hidden: readonly string[],
): Promise<Move[]> {
  const { gitDir } = repository;
  const folder = mergeFolder(gitDir);
  const written = await copyIndex(join(gitDir, 'index'), folder.index);
  const call = {
    gitDir,
    workTree: folder.staged,
    indexFile: folder.index,
    user: repository.user,
    config: [...PLAIN_INDEX, ...filtersAtHome(repository)],
    programs: writtenByPrograms(repository),
  };
  const flag = async (option: string, paths: readonly string[]) => {
    if (paths.length > 0)
      await git(['update-index', option, '-z', '--stdin'], { ...call, stdin: paths.map((path) => `${path}\0`).join('') });
  };
  await flag('--no-skip-worktree', hidden);
  await git(['read-tree', '-m', '-u', commits.before, commits.after], call);
  const isStaged = (path: string) => stampOf(join(folder.staged, path)) !== null;
  await flag('--skip-worktree', hidden.filter(isStaged));
  // Git could not read again here what changed in the second of the index: that goes on being asked for, where the files are.
  if (written) await utimes(folder.index, written, written);
  return changes.flatMap(({ path, before, after }) => {
    const staged = stampOf(absolute(folder.staged, path));
    if (before === LINK && after === ABSENT) return []; // a submodule's files stay, as after any merge
    if (after !== ABSENT && staged === null) return []; // outside of a sparse checkout, or a submodule
    return [{ path, before: stamps.get(path) ?? null, after: staged }];
  });
}

/**
 * The user's content filters see the checkout as it is before the work of a branch is written: a `.lfsconfig` or a script that the branch
 * brings does not decide what they do, or where they connect to.
 */
export function filtersAtHome({ config, root, gitDir }: Pick<Repository, 'config' | 'root' | 'gitDir'>): Setting[] {
  const prefix = `cd ${shellWord(root)} || exit 1\nexport GIT_WORK_TREE=${shellWord(root)} GIT_INDEX_FILE=${shellWord(join(gitDir, 'index'))}\n`;
  return [...config].flatMap(([key, command]): Setting[] => {
    const [, kind] = /^filter\..*\.(smudge|process)$/s.exec(key) ?? [];
    if (!kind || command === '') return [];
    return [[key, `${kind === 'smudge' ? prefix.replaceAll('%', '%%') : prefix}${command}`]]; // git fills in `%f` there
  });
}

/** With its time, which is the answer: git reads files again that changed in the second in which the index was written. */
async function copyIndex(from: string, to: string): Promise<Date | null> {
  if (!existsSync(from)) return null;
  const { atime, mtime } = await stat(from);
  await copyFile(from, to);
  await utimes(to, atime, mtime);
  return mtime;
}
