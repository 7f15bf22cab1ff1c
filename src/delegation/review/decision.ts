import { type Message, message } from '../../messages/message.ts';
import { keptTipRef, mergedRef, unmarkMerge, unpinBase } from '../../workspace/hidden-refs.ts';
import { isAncestor, resolveCommit } from '../../workspace/open-repository.ts';
import { removeLater } from '../../workspace/remove-tree.ts';
import type { Refusal, Repository } from '../../workspace/types.ts';
import { endCommandsOf } from '../attempt/workspace-guard.ts';
import { needsBase } from '../start/plan-call.ts';
import {
  type DelegationFolder,
  type Disposition,
  delegationFolder,
  delegationId,
  readAttempts,
  readDisposition,
  type StoredAttempt,
  whyLeaveAlone,
  writeDisposition,
} from '../store/delegation-folder.ts';
import { acquireLease } from '../store/lease.ts';
import { type DeliveredWork, deliveredWork, tipBeforeDelegation } from './delivered-work.ts';

/** What came of a decision about a delegation; a refusal says what to do next and has changed nothing. */
export type Decision =
  | {
      readonly ok: true;
      readonly text: Message;
      /** Where it is not what was asked for: nothing is decided yet. */
      readonly outcome?: 'previewed' | 'applied';
    }
  | Refusal;

export interface DecisionContext {
  readonly repository: Repository;
  readonly stateDir: string;
  readonly branch: string;
  now(): number;
}

/** Nobody decides about a delegation that is running; nobody starts one while it is being decided. */
export async function underLease(
  context: DecisionContext,
  act: (folder: DelegationFolder, attempts: readonly StoredAttempt[]) => Promise<Decision>,
): Promise<Decision> {
  const folder = delegationFolder(context.stateDir, delegationId(context.repository.commonDir, context.branch));
  const newer = whyLeaveAlone(folder);
  if (newer) return refuse(newer);
  const attempts = readAttempts(folder);
  const last = attempts.at(-1);
  if (!last) return refuse(message('decide.unknown', { branch: context.branch }));
  const acquired = await acquireLease(folder.leases, last.number, context.now);
  if (!acquired.ok) return refuse(message('decide.running', { branch: context.branch, since: acquired.holder.since }));
  try {
    await noteBrokenMerge(context, folder, attempts);
    return await act(folder, attempts);
  } finally {
    acquired.lease.release();
  }
}

/**
 * The copy of the files is not needed any more; the private git dir keeps what a restore may need. Of unfinished work that is discarded
 * the base stays pinned, as it can go on after a restore.
 */
export async function closeDelegation(context: DecisionContext, folder: DelegationFolder, disposition: Disposition): Promise<void> {
  writeDisposition(folder, disposition);
  if (disposition.state === 'merged') await unmarkMerge(context.repository, folder.id).catch(() => {});
  const last = readAttempts(folder).at(-1);
  const keepsBase = disposition.state === 'discarded' && last !== undefined && needsBase(last);
  if (!keepsBase) await unpinBase(context.repository, folder.id).catch(() => {});
  try {
    await endCommandsOf(folder);
    for (const left of [folder.workTree, folder.layers, folder.setUp]) removeLater(left);
  } catch {} // the decision stands; a later attempt on the name begins with removing what is left
}

/** A merge that was killed when HEAD had moved, and was not yet noted: the mark that came with it tells of it. To be called under the lease. */
export async function noteBrokenMerge(
  { repository, branch: name, now }: Pick<DecisionContext, 'repository' | 'branch' | 'now'>,
  folder: DelegationFolder,
  attempts: readonly StoredAttempt[],
): Promise<void> {
  if (readDisposition(folder)) return;
  const commit = await resolveCommit(repository, mergedRef(folder.id));
  if (!commit || !(await isAncestor(repository, commit, 'HEAD'))) return;
  const branches = await branchesAndKept(repository, attempts);
  const there = deliveredWork(attempts, (one) => branches.has(one));
  const branch = there?.branch ?? attempts.findLast(({ result }) => result?.tip)?.result?.keptAt ?? name;
  const tip = there ? null : await resolveCommit(repository, keptTipRef(folder.id));
  const at = new Date(now()).toISOString();
  writeDisposition(folder, { state: 'merged', at, branch, tip, commit, into: repository.head.branch ?? 'HEAD' });
  await unmarkMerge(repository, folder.id).catch(() => {});
}

/** As `noteBrokenMerge`, for whoever only looks: nobody waits for somebody who decides. */
export async function noteMergeSeen(context: DecisionContext): Promise<void> {
  const { repository, stateDir, branch } = context;
  const folder = delegationFolder(stateDir, delegationId(repository.commonDir, branch));
  if (readDisposition(folder) || !(await resolveCommit(repository, mergedRef(folder.id)))) return;
  const attempts = readAttempts(folder);
  const acquired = await acquireLease(folder.leases, attempts.length, context.now);
  if (!acquired.ok) return;
  try {
    await noteBrokenMerge(context, folder, attempts);
  } finally {
    acquired.lease.release();
  }
}

/** Branches -> their commit, with the refs of ours that keep work for which no branch name was free. */
export async function branchesAndKept(repository: Repository, attempts: readonly StoredAttempt[]): Promise<ReadonlyMap<string, string>> {
  const branches = new Map(repository.branches);
  for (const { result } of attempts) {
    const kept = result?.keptAt?.startsWith('refs/claude-kimi/kept/') ? result.keptAt : null;
    const commit = kept && (await resolveCommit(repository, kept));
    if (kept && commit) branches.set(kept, commit);
  }
  return branches;
}

/** The commit of the branch before the delegation, if it is its own branch and was there. */
export function tipBefore(
  context: DecisionContext,
  attempts: readonly StoredAttempt[],
  branch: string | null,
  by: DeliveredWork | StoredAttempt | undefined | null,
): string | null {
  const attempt = by && 'start' in by ? by : attempts.find(({ result }) => result !== null && result === by?.result);
  return attempt && branch === context.branch ? tipBeforeDelegation(attempts, attempt.start) : null;
}

export const refuse = (reason: Message): Refusal => ({ ok: false, reason });
