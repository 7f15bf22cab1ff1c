import { errorText } from '../../common/caught-error.ts';
import { cutText } from '../../common/cut-text.ts';
import { firstLine } from '../../common/first-line.ts';
import { type Message, message } from '../../messages/message.ts';
import { pinBase, unpinBase } from '../../workspace/hidden-refs.ts';
import { mergeIntoCheckout } from '../../workspace/merge-into-checkout.ts';
import { isAncestor, resolveCommit } from '../../workspace/open-repository.ts';
import { removeTree } from '../../workspace/remove-tree.ts';
import { restoreBranch, retireBranch } from '../../workspace/retire-branch.ts';
import type { Refusal, Repository } from '../../workspace/types.ts';
import { identityOf } from '../attempt/prepare-workspace.ts';
import { foldAttempt } from '../journal/fold-journal.ts';
import { isResumable } from '../start/plan-call.ts';
import { acquireLease } from '../store/lease.ts';
import {
  type DelegationFolder,
  type Disposition,
  delegationFolder,
  delegationId,
  readAttemptJournal,
  readAttempts,
  readDisposition,
  type StoredAttempt,
  writeDisposition,
} from '../store/store.ts';
import { foundAt, type StandingWork, standingWork } from './delivered-work.ts';

/** What came of a decision about a delegation; a refusal says what to do next and has changed nothing. */
export type Decision = { readonly ok: true; readonly text: Message } | Refusal;

export interface DecisionContext {
  readonly repository: Repository;
  readonly stateDir: string;
  readonly branch: string;
  now(): number;
}

/**
 * Merges the branch into the user's checkout and puts it aside (restore_delegation brings the branch back), unless the delegation found it.
 * @param options.expectedTip what was reviewed (7 characters or more); another tip is refused, so that nothing unseen gets in
 * @param options.into the branch that must be checked out (`HEAD` = none), so that nothing gets into another one; null = whichever is
 */
export async function mergeDelegation(
  context: DecisionContext,
  options: { expectedTip: string; squash: boolean; message: string | null; into: string | null },
): Promise<Decision> {
  return decide(context, async (folder, attempts) => {
    const { repository } = context;
    const branches = await branchesOf(repository, attempts);
    const work = standingWork(attempts, (name) => branches.has(name));
    if (!work) return no(message('merge.noBranch', { branch: context.branch }));
    const { branch } = work;
    const tip = branches.get(branch)!;
    if (!tip.startsWith(options.expectedTip))
      return no(message('merge.tipMoved', { branch, tip: tip.slice(0, 7), expected: options.expectedTip }));
    const into = repository.head.branch ?? 'HEAD';
    if (branch === into) return no(message('merge.ownBranch', { branch }));
    if (options.into !== null && options.into !== into) return no(message('merge.otherHead', { head: into, wanted: options.into }));
    const commitMessage = options.message?.trim() || mergeMessage(work, options.squash);
    const identity = identityOf(repository, context.now());
    const merged = await mergeIntoCheckout({ repository, tip, squash: options.squash, message: commitMessage, identity });
    if (!merged.ok) return merged;
    const isTheirs = foundBy(context, attempts, branch, work) !== null;
    // The merge is made: a branch that cannot be put aside does not unmake it.
    const aside = isTheirs
      ? null
      : await retireBranch(repository, folder.id, branch, tip).catch((error) => no(message('text', { text: errorText(error) })));
    const at = new Date(context.now()).toISOString();
    await close(context, folder, { state: 'merged', at, branch, tip: aside?.ok ? tip : null, commit: merged.commit, into });
    const rest =
      aside === null
        ? message('merge.branchFound', { branch })
        : aside.ok
          ? message('merge.branchAside', { branch })
          : message('merge.branchStays', { branch, why: aside.reason });
    const files = merged.files === 1 ? message('merge.filesOne') : message('merge.filesMany', { count: merged.files });
    return { ok: true, text: message('merge.done', { files, into, commit: merged.commit.slice(0, 7), branch: rest }) };
  });
}

/**
 * Takes the work off its branch, and removes the workspace; the commit is kept, so that restore can bring the work back. A branch that
 * the delegation made is deleted, one that it found goes back to where it stood, with everything that the user had on it. One that holds
 * no work of the delegation, or was rewritten since, stays as it is.
 */
export async function discardDelegation(context: DecisionContext, options: { expectedTip: string | null }): Promise<Decision> {
  return decide(context, async (folder, attempts) => {
    const { repository } = context;
    const branches = await branchesOf(repository, attempts);
    const work = standingWork(attempts, (name) => branches.has(name));
    const killed = work ? undefined : handedAndKilled(context, attempts);
    const branch = work?.branch ?? (killed ? context.branch : null);
    const tip = branch === null ? null : branches.get(branch)!;
    if (branch && tip && options.expectedTip && !tip.startsWith(options.expectedTip))
      return no(message('discard.tipMoved', { branch, tip: tip.slice(0, 7), expected: options.expectedTip }));
    const found = foundBy(context, attempts, branch, work ?? killed);
    const rewritten = found !== null && tip !== null && !(await isAncestor(repository, found, tip));
    if (branch && tip && !rewritten) {
      const aside = await retireBranch(repository, folder.id, branch, tip, found);
      if (!aside.ok) return aside;
    }
    await close(context, folder, {
      state: 'discarded',
      at: new Date(context.now()).toISOString(),
      branch: branch ?? context.branch,
      tip: rewritten ? null : tip,
      ...(found !== null && !rewritten && { back: found }),
      commit: null,
      into: null,
    });
    return { ok: true, text: discardedText(branch ?? context.branch, { tip, found, rewritten }) };
  });
}

