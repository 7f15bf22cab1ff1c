/** What all checks together say. */
import { type Message, message, sentences } from '../messages/message.ts';
import { hasRun, isStopped } from './compare-check.ts';
import { kindsIn } from './detect/read-script.ts';
import { sayMissing } from './missing-notes.ts';
import type { CheckComparison, CheckRun } from './types.ts';

export interface ChecksVerdict {
  /**
   * unshown: of checks that nobody gave, none shows anything, and that is not held against the work. as_before: they run tests of which the
   * same ones fail as on the base, so new tests may show the work all the same.
   */
  readonly kind: 'proved' | 'failed' | 'no_proof' | 'base_stopped' | 'cannot_run' | 'unshown' | 'as_before';
  /** One sentence or two. */
  readonly reason: Message;
}

/**
 * One regression fails the work; otherwise one check that passes, really tested something and was not killed on the base proves it. Where somebody
 * named tests, and they could not run, a linter beside them does not stand for them.
 */
export function judgeChecks(comparisons: readonly CheckComparison[]): ChecksVerdict {
  const of = (...verdicts: CheckComparison['verdict'][]) => comparisons.filter(({ verdict }) => verdicts.includes(verdict));
  const regressed = of('regressed');
  if (regressed.length > 0) return { kind: 'failed', reason: failed(regressed) };
  const passing = of('pass', 'fixed');
  const proving = passing.filter((check) => (check.found ? showsByTests(check) : !check.idle && hasTested(check) && !wasStopped(check)));
  const untested = of('cannot_run').filter((check) => !check.found && isTest(check));
  if (untested.length > 0 && proving.length > 0 && !proving.some((check) => isTest(check) || check.verdict === 'fixed'))
    return { kind: 'cannot_run', reason: whyStuck(untested) };
  if (proving.length > 0) {
    const failing = of('still_failing');
    const also = failing.length > 0 ? [message('checks.stillFailing', { commands: commands(failing) })] : [];
    return { kind: 'proved', reason: sentences([message('checks.proved', { commands: commands(proving) }), ...also]) };
  }
  if (comparisons.length === 0) return { kind: 'no_proof', reason: message('checks.noneRun') };
  if (comparisons.every(({ found, idle }) => found || idle)) return judgeUnshown(comparisons);
  const installed = of('installed');
  if (installed.length === comparisons.length)
    return { kind: 'cannot_run', reason: message('checks.onlyInstalled', { commands: commands(installed) }) };
  const stopped = passing.filter(wasStopped);
  if (stopped.length > 0) return { kind: 'base_stopped', reason: message('checks.baseStopped', { commands: commands(stopped) }) };
  if (passing.length > 0) return { kind: 'no_proof', reason: message('checks.noTests', { commands: commands(passing) }) };
  const limited = of('still_failing').filter((check) => wasStopped(check) && limitOf(check.result) !== null);
  if (limited.length > 0 && limited.length === of('still_failing').length)
    return {
      kind: 'base_stopped',
      reason: message('checks.stoppedOnBoth', { commands: commands(limited), limit: limitOf(limited[0]!.result) ?? '' }),
    };
  const stuck = of('cannot_run');
  if (stuck.length === comparisons.length - installed.length) return { kind: 'cannot_run', reason: whyStuck(stuck) };
  return { kind: 'no_proof', reason: message('checks.stillFailing', { commands: commands(of('still_failing')) }) };
}

const commands = (list: readonly CheckComparison[]): string[] => list.map(({ command }) => `\`${command}\``);

/** What no installation of the project brings is named: its advice would be none. */
function whyStuck(stuck: readonly CheckComparison[]): Message {
  const reasons = stuck.flatMap(({ command, base, result }) => {
    const missing = result?.missing ?? base?.missing;
    if (!missing || missing.what === 'program' || missing.what === 'package') return [];
    return [message('checks.wanting', { why: sayMissing(command, missing) })];
  });
  if (reasons.length < stuck.length) return message('checks.notStarted', { commands: commands(stuck) });
  return sentences(reasons as [Message, ...Message[]]);
}

/** What was stopped at a limit has not failed by a test: it is told apart. */
function failed(regressed: readonly CheckComparison[]): Message {
  const limited = regressed.filter((check) => limitOf(check.result) !== null);
  const others = regressed.filter((check) => limitOf(check.result) === null);
  const parts = [
    ...(others.length > 0 ? [message('checks.regressed', { commands: commands(others) })] : []),
    ...limited.map((check) => message('checks.stopped', { command: `\`${check.command}\``, limit: limitOf(check.result) ?? '' })),
  ];
  return sentences(parts as [Message, ...Message[]]);
}

