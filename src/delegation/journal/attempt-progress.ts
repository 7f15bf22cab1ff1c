import type { AttemptResult } from '../result/result-schema.ts';
import type { LeaseHolder } from '../store/lease.ts';
import { type Activity, activityAfter } from './activity.ts';
import type { JournalLine } from './journal.ts';
import { addToTally, EMPTY_TALLY, type Tally } from './tally.ts';

/** How far an attempt is for somebody who watches, added up line by line: while it runs, and when its journal is read back. */
export interface Progress {
  readonly tally: Tally;
  /** What happens now; null = nothing was read yet. */
  readonly activity: Activity | null;
  /** Times of the first and the last line, ms since the epoch; 0 = none read. */
  readonly startedAt: number;
  readonly lastAt: number;
  /** When it went on the last time. */
  readonly resumedAt: number | null;
  /** Whether the last line is its end. */
  readonly isOver: boolean;
}

export const EMPTY_PROGRESS: Progress = { tally: EMPTY_TALLY, activity: null, startedAt: 0, lastAt: 0, resumedAt: null, isOver: false };

export function addToProgress(before: Progress, line: JournalLine): Progress {
  return {
    tally: addToTally(before.tally, line),
    activity: activityAfter(before.activity, line),
    startedAt: before.startedAt || line.at,
    lastAt: line.at,
    resumedAt: line.type === 'resume' ? line.at : before.resumedAt,
    isOver: line.type === 'end',
  };
}

/** The result that an attempt had before it was resumed says nothing about how the resumed one ends. */
export function currentResult(result: AttemptResult | null, resumedAt: number | null): AttemptResult | null {
  return result && resumedAt !== null && Date.parse(result.endedAt) < resumedAt ? null : result;
}

/** `interrupted`: it stopped half-way without an end, by a crash or a kill. */
export type DelegationState = 'running' | 'ended' | 'interrupted' | 'unknown';

/** What the last attempt tells about a delegation, and whoever holds its lease. */
export function stateOf(
  holder: Pick<LeaseHolder, 'attempt'> | null,
  last: { number: number; result: AttemptResult | null; isOver: boolean } | undefined,
): DelegationState {
  // Whoever decides about a delegation holds the lease for a moment too, under the number of the last attempt.
  if (holder && (!last?.isOver || holder.attempt > last.number)) return 'running';
  if (!last) return 'unknown';
  return last.result ? 'ended' : 'interrupted';
}
