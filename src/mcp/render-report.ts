import { count } from '../common/count-noun.ts';
import { OUTCOME_RULES, type Outcome } from '../delegation/result/outcomes.ts';
import type { AttemptResult } from '../delegation/result/result-schema.ts';
import { placeText } from '../delegation/result/result-text.ts';
import type { Disposition } from '../delegation/store/delegation-folder.ts';
import { type Message, say } from '../messages/message.ts';
import { costLine } from './cost-line.ts';
import { decidesLine } from './decides-line.ts';
import { estimateTokens } from './estimate-tokens.ts';
import { proofLines } from './proof-lines.ts';
import { diffText, fileLines } from './report-change.ts';
import { checkLines, seenLines } from './report-checks.ts';
import { line, minute, namesWithin, quoted, sentencesWithin, short, within } from './report-text.ts';

/** The whole report, in tokens as the reader pays them. */
export const REPORT_TOKENS = 8000;
/** Parts that have no bound of their own. Together with the single lines they leave some of the report to the diff, whatever they hold. */
const PART_TOKENS = { warnings: 800, summary: 600, commit: 150 } as const;
/** Whoever asks for a stored report gets its summary before its diff. */
const STORED_SUMMARY_TOKENS = 2400;
/** What a summary leaves, so that the lines around the diff have room. */
const LEAST_DIFF_TOKENS = 300;

const roomBeside = (lines: readonly string[]) => REPORT_TOKENS - estimateTokens(lines.join('\n'));

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
 * The text that Claude reads: what decides, then what proves it, then the worker's claim and as much of the diff as fits.
 * Everything that the worker or the repository wrote is escaped and indented or fenced, so it cannot pass for a field of ours.
 */
export function renderReport(result: AttemptResult, options: ReportOptions): string {
  const { change } = result;
  const head = [
    `outcome: ${result.outcome}   fallback_needed: ${result.fallbackNeeded}   attempt: ${result.attempt} of ${result.maxAttempts}`,
    ...(options.notice ? [`notice_for_user: ${line(say(options.notice, 'en'), 500)}`] : []),
    ...(options.stored ? [storedLine(result, options)] : []),
    ...(options.disposition ? [stateLine(options.disposition)] : []),
    ...decidesLine(result),
    ...(result.reason ? [`reason: ${line(say(result.reason, 'en'), 700)}`] : []),
    branchLine(result, options.stored),
    ...(result.folder ? [`folder: ${line(result.folder, 200)} (commands and checks began there; paths below are from the root)`] : []),
    `next: ${options.disposition ? DECIDED[options.disposition.state] : nextStep(result)}`,
    ...checkLines(result),
    ...proofLines(result),
    ...seenLines(result),
    ...warningLines(result),
    ...notSeenLine(result),
    ...sinceLine(result, options.stored),
    ...commitLines(result),
    ...(change ? fileLines(result, change) : []),
    ...wallLines(result),
    ...(options.showTokenStats ? [costLine(result, options.disclosure)] : []),
  ];
  const withSummary = [...head, ...summaryLines(result, options.stored, roomBeside(head) - LEAST_DIFF_TOKENS)];
  return [...withSummary, ...(change ? [diffText(result, change, roomBeside(withSummary), options.fence)] : [])].join('\n');
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

const fill = (next: string, tip: string | null) => next.replaceAll('{tip}', tip ? short(tip) : 'the tip');

/** @param stored the report is read later: then it says of when it tells */
function branchLine(result: AttemptResult, stored: boolean): string {
  const base = result.base ? `   base: ${short(result.base)} (${line(result.baseName, 120)})` : '';
  const head = result.change && !result.headMoved ? `   head: unchanged${stored ? ` until ${minute(result.endedAt)}` : ''}` : '';
  const kept = result.keptAt ? `   kept at: ${line(result.keptAt, 200)}` : '';
  return `branch: ${line(result.branch, 200)}${result.tip ? `   tip: ${short(result.tip)}` : ''}${base}${head}${kept}`;
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

function warningLines({ warnings }: AttemptResult): string[] {
  if (warnings.length === 0) return [];
  const blocking = warnings.filter((w) => w.level === 'blocking').length;
  const notes = warnings.length - blocking;
  const list = [...warnings]
    .sort((a, b) => Number(b.level === 'blocking') - Number(a.level === 'blocking'))
    .map((w) => `  ${w.level === 'blocking' ? '! ' : ''}${line(placeText(w) + say(w.text, 'en'), 240)}`);
  return [`warnings: ${blocking} blocking, ${count(notes, 'note')}`, ...within(PART_TOKENS.warnings, list, 'warnings')];
}

function notSeenLine({ notSeen }: AttemptResult): string[] {
  if (notSeen.length === 0) return [];
  return [`not seen by the worker: ${count(notSeen.length, 'uncommitted file')} (${namesWithin(8, notSeen)})`];
}

function sinceLine({ change, headMoved: moved, endedAt }: AttemptResult, stored: boolean): string[] {
  if (!change || !moved) return [];
  const overlap = moved.overlap.length === 0 ? 'no file overlaps' : `overlapping files: ${namesWithin(8, moved.overlap)}`;
  const asOf = stored ? ` (as of ${minute(endedAt)})` : '';
  return [`since then: HEAD moved from ${short(moved.from)} to ${short(moved.to)}; ${overlap}${asOf}`];
}

/** What the commit says, which a merge takes over. */
function commitLines({ tip, commitMessage }: AttemptResult): string[] {
  const [subject = '', ...body] = (commitMessage ?? '').trim().split('\n');
  if (!tip || !subject) return [];
  const rest = body.join('\n').trim();
  const lines = rest === '' ? [] : rest.split('\n').map((text) => quoted(text, 300));
  return [`commit: ${line(subject, 200)}`, ...within(PART_TOKENS.commit, lines, 'lines')];
}

/** Of the wall only what is not as usual, and what was used. */
function wallLines(result: AttemptResult): string[] {
  const { sandbox, sent, disk, asRoot } = result;
  const hosts = Object.keys(sent?.network ?? {});
  const refused = sent?.refused ?? [];
  const used = [
    ...(hosts.length > 0 ? [`reached ${namesWithin(5, hosts)}`] : []),
    ...(refused.length > 0 ? [`refused: ${namesWithin(3, refused)}`] : []),
  ];
  return [
    ...(sandbox === 'container' ? ['sandbox: off (in a container that the user calls disposable)   network: everything'] : []),
    ...(sandbox === 'off' ? ['sandbox: off (the user chose to run commands unsandboxed)   network: everything'] : []),
    // Where all passes too: outside, a test of permissions may fail.
    ...(asRoot && sandbox === 'on' && result.checks.length > 0
      ? ['sandbox: on   user: root without its power over file permissions and mounts, so tests of those may differ']
      : []),
    ...(used.length > 0 ? [`network: ${used.join('; ')}`] : []),
    ...(disk === undefined ? [] : [`disk: commands wrote ${(disk / 2 ** 30).toFixed(1)} GB`]),
  ];
}

function summaryLines({ summary }: AttemptResult, stored: boolean, room: number): string[] {
  if (!summary.trim()) return [];
  const lines = summary
    .trim()
    .split('\n')
    .map((part) => quoted(part));
  const { text, isCut } = sentencesWithin(Math.min(room, stored ? STORED_SUMMARY_TOKENS : PART_TOKENS.summary), lines.join('\n'));
  const rest = stored ? '  ... the rest was too long' : '  ... the rest: get_delegation';
  return ["summary (the worker's claim, not verified):", ...(text === '' ? [] : [text]), ...(isCut ? [rest] : [])];
}