const LIMITS = {
  timeout: 'checks.limit.timeout',
  memory: 'checks.limit.memory',
  processes: 'checks.limit.processes',
  disk: 'checks.limit.disk',
} as const;

/** The limit at which a run was ended; null = it was not. */
function limitOf(run: CheckRun | null): Message | null {
  const why = run?.killed;
  return why && Object.hasOwn(LIMITS, why) ? message(LIMITS[why as keyof typeof LIMITS]) : null;
}

/** Why checks that nobody gave, or that pass always, show nothing: each is told, as nobody knew of it before. */
function judgeUnshown(comparisons: readonly CheckComparison[]): ChecksVerdict {
  const reasons = comparisons.map(whyUnshown) as [Message, ...Message[]];
  // A test that the task names, that runs here and that fails as before: the task is not done.
  const isOpen = comparisons.some(({ found, verdict, base }) => verdict === 'still_failing' && found?.inTask && testsOf(base) > 0);
  if (isOpen) return { kind: 'no_proof', reason: sentences(reasons) };
  return { kind: comparisons.some(failsAsBefore) ? 'as_before' : 'unshown', reason: sentences(reasons) };
}

/** Whether it is a test that nobody gave, of which the very same ones fail as on the base, and no fewer pass. */
export function failsAsBefore({ found, verdict, newFailures, base, result }: CheckComparison): boolean {
  const isSame = verdict === 'still_failing' && newFailures === 0 && hasRun(base) && hasRun(result);
  return isSame && found?.kind === 'test' && !found.inTask && (result?.counts?.passed ?? 0) >= Math.max(1, base?.counts?.passed ?? 0);
}

/** Why a check that passes here could not run on the base, so that nothing shows that the work broke nothing; null = it could, or was stopped there. */
export function whyOnResultOnly({ command, base }: CheckComparison): Message | null {
  if (base === null || hasRun(base) || isStopped(base)) return null;
  return message('checks.foundOnlyResult', { why: whyMissing(command, base) });
}

function whyMissing(command: string, base: CheckRun | null): Message {
  const { missing } = base ?? {};
  return missing ? sayMissing(command, missing) : message('checks.foundNotStarted', { command });
}

function whyUnshown(check: CheckComparison): Message {
  const { command, base, result, verdict, found, idle } = check;
  const name = `\`${command}\``;
  if (idle) return message('checks.idle', { command: name });
  const limit = limitOf(base) ?? limitOf(result);
  if (limit !== null) return message('checks.foundStopped', { command: name, limit });
  const why = whyMissing(command, base);
  if (verdict === 'cannot_run') return message('checks.foundMissing', { why });
  if (verdict === 'still_failing') return message('checks.stillFailing', { commands: [name] });
  if (!hasRun(base)) return message('checks.foundOnlyResult', { why });
  return found?.kind === 'test' ? message('checks.foundNoTests', { command: name }) : message('checks.foundNoTest', { command: name });
}

const SPEAKS_OF_TESTS = /(^|[\s:._/-])(tests?|specs?|e2e)([\s:._/]|$)/i;

/** By what it ran, or by its words where nothing is counted: `npx eslint test` looks at tests and is none. */
function isTest({ command, found, result }: CheckComparison): boolean {
  if (found) return found.kind === 'test';
  if (result?.counts && testsOf(result) > 0) return true;
  const kinds = kindsIn(command);
  return kinds.has('test') || (kinds.size === 0 && SPEAKS_OF_TESTS.test(command));
}

/** It must be a test, that ran on the base too: nobody said that it is worth something, and tests of the work's own prove little alone. */
function showsByTests(check: CheckComparison): boolean {
  const { found, base, result } = check;
  return found?.kind === 'test' && hasRun(base) && !ranNone(base) && hasTested(check) && !ranNone(result);
}

/** Runners that find nothing say so, and some of them pass. */
const ranNone = (run: CheckRun | null): boolean =>
  run !== null &&
  (run.counts ? run.counts.passed + run.counts.failed === 0 : /\bno tests?\b(?: files?)? (?:ran|run|found|were|to run)/i.test(run.tail));

const testsOf = (run: CheckRun | null): number => (run?.counts ? run.counts.passed + run.counts.failed : 0);

function wasStopped({ base }: CheckComparison): boolean {
  return base !== null && isStopped(base);
}

function hasTested({ result }: CheckComparison): boolean {
  const counts = result?.counts;
  return !counts || counts.passed + counts.failed > 0;
}
