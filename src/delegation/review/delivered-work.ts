import { keptTipRef, mergedRef } from '../../workspace/hidden-refs.ts';
import type { RepositoryBranches } from '../../workspace/repository-branches.ts';
import type { StartEvent } from '../journal/journal.ts';
import type { AttemptResult } from '../result/result-schema.ts';
import type { Disposition } from '../store/delegation-folder.ts';

/** What an attempt brought into the user's repository, and the branch that holds it. */
export interface DeliveredWork {
  readonly result: AttemptResult;
  /** Not always the branch of the delegation: when that moved meanwhile, the work is kept under another name. */
  readonly branch: string;
}

/**
 * The commit of the branch before the work of an attempt began on it, perhaps by an earlier one; null = it did not exist.
 * @param attempts oldest first
 */
export function tipBeforeDelegation(
  attempts: readonly { readonly start: Pick<StartEvent, 'base' | 'expected'> }[],
  { found, base }: Pick<StartEvent, 'found' | 'base'>,
): string | null {
  return found === undefined ? (attempts.find(({ start }) => start.base === base)?.start.expected ?? null) : found;
}

/**
 * The work that a decision is about: of the newest attempt that delivered something whose branch is still there. A later attempt that
 * brought nothing does not hide it, and a branch on which nothing was delivered is none of ours.
 * @param attempts oldest first
 */
export function deliveredWork(
  attempts: readonly { readonly result: AttemptResult | null }[],
  isThere: (branch: string) => boolean,
): DeliveredWork | null {
  for (const { result } of attempts.toReversed()) {
    if (!result?.tip) continue;
    const branch = result.keptAt ?? result.branch;
    if (isThere(branch)) return { result, branch };
  }
  return null;
}

/**
 * The branch of merged work, where it is still there and the delegation's own: restore brought it back, or it could not be put aside. One
 * that the user had before is theirs.
 * @param name the branch of the delegation
 */
export function branchOfMerged(
  name: string,
  { attempts, disposition }: { attempts: readonly { readonly start: StartEvent }[]; disposition: Disposition | null },
  tips: ReadonlyMap<string, string>,
): { branch: string; tip: string } | null {
  const first = attempts[0];
  if (disposition?.state !== 'merged' || !first) return null;
  const { branch = name } = disposition;
  const tip = tips.get(branch);
  const isTheirs = branch === name && tipBeforeDelegation(attempts, first.start) !== null;
  return tip && !isTheirs ? { branch, tip } : null;
}

/** Why a delegation is over. `merged`: the work is in HEAD, whoever merged it. `gone`: somebody removed the branch by hand. */
export type Ending = 'merged' | 'discarded' | 'gone';

/**
 * What was decided, or follows from the branches: a decision that was killed in the middle of it is noted by a ref first.
 * @param branches of its repository; null = not known, and then nothing is concluded from them
 */
export function endingOf(
  id: string,
  { attempts, disposition }: { attempts: readonly { readonly result: AttemptResult | null }[]; disposition: Disposition | null },
  branches: RepositoryBranches | null,
): Ending | null {
  if (disposition) return disposition.state;
  if (!branches) return null;
  if (branches.merged.has(mergedRef(id))) return 'merged';
  const work = deliveredWork(attempts, (branch) => branches.tips.has(branch));
  if (!work && branches.tips.has(keptTipRef(id))) return 'discarded';
  if (!work) return attempts.some(({ result }) => result?.tip) ? 'gone' : null;
  // The branch that is checked out is in HEAD because it is HEAD.
  return branches.merged.has(work.branch) && branches.head !== work.branch ? 'merged' : null;
}
