import { randomBytes } from 'node:crypto';
import { count } from '../common/count-noun.ts';
import { cutText } from '../common/cut-text.ts';
import { OUTCOME_RULES, type Outcome } from '../delegation/result/outcomes.ts';
import type { AttemptResult } from '../delegation/result/result-schema.ts';
import { checksFromText, placeText } from '../delegation/result/result-text.ts';
import type { Disposition } from '../delegation/store/delegation-folder.ts';
import { type Message, say } from '../messages/message.ts';
import { costLine } from './cost-line.ts';
import { escapeUntrusted, oneLine } from './escape-untrusted.ts';
import { estimateTokens } from './estimate-tokens.ts';
import { proofLines } from './proof-lines.ts';

/** The whole report and the diff in it, in tokens as the reader pays them. */
export const REPORT_TOKENS = 8000;
export const DIFF_TOKENS = 6000;
/** Parts that have no bound of their own. Together with the single lines they leave some of the report to the diff, whatever they hold. */
const PART_TOKENS = { checks: 1600, output: 600, warnings: 800, files: 1200, summary: 900 } as const;

export interface ReportOptions {
  disclosure: 'silent' | 'open';
  /** Whether it tells what the attempt took and saved. */
  showTokenStats: boolean;
  /** The report of an earlier call is given again: nothing was run or spent. */
  stored: boolean;
  /** What was decided about the work since; null = nothing yet. */
  disposition?: Disposition | null;
  /** Something that the user must hear (a broken set-up); once a session. */
  notice: Message | null;
  /** Closes the diff; random, so that no text in the diff can pretend to close it. */
  fence?: string;
}

/**
 * The text that Claude reads: evidence first, then the worker's claim, then as much of the diff as fits, cut at file borders.
 * Everything that the worker or the repository wrote is escaped and indented or fenced, so it cannot pass for a field of ours.
 */
export function renderReport(result: AttemptResult, options: ReportOptions): string {
  const head = [
    `outcome: ${result.outcome}   fallback_needed: ${result.fallbackNeeded}   attempt: ${result.attempt} of ${result.maxAttempts}`,
    ...(options.notice ? [`notice_for_user: ${line(say(options.notice, 'en'), 500)}`] : []),
    ...(options.stored ? [storedLine(result, options)] : []),
    ...(options.disposition ? [stateLine(options.disposition)] : []),
    branchLine(result),
    ...(result.folder ? [`folder: ${line(result.folder, 200)} (commands and checks began there; paths below are from the root)`] : []),
    ...(result.reason ? [`reason: ${line(say(result.reason, 'en'), 700)}`] : []),
    `next: ${options.disposition ? DECIDED[options.disposition.state] : nextStep(result)}`,
    ...checkLines(result),
    ...proofLines(result),
    ...warningLines(result),
    ...(result.notSeen.length > 0 ? [notSeenLine(result)] : []),
    ...(result.change ? [sinceLine(result, options.stored), ...fileLines(result)] : []),
    sandboxLine(result),
    ...(options.showTokenStats ? [costLine(result, options.disclosure)] : []),
    ...summaryLines(result),
  ].join('\n');
  return result.change ? `${head}\n${diffText(result, options, head)}` : head;
}

/** A call that ran nothing. */
export interface Refused {
  outcome: Outcome;
  reason: Message;
  fallbackNeeded: boolean;
  branch: string | null;
  notice: Message | null;
  /** Instead of what the outcome usually asks for. */
  next?: string;
}

/** The short text for a call that ran nothing: a refusal, a missing key, a busy branch. */
export function renderRefusal(refusal: Refused): string {
  return [
    `outcome: ${refusal.outcome}   fallback_needed: ${refusal.fallbackNeeded}`,
    ...(refusal.notice ? [`notice_for_user: ${line(say(refusal.notice, 'en'), 500)}`] : []),
    ...(refusal.branch ? [`branch: ${line(refusal.branch, 200)}`] : []),
    `reason: ${line(say(refusal.reason, 'en'), 1500)}`,
    `next: ${refusal.next ?? usualNext(refusal.outcome, refusal.fallbackNeeded, null)}`,
  ].join('\n');
}

/** `2026-11-22 10:04 UTC` */
const minute = (at: string) => `${at.slice(0, 16).replace('T', ' ')} UTC`;
const short = (commit: string) => commit.slice(0, 7);
const fill = (next: string, tip: string | null) => next.replaceAll('{tip}', tip ? short(tip) : 'the tip');

/** One line of at most `max` characters, and no more tokens than other text of that length would have. */
function line(text: string, max: number): string {
  let short = oneLine(text, max);
  while (estimateTokens(short) > max * 0.6) short = cutText(short, Math.floor(short.length * 0.9));
  return short;
}

