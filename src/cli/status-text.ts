import { type Activity, trialText } from '../delegation/journal/activity.ts';
import { OUTCOME_RULES, type OutcomeRule } from '../delegation/result/outcomes.ts';
import { outcomeText } from '../delegation/result/result-text.ts';
import type { Ending } from '../delegation/review/delivered-work.ts';
import type { DelegationStatus } from '../delegation/store/delegation-status.ts';
import { type Message, message } from '../messages/message.ts';
import type { Tone } from './terminal.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `5 minutes ago` in short. */
export function agoText(at: number, now: number): Message {
  const passed = Math.max(0, now - at);
  if (passed < MINUTE) return message('cli.ago.now');
  if (passed < HOUR) return message('cli.ago.minutes', { count: Math.floor(passed / MINUTE) });
  if (passed < DAY) return message('cli.ago.hours', { count: Math.floor(passed / HOUR) });
  return message('cli.ago.days', { count: Math.floor(passed / DAY) });
}

export function activityText(activity: Activity | null): Message {
  switch (activity?.kind) {
    case 'tool':
      return message('text', { text: toolText(activity.tool, activity.title) });
    case 'waiting':
      return message('cli.doing.waiting', { seconds: activity.seconds, why: activity.why });
    case 'check':
      return (
        trialText(activity) ??
        message(activity.on === 'base' ? 'cli.doing.checkBase' : 'cli.doing.checkResult', { command: activity.command })
      );
    case 'setup':
      return message('cli.doing.setup', { command: activity.command });
    case 'thinking':
      return message('cli.doing.thinking');
    case 'importing':
      return message('cli.doing.importing');
    default:
      return message('cli.doing.preparing');
  }
}

/** A call as somebody would type it: `$ npm test`, `edit_file src/app.ts`. */
export function toolText(tool: string, title: string): string {
  return tool === 'run_command' ? `$ ${title}` : `${tool} ${title}`.trim();
}

const SIGN_TONES: Readonly<Record<OutcomeRule['sign'], Tone>> = {
  good: 'good',
  unproven: 'warn',
  paused: 'warn',
  warning: 'warn',
  bad: 'bad',
};

/** Where a delegation stands, in a few words, and how good that is. */
export function stateText(status: DelegationStatus, ending: Ending | null): { words: Message; tone: Tone } {
  if (status.state === 'running')
    return { words: message('cli.state.running', { step: status.step, most: status.maxSteps }), tone: 'bold' };
  switch (ending) {
    case 'merged':
      return { words: message('cli.state.merged'), tone: 'dim' };
    case 'discarded':
      return { words: message('cli.state.discarded'), tone: 'dim' };
    case 'gone':
      return { words: message('cli.state.gone'), tone: 'dim' };
  }
  if (status.state === 'ended') {
    const { outcome } = status.result;
    return { words: outcomeText(outcome), tone: SIGN_TONES[OUTCOME_RULES[outcome].sign] };
  }
  if (status.state === 'unknown') return { words: message('cli.state.unknown'), tone: 'dim' };
  return { words: message('cli.state.interrupted', { step: status.step, most: status.maxSteps }), tone: 'warn' };
}
