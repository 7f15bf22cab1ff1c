import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { type CheckoutResult, checkout, resetWorkTree, restoreFiles } from '../../workspace/checkout.ts';
import { hasFilterRules } from '../../workspace/content-filters.ts';
import { attachWorkTree } from '../../workspace/private-git.ts';
import { emptyFolder, removeLeftAside } from '../../workspace/remove-tree.ts';
import { removeOddRuleFiles } from '../../workspace/rule-files.ts';
import { GitError, runGit } from '../../workspace/run-git.ts';
import { fillSubmodules } from '../../workspace/submodules.ts';
import type { PrivateGit, Repository } from '../../workspace/types.ts';

export interface CheckTree {
  /**
   * Makes the working tree what a commit or tree says, whatever ran in it before; to be called while no command lives.
   * @returns false when objects are missing
   */
  fill(git: PrivateGit, commitOrTree: string): Promise<boolean>;
  /**
   * Puts its files back to what they were filled with; what was added stays.
   * @returns false when it cannot: then they say nothing of the commit
   */
  restore(git: PrivateGit, commitOrTree: string): Promise<boolean>;
}

/**
 * The working tree that checks run in. It is written whole once; then only what differs is: in a large repository that is seconds for each
 * run. Submodules are written whole each time, as git does not look into them.
 */
export function createCheckTree(options: {
  readonly workTree: string;
  readonly repository: Repository;
  readonly hasSubmodules: boolean;
  readonly signal: AbortSignal;
  /** Brings the ignored files that the user lends into a working tree. */
  fill(workTree: string): Promise<void>;
}): CheckTree {
  const { workTree, repository, hasSubmodules, signal, fill } = options;
  let isFilled = false;
  let filledWith = '';
  /** As long as no attributes file changes, no filter has anything to do. */
  let isUnfiltered = false;
  const gitFor = (git: PrivateGit): PrivateGit => (isUnfiltered ? { ...git, filters: { ...git.filters, settings: [] } } : git);

  async function putRight(git: PrivateGit, commitOrTree: string): Promise<boolean> {
    await removeOddRuleFiles(workTree);
    return isDone(resetWorkTree(git, workTree, commitOrTree, { ignored: 'go', signal }));
  }

  return {
    async fill(git, commitOrTree) {
      if (!isFilled) removeLeftAside(dirname(workTree));
      const isRight =
        isFilled &&
        existsSync(workTree) &&
        !(await changesAttributes(git, filledWith, commitOrTree)) &&
        (await putRight(gitFor(git), commitOrTree));
      isFilled = false;
      filledWith = commitOrTree;
      if (!isRight) {
        emptyFolder(workTree);
        if (!(await checkout(git, workTree, commitOrTree, signal)).ok) return false;
        isUnfiltered = !(await hasFilterRules(git, workTree));
      }
      await attachWorkTree(git, workTree);
      if (hasSubmodules) await fillSubmodules(repository, git, workTree, commitOrTree, signal);
      await fill(workTree);
      isFilled = !hasSubmodules;
      return true;
    },
    async restore(git, commitOrTree) {
      await removeOddRuleFiles(workTree);
      return isDone(restoreFiles(gitFor(git), workTree, commitOrTree, signal));
    },
  };
}

/** Git writes only files that differ, and others would be as the attributes before had them. */
async function changesAttributes(git: PrivateGit, from: string, to: string): Promise<boolean> {
  if (from === to) return false;
  const args = ['diff-tree', '-r', '--name-only', from, to, '--', ':(glob)**/.gitattributes'];
  const { code, stdout } = await runGit(args, { gitDir: git.gitDir });
  return code !== 0 || stdout.length > 0;
}

async function isDone(act: Promise<CheckoutResult>): Promise<boolean> {
  try {
    return (await act).ok;
  } catch (error) {
    if (error instanceof GitError) return false;
    throw error;
  }
}
