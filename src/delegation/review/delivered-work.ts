import type { StartEvent } from '../journal/journal.ts';
import type { AttemptResult } from '../result/result-schema.ts';

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
