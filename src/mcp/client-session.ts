import { fallbackNeeded, OUTCOME_RULES, type Outcome } from '../delegation/result/outcomes.ts';
import { type Message, message } from '../messages/message.ts';
import { refusalAnswer, type ToolAnswer } from './tool-answer.ts';

/** What belongs to one client session: the attempts that it started, and what its user was told. */
export interface ClientSession {
  readonly startedAt: number;
  /** What the user must hear of an outcome: a broken set-up, once a session. Null = nothing, or nothing new. */
  notice(outcome: Outcome, reason: Message | null): Message | null;
  /** The answer to a call that ran nothing. */
  refusal(refusal: { outcome: Outcome; reason: Message; branch: string | null; fallbackNeeded?: boolean; next?: string }): ToolAnswer;
  /**
   * Starts an attempt with a signal that says why it has to stop: `cancelled` when the client takes its call back, `interrupted` when the
   * session ends. A call that the client only got tired of stops nothing.
   * @param id of the delegation, when its repository could be opened
   */
  start<T>(id: string | null, call: AbortSignal, run: (signal: AbortSignal) => Promise<T>): { attempt: Promise<T>; detach(): void };
  /** Cancels the attempts that this session has started on a delegation, also one that is too busy to hear of it in another way. */
  cancel(id: string): void;
  /** The attempt that this session started on a delegation and that belongs to no call any more, or null. */
  detached(id: string): DetachedAttempt | null;
  /** Notes that the client was told that an attempt on a delegation runs. */
  toldRunning(id: string): void;
  /** When it was told so last, ms since the epoch (0 = never), and how often in this session. */
  answeredRunning(id: string): { readonly at: number; readonly times: number };
  /** Stops every attempt as `interrupted`; resolves when their checkpoints are written. */
  shutdown(): Promise<void>;
}

/** An attempt whose call was answered before its end. */
export interface DetachedAttempt {
  /** While another call waits for it: taking that one back means what taking back the first one would have meant. */
  belongTo(call: AbortSignal): void;
}

/** Clients take a call back also when they will not wait any longer; nobody has decided then that the work should stop. */
const isTimeout = (call: AbortSignal) => /time(d)?[- ]?out/i.test(String(call.reason));

/** The client may have done so before anybody listened. */
function whenTakenBack(call: AbortSignal, act: () => void, unless?: AbortSignal): void {
  if (call.aborted) act();
  else call.addEventListener('abort', act, { once: true, ...(unless && { signal: unless }) });
}

export function openClientSession(now: () => number): ClientSession {
  const running = new Map<Promise<unknown>, { readonly id: string | null; readonly controller: AbortController }>();
  const detached = new Map<string, AbortController>();
  const noticed = new Set<Outcome>();
  const told = new Map<string, { at: number; times: number }>();
  let closing = false;

  const cancel = (controller: AbortController) => controller.abort(closing ? 'interrupted' : 'cancelled');

  const notice: ClientSession['notice'] = (outcome, reason) => {
    if (!reason || OUTCOME_RULES[outcome].userMends === null || noticed.has(outcome)) return null;
    noticed.add(outcome);
    return message('setup.broken', { why: reason });
  };

  return {
    startedAt: now(),
    toldRunning: (id) => void told.set(id, { at: now(), times: (told.get(id)?.times ?? 0) + 1 }),
    answeredRunning: (id) => told.get(id) ?? { at: 0, times: 0 },
    notice,
    refusal: (refusal) =>
      refusalAnswer({ fallbackNeeded: fallbackNeeded(refusal.outcome, 0, 1), ...refusal, notice: notice(refusal.outcome, refusal.reason) }),
    start(id, call, run) {
      const controller = new AbortController();
      const answered = new AbortController();
      const detach = () => {
        answered.abort();
        if (id !== null) detached.set(id, controller);
      };
      whenTakenBack(call, () => (isTimeout(call) && !closing ? detach() : cancel(controller)), answered.signal);
      const attempt = run(controller.signal);
      running.set(attempt, { id, controller });
      const ended = () => {
        running.delete(attempt);
        if (id !== null && detached.get(id) === controller) detached.delete(id);
      };
      attempt.then(ended, ended);
      return { attempt, detach };
    },
    cancel(id) {
      for (const one of running.values()) if (one.id === id) cancel(one.controller);
    },
    detached(id) {
      const controller = detached.get(id);
      if (!controller) return null;
      return { belongTo: (call) => whenTakenBack(call, () => isTimeout(call) || cancel(controller)) };
    },
    async shutdown() {
      closing = true;
      for (const { controller } of running.values()) controller.abort('interrupted');
      await Promise.allSettled(running.keys());
    },
  };
}
