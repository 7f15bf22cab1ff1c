/** The line by which a reviewer decides: what proves the work, what speaks against it, and whether anything was flagged. */
import { count } from '../common/count-noun.ts';
import { shownProofs } from '../delegation/result/proof-text.ts';
import type { AttemptResult } from '../delegation/result/result-schema.ts';
import { seenRuns } from '../delegation/result/seen-text.ts';
import { say } from '../messages/message.ts';
import { type CheckLine, runText, verdictText } from './report-checks.ts';
import { line } from './report-text.ts';

const MOST_CHECKS = 4;

/** Nothing where there is no work, and the reason is all. */
export function decidesLine(result: AttemptResult): string[] {
  if (!result.change) return [];
  const proofs = shownProofs(result).map((text) => line(say(text, 'en'), 200));
  return [`decides: ${[...proofs, ...checksSaid(result), warningsSaid(result)].join('; ')}`];
}

function checksSaid(result: AttemptResult): string[] {
  const checks = result.checks.filter(({ verdict }) => verdict !== 'installed');
  if (checks.length === 0) return [`no check ran${ownRunSaid(result)}`];
  const told = [...checks.filter(isBad), ...checks.filter((check) => !isBad(check) && check.result?.counts)];
  const plain = checks.filter((check) => !told.includes(check));
  const named = told.slice(0, MOST_CHECKS).map(checkSaid);
  const left = told.length - named.length;
  const passing = plain.slice(0, MOST_CHECKS).map(nameOf).join(', ');
  const more = plain.length > MOST_CHECKS ? ` and ${plain.length - MOST_CHECKS} more` : '';
  return [
    ...named,
    ...(left > 0 ? [count(left, 'more check')] : []),
    ...(plain.length > 0 ? [`${passing}${more} ${plain.length === 1 ? 'passes' : 'pass'}`] : []),
  ];
}

const isBad = ({ verdict, result }: CheckLine) => (verdict !== 'pass' && verdict !== 'fixed') || result === null;
const nameOf = ({ command }: CheckLine) => line(command, 60);

function checkSaid(check: CheckLine): string {
  const verdict = verdictText(check);
  if (isBad(check)) return `${nameOf(check)} ${verdict ?? runText(check.result)}`;
  return `${nameOf(check)} ${runText(check.base)} then ${runText(check.result)}`;
}

/** What the worker itself ran proves nothing, but says what to look at first. */
function ownRunSaid(result: AttemptResult): string {
  const [run] = seenRuns(result).filter(({ afterLastEdit }) => afterLastEdit === true);
  if (!run) return '';
  const failed = run.killed || (run.exitCode ?? 0) !== 0 || (run.counts?.failed ?? 0) > 0;
  if (failed) return ", and the worker's own last run failed (seen)";
  const passed = run.exitCode === 0 || (run.counts !== null && run.counts.passed > 0);
  return passed ? ", the worker's own last run passed (seen), which is no proof" : '';
}

function warningsSaid({ warnings }: AttemptResult): string {
  const blocking = warnings.filter(({ level }) => level === 'blocking').length;
  const notes = warnings.length - blocking;
  if (blocking > 0) return `${count(blocking, 'blocking warning')}, to be read first`;
  return notes > 0 ? count(notes, 'note') : 'nothing flagged';
}