/** Branches -> their commit, with the refs of ours that keep work for which no branch name was free. */
async function branchesOf(repository: Repository, attempts: readonly StoredAttempt[]): Promise<ReadonlyMap<string, string>> {
  const branches = new Map(repository.branches);
  for (const { result } of attempts) {
    const kept = result?.keptAt?.startsWith('refs/') ? result.keptAt : null;
    const commit = kept && (await resolveCommit(repository, kept));
    if (kept && commit) branches.set(kept, commit);
  }
  return branches;
}

function discardedText(
  branch: string,
  { tip, found, rewritten }: { tip: string | null; found: string | null; rewritten: boolean },
): Message {
  if (!tip) return message('discard.unfinished', { branch });
  if (!found) return message('discard.deleted', { branch, tip: tip.slice(0, 7) });
  const places = { branch, tip: tip.slice(0, 7), found: found.slice(0, 7) };
  return rewritten ? message('discard.rewritten', places) : message('discard.takenBack', places);
}

/** Where the delegation found the branch, if it is its own and was there before. */
function foundBy(
  context: DecisionContext,
  attempts: readonly StoredAttempt[],
  branch: string | null,
  by: StandingWork | StoredAttempt | undefined | null,
): string | null {
  const attempt = by && 'start' in by ? by : attempts.find(({ result }) => result !== null && result === by?.result);
  return attempt && branch === context.branch ? foundAt(attempts, attempt.start) : null;
}

/** An attempt that was killed between its hand-back and its end has no result; its journal tells what it put on the branch. */
function handedAndKilled({ repository, branch }: DecisionContext, attempts: readonly StoredAttempt[]): StoredAttempt | undefined {
  const tip = repository.branches.get(branch);
  return attempts.findLast((attempt) => tip !== undefined && foldAttempt(readAttemptJournal(attempt))?.tally.tips.includes(tip));
}

/** Undoes a discard, or brings the branch of a merged delegation back (the merge itself stays, and the delegation is over as before). */
export async function restoreDelegation(context: DecisionContext): Promise<Decision> {
  return decide(context, async (folder, attempts) => {
    const { repository } = context;
    const disposition = readDisposition(folder);
    if (!disposition) return no(message('restore.undecided', { branch: context.branch }));
    const { state, tip, branch = context.branch, back = null } = disposition;
    if (state === 'merged' && !tip) return no(message('restore.alreadyBack', { branch }));
    if (tip) {
      const restored = await restoreBranch(repository, folder.id, branch, tip, back);
      if (!restored.ok) return restored;
    }
    const last = attempts.at(-1);
    if (last && state === 'discarded' && isResumable(last)) {
      await pinBase(repository, folder.id, last.start.head.commit).catch(() => {});
    }
    writeDisposition(folder, state === 'merged' ? { ...disposition, tip: null } : null);
    if (!tip) return { ok: true, text: message('restore.open', { branch }) };
    const code = state === 'merged' ? 'restore.doneMergeStays' : 'restore.done';
    return { ok: true, text: message(code, { branch, tip: tip.slice(0, 7) }) };
  });
}

/** Nobody decides about a delegation that is running; nobody starts one while it is being decided. */
async function decide(
  context: DecisionContext,
  act: (folder: DelegationFolder, attempts: readonly StoredAttempt[]) => Promise<Decision>,
): Promise<Decision> {
  const folder = delegationFolder(context.stateDir, delegationId(context.repository.commonDir, context.branch));
  const attempts = readAttempts(folder);
  const last = attempts.at(-1);
  if (!last) return no(message('decide.unknown', { branch: context.branch }));
  const acquired = await acquireLease(folder.leases, last.number, context.now);
  if (!acquired.ok) return no(message('decide.running', { branch: context.branch, since: acquired.holder.since }));
  try {
    return await act(folder, attempts);
  } finally {
    acquired.lease.release();
  }
}

/** The copy of the files and the guard of the base are not needed any more; the private git dir keeps what a restore may need. */
async function close(context: DecisionContext, folder: DelegationFolder, disposition: Disposition): Promise<void> {
  writeDisposition(folder, disposition);
  await unpinBase(context.repository, folder.id).catch(() => {});
  try {
    removeTree(folder.workTree);
  } catch {} // the decision stands; a later attempt on the name begins with removing what is left
}

function mergeMessage({ result, branch }: StandingWork, squash: boolean): string {
  if (!squash) return `Merge branch '${branch}'`;
  const first = cutText(firstLine(result.task), 72) || branch;
  return result.commitMessage?.trim() || [first, result.summary.trim()].filter(Boolean).join('\n\n');
}

const no = (reason: Message): Refusal => ({ ok: false, reason });
