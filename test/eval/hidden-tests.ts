/** The tests of a fix, laid over some other state of the repository and run in the sandbox. */
import path from 'node:path';
import type { CheckRun } from '../../src/checks/types.ts';
import type { Settings } from '../../src/config.ts';
import { filesOf, treeWithFiles } from '../../src/workspace/tree-with-files.ts';
import type { PrivateGit } from '../../src/workspace/types.ts';
import type { Source } from './source.ts';
import type { Task } from './task-file.ts';
import { openTestTree, type TestTree } from './test-tree.ts';

export interface Place {
  readonly source: Source;
  readonly settings: Settings;
  /** For working trees; empty again when a run is over. */
  readonly work: string;
  readonly signal: AbortSignal;
  /** The folder of tasks and results, with the copies that have the fix: nothing that runs may see it. */
  readonly results: string;
}

/** What is needed of a task to run its tests. */
export type Trial = Pick<Task, 'base' | 'fix' | 'tests' | 'prepare' | 'decide'>;

/** Of a trial: the run of the tests, or of what should have made the tree ready for it. */
export interface Tried {
  readonly run: CheckRun;
  readonly isReady: boolean;
}

let made = 0;
/** A folder that nothing was in before. */
export const freshFolder = (work: string) => path.join(work, String(++made));

/**
 * @param on the state that is tried: a tree, made where its objects are to be
 * @param onTree is called when it is ready, before the tests run
 */
export async function runHiddenTests(
  place: Place,
  trial: Trial,
  on: (git: PrivateGit) => Promise<string>,
  onTree: (tree: TestTree) => void = () => {},
): Promise<Tried> {
  const { source, settings, work, signal, results } = place;
  const tree = await openTestTree({
    source,
    commit: trial.base,
    tree: async (git) => withTests(git, await on(git), trial),
    folder: freshFolder(work),
    settings,
    signal,
    results,
  });
  try {
    const unready = await tree.prepare(trial.prepare);
    if (unready) return { run: unready, isReady: false };
    onTree(tree);
    return { run: await tree.test(trial.decide), isReady: true };
  } finally {
    await tree.close();
  }
}

/** Tests that the fix removed are removed here too. */
async function withTests(git: PrivateGit, tree: string, { fix, tests }: Trial): Promise<string> {
  return treeWithFiles(git, tree, await filesOf(git, fix, tests));
}

/** @param atLeast so many tests must have passed: what runs fewer than the fix has lost some */
export function passes({ run, isReady }: Tried, atLeast: number | null): boolean {
  if (!isReady || run.exitCode !== 0 || (run.counts !== null && run.counts.passed === 0)) return false;
  return atLeast === null || (run.counts?.passed ?? 0) >= atLeast;
}
