import { type Activity, activityAfter, trialText } from '../delegation/journal/activity.ts';
import type { JournalEvent } from '../delegation/journal/journal.ts';
import { message, say } from '../messages/message.ts';
import { oneLine } from './escape-untrusted.ts';
import type { Progress } from './types.ts';

/** Claude Code gives a call up after 30 minutes of silence, other clients after 60 seconds; half a minute is too long for some. */
export const PROGRESS_EVERY_MS = 10_000;

/** Longer messages are cut by the client anyway. */
const MESSAGE_CHARS = 200;

export interface ProgressReporter {
  onEvent(event: JournalEvent, attempt: { maxSteps: number }): void;
  /** For good: clients take progress of a call that is answered for a fault, and some drop the server. */
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
  let activity: Activity = { kind: 'preparing' };
  const report = () => {
    const next = Math.max(step, 1);
    progress = Math.max(progress, next - 1);
    progress += (next - progress) / 1000;
    send({ progress, total: Math.max(total, next), message });
  };
  let timer = setInterval(report, everyMs);
  let stopped = false;
  return {
    onEvent(event, attempt) {
      if (stopped) return;
      total = attempt.maxSteps;
      if ('step' in event) step = Math.max(step, event.step); // a checkpoint tells of the step before the one that runs
      const now = activityAfter(activity, event);
      if (now === null || now === activity) return;
      activity = now;
      const at = total > 0 ? `step ${step}/${total} · ` : ''; // a merge has no steps
      message = oneLine(`${at}${activityText(now)}`, MESSAGE_CHARS);
      clearInterval(timer);
      timer = setInterval(report, everyMs);
      report();
    },
    stop() {
      stopped = true;
      clearInterval(timer);
    },
  };
}

/** `run_command npm test`, `waiting 4 s: ...`; as Claude Code shows it. */
export function activityText(activity: Activity): string {
  switch (activity.kind) {
    case 'tool':
      return `${activity.tool} ${activity.title}`.trim();
    case 'waiting':
      return `waiting ${activity.seconds} s: ${say(activity.why, 'en')}`;
    case 'check':
      return say(trialText(activity) ?? message('text', { text: `check on ${activity.on}: ${activity.command}` }), 'en');
    case 'setup':
      return `set-up: ${activity.command}`;
    case 'importing':
      return 'handing back';
    default:
      return activity.kind;
  }
}
