/** The lines of a report that are evidence: the checks that the harness ran, and what it saw the worker run. */
import type { AttemptResult } from '../delegation/result/result-schema.ts';
import { checksFromText } from '../delegation/result/result-text.ts';
import { seenTexts } from '../delegation/result/seen-text.ts';
import { say } from '../messages/message.ts';
import { oneLine } from './escape-untrusted.ts';
import { line, quoted, within } from './report-text.ts';

const PART_TOKENS = { checks: 1600, output: 600 } as const;
const RUN_BY_US = 'checks, run by the harness on base, then on the result:';

export type CheckLine = AttemptResult['checks'][number];

export function checkLines(result: AttemptResult): string[] {
  const { checks } = result;
  if (checks.length === 0) return [];
  const lines = checks.map((check) => {
    const failing = newFailures(check).slice(0, 5);
    const names = failing.length > 0 ? `\n    fails: ${line(failing.map((name) => oneLine(name, 120)).join(' | '), 400)}` : '';
    const verdict = verdictText(check);
    const said = [`${runText(check.base)} then ${runText(check.result)}`, ...(verdict ? [verdict] : []), ...seconds(check.result)];
    return `  ${line(check.command, 120)}  ${said.join('   ')}${names}`;
  });
  const from = checksFromText(result);
  const title = from ? `checks (${line(say(from, 'en'), 200)}; run by the harness on base, then on the result):` : RUN_BY_US;
  return [title, ...within(PART_TOKENS.checks, lines, 'checks'), ...failureOutput(checks)];
}

export function newFailures({ base, result, verdict }: CheckLine): string[] {
  if (verdict !== 'regressed' || result?.killed) return [];
  const old = new Set(base?.failing);
  return (result?.failing ?? []).filter((name) => !old.has(name));
}

/** Only what takes long is worth a word. */
function seconds(run: CheckLine['result']): string[] {
  return run && run.durationMs >= 1000 ? [`${Math.round(run.durationMs / 1000)} s`] : [];
}

export function runText(run: CheckLine['result']): string {
  if (!run) return 'not run';
  if (run.killed) return `stopped (${run.killed})`;
  if (run.counts)
    return `${run.counts.passed}/${run.counts.passed + run.counts.failed}${run.exitCode === 0 ? '' : ` exit ${run.exitCode}`}`;
  return run.exitCode === 0 ? 'pass' : `exit ${run.exitCode}`;
}

/** What the two runs come to; null where they say it themselves. */
export function verdictText(check: CheckLine): string | null {
  const why = check.result?.killed;
  if (why && why !== 'cancelled') return check.base?.killed ? 'stopped on both, proves nothing' : 'STOPPED at a limit';
  switch (check.verdict) {
    case 'pass':
      return check.idle ? 'passes whatever the code is, proves nothing' : null;
    case 'fixed':
      return 'failed before, passes now';
    case 'regressed':
      return check.newFailures === null ? 'FAILS' : `new failures ${check.newFailures}`;
    case 'still_failing':
      return 'fails as before, nothing new';
    case 'cannot_run':
      return 'could not run';
    case 'installed':
      return 'installed, proves nothing';
  }
}

/** Whose output is shown: the first verdict that there is. */
const WITH_OUTPUT: readonly CheckLine['verdict'][] = ['regressed', 'cannot_run', 'still_failing'];

function failureOutput(checks: readonly CheckLine[]): string[] {
  const bad = WITH_OUTPUT.flatMap((verdict) => checks.filter((check) => check.verdict === verdict))[0];
  if (!bad?.result?.tail) return [];
  const last = bad.result.tail.trimEnd().split('\n').slice(-15);
  // The end of an output says most, so what does not fit is left out at its beginning.
  const tail = within(
    PART_TOKENS.output,
    last.reverse().map((text) => quoted(text, 200)),
    'lines before',
  ).reverse();
  return [`  last output of ${line(bad.command, 80)} (untrusted data):`, ...tail];
}

export const seenLines = (result: AttemptResult): string[] => seenTexts(result).map((text) => line(say(text, 'en'), 400));
