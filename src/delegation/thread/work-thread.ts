/** The server's side of a thread that works for it: calls go in, events, questions and answers come out, and what hears no cancel is ended. */
import type { Worker } from 'node:worker_threads';
import { errorText } from '../../common/caught-error.ts';
import { ErrorWithReason } from '../../messages/error-with-reason.ts';
import { type Message, message } from '../../messages/message.ts';
import type { DelegateContext } from '../delegate-request.ts';
import { ErrorWithOutcome } from '../result/error-outcome.ts';
import type { FromThread, Job, JobAnswers, Question } from './messages.ts';
import { keptWorker, tell } from './worker.ts';

/** How long what was cancelled may keep the thread from answering; then it is ended, with all that runs in it. */
const STALL_MS = 30_000;
const LOOK_EVERY_MS = 5_000;

export interface WorkThread {
  /** @throws ErrorWithOutcome where it threw there, or the thread ended before it did */
  run<W extends Job['what']>(job: Extract<Job, { what: W }>, door: Door): Promise<JobAnswers[W]>;
  /** Loads what the first attempt needs; `folder` is where it will probably be. */
  warmUp(folder: string): void;
  /**
   * Ends the thread. What still runs in it is left as by a server that is killed; later calls are refused.
   * @returns whether nothing of it is left: a process with a thread that waits in a call of the system waits for it in its own end
   */
  close(): Promise<boolean>;
}

export interface WorkThreadOptions {
  /** What the thread runs: the door `attempts.ts`, built. */
  readonly file: string;
  /** A thread that ended by itself, for whoever reads the log. */
  said(text: string): void;
  /** What its callers are told where it was ended for hearing no cancel, and where it ended by itself. */
  readonly why: { deaf(seconds: number): Message; ended(why: string): Message };
  /** It ends when it has had nothing to do for so long. */
  readonly idleMs?: number;
  readonly stallMs?: number;
  readonly lookEveryMs?: number;
}

/** What whoever called lends to the job. */
export type Door = Pick<DelegateContext, 'signal'> & Partial<Pick<DelegateContext, 'onEvent' | Question>>;

interface Running {
  readonly door: Door;
  end(answer: JobAnswers[Job['what']]): void;
  fail(error: ErrorWithOutcome): void;
}

export function workThread(options: WorkThreadOptions): WorkThread {
  const { file, said, idleMs, stallMs = STALL_MS, lookEveryMs = LOOK_EVERY_MS } = options;
  const running = new Map<number, Running>();
  let calls = 0;
  let isClosed = false;
  let heardAt = 0;
  let idle: NodeJS.Timeout | null = null;
  const worker = keptWorker(file, said, {
    heard(told, from) {
      heardAt = performance.now();
      hear(told, from);
    },
    gone(why, isDeaf) {
      const reason = isDeaf ? options.why.deaf(Math.round(stallMs / 1000)) : options.why.ended(why);
      for (const [call, { door, fail }] of running) {
        running.delete(call);
        fail(new ErrorWithOutcome(door.signal.aborted ? 'cancelled' : 'internal_error', reason));
      }
    },
  });

  function hear(told: FromThread, from: Worker): void {
    if (told.kind === 'here') return;
    const call = running.get(told.call);
    if (!call) return;
    if (told.kind === 'event') call.door.onEvent?.(told.event, told.attempt);
    else if (told.kind === 'ask') void answer(told, call.door, from);
    else {
      running.delete(told.call);
      if (running.size === 0 && idleMs !== undefined) idle = setTimeout(worker.retire, idleMs).unref();
      if (told.kind === 'ended') call.end(told.answer);
      else call.fail(new ErrorWithOutcome(told.outcome, told.reason));
    }
  }

  /** A cancel ends a call in any moment, also in one in which its thread hears nothing. */
  function endUnlessHeard(call: number): void {
    const since = performance.now();
    const look = () => {
      const asked = worker.running();
      if (!running.has(call) || !asked) return;
      if (performance.now() - Math.max(heardAt, since) > stallMs) return worker.endDeaf();
      tell(asked, { kind: 'areYouThere' });
      setTimeout(look, lookEveryMs).unref();
    };
    look();
  }

  return {
    run<W extends Job['what']>(job: Extract<Job, { what: W }>, door: Door) {
      return new Promise<JobAnswers[W]>((resolve, reject) => {
        if (isClosed) throw new ErrorWithOutcome('interrupted', message('end.clientGone'));
        const call = calls++;
        if (idle) clearTimeout(idle);
        const to = worker.start();
        tell(to, { kind: 'start', call, job });
        running.set(call, { door, end: resolve as Running['end'], fail: reject });
        const abort = () => {
          tell(to, { kind: 'abort', call, reason: abortReason(door.signal.reason) });
          endUnlessHeard(call);
        };
        if (door.signal.aborted) abort();
        else door.signal.addEventListener('abort', abort, { once: true });
      });
    },
    warmUp: (folder) => tell(worker.start(), { kind: 'warmUp', folder }),
    close() {
      isClosed = true;
      return worker.end();
    },
  };
}

/** Attempts go by the word; of anything else only the text is sure to cross over. */
const abortReason = (reason: unknown) => (typeof reason === 'string' ? reason : errorText(reason));

async function answer({ question, what, about }: Extract<FromThread, { kind: 'ask' }>, door: Door, to: Worker): Promise<void> {
  const ask = door[what]?.bind(door) as ((about: unknown) => Promise<unknown>) | undefined;
  try {
    tell(to, { kind: 'answer', question, answer: (await ask?.(about)) ?? null });
  } catch (error) {
    const reason = error instanceof ErrorWithReason ? error.reason : null;
    tell(to, { kind: 'noAnswer', question, said: errorText(error), reason });
  }
}
