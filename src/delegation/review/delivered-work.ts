import type { StartEvent } from '../journal/journal.ts';
import type { AttemptResult } from '../result/result-schema.ts';

/** What an attempt handed back, and the branch on which it stands. */
export interface StandingWork {
  readonly result: AttemptResult;
  /** Not always the branch of the delegation: when that moved meanwhile, the work is kept under another name. */
  readonly branch: string;
}

/**
 * What the branch was before the work of an attempt began on it, perhaps by an earlier one; null = it did not exist.
 * @param attempts oldest first
 */
export function foundAt(
  attempts: readonly { readonly start: Pick<StartEvent, 'base' | 'expected'> }[],
  { found, base }: Pick<StartEvent, 'found' | 'base'>,
): string | null {
  return found === undefined ? (attempts.find(({ start }) => start.base === base)?.start.expected ?? null) : found;
}

/**
 * The work that a decision is about: of the newest attempt that handed something back whose branch is still there. A later attempt
 * that brought nothing does not hide it, and a branch on which nothing was handed back is none of ours.
 * @param attempts oldest first
 */
export function standingWork(
  attempts: readonly { readonly result: AttemptResult | null }[],
  isThere: (branch: string) => boolean,
): StandingWork | null {
  for (const { result } of attempts.toReversed()) {
    if (!result?.tip) continue;
    const branch = result.keptAt ?? result.branch;
    if (isThere(branch)) return { result, branch };
  }
  return null;
}
