import { firstLine } from '../../common/first-line.ts';
import { hideSecrets } from '../../common/hide-secrets.ts';
import type { JournalLine } from '../../delegation/journal/journal.ts';
import { OUTCOME_RULES } from '../../delegation/result/outcomes.ts';
import { oneLine } from '../../mcp/escape-untrusted.ts';
import { say } from '../../messages/message.ts';

/** One line of the log. The level is the one that a log channel filters by. */
export interface StepLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly text: string;
}

const LONGEST = 300;

/**
 * Turns journal lines of one attempt into lines for the log: one for an event, in English like every log, never a command's whole
 * output, never anything that looks like a secret. Keeps the titles of running tool calls, so that their ends can name them.
 */
export function createStepLines(name: string): (line: JournalLine) => StepLine | null {
  const titles = new Map<string, string>();
  return (line) => {
    const described = describe(line, titles);
    return described && { level: described.level, text: `[${name}] ${hideSecrets(oneLine(described.text, LONGEST))}` };
  };
}

function describe(line: JournalLine, titles: Map<string, string>): StepLine | null {
  switch (line.type) {
    case 'start':
      return info(`attempt ${line.attempt} begins: ${kindText(line.kind)}, ${line.model}, at most ${line.maxSteps} steps: ${line.task}`);
    case 'resume':
      return info(`resumed after step ${line.step}`);
    case 'request':
      return debug(`step ${line.step}: thinking`);
    case 'reply':
      return debug(`step ${line.step}: answer${line.ms === undefined ? '' : ` after ${seconds(line.ms)}`}${usageText(line)}`);
    case 'spent':
      return debug(`step ${line.step}: answer broke off${usageText(line)}`);
    case 'retry':
      return { level: 'warn', text: `step ${line.step}: ${say(line.reason, 'en')}; again in ${seconds(line.delayMs)}` };
    case 'tool_start': {
      const title = `${line.name} ${line.title}`.trim();
      titles.set(line.callId, title);
      return debug(`step ${line.step}: ${title}`);
    }
    case 'tool_end': {
      const title = titles.get(line.callId) ?? line.name;
      titles.delete(line.callId);
      const result = line.summary ? `: ${line.summary}` : '';
      return info(`step ${line.step}: ${title} -> ${line.ok === false ? 'failed' : 'ok'}${result}`);
    }
    case 'notice':
      return info(firstLine(say(line.text, 'en')));
    case 'check': {
      const what = `check on ${line.on}: ${line.command}`;
      return info(line.phase === 'end' ? `${what} -> ${line.text}` : line.text ? `${what} (${line.text})` : what);
    }
    case 'setup':
      return info(`set-up: ${line.command}${line.phase === 'start' ? '' : ` -> ${line.text}`}`);
    case 'loop_end': {
      const end = line.end.kind === 'finished' ? 'the worker is done' : `the worker was stopped (${line.end.outcome})`;
      return info(`${end} after ${line.totals.steps} steps; handing back`);
    }
    case 'end': {
      const level = OUTCOME_RULES[line.outcome].kind === 'failed' ? 'warn' : 'info';
      return { level, text: `ended: ${line.outcome}${line.reason ? `: ${say(line.reason, 'en')}` : ''}` };
    }
    default:
      return null;
  }
}

const info = (text: string): StepLine => ({ level: 'info', text });
const debug = (text: string): StepLine => ({ level: 'debug', text });
const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
const kindText = (kind: string) => (kind === 'bug' ? 'bug fix' : kind);

function usageText({ usage, cost }: { usage: { input: number; cached: number; output: number } | null; cost: number | null }): string {
  if (!usage) return '';
  const money = cost === null ? '' : `, cost ${cost.toFixed(4)}`;
  return `, in ${usage.input} (${usage.cached} cached), out ${usage.output}${money}`;
}
