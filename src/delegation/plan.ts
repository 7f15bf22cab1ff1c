import { OUTCOME_RULES, type Outcome } from './outcome.ts';
import type { StoredAttempt } from './store.ts';

/** What a call on a branch means, given what happened there before. */
export type Plan =
  /** The first attempt, or the next one: `failed` earlier attempts count as failed now. `previous` is the one that the text answers. */
  | { kind: 'attempt'; failed: number; previous: StoredAttempt | null }
  /** Go on with an attempt that stopped half-way, perhaps before its first message told of the one that it corrects. */
  | { kind: 'resume'; attempt: StoredAttempt; failed: number; previous: StoredAttempt | null }
  /** The same call again after the attempt ended: the stored report, for nothing. */
  | { kind: 'stored'; attempt: StoredAttempt }
  /** All attempts are used. */
  | { kind: 'exhausted'; attempt: StoredAttempt };

/** Ends after which the same call goes on instead of getting the old report: nothing was wrong with the task or the work. */
const RESUMABLE: ReadonlySet<Outcome> = new Set([
  'cancelled',
  'interrupted',
  'rate_limited',
  'quota_exhausted',
  'auth_failed',
  'api_unreachable',
  'sandbox_unavailable',
  'environment_broken',
  'storage_error',
  'internal_error',
]);

/** Whether an attempt can be continued: it crashed (no result), or it ended for a reason outside of the work. */
export function isResumable(attempt: Pick<StoredAttempt, 'result'>): boolean {
  const { result } = attempt;
  return result === null || RESUMABLE.has(result.outcome) || result.resumable === true;
}

/** Attempts that count: they ended, and not because somebody or something stopped them. */
export function countedAttempts(attempts: readonly StoredAttempt[]): StoredAttempt[] {
  return attempts.filter((attempt) => attempt.result !== null && OUTCOME_RULES[attempt.result.outcome].kind !== 'neutral');
}

/**
 * @param attempts of this delegation, oldest first; none of them runs now
 * @param text the task of the call; null = resume_delegation, which never starts a new attempt
 */
export function planCall(attempts: readonly StoredAttempt[], text: string | null, kind: string | null, maxAttempts: number): Plan | null {
  const last = attempts.at(-1) ?? null;
  if (!last) return text === null ? null : { kind: 'attempt', failed: 0, previous: null };
  const same = text === null || (last.start.task === text && last.start.kind === kind);
  const before = countedAttempts(attempts.slice(0, -1)).length;
  if (same) {
    if (isResumable(last)) return { kind: 'resume', attempt: last, failed: before, previous: attempts.at(-2) ?? null };
    return text === null ? null : { kind: 'stored', attempt: last };
  }
  const failed = countedAttempts(attempts).length;
  if (failed >= maxAttempts) return { kind: 'exhausted', attempt: last };
  return { kind: 'attempt', failed, previous: last };
}
