/** Ends a git that takes too long, or that nobody waits for any more: asked first, so that it removes its lock files, then killed with all that it started. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { ChildProcess } from 'node:child_process';
import { ErrorWithReason } from '../messages/error-with-reason.ts';
import { message } from '../messages/message.ts';
import { MOST_MEMORY, watchGitMemory } from './git-memory.ts';

/** The checkout of a very large repository from a cold disk takes minutes. */
export const LONGEST_MS = 10 * 60_000;
/** What git is at when somebody cancels (a checkpoint, an import) may end. */
const LONGEST_AFTER_CANCEL_MS = 15_000;
const KILL_AFTER_MS = 2000;
/** A process that waits for a dead drive does not even end when it is killed. */
const GIVE_UP_AFTER_MS = 3000;
/** For git to remove its lock files when this process ends. */
const LAST_WAIT_MS = 200;

/** Git was ended by us, or could not be. */
export class GitStopped extends ErrorWithReason {}

const unwanted = new AsyncLocalStorage<AbortSignal | undefined>();

/**
 * Every git that starts in `act`, wherever in it, ends soon after `cancel`; later ones do not start then.
 * @param cancel null = whatever becomes of the call in which this is
 */
export function gitUntil<T>(cancel: AbortSignal | null, act: () => T): T {
  if (cancel === null) return unwanted.run(undefined, act);
  const late = new AbortController();
  const begin = () => void setTimeout(() => late.abort(new GitStopped(message('git.unwanted'))), LONGEST_AFTER_CANCEL_MS).unref();
  if (cancel.aborted) begin();
  else cancel.addEventListener('abort', begin, { once: true });
  return unwanted.run(late.signal, act);
}

const running = new Set<ChildProcess>();
// Nobody is left then who could end one that hangs.
process.once('exit', () => {
  for (const child of running) signalGroup(child, 'SIGTERM');
  if (running.size > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LAST_WAIT_MS);
  for (const child of running) signalGroup(child, 'SIGKILL');
});

export interface LimitedGit {
  /** The exit code when its pipes are closed, -1 for a signal. Rejects with why it was stopped. */
  readonly ended: Promise<number>;
  /** @param why null = its end is an end as any other */
  stop(why: unknown): void;
}

/** @throws the reason when nobody wants it any more */
export function throwIfUnwanted(signal: AbortSignal | undefined): void {
  signal?.throwIfAborted();
  unwanted.getStore()?.throwIfAborted();
}

export interface GitLimits {
  readonly limitMs?: number | undefined;
  /** Bytes. */
  readonly mostMemory?: number | undefined;
  /** Whether the process that was started only waits for git, in the same group. */
  readonly isConfined?: boolean | undefined;
}

/** Watches over a git that has just been started, as the first process of a group. */
export function limitGit(
  child: ChildProcess,
  command: string,
  signal: AbortSignal | undefined,
  { limitMs = LONGEST_MS, mostMemory = MOST_MEMORY, isConfined = false }: GitLimits = {},
): LimitedGit {
  let settle: (code: number, why: unknown) => void = () => {};
  const ended = new Promise<number>((resolve, reject) => {
    settle = (code, why) => (why === null ? resolve(code) : reject(why));
  });
  const signals = [signal, unwanted.getStore()].filter((one) => one !== undefined);
  const timers: NodeJS.Timeout[] = [];
  let stopped: { readonly why: unknown } | null = null;
  const later = (ms: number, act: () => void) => void timers.push(setTimeout(act, ms).unref());

  const stop = (why: unknown) => {
    if (stopped) return;
    stopped = { why };
    signalGroup(child, 'SIGTERM');
    later(KILL_AFTER_MS, () => {
      signalGroup(child, 'SIGKILL');
      later(GIVE_UP_AFTER_MS, () => finish(-1));
    });
  };
  const abort = () => stop(signals.find((one) => one.aborted)?.reason);
  running.add(child);
  const finish = (code: number, error?: Error) => {
    running.delete(child);
    timers.forEach(clearTimeout);
    endWatch();
    for (const one of signals) one.removeEventListener('abort', abort);
    for (const stream of stopped ? child.stdio : []) stream?.destroy();
    settle(code, error ?? stopped?.why ?? null);
  };
  const tooMuch = () => stop(new GitStopped(message('git.tooMuchMemory', { command, megabytes: Math.round(mostMemory / 2 ** 20) })));
  const endWatch = child.pid ? watchGitMemory(child.pid, mostMemory, tooMuch) : () => {};
  child.once('error', (error) => finish(-1, error));
  child.once('close', (code) => finish(code ?? -1));
  child.once('exit', () => {
    if (!stopped || isConfined) return; // of a confined one it says nothing: git may be removing its lock files
    signalGroup(child, 'SIGKILL'); // a filter that git started may not have heard, and holds its pipes open
    finish(-1);
  });
  later(limitMs, () => stop(new GitStopped(message('git.tooLong', { command, seconds: Math.round(limitMs / 1000) }))));
  for (const one of signals) one.addEventListener('abort', abort, { once: true });
  ended.catch(() => {}); // who waits for it learns of it all the same
  return { ended, stop };
}

function signalGroup(child: ChildProcess, name: NodeJS.Signals): void {
  if (!child.pid) return;
  try {
    if (process.platform === 'win32') child.kill(name);
    else process.kill(-child.pid, name);
  } catch {
    // It ended by itself.
  }
}
