import { SIGN } from '../common/currency.ts';
import { firstLine } from '../common/first-line.ts';
import { hideSecrets } from '../common/hide-secrets.ts';
import { addToProgress, EMPTY_PROGRESS, type Progress } from '../delegation/journal/attempt-progress.ts';
import type { JournalLine } from '../delegation/journal/journal.ts';
import { totalsOf } from '../delegation/journal/tally.ts';
import { OUTCOME_RULES } from '../delegation/result/outcomes.ts';
import { durationText, outcomeText } from '../delegation/result/result-text.ts';
import { oneLine } from '../mcp/escape-untrusted.ts';
import { type Message, message } from '../messages/message.ts';
import { resultText } from './result-text.ts';
import { activityText, toolText } from './status-text.ts';
import type { Terminal, Tone } from './terminal.ts';
import { cutToWidth, widthOf } from './text-width.ts';
import { wrapped } from './wrap.ts';

const LONGEST = 300;
/** Where the text begins: behind the time and the step. */
const INDENT = 14;
/** Below so many columns the cost of each step is left out. */
const NARROW = 60;

interface Told {
  readonly text: string;
  readonly tone?: Tone;
  /** What came of it, behind the text. */
  readonly result?: string;
  readonly step?: number;
  /** Of the step; only once. */
  readonly cost?: string;
}

/** The story of one attempt, told line by line as its journal grows. */
export interface Story {
  /** What a line of the journal adds, as lines for the terminal. */
  add(line: JournalLine): string[];
  /** `step 7/50 · $ npm test · $0.0312 · 1m 12s`, for the bottom of the screen. */
  status(now: number): string;
  readonly progress: () => Progress;
}

export function createStory(terminal: Terminal): Story {
  let progress = EMPTY_PROGRESS;
  let maxSteps = 0;
  const titles = new Map<string, string>();
  const costs = new Map<number, string>();

  /** English is what the journal holds. */
  const inWords = (result: string) => (terminal.language === 'en' ? result : terminal.say(resultText(result)));

  function tell(line: JournalLine): Told | null {
    const { say } = terminal;
    switch (line.type) {
      case 'resume':
        return { text: say(message('cli.story.resumed', { step: line.step })), tone: 'bold' };
      case 'reply':
        if (line.cost !== null) costs.set(line.step, money(line.cost, progress));
        return null;
      case 'retry':
        return {
          step: line.step,
          text: say(activityText({ kind: 'waiting', seconds: Math.round(line.delayMs / 1000), why: line.reason })),
          tone: 'warn',
        };
      case 'tool_start':
        titles.set(line.callId, line.title);
        return null;
      case 'tool_end': {
        const text = toolText(line.name, titles.get(line.callId) ?? '');
        const cost = costs.get(line.step);
        costs.delete(line.step);
        return { step: line.step, text, result: inWords(line.summary), tone: line.ok ? 'plain' : 'warn', ...(cost && { cost }) };
      }
      case 'notice':
        return { text: firstLine(say(line.text)), tone: 'dim' };
      case 'compacted':
      case 'rolled_back':
        return toldOf(line, terminal);
      case 'check':
      case 'setup':
        if (line.phase === 'start') return null;
        return {
          text: say(activityText(line.type === 'setup' ? { kind: 'setup', command: line.command } : checkOf(line))),
          result: inWords(line.text),
          tone: ON_TRIAL.test(line.text) ? 'plain' : /^pass\b/.test(line.text) ? 'good' : 'warn',
        };
      case 'loop_end':
        return { text: say(message(line.end.kind === 'finished' ? 'cli.story.finished' : 'cli.story.stopped')), tone: 'dim' };
      case 'end':
        return endOf(line.outcome, line.reason);
      default:
        return null;
    }
  }

  function endOf(outcome: Parameters<typeof outcomeText>[0], reason: Message | null): Told {
    const { kind } = OUTCOME_RULES[outcome];
    const { steps, cost } = totalsOf(progress.tally);
    const spent = cost.amount === null ? terminal.say(message('result.costUnknown')) : `${SIGN[cost.currency]}${cost.amount.toFixed(4)}`;
    const end = message('cli.story.end', {
      outcome: outcomeText(outcome),
      steps,
      time: durationText(progress.lastAt - progress.startedAt),
      cost: spent,
    });
    const tone = kind === 'failed' ? 'bad' : outcome === 'ready' ? 'good' : 'warn';
    return { text: terminal.say(reason ? message('cli.story.endWhy', { end, why: reason }) : end), tone };
  }

  return {
    progress: () => progress,
    add(line) {
      progress = addToProgress(progress, line);
      if (line.type === 'start') {
        maxSteps = line.maxSteps;
        return headOf(line, terminal);
      }
      const entry = tell(line);
      if (!entry) return [];
      const passed = line.at - progress.startedAt;
      return line.type === 'end' ? endLines(entry, passed, terminal) : [stepLine(entry, passed, terminal)];
    },
    status(now) {
      const { tally, startedAt } = progress;
      const step = terminal.say(message('cli.state.running', { step: tally.currentStep, most: maxSteps }));
      const { cost } = totalsOf(tally);
      const spent = cost.amount === null ? [] : [`${SIGN[cost.currency]}${cost.amount.toFixed(4)}`];
      const facts = [...spent, durationText(now - startedAt)].join(' · ');
      const room = (terminal.columns ?? 80) - widthOf(`${step} ·  · ${facts}`) - 1;
      const doing = cutToWidth(hideSecrets(oneLine(terminal.say(activityText(progress.activity)), LONGEST)), Math.max(8, room));
      return terminal.paint('dim', [step, doing, facts].join(' · '));
    },
  };
}

