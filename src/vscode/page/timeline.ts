import { firstLine } from '../../common/first-line.ts';
import { trialText } from '../../delegation/journal/activity.ts';
import type { JournalLine } from '../../delegation/journal/journal.ts';
import { oneLine } from '../../mcp/escape-untrusted.ts';
import { messageText, type Translate } from '../../messages/translate.ts';
import { endReasonText } from '../text/end-reason.ts';
import { stepResultText } from '../text/step-result-text.ts';
import { outcomeText } from '../text/translated-result.ts';

/** One line of the story of an attempt. */
export interface TimelineEntry {
  /** Of its end, ms since the epoch. */
  readonly at: number;
  /** Whose thought and output can be shown; null = it is no step of the model. */
  readonly step: number | null;
  readonly what: string;
  readonly result: string;
  readonly failed: boolean;
  /** Of the model's answer, with the first entry that came of it; null = not known, or none. */
  readonly cost: number | null;
}

/** What happened in an attempt, in its own times: what the model did, what we ran, and what came between. */
export function timelineOf(lines: readonly JournalLine[], t: Translate): TimelineEntry[] {
  const entries: TimelineEntry[] = [];
  const titles = new Map<string, string>();
  /** Calls that are not over, with their steps. */
  const open = new Map<string, number>();
  let answer: Extract<JournalLine, { type: 'reply' }> | null = null;
  const add = (line: JournalLine, entry: Partial<TimelineEntry>) =>
    entries.push({ at: line.at, step: null, what: '', result: '', failed: false, cost: null, ...entry });
  /** An answer without a call would have no line, and neither would a call that was stopped. */
  const leave = (line: JournalLine) => {
    for (const [id, step] of open) {
      add(line, { step, what: titles.get(id) ?? '', result: t('stopped'), cost: answer?.cost ?? null });
      answer = null;
    }
    open.clear();
    if (answer && line.type !== 'resume') add(answer, { step: answer.step, what: t('answered without a tool call'), cost: answer.cost });
    answer = null;
  };
  for (const line of lines) {
    if (line.type === 'tool_start') {
      titles.set(line.callId, oneLine(`${line.name} ${line.title}`, 300));
      open.set(line.callId, line.step);
    } else if (line.type === 'tool_end') {
      open.delete(line.callId);
      const what = titles.get(line.callId) ?? line.name;
      add(line, {
        step: line.step,
        what,
        result: stepResultText(oneLine(line.summary, 300), t),
        failed: line.ok === false,
        cost: answer?.cost ?? null,
      });
      answer = null;
    } else {
      if (LEAVES.has(line.type)) leave(line);
      if (line.type === 'reply') answer = line;
      const told = between(line, t);
      if (told) add(line, told);
    }
  }
  return entries;
}

const LEAVES: ReadonlySet<JournalLine['type']> = new Set(['reply', 'request', 'loop_end', 'resume', 'end']);

/** What is no call of the model; null = nothing to tell. */
function between(line: JournalLine, t: Translate): Partial<TimelineEntry> | null {
  switch (line.type) {
    case 'resume':
      return { what: t('resumed after step {0}', line.step) };
    case 'retry':
      return { what: t('waited {0} s', Math.max(1, Math.round(line.delayMs / 1000))), result: messageText(line.reason, t), failed: true };
    case 'notice':
      return { what: firstLine(oneLine(messageText(line.text, t), 500)) };
    case 'check': {
      if (line.phase === 'start') return null;
      const trial = trialText({ kind: 'check', on: line.on, command: line.command, how: line.text });
      const what = trial
        ? messageText(trial, t)
        : line.on === 'base'
          ? t('check on base: {0}', line.command)
          : t('check on result: {0}', line.command);
      return { what: oneLine(what, 300), result: stepResultText(oneLine(line.text, 300), t) };
    }
    case 'setup':
      return line.phase === 'start'
        ? null
        : { what: oneLine(t('set-up: {0}', line.command), 300), result: stepResultText(oneLine(line.text, 300), t) };
    case 'end': {
      const result = line.reason ? oneLine(endReasonText(line.reason, t), 500) : '';
      return { what: t('ended: {0}', outcomeText(line.outcome, t)), result };
    }
    default:
      return null;
  }
}
