import type { JournalEvent } from '../delegation/journal.ts';
import { describeEvent } from '../delegation/progress.ts';
import { oneLine } from './escape.ts';

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
export function createProgress(
  send: (progress: { progress: number; total: number; message: string }) => void,
  everyMs: number,
): ProgressReporter {
  let step = 0;
  let total = 0;
  let progress = 0;
  let message = 'preparing';
  const report = () => {
    const next = Math.max(step, 1);
    progress = Math.max(progress, next - 1);
    progress += (next - progress) / 1000;
    send({ progress, total: Math.max(total, next), message });
  };
  let timer = setInterval(report, everyMs);
  return {
    onEvent(event, attempt) {
      total = attempt.maxSteps;
      if ('step' in event) step = Math.max(step, event.step); // a checkpoint tells of the step before the one that runs
      const doing = describeEvent(event);
      if (doing === null) return;
      message = oneLine(`step ${step}/${total} · ${doing}`, MESSAGE_CHARS);
      clearInterval(timer);
      timer = setInterval(report, everyMs);
      report();
    },
    stop: () => clearInterval(timer),
  };
}
