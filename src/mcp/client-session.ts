import { OUTCOME_RULES, type Outcome } from '../delegation/result/outcomes.ts';
import { type Message, message } from '../messages/message.ts';
import { refusalAnswer, type ToolAnswer } from './tool-answer.ts';

/** What belongs to one client session: the attempts that it started, and what its user was told. */
export interface ClientSession {
  readonly startedAt: number;
  /** What the user must hear of an outcome: a broken set-up, once a session. Null = nothing, or nothing new. */
  notice(outcome: Outcome, reason: Message | null): Message | null;
  /** The answer to a call that ran nothing. */
  refusal(refusal: { outcome: Outcome; reason: Message; branch: string | null; fallbackNeeded?: boolean }): ToolAnswer;
  /**
   * Starts an attempt with a signal that says why it has to stop: `cancelled` when the client takes its call back, `interrupted` when the
   * session ends. After `detach` the attempt belongs to no call any more.
   */
  start<T>(call: AbortSignal, run: (signal: AbortSignal) => Promise<T>): { attempt: Promise<T>; detach(): void };
  /** Stops every attempt as `interrupted`; resolves when their checkpoints are written. */
  shutdown(): Promise<void>;
}

export function openClientSession(now: () => number): ClientSession {
  const running = new Map<Promise<unknown>, AbortController>();
  const noticed = new Set<Outcome>();
  let closing = false;

  const notice: ClientSession['notice'] = (outcome, reason) => {
    if (!reason || OUTCOME_RULES[outcome].userMends === null || noticed.has(outcome)) return null;
    noticed.add(outcome);
    return message('setup.broken', { why: reason });
  };

  return {
    startedAt: now(),
    notice,
    refusal: ({ outcome, reason, branch, fallbackNeeded = false }) =>
      refusalAnswer({ outcome, reason, branch, fallbackNeeded, notice: notice(outcome, reason) }),
    start(call, run) {
      const controller = new AbortController();
      const cancel = () => controller.abort(closing ? 'interrupted' : 'cancelled');
      if (call.aborted) cancel();
      call.addEventListener('abort', cancel, { once: true });
      const attempt = run(controller.signal);
      running.set(attempt, controller);
      const ended = () => void running.delete(attempt);
      attempt.then(ended, ended);
      return { attempt, detach: () => call.removeEventListener('abort', cancel) };
    },
    async shutdown() {
      closing = true;
      for (const controller of running.values()) controller.abort('interrupted');
      await Promise.allSettled(running.keys());
    },
  };
}