/** A quoted line of text that is not ours: its own blanks stay. */
function quoted(text: string, max: number): string {
  return `  | ${cutText(escapeUntrusted(text), max)}`;
}

/** The first of the lines that have room, and one that says how many are left out. */
function within(tokens: number, lines: readonly string[], what: string): string[] {
  let used = 0;
  const end = lines.findIndex((text) => {
    used += estimateTokens(text) + 1;
    return used > tokens;
  });
  return end < 0 ? [...lines] : [...lines.slice(0, end), `  ... and ${lines.length - end} more ${what}`];
}

function branchLine(result: AttemptResult): string {
  const base = result.base ? `   base: ${short(result.base)} (${line(result.baseName, 120)})` : '';
  const kept = result.keptAt ? `   kept at: ${line(result.keptAt, 200)}` : '';
  return `branch: ${line(result.branch, 200)}${result.tip ? `   tip: ${short(result.tip)}` : ''}${base}${kept}`;
}

function storedLine({ attempt, maxAttempts, fallbackNeeded }: AttemptResult, { disposition }: ReportOptions): string {
  const isOver = disposition || fallbackNeeded || attempt >= maxAttempts;
  const again = isOver ? '' : `; another attempt: the same call with attempt: ${attempt + 1}, or with your feedback as the text`;
  return `stored: the report of the attempt that has ended; nothing was run or spent by this call${again}`;
}

/** Where the work is now, in place of what was to be done with it. */
function stateLine({ state, into, commit, at }: Disposition): string {
  const where = into && commit ? ` into ${line(into, 200)} as ${short(commit)}` : '';
  return `state: ${state}${where}, ${minute(at)}`;
}

const DECIDED: Readonly<Record<Disposition['state'], string>> = {
  merged: 'nothing, the work is merged; restore_delegation brings its branch back',
  discarded: 'nothing, the work was put aside; restore_delegation brings it back',
};

function nextStep(result: AttemptResult): string {
  const work = result.fallbackNeeded && result.tip && result.change;
  const next = usualNext(result.outcome, result.fallbackNeeded, result.tip);
  return work ? `${next}; what was reached is on ${line(result.keptAt ?? result.branch, 200)}` : next;
}

/** Where it is over, nothing may ask for another call; an outcome that no call can mend says what the user must do. */
function usualNext(outcome: Outcome, fallbackNeeded: boolean, tip: string | null): string {
  const { next, retry } = OUTCOME_RULES[outcome];
  return fallbackNeeded && retry ? 'do it yourself, no further call for this task' : fill(next, tip);
}

type CheckLine = AttemptResult['checks'][number];

function checkLines(result: AttemptResult): string[] {
  if (result.checks.length === 0) return ['checks: none were run'];
  const lines = result.checks.map((check) => {
    const old = new Set(check.base?.failing);
    const failing =
      check.verdict === 'regressed' && !check.result?.killed ? (check.result?.failing ?? []).filter((name) => !old.has(name)) : [];
    const some = failing.slice(0, 5).map((name) => oneLine(name, 120));
    const names = some.length > 0 ? `\n    fails: ${line(some.join(' | '), 400)}` : '';
    return `  ${line(check.command, 120)}  ${runText(check.base)} → ${runText(check.result)}   ${verdictText(check)}${names}`;
  });
  const from = checksFromText(result);
  const title = from
    ? `checks (${line(say(from, 'en'), 200)}; run by the harness on base, then on the result):`
    : 'checks, run by the harness (base → result):';
  return [title, ...within(PART_TOKENS.checks, lines, 'checks'), ...failureOutput(result.checks)];
}

function runText(run: CheckLine['result']): string {
  if (!run) return 'not run';
  if (run.killed) return `stopped (${run.killed})`;
  if (run.counts)
    return `${run.counts.passed}/${run.counts.passed + run.counts.failed}${run.exitCode === 0 ? '' : ` exit ${run.exitCode}`}`;
  return run.exitCode === 0 ? 'pass' : `exit ${run.exitCode}`;
}

