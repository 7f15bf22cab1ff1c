/** The life of a worker thread: it starts at the first need, and anew after an end, and its end is never waited for in vain. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { errorText } from '../../common/caught-error.ts';
import type { FromThread, ToThread } from './messages.ts';

/** For what it still ends by itself: a git that runs, its lock files. */
const END_MS = 500;
/** One that waits in a call of the system, as on a drive that is gone, does not even end when it is ended. */
const GIVE_UP_MS = 1000;

export interface KeptWorker {
  /** The one that runs, or a new one. */
  start(): Worker;
  /** The one that runs, or null. */
  running(): Worker | null;
  /** Ends the one that runs in whatever it is at; `gone` says so. */
  endDeaf(): void;
  /** Lets the one that runs go, for which there is nothing to do: the next need starts another one. */
  retire(): void;
  /** Ends all that there are. @returns whether nothing of them is left */
  end(): Promise<boolean>;
}

export interface WorkerEvents {
  heard(told: FromThread, from: Worker): void;
  /** The one that ran is gone. @param isDeaf by `endDeaf` */
  gone(why: string, isDeaf: boolean): void;
}

/**
 * @param file what the thread runs
 * @param said told of one that ended by itself, for whoever reads the log
 */
export function keptWorker(file: string, said: (text: string) => void, { heard, gone }: WorkerEvents): KeptWorker {
  let current: Worker | null = null;
  let deaf: Worker | null = null;
  /** Those that have not ended, also where nobody waits for them any more. */
  const living = new Set<Worker>();

  const lose = (one: Worker, why: string) => {
    if (current !== one) return;
    current = null;
    gone(why, deaf === one);
  };

  /** Where it does not end either, nobody waits for it any more. */
  async function endNow(one: Worker): Promise<boolean> {
    await Promise.race([one.terminate(), sleep(GIVE_UP_MS)]);
    lose(one, 'it does not end');
    return !living.has(one);
  }

  function start(): Worker {
    // What it writes goes no way of Node's own: that would open stdout once more, on which the protocol may just be waiting for a client to read.
    const started = new Worker(file, { stdout: true, stderr: true });
    started.on('message', (told: FromThread) => heard(told, started));
    started.on('error', (error) => {
      said(`claude-kimi-mcp: a thread of the server ended: ${error instanceof Error ? error.stack : errorText(error)}`);
      lose(started, errorText(error));
    });
    started.on('exit', (code) => {
      living.delete(started);
      lose(started, `exit ${code}`);
    });
    started.stdout.resume();
    started.stderr.setEncoding('utf8').on('data', (text: string) => said(text.trimEnd()));
    started.unref();
    living.add(started);
    return started;
  }

  async function end(): Promise<boolean> {
    const ends = [...living].map(async (one) => {
      const ended = new Promise((resolve) => one.once('exit', resolve));
      tell(one, { kind: 'end' });
      await Promise.race([ended, sleep(END_MS)]);
      return !living.has(one) || endNow(one);
    });
    return (await Promise.all(ends)).every(Boolean);
  }

  return {
    start: () => (current ??= start()),
    running: () => current,
    endDeaf() {
      deaf = current;
      if (current) void endNow(current);
    },
    retire() {
      current = null;
      void end();
    },
    end,
  };
}

export const tell = (to: Worker, what: ToThread): void => to.postMessage(what);
