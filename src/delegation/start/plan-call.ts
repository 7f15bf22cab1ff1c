import type { StartEvent } from '../journal/journal.ts';
import { OUTCOME_RULES } from '../result/outcomes.ts';
import type { AttemptResult } from '../result/result-schema.ts';
import type { StoredAttempt } from '../store/delegation-folder.ts';

/** What a call on a branch means, given what happened there before. */
export type Plan =
  /** The first attempt, or the next one: `failed` of the `earlier` ones (oldest first) count as failed now, the text answers the last. */
  | { kind: 'attempt'; failed: number; earlier: readonly StoredAttempt[] }
  /**
   * Go on with an attempt that stopped half-way, perhaps before its first message told of those that it corrects.
   * `words`: the caller words the task differently now, as a new session does; they are a message more in the same conversation.
   */
  | { kind: 'resume'; attempt: StoredAttempt; failed: number; earlier: readonly StoredAttempt[]; words?: string }
  /**
   * Checks are run on the work that is there; the model is not asked.
   * `again`: the same ones, of which one could not run, since what it missed may have been installed. The stored report is as good an answer.
   */
  | { kind: 'recheck'; attempt: StoredAttempt; failed: number; earlier: readonly StoredAttempt[]; again?: true }
  /** The same call again after the attempt ended: the stored report, for nothing. */
  | { kind: 'stored'; attempt: StoredAttempt }
  /** All attempts are used. */
  | { kind: 'exhausted'; attempt: StoredAttempt };

/** What a call names besides its text. Limits are null when the call names none. */
export interface CallOptions {
  readonly maxSteps: number | null;
  readonly budget: number | null;
  /** The time limit in force; a setting, since no call names one. */
  readonly maxMinutes?: number;
  readonly checks: readonly string[];
  /** The attempt that the caller means; a higher one than the last is the next one, whatever the text. */
  readonly attempt?: number | undefined;
  /** A person asks: they get an attempt, however many there were (that limit is one for Claude) and whatever words they use. */
  readonly byPerson?: boolean;
}

const NOTHING: CallOptions = { maxSteps: null, budget: null, checks: [] };

/** Whether an attempt can be continued: it crashed (no result), or it ended for a reason outside of the work. */
export function isResumable(attempt: Pick<StoredAttempt, 'result'>): boolean {
  const { result } = attempt;
  return result === null || OUTCOME_RULES[result.outcome].goesOn || result.resumable === true;
}

/** Whether a later call may go on with the attempt itself. */
export function mayGoOn(attempt: Pick<StoredAttempt, 'result'>): boolean {
  return isResumable(attempt) || attempt.result?.outcome === 'step_limit' || attempt.result?.outcome === 'budget_exhausted';
}

/** Whether its base must be kept from garbage collection: what has made no step yet can begin on another commit as well. */
export function needsBase(attempt: Pick<StoredAttempt, 'result'>): boolean {
  return isResumable(attempt) && (attempt.result === null || attempt.result.steps > 0);
}

/** Whether a call lifts the limit that ended the attempt, so that it can go on. */
function liftsLimit({ start, result }: StoredAttempt, options: CallOptions): boolean {
  if (result?.outcome === 'step_limit') {
    if (result.timeLimit !== undefined) return (options.maxMinutes ?? 0) > result.timeLimit;
    // With steps left it was the context window that was full, and more steps are no help.
    return result.steps >= result.maxSteps && (options.maxSteps ?? 0) > result.steps;
  }
  return result?.outcome === 'budget_exhausted' && (options.budget ?? 0) > Math.max(start.budget, result.cost.amount ?? 0);
}

/** The checks that an attempt ran, or was to run. */
export function checksOf({ start, result }: StoredAttempt): ChosenChecks {
  const { checks, checksFrom, foundChecks, silentManifests } = start;
  if (!result || result.checks.length === 0) return { checks, checksFrom, foundChecks, silentManifests };
  return {
    checks: result.checks.map(({ command }) => command),
    checksFrom: result.checksFrom,
    foundChecks: result.checks.flatMap(({ command, found }) => (found ? [{ command, ...found }] : [])),
  };
}

/** The checks of an attempt, with what its journal says of them. */
export type ChosenChecks = Pick<StartEvent, 'checks' | 'checksFrom' | 'foundChecks' | 'silentManifests'>;