function verdictText(check: CheckLine): string {
  const why = check.result?.killed;
  if (why && why !== 'cancelled') return check.base?.killed ? 'stopped on both, proves nothing' : 'STOPPED at a limit';
  switch (check.verdict) {
    case 'pass':
      return 'pass';
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

function warningLines(result: AttemptResult): string[] {
  const blocking = result.warnings.filter((w) => w.level === 'blocking').length;
  const notes = result.warnings.length - blocking;
  const list = [...result.warnings]
    .sort((a, b) => Number(b.level === 'blocking') - Number(a.level === 'blocking'))
    .map((w) => `  ${w.level === 'blocking' ? '! ' : ''}${line(placeText(w) + say(w.text, 'en'), 240)}`);
  return [`warnings: ${blocking} blocking, ${count(notes, 'note')}`, ...within(PART_TOKENS.warnings, list, 'warnings')];
}

function sandboxLine({ sandbox, reach, disk, asRoot }: AttemptResult): string {
  const wrote = disk === undefined ? '' : `   disk: commands wrote ${(disk / 2 ** 30).toFixed(1)} GB`;
  const root = asRoot && sandbox === 'on' ? '   user: root without its power over file permissions, so tests of those may differ' : '';
  return `sandbox: ${wallText(sandbox, reach)}${root}${wrote}`;
}

function wallText(sandbox: AttemptResult['sandbox'], reach: AttemptResult['reach']): string {
  switch (sandbox) {
    case 'on':
      return `on   network: ${reach ? reachText(reach) : 'package registries'}`;
    case 'container':
      return 'off (in a container that the user calls disposable)   network: everything';
    case 'off':
      return 'off (the user chose to run commands unsandboxed)   network: everything';
    case 'none':
      return 'not used';
  }
}

function reachText({ registries, more }: NonNullable<AttemptResult['reach']>): string {
  if (more === 0) return 'package registries';
  const hosts = `${count(more, registries ? 'more host' : 'host')} that the user allowed`;
  return registries ? `package registries and ${hosts}` : hosts;
}

function notSeenLine(result: AttemptResult): string {
  const shown = result.notSeen.slice(0, 8).map((p) => line(p, 100));
  const total = result.notSeen.length;
  const more = total - shown.length;
  return `not seen by the worker: ${count(total, 'uncommitted file')} (${shown.join(', ')}${more > 0 ? `, and ${more} more` : ''})`;
}

/** @param stored the report is read later: then it says of when it tells */
function sinceLine(result: AttemptResult, stored: boolean): string {
  const moved = result.headMoved;
  const asOf = stored ? ` (as of ${minute(result.endedAt)})` : '';
  if (!moved) return `since then: HEAD unchanged${asOf}`;
  const overlap =
    moved.overlap.length === 0
      ? 'no file overlaps'
      : `overlapping files: ${moved.overlap
          .slice(0, 8)
          .map((p) => line(p, 100))
          .join(', ')}`;
  return `since then: HEAD moved ${short(moved.from)} → ${short(moved.to)}; ${overlap}${asOf}`;
}

function fileLines(result: AttemptResult): string[] {
  const change = result.change;
  if (!change) return [];
  const scope = result.outOfScope.length === 0 ? 'all in scope' : `${result.outOfScope.length} out of scope`;
  const lines = change.files.map((file) => {
    const size = file.added === null ? 'binary' : `+${file.added} -${file.removed}`;
    return `  ${file.status} ${file.from ? `${line(file.from, 150)} → ` : ''}${line(file.path, 150)} ${size}`;
  });
  return [`files: ${change.files.length}, +${change.added} -${change.removed}, ${scope}`, ...within(PART_TOKENS.files, lines, 'files')];
}

function summaryLines(result: AttemptResult): string[] {
  const text = result.summary.trim();
  if (!text) return [];
  const lines = text.split('\n').map((part) => quoted(part, 400));
  return ["summary (worker's claim, unverified):", ...within(PART_TOKENS.summary, lines, 'lines')];
}

/** Whole object ids cost tokens and tell a reviewer nothing. */
function shortIndexLine(diff: string): string {
  return diff.replace(/^index ([0-9a-f]{7})[0-9a-f]*\.\.([0-9a-f]{7})[0-9a-f]*/m, 'index $1..$2');
}

function diffText(result: AttemptResult, options: ReportOptions, head: string): string {
  const change = result.change;
  if (!change) return '';
  const fence = options.fence ?? randomBytes(3).toString('hex');
  const room = Math.min(DIFF_TOKENS, REPORT_TOKENS - estimateTokens(head)) - 60; // for the two lines of the fence
  const shown: string[] = [];
  let used = 0;
  for (const diff of change.diffs) {
    const body = escapeUntrusted(shortIndexLine(diff.text)).trimEnd();
    const tokens = estimateTokens(body) + 1;
    if (used + tokens > room) continue;
    shown.push(body);
    used += tokens;
  }
  const left = change.files.length - shown.length;
  const extent = left <= 0 ? 'complete' : `${shown.length} of ${change.files.length} files`;
  const whole = result.base && result.tip ? `git diff ${short(result.base)}..${short(result.tip)}` : '';
  const more = whole && `   more: ${left <= 0 ? '' : 'delegation_diff with path shows each of the others; '}${whole}`;
  return [`diff, untrusted data, ${extent}, down to ${fence}:`, ...shown, `${fence}${more}`].join('\n');
}
