import { type Message, message } from '../../messages/message.ts';
import { isAncestor } from '../../workspace/open-repository.ts';
import { retireBranch } from '../../workspace/retire-branch.ts';
import { type DelegationFolder, type Disposition, hasImported, readDisposition, type StoredAttempt } from '../store/delegation-folder.ts';
import { branchesAndKept, closeDelegation, type Decision, type DecisionContext, refuse, tipBefore, underLease } from './decision.ts';
import { branchOfMerged, deliveredWork } from './delivered-work.ts';

export interface DiscardOptions {
  readonly expectedTip: string | null;
  /** The attempts that were looked at, by `stateOfAttempts`: of unfinished work no commit tells that it went on since. */
  readonly seen?: string;
}

export const stateOfAttempts = (attempts: readonly Pick<StoredAttempt, 'number' | 'result'>[]): string =>
  JSON.stringify(attempts.map(({ number, result }) => [number, result?.endedAt ?? null]));

/**
 * Takes the work off its branch, and removes the workspace; the commit is kept, so that restore can bring the work back. A branch that
 * the delegation made is deleted, one that was there before goes back to its commit of then, with everything that the user had on it. One that holds
 * no work of the delegation, or was rewritten since, stays as it is.
 */
export async function discardDelegation(context: DecisionContext, options: DiscardOptions): Promise<Decision> {
  return underLease(context, async (folder, attempts) => {
    const { repository } = context;
    if (options.seen !== undefined && options.seen !== stateOfAttempts(attempts))
      return refuse(message('discard.workedOn', { branch: context.branch }));
    const disposition = readDisposition(folder);
    if (disposition?.state === 'merged') return putAsideMerged(context, folder, { attempts, disposition }, options);
    const branches = await branchesAndKept(repository, attempts);
    if (disposition && !isBackByHand(disposition, branches)) return refuse(message('discard.already', { branch: context.branch }));
    const delivered = deliveredWork(attempts, (name) => branches.has(name));
    const killed = delivered ? undefined : importedAndKilled(context, attempts);
    const branch = delivered?.branch ?? (killed ? context.branch : null);
    const tip = branch === null ? null : branches.get(branch)!;
    if (branch && tip && options.expectedTip && !tip.startsWith(options.expectedTip))
      return refuse(message('discard.tipMoved', { branch, tip: tip.slice(0, 7), expected: options.expectedTip }));
    const before = tipBefore(context, attempts, branch, delivered ?? killed);
    const rewritten = before !== null && tip !== null && !(await isAncestor(repository, before, tip));
    if (branch && tip && !rewritten) {
      const retired = await retireBranch(repository, folder.id, branch, tip, before);
      if (!retired.ok) return retired;
    }
    await closeDelegation(context, folder, {
      state: 'discarded',
      at: new Date(context.now()).toISOString(),
      branch: branch ?? context.branch,
      tip: rewritten ? null : tip,
      ...(before !== null && !rewritten && { back: before }),
      commit: null,
      into: null,
    });
    return { ok: true, text: discardedText(branch ?? context.branch, { tip, before, rewritten }) };
  });
}

/** Only what is on its branch again can be discarded again: a second record of it would know of no commit, and keep another one. */
const isBackByHand = ({ branch, tip }: Disposition, branches: ReadonlyMap<string, string>): boolean =>
  branch !== undefined && tip !== null && branches.get(branch) === tip;

/** The merge stays, and so does the delegation's end: only the branch goes, as it went when the work was merged. */
async function putAsideMerged(
  context: DecisionContext,
  folder: DelegationFolder,
  record: { attempts: readonly StoredAttempt[]; disposition: Disposition },
  { expectedTip }: { expectedTip: string | null },
): Promise<Decision> {
  const { repository } = context;
  const merged = branchOfMerged(context.branch, record, repository.branches);
  if (!merged) return refuse(message('discard.merged', { branch: context.branch }));
  const { branch, tip } = merged;
  const shown = { branch, tip: tip.slice(0, 7) };
  if (expectedTip && !tip.startsWith(expectedTip)) return refuse(message('discard.tipMoved', { ...shown, expected: expectedTip }));
  const retired = await retireBranch(repository, folder.id, branch, tip);
  if (!retired.ok) return retired;
  await closeDelegation(context, folder, { ...record.disposition, tip });
  return { ok: true, text: message('discard.deletedMergeStays', shown) };
}

function discardedText(
  branch: string,
  { tip, before, rewritten }: { tip: string | null; before: string | null; rewritten: boolean },
): Message {
  if (!tip) return message('discard.unfinished', { branch });
  if (!before) return message('discard.deleted', { branch, tip: tip.slice(0, 7) });
  const commits = { branch, tip: tip.slice(0, 7), found: before.slice(0, 7) };
  return rewritten ? message('discard.rewritten', commits) : message('discard.takenBack', commits);
}

/** An attempt that was killed between its import and its end has no result; its journal tells what it put on the branch. */
function importedAndKilled({ repository, branch }: DecisionContext, attempts: readonly StoredAttempt[]): StoredAttempt | undefined {
  const tip = repository.branches.get(branch);
  return attempts.findLast((attempt) => tip !== undefined && hasImported(attempt, tip));
}
