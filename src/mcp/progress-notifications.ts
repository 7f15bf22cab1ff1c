import { type Doing, doingOf, type StepDoing } from '../delegation/journal/activity.ts';
import type { JournalEvent } from '../delegation/journal/journal.ts';
import { say } from '../messages/message.ts';
import { oneLine } from './escape-untrusted.ts';
import type { Progress } from './types.ts';

/** Longer messages are cut by the client anyway. */
const MESSAGE_CHARS = 200;

export interface ProgressReporter {
  onEvent(event: JournalEvent, attempt: { maxSteps: number }): void;
  stop(): void;
}

/**
 * Turns journal events into progress: at each step and tool call, and at least every `everyMs` (clients give a call up that
 * is silent). `progress` always grows, as the protocol demands: it counts the steps that are done, and within a step comes
 * nearer and nearer to the next number.
 */
export function createProgress(send: (progress: Progress) => void, everyMs: number): ProgressReporter {
  let step = 0;
  let total = 0;
  let progress = 0;
  let message = 'preparing';
  let doing: StepDoing = { step: 0, doing: { kind: 'preparing' } };
  const report = () => {
    const next = Math.max(step, 1);
    progress = Math.max(progress, next - 1);
    progress += (next - progress) / 1000;
    send({ progress, total: Math.max(total, next), message, doing });
  };
  let timer = setInterval(report, everyMs);
  return {
    onEvent(event, attempt) {
      total = attempt.maxSteps;
      if ('step' in event) step = Math.max(step, event.step); // a checkpoint tells of the step before the one that runs
      const now = doingOf(event);
      if (now === null) return;
      doing = { step, doing: shortened(now) };
      message = oneLine(`step ${step}/${total} · ${doingText(now)}`, MESSAGE_CHARS);
      clearInterval(timer);
      timer = setInterval(report, everyMs);
      report();
    },
    stop: () => clearInterval(timer),
  };
}

/** A command can be very long. */
function shortened(doing: Doing): Doing {
  if (doing.kind === 'tool') return { ...doing, title: oneLine(doing.title, MESSAGE_CHARS) };
  return doing.kind === 'check' ? { ...doing, command: oneLine(doing.command, MESSAGE_CHARS) } : doing;
}

/** `run_command npm test`, `waiting 4 s: ...`; as Claude Code shows it. */
export function doingText(doing: Doing): string {
  switch (doing.kind) {
    case 'tool':
      return `${doing.tool} ${doing.title}`.trim();
    case 'waiting':
      return `waiting ${doing.seconds} s: ${say(doing.why, 'en')}`;
    case 'check':
      return `check on ${doing.on}: ${doing.command}`;
    case 'importing':
      return 'handing back';
    default:
      return doing.kind;
  }
}