/** Runs of tests that are meant to fail, or may. */
const ON_TRIAL = / (?:new tests on the base|mutant \d|the same code, written otherwise)/;

const checkOf = ({ on, command }: Extract<JournalLine, { type: 'check' }>) => ({ kind: 'check', on, command }) as const;

/** Of results that were left out a notice tells. */
function toldOf(line: Extract<JournalLine, { type: 'compacted' | 'rolled_back' }>, { say }: Terminal): Told | null {
  if (line.type === 'rolled_back') return { text: say(message('cli.story.rolledBack')), tone: 'dim' };
  return line.by === 'leaving_out' ? null : { text: say(message('cli.story.compacted')), tone: 'dim' };
}

function headOf(line: Extract<JournalLine, { type: 'start' }>, terminal: Terminal): string[] {
  const kind = message(line.kind === 'bug' ? 'cli.kind.bug' : line.kind === 'tests' ? 'cli.kind.tests' : 'cli.kind.feature');
  const at = new Date(line.at).toLocaleString(terminal.language === 'en' ? 'en-GB' : 'zh-CN', { dateStyle: 'medium', timeStyle: 'short' });
  const head = terminal.say(message('cli.story.begin', { attempt: line.attempt, kind, model: line.model, at }));
  const task = hideSecrets(oneLine(line.task, LONGEST));
  return [
    ...wrapped(head, terminal).map((part) => terminal.paint('bold', part)),
    terminal.columns === null ? task : cutToWidth(task, terminal.columns),
  ];
}

function money(cost: number, { tally }: Progress): string {
  return `${SIGN[tally.billed ?? 'USD']}${cost.toFixed(4)}`;
}

const leadOf = (passedMs: number, step?: number) => `${clock(passedMs).padStart(7)}  ${String(step ?? '').padStart(3)}  `;

/** The end says why: it takes as many lines as that needs. */
function endLines({ text, tone = 'plain' }: Told, passedMs: number, terminal: Terminal): string[] {
  const [first = '', ...rest] = wrapped(hideSecrets(oneLine(text, 2000)), terminal, ' '.repeat(INDENT)).map((part) => part.slice(INDENT));
  const { paint } = terminal;
  return [paint('dim', leadOf(passedMs)) + paint(tone, first), ...rest.map((part) => ' '.repeat(INDENT) + paint(tone, part))];
}

/** `   0:42    7  $ npm test  exit 1 in 3.2s   $0.0021`; on a terminal it takes one line, and the cost stands at its end. */
function stepLine({ text, tone = 'plain', result = '', step, cost = '' }: Told, passedMs: number, { columns, paint }: Terminal): string {
  const lead = paint('dim', leadOf(passedMs, step));
  const safe = hideSecrets(oneLine(text, LONGEST));
  const outcome = hideSecrets(oneLine(result, 100));
  if (columns === null) return `${lead}${[safe, outcome, cost].filter(Boolean).join('  ')}`;
  const shownCost = columns < NARROW ? '' : cost;
  const room = columns - INDENT - (shownCost ? shownCost.length + 2 : 0);
  const shownOutcome = cutToWidth(outcome, Math.floor(room / 2));
  const shown = cutToWidth(safe, room - (shownOutcome ? widthOf(shownOutcome) + 2 : 0));
  const used = widthOf([shown, shownOutcome].filter(Boolean).join('  '));
  const body = [paint(tone, shown), paint('dim', shownOutcome)].filter(Boolean).join('  ');
  return `${lead}${body}${shownCost && ' '.repeat(room - used + 2) + paint('dim', shownCost)}`;
}

/** `1:02`, `1:02:03` */
function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
