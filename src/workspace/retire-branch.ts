/** Puts the work on a branch aside and brings it back, by compare-and-swap; its commit stays safe from garbage collection meanwhile. */

import { message } from '../messages/message.ts';
import { disarmedCall } from './git-config.ts';
import { keptTipRef } from './hidden-refs.ts';
import { readCheckedOut, resolveCommit } from './open-repository.ts';
import { GitError, runGit } from './run-git.ts';
import type { Refusal, Repository } from './types.ts';
import { isRefMoved } from './update-head.ts';

/**
 * Takes the branch away when it stands at `tip`, and keeps that commit under a hidden ref.
 * @param back where the branch goes; null = it is deleted
 */
export async function retireBranch(
  repository: Repository,
  id: string,
  branch: string,
  tip: string,
  back: string | null = null,
): Promise<{ ok: true } | Refusal> {
  const inUse = await refusalInUse(repository, branch);
  if (inUse) return inUse;
  const ref = refOf(branch);
  const away = back === null ? `delete ${ref} ${tip}` : `update ${ref} ${back} ${tip}`;
  const done = await transaction(repository, [`update ${keptTipRef(id)} ${tip}`, away]);
  if (done) return { ok: true };
  return {
    ok: false,
    reason: message('branch.moved', { branch, tip: tip.slice(0, 7) }),
  };
}

/**
 * Undoes `retireBranch`, also what is left of that when it was killed in the middle of it.
 * @param back where the branch was left, and must stand still; null = it was deleted
 */
export async function restoreBranch(
  repository: Repository,
  id: string,
  branch: string,
  tip: string,
  back: string | null = null,
): Promise<{ ok: true } | Refusal> {
  const inUse = back === null ? null : await refusalInUse(repository, branch);
  if (inUse) return inUse;
  const ref = refOf(branch);
  const isBack = (await resolveCommit(repository, ref)) === tip;
  const forth = isBack ? `verify ${ref} ${tip}` : back === null ? `create ${ref} ${tip}` : `update ${ref} ${tip} ${back}`;
  const done = await transaction(repository, [forth, `delete ${keptTipRef(id)}`]);
  if (done) return { ok: true };
  if (back !== null) {
    return {
      ok: false,
      reason: message('branch.movedSince', { branch, back: back.slice(0, 7), tip: tip.slice(0, 7), commit: tip }),
    };
  }
  return {
    ok: false,
    reason: message('branch.notRestored', { branch, tip: tip.slice(0, 7) }),
  };
}

/** A branch under somebody's working tree is never moved. */
async function refusalInUse(repository: Repository, branch: string): Promise<Refusal | null> {
  const folder = (await readCheckedOut(repository)).get(branch);
  return folder ? { ok: false, reason: message('branch.checkedOut', { branch, folder }) } : null;
}

/** No branch name begins with `refs/`; work that found none free is named by its whole ref. */
function refOf(branch: string): string {
  return branch.startsWith('refs/') ? branch : `refs/heads/${branch}`;
}

/**
 * All of the ref changes or none, of the refs themselves: what a symbolic one names stays where it is. False: a ref is not where it was
 * expected. @throws GitError for everything else, such as a full disk
 */
async function transaction(repository: Repository, commands: readonly string[]): Promise<boolean> {
  const args = ['update-ref', '-m', 'claude-kimi', '--no-deref', '--stdin'];
  const stdin = ['start', ...commands, 'prepare', 'commit', ''].join('\n');
  const { code, stderr } = await runGit(args, { ...disarmedCall(repository), stdin });
  if (code === 0) return true;
  if (isRefMoved(stderr)) return false;
  throw new GitError(args, code, stderr, repository.gitDir);
}
