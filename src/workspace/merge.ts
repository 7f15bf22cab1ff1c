/** Takes the work of a branch into the user's checkout: the one place that changes it, and only when the user asks. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { decodeName, GitError, git, runGit, splitNul } from './git.ts';
import { commitAttempt } from './handback.ts';
import { untrackedInTheWay } from './in-the-way.ts';
import { putBack } from './put-back.ts';
import { treeOf } from './read-objects.ts';
import { uncommittedAmong } from './snapshot.ts';
import type { CommitIdentity, Refusal, RefusalCause, Repository } from './types.ts';
import { prepareHead } from './update-head.ts';
import { userCall } from './user-call.ts';

export interface MergePlan {
  readonly repository: Repository;
  readonly tip: string;
  /** One commit with the whole change, or a merge commit with two parents. */
  readonly squash: boolean;
  readonly message: string;
  readonly identity: CommitIdentity;
}

export type MergeResult = { readonly ok: true; readonly commit: string; readonly files: number } | Refusal;

/** States in which git itself refuses to begin something else, by the file or folder that tells them. */
const UNFINISHED: readonly (readonly [string, string])[] = [
  ['MERGE_HEAD', 'a merge'],
  ['rebase-merge', 'a rebase'],
  ['rebase-apply', 'a rebase'],
  ['CHERRY_PICK_HEAD', 'a cherry-pick'],
  ['REVERT_HEAD', 'a revert'],
];

/**
 * Merges a commit into HEAD of the user's checkout: index, files and branch move together or not at all. Uncommitted changes stay
 * where they are, ignored files too; when the merge would touch one of them it is refused and names it. Hooks do not run.
 */
export async function mergeIntoCheckout(plan: MergePlan): Promise<MergeResult> {
  const { repository, tip } = plan;
  const busy = UNFINISHED.find(([name]) => existsSync(join(repository.gitDir, name)));
  if (busy) return refuse(`${busy[1]} is unfinished in ${repository.root}. Finish or abort it first, then merge again.`, 'unfinished');
  const head = repository.head.commit;
  const merged = await mergeTrees(repository, head, tip);
  if (!merged.ok) return merged;
  if (merged.tree === (await treeOf(repository, head)))
    return refuse('there is nothing to merge: HEAD has these changes already.', 'nothing');

  const changed = await changedPaths(repository, head, merged.tree);
  const dirty = await uncommittedAmong(repository, changed);
  if (dirty.length > 0) {
    return refuse(
      `uncommitted changes in ${list(dirty)} would be overwritten. Commit or stash them, then merge again. Nothing was changed.`,
      'overwrites',
      dirty,
    );
  }
  const inTheWay = await untrackedInTheWay(repository, await changedPaths(repository, head, merged.tree, ['--diff-filter=A']));
  if (inTheWay.length > 0) {
    return refuse(
      `${list(inTheWay)} would be overwritten: git does not track what stands there in your checkout. Move it away, then merge again. Nothing was changed.`,
      'overwrites',
      inTheWay,
    );
  }
  const commit = await commitMerge(plan, head, merged.tree);
  // From here on nobody else can move HEAD, so the files never have to be put back.
  const update = await prepareHead(repository, commit, head);
  if (!update) return refuse('HEAD moved while merging; everything was put back. Merge again.');
  try {
    await moveCheckout(repository, head, merged.tree);
  } catch (error) {
    await update.abort();
    throw error;
  }
  await update.commit();
  return { ok: true, commit, files: changed.length };
}

async function mergeTrees(repository: Repository, ours: string, theirs: string): Promise<{ ok: true; tree: string } | Refusal> {
  const args = ['merge-tree', '--write-tree', '--name-only', '--no-messages', '-z', ours, theirs];
  const { code, stdout, stderr } = await runGit(args, userCall(repository));
  const [tree = '', ...conflicts] = splitNul(stdout);
  if (code === 0) return { ok: true, tree };
  if (code === 1) {
    const files = conflicts.map(decodeName);
    return refuse(
      `${list(files)} conflict with what is on ${repository.head.branch ?? 'HEAD'} (${ours.slice(0, 7)}). Call again on the same branch with the conflict as feedback, or merge by hand: git merge ${theirs.slice(0, 12)}`,
      'conflict',
      files,
    );
  }
  throw new GitError(args, code, stderr);
}

async function changedPaths(repository: Repository, before: string, after: string, filter: readonly string[] = []): Promise<string[]> {
  const output = await git(['diff-tree', '-r', '-z', '--name-only', '--no-renames', ...filter, before, after], userCall(repository));
  return splitNul(output).map(decodeName);
}

async function commitMerge(plan: MergePlan, head: string, tree: string): Promise<string> {
  const where = { gitDir: plan.repository.gitDir };
  return commitAttempt(where, { tree, parents: plan.squash ? [head] : [head, plan.tip], message: plan.message, identity: plan.identity });
}

/** The user's own content filters (LFS) run here, as in any merge of theirs. Git refuses to overwrite what is not committed, unless it is ignored. */
async function moveCheckout(repository: Repository, before: string, after: string): Promise<void> {
  const call = { gitDir: repository.gitDir, workTree: repository.root, user: repository.user };
  await runGit(['update-index', '-q', '--refresh'], call); // stale time stamps would look like changes
  try {
    await git(['read-tree', '-m', '-u', before, after], call);
  } catch (error) {
    await putBack(call, before, after);
    throw error;
  }
}

function list(paths: readonly string[]): string {
  const shown = paths.slice(0, 8).join(', ');
  return paths.length > 8 ? `${shown} and ${paths.length - 8} more` : shown;
}

const refuse = (reason: string, cause?: RefusalCause, files?: readonly string[]): Refusal => ({ ok: false, reason, cause, files });
