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
  const commands = (list: readonly CheckComparison[]) => list.map(({ command }) => `\`${command}\``);
  const of = (...verdicts: CheckComparison['verdict'][]) => comparisons.filter(({ verdict }) => verdicts.includes(verdict));
  const regressed = of('regressed');
  if (regressed.length > 0) return { kind: 'failed', reason: message('checks.regressed', { commands: commands(regressed) }) };
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
  const stuck = of('cannot_run');
  if (stuck.length === comparisons.length - installed.length)
    return { kind: 'cannot_run', reason: message('checks.notStarted', { commands: commands(stuck) }) };
  return { kind: 'no_proof', reason: message('checks.stillFailing', { commands: commands(of('still_failing')) }) };
}

function wasStopped({ base }: CheckComparison): boolean {
  return base !== null && isStopped(base);
}

function hasTested({ result }: CheckComparison): boolean {
  const counts = result?.counts;
  return !counts || counts.passed + counts.failed > 0;
}
