/**
 * Runs attempts in a thread of their own. What a model, its commands or a repository have made is read there, and however long that takes, whoever
 * answers the client waits for none of it: progress, other calls, and a cancel.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { errorText } from '../../common/caught-error.ts';
import { ErrorWithReason } from '../../messages/error-with-reason.ts';
import { message } from '../../messages/message.ts';
import type { Answer, delegate } from '../delegate.ts';
import type { DelegateContext, DelegateRequest } from '../delegate-request.ts';
import { fallbackNeeded } from '../result/outcomes.ts';
import type { FromThread, Question, ToThread } from './messages.ts';

/** How long what was cancelled may keep the thread from answering; then it is ended, with all that runs in it. */
const STALL_MS = 30_000;
const LOOK_EVERY_MS = 5_000;
/** For what it still ends by itself: a git that runs, its lock files. */
const END_MS = 500;
/** One that waits in a call of the system, as on a drive that is gone, does not even end when it is ended. */
const GIVE_UP_MS = 1000;

export interface AttemptsThread {
  readonly delegate: typeof delegate;
  /** Loads what the first attempt needs; `folder` is where it will probably be. */
  warmUp(folder: string): void;
  /**
   * Ends the thread. What still runs in it is left as by a server that is killed: it can be resumed.
   * @returns whether nothing of it is left: a process with a thread that waits in a call of the system waits for it in its own end
   */
  close(): Promise<boolean>;
}

export interface AttemptsThreadOptions {
  /** What the thread runs: the door `attempts.ts`, built. */
  readonly file: string;
  /** A thread that ended by itself, for whoever reads the log. */
  said(text: string): void;
  readonly stallMs?: number;
  readonly lookEveryMs?: number;
}

interface Running {
  readonly request: DelegateRequest;
  readonly context: DelegateContext;
  end(answer: Answer): void;
}

export function attemptsThread({ file, said, stallMs = STALL_MS, lookEveryMs = LOOK_EVERY_MS }: AttemptsThreadOptions): AttemptsThread {
  const running = new Map<number, Running>();
  let calls = 0;
  let worker: Worker | null = null;
  const living = new Map<Worker, (why: string) => void>();
  let heardAt = 0;
  /** Which one was ended because it heard nothing. */
  let deaf: Worker | null = null;

  /** It starts at the first need, and anew after an end. */
  function thread(): Worker {
    if (worker) return worker;
    // What it writes goes no way of Node's own: that would open stdout once more, on which the protocol may just be waiting for a client to read.
    const started = new Worker(file, { stdout: true, stderr: true });
    started.on('message', (told: FromThread) => {
      heardAt = performance.now();
      hear(told, started);
    });
    const gone = (why: string) => {
      if (worker !== started) return;
      worker = null;
      for (const [call, { request, context, end }] of running) {
        running.delete(call);
        const outcome = context.signal.aborted ? 'cancelled' : 'internal_error';
        const { maxAttempts } = context.settings.values;
        const seconds = Math.round(stallMs / 1000);
        const reason = deaf === started ? message('end.threadDeaf', { seconds }) : message('end.threadEnded', { why });
        end({ kind: 'refused', outcome, reason, fallbackNeeded: fallbackNeeded(outcome, 1, maxAttempts), branch: request.branch });
      }
    };
    started.on('error', (error) => {
      said(`claude-kimi-mcp: what runs attempts ended: ${error instanceof Error ? error.stack : errorText(error)}`);
      gone(errorText(error));
    });
    started.on('exit', (code) => {
      living.delete(started);
      gone(`exit ${code}`);
    });
    started.stdout.resume();
    started.stderr.setEncoding('utf8').on('data', (text: string) => said(text.trimEnd()));
    started.unref();
    living.set(started, gone);
    worker = started;
    return started;
  }

  function hear(told: FromThread, from: Worker): void {
    if (told.kind === 'here') return;
    const call = running.get(told.call);
    if (!call) return;
    if (told.kind === 'event') call.context.onEvent(told.event, told.attempt);
    else if (told.kind === 'ask') void answer(told, call.context, from);
    else {
      running.delete(told.call);
      call.end(told.answer);
    }
  }

  /** A cancel ends an attempt in any moment, also in one in which its thread hears nothing. */
  function endUnlessHeard(call: number): void {
    const since = performance.now();
    const look = () => {
      if (!running.has(call) || !worker) return;
      if (performance.now() - Math.max(heardAt, since) > stallMs) {
        deaf = worker;
        void endNow(worker, living);
      } else {
        tell(worker, { kind: 'areYouThere' });
        setTimeout(look, lookEveryMs).unref();
      }
    };
    look();
  }

  return {
    async delegate(request, context) {
      const opening = await Promise.resolve(context.opening).catch(() => undefined);
      const { settings, stateDir, env, signal } = context;
      return new Promise((end) => {
        const call = calls++;
        const to = thread();
        const asks = (['outside', 'withheld', 'refused', 'caller'] as const satisfies Question[]).filter((what) => context[what]);
        tell(to, { kind: 'start', call, request, context: { settings, stateDir, env: { ...env } }, opening: opening ?? null, asks });
        running.set(call, { request, context, end });
        const abort = () => {
          tell(to, { kind: 'abort', call, reason: signal.reason });
          endUnlessHeard(call);
        };
        if (signal.aborted) abort();
        else signal.addEventListener('abort', abort, { once: true });
      });
    },
    warmUp: (folder) => tell(thread(), { kind: 'warmUp', folder }),
    close: () => endAll(living),
  };
}

/** Those that have not ended, also where nobody waits for them any more; `gone` says to whoever waits that nothing comes. */
type Living = ReadonlyMap<Worker, (why: string) => void>;

/** @returns whether it has ended; where it has not, nobody waits for it any more */
async function endNow(one: Worker, living: Living): Promise<boolean> {
  await Promise.race([one.terminate(), sleep(GIVE_UP_MS)]);
  living.get(one)?.('it does not end');
  return !living.has(one);
}

async function endAll(living: Living): Promise<boolean> {
  const ends = [...living.keys()].map(async (one) => {
    const ended = new Promise((resolve) => one.once('exit', resolve));
    tell(one, { kind: 'end' });
    await Promise.race([ended, sleep(END_MS)]);
    return !living.has(one) || endNow(one, living);
  });
  return (await Promise.all(ends)).every(Boolean);
}

const tell = (to: Worker, what: ToThread): void => to.postMessage(what);

async function answer(
  { question, what, about }: Extract<FromThread, { kind: 'ask' }>,
  context: DelegateContext,
  to: Worker,
): Promise<void> {
  const ask = context[what]?.bind(context) as ((about: unknown) => Promise<unknown>) | undefined;
  try {
    tell(to, { kind: 'answer', question, answer: (await ask?.(about)) ?? null });
  } catch (error) {
    const reason = error instanceof ErrorWithReason ? error.reason : null;
    tell(to, { kind: 'noAnswer', question, said: errorText(error), reason });
  }
}
