/** What all checks together say. */
import { type Message, message, sentences } from '../messages/message.ts';
import { isStopped } from './compare-check.ts';
import type { CheckComparison } from './types.ts';

export interface ChecksVerdict {
  readonly kind: 'proved' | 'failed' | 'no_proof' | 'base_stopped' | 'cannot_run';
  /** One sentence or two. */
  readonly reason: Message;
}

/** One regression fails the work; otherwise one check that passes, really tested something and was not killed on the base proves it. */
export function judgeChecks(comparisons: readonly CheckComparison[]): ChecksVerdict {
  const of = (...verdicts: CheckComparison['verdict'][]) => comparisons.filter(({ verdict }) => verdicts.includes(verdict));
  const regressed = of('regressed');
  if (regressed.length > 0) return { kind: 'failed', reason: failed(regressed) };
  const passing = of('pass', 'fixed');
  const proving = passing.filter((check) => hasTested(check) && !wasStopped(check));
  if (proving.length > 0) {
    const failing = of('still_failing');
    const also = failing.length > 0 ? [message('checks.stillFailing', { commands: commands(failing) })] : [];
    return { kind: 'proved', reason: sentences([message('checks.proved', { commands: commands(proving) }), ...also]) };
  }
  if (comparisons.length === 0) return { kind: 'no_proof', reason: message('checks.noneRun') };
  const installed = of('installed');
  if (installed.length === comparisons.length)
    return { kind: 'cannot_run', reason: message('checks.onlyInstalled', { commands: commands(installed) }) };
  const stopped = passing.filter(wasStopped);
  if (stopped.length > 0) return { kind: 'base_stopped', reason: message('checks.baseStopped', { commands: commands(stopped) }) };
  if (passing.length > 0) return { kind: 'no_proof', reason: message('checks.noTests', { commands: commands(passing) }) };
  const limited = of('still_failing').filter((check) => wasStopped(check) && limitOf(check) !== null);
  if (limited.length > 0 && limited.length === of('still_failing').length)
    return {
      kind: 'base_stopped',
      reason: message('checks.stoppedOnBoth', { commands: commands(limited), limit: limitOf(limited[0]!) ?? '' }),
    };
  const stuck = of('cannot_run');
  if (stuck.length === comparisons.length - installed.length)
    return { kind: 'cannot_run', reason: message('checks.notStarted', { commands: commands(stuck) }) };
  return { kind: 'no_proof', reason: message('checks.stillFailing', { commands: commands(of('still_failing')) }) };
}

const commands = (list: readonly CheckComparison[]): string[] => list.map(({ command }) => `\`${command}\``);

/** What was stopped at a limit has not failed by a test: it is told apart. */
function failed(regressed: readonly CheckComparison[]): Message {
  const limited = regressed.filter((check) => limitOf(check) !== null);
  const others = regressed.filter((check) => limitOf(check) === null);
  const parts = [
    ...(others.length > 0 ? [message('checks.regressed', { commands: commands(others) })] : []),
    ...limited.map((check) => message('checks.stopped', { command: `\`${check.command}\``, limit: limitOf(check) ?? '' })),
  ];
  return sentences(parts as [Message, ...Message[]]);
}

const LIMITS = {
  timeout: 'checks.limit.timeout',
  memory: 'checks.limit.memory',
  processes: 'checks.limit.processes',
  disk: 'checks.limit.disk',
} as const;

/** The limit at which the run on the result was ended; null = it was not. */
function limitOf({ result }: CheckComparison): Message | null {
  const why = result?.killed;
  return why && Object.hasOwn(LIMITS, why) ? message(LIMITS[why as keyof typeof LIMITS]) : null;
}

function wasStopped({ base }: CheckComparison): boolean {
  return base !== null && isStopped(base);
}

function hasTested({ result }: CheckComparison): boolean {
  const counts = result?.counts;
  return !counts || counts.passed + counts.failed > 0;
}
