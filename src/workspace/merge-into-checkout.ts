/** Takes the work of a branch into the user's checkout: the one place that changes it, and only when the user asks. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Message, message, shortList } from '../messages/message.ts';
import { disarmedCall } from './git-config.ts';
import { canMergeTrees } from './git-version.ts';
import { mergeInScratchTree, type TreesMerged } from './merge-with-old-git.ts';
import { treeOf } from './read-objects.ts';
import { revertFiles } from './revert-files.ts';
import { decodeName, GitError, git, runGit, splitNul } from './run-git.ts';
import type { CommitIdentity, Refusal, Repository } from './types.ts';
import { uncommittedAmong } from './uncommitted.ts';
import { untrackedConflicts } from './untracked-conflicts.ts';
import { prepareHead } from './update-head.ts';
import { writeCommit } from './write-commit.ts';

const FILES_NAMED = 8;

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
const UNFINISHED = [
  ['MERGE_HEAD', 'merge.unfinished.merge'],
  ['rebase-merge', 'merge.unfinished.rebase'],
  ['rebase-apply', 'merge.unfinished.rebase'],
  ['CHERRY_PICK_HEAD', 'merge.unfinished.cherryPick'],
  ['REVERT_HEAD', 'merge.unfinished.revert'],
] as const;

/**
 * Merges a commit into HEAD of the user's checkout: index, files and branch move together or not at all. Uncommitted changes stay
 * where they are, ignored files too; when the merge would touch one of them it is refused and names it. Hooks do not run.
 */
export async function mergeIntoCheckout(plan: MergePlan): Promise<MergeResult> {
  const { repository, tip } = plan;
  const busy = UNFINISHED.find(([name]) => existsSync(join(repository.gitDir, name)));
  if (busy) return refuse(message(busy[1], { folder: repository.root }));
  const head = repository.head.commit;
  const merged = await mergeTrees(repository, head, tip);
  if (!merged.ok) return merged;
  if (merged.tree === (await treeOf(repository, head))) return refuse(message('merge.nothingNew'));

  const changed = await changedPaths(repository, head, merged.tree);
  const dirty = await uncommittedAmong(repository, changed);
  if (dirty.length > 0) return refuse(message('merge.uncommitted', { files: shortList(dirty, FILES_NAMED) }), dirty);
  const inTheWay = await untrackedConflicts(repository, await changedPaths(repository, head, merged.tree, ['--diff-filter=A']));
  if (inTheWay.length > 0) return refuse(message('merge.untracked', { files: shortList(inTheWay, FILES_NAMED) }), inTheWay);
  const commit = await commitMerge(plan, head, merged.tree);
  // From here on nobody else can move HEAD: the files change only under the commit that they were merged with.
  const update = await prepareHead(repository, commit, head);
  if (!update) return refuse(message('merge.headMoved'));
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
  const merge = (await canMergeTrees()) ? mergeObjects : mergeInScratchTree;
  const merged = await merge(repository, ours, theirs);
  if ('tree' in merged) return { ok: true, tree: merged.tree };
  const files = merged.conflicts;
  const named = { files: shortList(files, FILES_NAMED), head: repository.head.branch ?? 'HEAD' };
  return refuse(message('merge.conflict', { ...named, commit: ours.slice(0, 7), tip: theirs.slice(0, 12) }), files);
}

async function mergeObjects(repository: Repository, ours: string, theirs: string): Promise<TreesMerged> {
  const args = ['merge-tree', '--write-tree', '--name-only', '--no-messages', '-z', ours, theirs];
  const { code, stdout, stderr } = await runGit(args, disarmedCall(repository));
  const [tree = '', ...conflicts] = splitNul(stdout);
  if (code === 0) return { tree };
  if (code === 1) return { conflicts: conflicts.map(decodeName) };
  throw new GitError(args, code, stderr);
}

async function changedPaths(repository: Repository, before: string, after: string, filter: readonly string[] = []): Promise<string[]> {
  const output = await git(['diff-tree', '-r', '-z', '--name-only', '--no-renames', ...filter, before, after], disarmedCall(repository));
  return splitNul(output).map(decodeName);
}

async function commitMerge(plan: MergePlan, head: string, tree: string): Promise<string> {
  const where = { gitDir: plan.repository.gitDir };
  return writeCommit(where, { tree, parents: plan.squash ? [head] : [head, plan.tip], message: plan.message, identity: plan.identity });
}

/** The user's own content filters (LFS) run here, as in any merge of theirs. Git refuses to overwrite what is not committed, unless it is ignored. */
async function moveCheckout(repository: Repository, before: string, after: string): Promise<void> {
  const call = { gitDir: repository.gitDir, workTree: repository.root, user: repository.user };
  await runGit(['update-index', '-q', '--refresh'], call); // stale time stamps would look like changes
  try {
    await git(['read-tree', '-m', '-u', before, after], call);
  } catch (error) {
    await revertFiles(call, before, after);
    throw error;
  }
}

const refuse = (reason: Message, files?: readonly string[]): Refusal => ({ ok: false, reason, files });
