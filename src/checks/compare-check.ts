/** What a check says about the work: its run on the result against its run on the base. */
import type { CheckComparison, CheckRun, FoundCheck } from './types.ts';

type Finding = Pick<CheckComparison, 'verdict' | 'newFailures'>;

/**
 * The exit code decides between pass and fail; counts and names only tell new failures from old ones.
 * @param base null when it was not, or could not be, run; then a failing result counts as a regression, since nothing excuses it
 * @param result null when it could not be run
 * @param found what is known of a check that nobody gave
 */
export function compareCheck(
  command: string,
  base: CheckRun | null,
  result: CheckRun | null,
  found?: CheckComparison['found'],
): CheckComparison {
  if (!found) return { command, base, result, ...judge(base, result) };
  return { command, base, result, ...judgeFound(base, result), found };
}

export interface ChosenChecks {
  readonly commands: readonly string[];
  /** Those of them that nobody gave. */
  readonly found: readonly FoundCheck[];
}

type Runs = readonly (CheckRun | null)[];

export function compareChecks(chosen: ChosenChecks, base: Runs, result: Runs): CheckComparison[] {
  return chosen.commands.map((_, index) => compareOne(chosen, index, base[index] ?? null, result[index] ?? null));
}

/** The check at this place. */
export function compareOne(
  { commands, found }: ChosenChecks,
  index: number,
  base: CheckRun | null,
  result: CheckRun | null,
): CheckComparison {
  const command = commands[index] ?? '';
  const known = found.find((one) => one.command === command);
  if (!known) return compareCheck(command, base, result);
  const { command: _, ...rest } = known;
  return compareCheck(command, base, result, rest);
}

/** Found ones that ran into a limit on the base: they would do so again, and nobody asked for them. */
export function stoppedOnBase({ commands, found }: ChosenChecks, base: Runs): Set<string> {
  const known = new Set(found.map(({ command }) => command));
  return new Set(commands.filter((command, index) => known.has(command) && base[index] && isStopped(base[index])));
}

/** Nobody said that such a check works here: where it does not on the base, its failure says nothing of the work. */
function judgeFound(base: CheckRun | null, result: CheckRun | null): Finding {
  if (result !== null && passes(result)) return judge(base, result);
  if (base === null || !hasRun(base)) return { verdict: 'cannot_run', newFailures: null };
  // It was near the limit before: the machine may have been slower the second time.
  const wasNear = result?.killed === 'timeout' && base.durationMs * 2 > result.durationMs;
  return wasNear ? { verdict: 'cannot_run', newFailures: null } : judge(base, result);
}

function judge(base: CheckRun | null, result: CheckRun | null): Finding {
  if (result === null) return { verdict: 'cannot_run', newFailures: null };
  const baseFailed = base !== null && isStarted(base) && !passes(base) && !isStopped(base);
  if (passes(result)) return { verdict: result.installs ? 'installed' : baseFailed ? 'fixed' : 'pass', newFailures: 0 };
  if (!isStarted(result)) {
    const worksOnBase = base !== null && isStarted(base);
    return worksOnBase ? { verdict: 'regressed', newFailures: null } : { verdict: 'cannot_run', newFailures: null };
  }
  if (base && isStopped(base) && isStopped(result)) return { verdict: 'still_failing', newFailures: null };
  if (isStopped(result)) return { verdict: 'regressed', newFailures: null };
  if (!baseFailed) return { verdict: 'regressed', newFailures: base && passes(base) ? failures(result) : null };
  return compareFailures(base, result);
}

/** Both runs fail: is there anything in the result that the base did not have? */
function compareFailures(base: CheckRun, result: CheckRun): Finding {
  const fresh = newNames(base, result);
  if (fresh !== null && fresh > 0) return { verdict: 'regressed', newFailures: fresh };
  const more = moreFailures(base, result);
  if (more !== null && more > 0) return { verdict: 'regressed', newFailures: more };
  if (runsLess(base, result, fresh !== null)) return { verdict: 'regressed', newFailures: null };
  return { verdict: 'still_failing', newFailures: fresh };
}

/** Failing names that the base does not list; null where a list is missing or cut, so that it proves nothing. */
function newNames(base: CheckRun, result: CheckRun): number | null {
  if (!hasAllNames(base) || !hasAllNames(result)) return null;
  const known = new Set(base.failing);
  return result.failing.filter((name) => !known.has(name)).length;
}

function hasAllNames(run: CheckRun): boolean {
  return run.counts !== null && run.failing.length > 0 && run.failing.length >= run.counts.failed;
}

function moreFailures(base: CheckRun, result: CheckRun): number | null {
  return base.counts && result.counts ? result.counts.failed - base.counts.failed : null;
}

/**
 * It broke down before its summary, or fewer tests pass although no more fail: tests that do not run any more
 * (where names are known, these would have shown as new ones).
 */
function runsLess(base: CheckRun, result: CheckRun, namesKnown: boolean): boolean {
  if (base.counts !== null && result.counts === null) return true;
  return !namesKnown && base.counts !== null && result.counts !== null && result.counts.passed < base.counts.passed;
}

function failures(run: CheckRun): number | null {
  if (run.counts && run.counts.failed > 0) return run.counts.failed;
  return run.failing.length > 0 ? run.failing.length : null;
}

function passes(run: CheckRun): boolean {
  return run.exitCode === 0;
}

/** Killed by us (time, memory, disk): that tells of the machine and of what else ran there, so on the base it neither accuses nor excuses. */
export function isStopped(run: CheckRun): boolean {
  return run.killed !== null;
}

/** Whether it says something of the work: it was started, and nothing that it needs was missing. */
export const hasRun = (run: CheckRun | null): boolean => run !== null && isStarted(run) && !isStopped(run);

/** The shell answers 126 or 127 when it can't start a program; other programs have their own words for what is not there. */
function isStarted(run: CheckRun): boolean {
  const installed = !run.installs || passes(run);
  return installed && run.exitCode !== 126 && run.exitCode !== 127 && run.missing === undefined;
}
