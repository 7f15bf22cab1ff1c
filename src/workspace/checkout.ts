/** Fills a working tree from a commit, and puts one back to a checkpoint. */

import { firstLine } from '../common/first-line.ts';
import { type Message, message } from '../messages/message.ts';
import { settleLfs } from './content-filters.ts';
import { openInTime } from './remove-tree.ts';
import { GitError, runGit } from './run-git.ts';
import type { PrivateGit, Refusal } from './types.ts';
import { workTreeCall } from './work-tree-call.ts';

export type CheckoutResult = { readonly ok: true } | Refusal;

/**
 * Writes the files of a commit (or tree) into the working tree and the index. Of content filters only git-lfs runs, from local objects;
 * see `content-filters.ts`. Objects that are missing (partial clone, pruned) give a refusal.
 */
export async function checkout(
  privateGit: PrivateGit,
  workTree: string,
  commitOrTree: string,
  signal?: AbortSignal,
): Promise<CheckoutResult> {
  const args = ['read-tree', '-u', '--reset', commitOrTree];
  const { code, stderr } = await runGit(args, {
    ...workTreeCall(privateGit, workTree, signal),
    config: privateGit.filters.settings,
  });
  // A blob that cannot be read is told on stderr, and not by the exit code of every version.
  if (
    /unable to read|missing blob|bad object|not a tree|unable to checkout|could not (fetch|open)|failed to unpack|lazy fetching/i.test(
      stderr,
    )
  ) {
    return { ok: false, reason: missing(commitOrTree, stderr) };
  }
  if (code !== 0) throw new GitError(args, code, stderr, privateGit.gitDir);
  if (privateGit.filters.settings.length > 0) await settleLfs(privateGit, workTree, commitOrTree, signal);
  return { ok: true };
}

/**
 * Puts the working tree back to a tree exactly: changed and deleted files come back, files that are not in it and not ignored go
 * (nested repositories too). What a command did to a file is seen whatever it did to its times: the kernel alone sets when it was changed.
 * @param ignored whether ignored files stay, as installed dependencies are among them
 */
export async function resetWorkTree(
  privateGit: PrivateGit,
  workTree: string,
  tree: string,
  { ignored, signal }: { readonly ignored: 'stay' | 'go'; readonly signal?: AbortSignal },
): Promise<CheckoutResult> {
  return twice(workTree, () => reset(privateGit, workTree, tree, ignored === 'go' ? '-ffdqx' : '-ffdq', signal));
}

/** Puts the files of a commit (or tree) back that a command has changed or removed; what was added stays. */
export async function restoreFiles(
  privateGit: PrivateGit,
  workTree: string,
  commitOrTree: string,
  signal?: AbortSignal,
): Promise<CheckoutResult> {
  return twice(workTree, () => checkout(privateGit, workTree, commitOrTree, signal));
}

/** A command may have made folders read-only: they are opened before the second try. */
async function twice(workTree: string, act: () => Promise<CheckoutResult>): Promise<CheckoutResult> {
  const done = await act().catch((error: unknown) => {
    if (error instanceof GitError) return null;
    throw error;
  });
  if (done?.ok) return done;
  await openInTime(workTree);
  return act();
}

/** What is not ours goes first, since an attributes file among it would change what git writes; behind it, what was in the way before. */
async function reset(privateGit: PrivateGit, workTree: string, tree: string, how: string, signal?: AbortSignal): Promise<CheckoutResult> {
  const clean = () => runGit(['clean', how], workTreeCall(privateGit, workTree, signal));
  await clean();
  const restored = await checkout(privateGit, workTree, tree, signal);
  if (!restored.ok) return restored;
  const { code, stderr } = await clean();
  return code === 0 ? { ok: true } : { ok: false, reason: message('git.filesStay', { said: firstLine(stderr) }) };
}

function missing(what: string, stderr: string): Message {
  return message('git.objectsMissing', { commit: what.slice(0, 12), said: firstLine(stderr) });
}
