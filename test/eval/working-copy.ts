/** The repository of a task as somebody has it who is about to work on it, with nothing newer than the base. */
import { appendFileSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { git as gitOf, runGit } from '../../src/workspace/run-git.ts';
import type { PrivateGit } from '../../src/workspace/types.ts';
import { git } from '../bench/trials/checkout.ts';
import { freshFolder, type Place } from './hidden-tests.ts';
import { UserError } from './options.ts';
import type { Task } from './task-file.ts';
import { openTestTree } from './test-tree.ts';

export interface WorkingCopy {
  readonly folder: string;
  /** What its files are now, as a tree in a git dir that nobody who works there reaches. */
  snapshot(): Promise<Snapshot>;
}

export interface Snapshot {
  readonly tree: string;
  /** Where its objects are. */
  readonly objects: string;
  readonly changedFiles: number;
  readonly diff: string;
}

export async function makeWorkingCopy(place: Place, task: Task): Promise<WorkingCopy> {
  const { source, settings, signal, results } = place;
  const tree = await openTestTree({ source, commit: task.base, folder: freshFolder(place.work), settings, signal, results });
  const unready = await tree.prepare(task.prepare).finally(() => tree.close());
  if (unready) throw new UserError(`${task.id}: its preparation failed: ${unready.tail.trim().split('\n').at(-1)}`);
  const folder = tree.workTree;
  // Behind the preparation: what ran there cannot have left a hook or a setting in a git dir that was not there.
  rmSync(path.join(folder, '.git'), { recursive: true, force: true });
  git(folder, 'init', '-q', '-b', 'main', '--template=', '--object-format', source.repository.objectFormat);
  git(folder, 'fetch', '-q', '--no-tags', source.repository.gitDir, task.base);
  rmSync(path.join(folder, '.git', 'FETCH_HEAD')); // it names the copy that has the fix
  git(folder, 'reset', '-q', '--hard', task.base);
  for (const [name, value] of Object.entries({ 'user.name': 'Evaluation', 'user.email': 'evaluation@localhost', 'gc.auto': '0' }))
    git(folder, 'config', name, value);
  leaveOut(folder, [path.join(folder, '.git'), tree.git.gitDir]);
  return { folder, snapshot: () => snapshot(tree.git, folder, task.base) };
}

/** What preparation has made counts as no work. @param gitDirs those that look at the folder */
export function leaveOut(folder: string, gitDirs: readonly string[]): void {
  const left = git(folder, 'ls-files', '--others', '--exclude-standard', '--directory', '-z').split('\0').filter(Boolean);
  const patterns = left.map((file) => `/${file.replace(/[\\*?[\]]/g, '\\$&').replace(/ $/, '\\ ')}\n`).join('');
  for (const gitDir of gitDirs) {
    mkdirSync(path.join(gitDir, 'info'), { recursive: true });
    appendFileSync(path.join(gitDir, 'info', 'exclude'), patterns);
  }
}

/** By a git dir of ours: the one in the folder was in the reach of whoever worked there. */
async function snapshot({ gitDir }: PrivateGit, folder: string, base: string): Promise<Snapshot> {
  const call = { gitDir, workTree: folder, indexFile: path.join(gitDir, 'snapshot-result') };
  await gitOf(['read-tree', base], call);
  const { code, stderr } = await runGit(['add', '-A', '--ignore-errors', '.'], call);
  if (code !== 0) throw new UserError(`What was made in ${folder} cannot be read: ${stderr.trim().split('\n')[0]}`);
  const tree = (await gitOf(['write-tree'], call)).toString('latin1').trim();
  const names = (await gitOf(['diff-tree', '-r', '--name-only', '-z', base, tree], { gitDir })).toString('utf8');
  const diff = (await gitOf(['diff-tree', '-p', '--no-ext-diff', '--no-textconv', base, tree], { gitDir })).toString('utf8');
  return { tree, objects: path.join(gitDir, 'objects'), changedFiles: names.split('\0').filter(Boolean).length, diff };
}