/**
 * Those that somebody gave for the next attempt: this call, an earlier one or the settings. Where nobody did they are looked for in the
 * base and in the words of the task, so those that were found for an earlier attempt do not count.
 */
export function givenChecks(ofCall: readonly string[], previous: StoredAttempt | null, ofSettings: readonly string[]): ChosenChecks {
  if (ofCall.length > 0) return { checks: [...ofCall], checksFrom: 'call' };
  const before = previous ? checksOf(previous) : null;
  const given = before ? givenOf(before) : [];
  if (before && given.length > 0) return { checks: given, checksFrom: before.checksFrom };
  return ofSettings.length > 0 ? { checks: [...ofSettings], checksFrom: 'settings' } : { checks: [] };
}

/** Whether nobody gave these checks as such. */
export const isFound = ({ checksFrom }: Pick<StartEvent, 'checksFrom'>): boolean => checksFrom === 'task' || checksFrom === 'found';

/** Those that somebody gave: others may have been found beside them. */
function givenOf(chosen: ChosenChecks): string[] {
  const { checks, foundChecks = [] } = chosen;
  if (isFound(chosen)) return [];
  return checks.filter((command) => !foundChecks.some((found) => found.command === command));
}

function asksOtherChecks(attempt: StoredAttempt, { checks }: CallOptions): boolean {
  return canRecheck(attempt) && checks.length > 0 && !asksSame(checksOf(attempt), checks);
}

/** Whether a call gives the very checks that were given before. */
export const asksSame = (before: ChosenChecks, ofCall: readonly string[]): boolean => ofCall.join('\0') === givenOf(before).join('\0');

/** Whether something kept a check from running that was not the work, nor a limit, into which it would run again. */
function missedSomething(attempt: StoredAttempt): boolean {
  const isMissed = ({ verdict, base }: AttemptResult['checks'][number]) => verdict === 'cannot_run' && !base?.killed;
  return canRecheck(attempt) && attempt.result!.checks.some(isMissed);
}

function canRecheck({ result }: StoredAttempt): boolean {
  return Boolean(result?.tip && !result.keptAt && OUTCOME_RULES[result.outcome].judged);
}

/** Attempts that count: they ended, and not because somebody or something stopped them. */
export function countedAttempts(attempts: readonly StoredAttempt[]): StoredAttempt[] {
  return attempts.filter((attempt) => attempt.result !== null && OUTCOME_RULES[attempt.result.outcome].kind !== 'neutral');
}

/**
 * @param attempts of this delegation, oldest first; none of them runs now
 * @param text the task of the call; null = resume_delegation, which never starts a new attempt
 */
export function planCall(
  attempts: readonly StoredAttempt[],
  text: string | null,
  kind: string | null,
  maxAttempts: number,
  options: CallOptions = NOTHING,
): Plan | null {
  const last = attempts.at(-1) ?? null;
  if (!last) return text === null ? null : { kind: 'attempt', failed: 0, earlier: [] };
  const same = text === null || (last.start.task === text && last.start.kind === kind);
  const earlier = attempts.slice(0, -1);
  const whole = { attempt: last, failed: countedAttempts(earlier).length, earlier };
  const isNext = (options.attempt ?? 0) > last.start.attempt;
  if (same) {
    if (isResumable(last) || liftsLimit(last, options)) return { kind: 'resume', ...whole };
    if (!isNext && asksOtherChecks(last, options)) return { kind: 'recheck', ...whole };
    if (!isNext && !options.byPerson && missedSomething(last)) return { kind: 'recheck', ...whole, again: true };
    if (text === null) return null;
    if (!isNext && !options.byPerson) return { kind: 'stored', attempt: last };
  } else if (!isNext && isResumable(last) && last.start.kind === kind) return { kind: 'resume', ...whole, words: text };
  return planNext(attempts, maxAttempts, options);
}

/** The next attempt, when there is one. */
export function planNext(attempts: readonly StoredAttempt[], maxAttempts: number, options: CallOptions): Plan {
  const failed = countedAttempts(attempts).length;
  const last = attempts.at(-1);
  if (last && failed >= maxAttempts && !options.byPerson) return { kind: 'exhausted', attempt: last };
  return { kind: 'attempt', failed, earlier: attempts };
}
