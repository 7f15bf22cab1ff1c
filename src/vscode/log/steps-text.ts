import { hideSecrets } from '../../common/hide-secrets.ts';
import type { JournalLine } from '../../delegation/journal/journal.ts';
import { escapeUntrusted, oneLine } from '../../mcp/escape-untrusted.ts';
import type { Translate } from '../../messages/translate.ts';
import { stepDetails } from '../page/step-details.ts';
import { type TimelineEntry, timelineOf } from '../page/timeline.ts';
import { exactCost } from '../text/translated-result.ts';

/** One attempt with its whole journal, from its first line on. */
export interface AttemptStory {
  readonly number: number;
  readonly lines: readonly JournalLine[];
}

export interface StepsTextOptions {
  readonly t: Translate;
  readonly branch: string;
  /** Whether what the model thought, said, called and got back stands below each step. */
  readonly details: boolean;
  readonly currency: string;
  /** The day and the time of day. */
  date(at: number): string;
  /** The time of day alone, always as wide. */
  time(at: number): string;
}

/** The story of one delegation as a text: all its attempts, each line with the time at which it happened. */
export function stepsText(attempts: readonly AttemptStory[], options: StepsTextOptions): string {
  const { t, branch } = options;
  if (attempts.length === 0) return `${oneLine(branch, 200)}\n\n${t('Nothing has happened yet.')}\n`;
  return `${[oneLine(branch, 200), ...attempts.map((attempt) => attemptText(attempt, options))].join('\n\n')}\n`;
}

function attemptText({ number, lines }: AttemptStory, options: StepsTextOptions): string {
  const { t, date } = options;
  const start = lines.find((line) => line.type === 'start');
  const title = [t('Attempt {0}', number), start?.model, date(start?.at ?? lines[0]?.at ?? 0)].filter(Boolean).join(' · ');
  const task = start
    ? [`${t('Task')}: ${hideSecrets(options.details ? indented(escapeUntrusted(start.task)) : oneLine(start.task, 300))}`]
    : [];
  return [`── ${title} ──`, ...task, ...runsOf(lines).flatMap((run) => runText(run, options)), ...runningText(lines, options)].join('\n');
}

/** A resumed attempt counts its steps anew from the checkpoint: each run by itself. */
function runsOf(lines: readonly JournalLine[]): JournalLine[][] {
  const runs: JournalLine[][] = [[]];
  for (const line of lines) {
    if (line.type === 'resume') runs.push([]);
    runs.at(-1)!.push(line);
  }
  return runs;
}

function runText(lines: readonly JournalLine[], options: StepsTextOptions): string[] {
  const entries = timelineOf(lines, options.t);
  const last = new Map(entries.map(({ step }, index) => [step, index]));
  return entries.flatMap((entry, index) => {
    const isLast = entry.step !== null && last.get(entry.step) === index;
    const details = isLast && options.details ? stepDetails(lines, entry.step, options.t) : null;
    return [entryText(entry, options), ...(details ? [indented(`\n${details}`)] : [])];
  });
}

function entryText({ at, step, what, result, failed, cost }: TimelineEntry, { t, time, currency }: StepsTextOptions): string {
  const where = step === null ? '' : t('step {0}', step);
  const outcome = [failed ? `✗ ${t('failed')}` : '', result].filter(Boolean).join(': ');
  const money = cost === null ? '' : ` (${exactCost({ amount: cost, currency: currency as 'USD' }, t)})`;
  return hideSecrets(`${time(at)}  ${where.padEnd(9)} ${what}${outcome ? ` → ${outcome}` : ''}${money}`);
}

const INDENT = ' '.repeat(10);
/** As what belongs to the line above, which an editor can fold. */
const indented = (text: string) => text.replaceAll('\n', `\n${INDENT}`).trimEnd();

/** Calls that have not come back, while nothing has ended the attempt. */
function runningText(lines: readonly JournalLine[], options: StepsTextOptions): string[] {
  const { t } = options;
  const last = runsOf(lines).at(-1)!;
  if (last.some(({ type }) => type === 'end')) return [];
  const ended = new Set(last.flatMap((line) => (line.type === 'tool_end' ? [line.callId] : [])));
  return last.flatMap((line) => {
    if (line.type !== 'tool_start' || ended.has(line.callId)) return [];
    const what = oneLine(`${line.name} ${line.title}`, 300);
    return [entryText({ at: line.at, step: line.step, what, result: t('runs now'), failed: false, cost: null }, options)];
  });
}
