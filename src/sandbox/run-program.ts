/** Runs one program to its end: output bounded, time, memory and processes limited, nothing left behind. */
import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { type BubblewrapStatus, openBubblewrapStatus } from './bubblewrap-status.ts';
import { HeadAndTail, OutputCleaner } from './clean-output.ts';
import { endWithUs } from './end-with-us.ts';
import type { DiskGuard } from './guard-disk.ts';
import { openOutputFile } from './output-file.ts';
import { runningIn } from './running-in.ts';
import { type CommandResult, NO_USE, type SandboxLimits } from './types.ts';
import { watchByPs } from './watch-by-ps.ts';
import { isGone, readTree, watchTree } from './watch-resources.ts';

/** Time for a program to end by itself after SIGTERM. */
const GRACE_MS = { timeout: 2000, cancelled: 500 } as const;
/** A grandchild outside a sandbox may hold the pipes open; its output after the command's end is not waited for. */
const PIPES_AFTER_EXIT_MS = 100;
/** How long a result waits for the kernel to clear away the process namespace after its death. */
const NAMESPACE_END_MS = 2000;
/** From then on its end is looked for this often. */
const LOOK_AGAIN_MS = 50;

/** File descriptor on which bubblewrap reports. */
export const STATUS_FD = 3;
/** File descriptor of a socket that nothing is sent on: it is at its end once this process is dead. */
export const LIFELINE_FD = 4;
/** File descriptor from which bubblewrap reads the filter of system calls. */
export const SECCOMP_FD = 5;

export interface Launch {
  readonly program: string;
  readonly args: readonly string[];
  /** Host folder to start in. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Whether the program is bubblewrap, reporting on STATUS_FD. */
  readonly sandboxed: boolean;
  /** The folder of its control group, which it joins by itself; null = none. */
  readonly cgroup?: string | null;
  /** What it reads on SECCOMP_FD. */
  readonly seccomp?: Uint8Array;
  readonly limits: SandboxLimits;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly outputFile: string;
  readonly keepOutputFrom?: number;
  /** Text that the output begins with ('' = none). */
  readonly preamble: string;
  /** Processes that left its tree, where no namespace holds them together. */
  readonly strays?: () => readonly number[];
  /** Told the number of the first process. */
  readonly started?: (pid: number) => void;
}

/** A command with the account of what those of its sandbox write. */
export type Watched = Launch & { readonly disk: DiskGuard };

export type KillReason = NonNullable<CommandResult['killed']>;

export interface RunningProgram {
  /** Comes soon after the end of the program; never rejects for what the program does. */
  readonly result: Promise<CommandResult>;
  /** Nothing of it lives any more: a process that the kernel cannot end now (it waits for a dead drive) is waited for. */
  readonly ended: Promise<void>;
}

export function runProgram(launch: Watched): RunningProgram {
  const started = performance.now();
  const output = collectOutput(launch);
  if (launch.signal.aborted) {
    const result = {
      ...output.end(),
      exitCode: null,
      killed: 'cancelled',
      durationMs: 0,
      sandboxed: launch.sandboxed,
      use: NO_USE,
    } as const;
    return { result: Promise.resolve(result), ended: Promise.resolve() };
  }
  const status = launch.sandboxed ? openBubblewrapStatus() : null;
  const child = startProgram(launch, status);
  if (child.pid) launch.started?.(child.pid);
  child.stdout!.on('data', output.take);
  child.stderr!.on('data', output.take);
  child.stdio[LIFELINE_FD]?.on('error', () => {});
  child.stdin?.on('error', () => {}).end();
  const filter = (child.stdio as (Readable | Writable | null | undefined)[])[SECCOMP_FD] as Writable | undefined;
  filter?.on('error', () => {}).end(launch.seccomp);
  const supervised = supervise(child, launch, status);
  const gone = supervised.then(() => namespaceEnd(status));
  const result = gone.then(async () => {
    const end = await supervised;
    if (end.failure) output.take(Buffer.from(`${end.failure}\n`));
    const notStarted = status !== null && status.exitCode === null && end.exitCode === 1;
    if (notStarted) {
      output.take(Buffer.from('The sandbox itself could not start this command (its message is above).\n'));
      end.exitCode = 126;
    }
    const durationMs = performance.now() - started;
    const { exitCode, killed, running } = end;
    const more = { ...(notStarted && { notStarted }), ...(running && { running }) };
    return { ...output.end(), exitCode, killed, ...more, durationMs, sandboxed: launch.sandboxed, use: NO_USE };
  });
  return { result, ended: gone.then(() => namespaceGone(status)) };
}

function startProgram({ program, args, cwd, env, seccomp }: Watched, status: BubblewrapStatus | null): ChildProcess {
  const filter = seccomp ? (['pipe'] as const) : [];
  try {
    return spawn(program, args, {
      cwd,
      env,
      detached: true,
      // Nothing to read; no device of the host, whose rights could be changed by it. The shell takes that of the sandbox in its place.
      stdio: [status ? 'pipe' : 'ignore', 'pipe', 'pipe', status?.descriptor ?? 'ignore', 'pipe', ...filter],
    });
  } catch (error) {
    status?.close();
    throw error;
  }
}

interface ProgramEnd {
  exitCode: number | null;
  killed: KillReason | null;
  running?: string;
  /** Why the program could not be started. */
  failure: string | null;
}

function supervise(child: ChildProcess, launch: Watched, status: BubblewrapStatus | null): Promise<ProgramEnd> {
  return new Promise((resolve) => {
    let killed: KillReason | null = null;
    let running: string | null = null;
    let hardKill: NodeJS.Timeout | undefined;
    const kill = () => killEverything(child.pid, status);
    const stop = (reason: KillReason) => {
      if (killed) return;
      killed = reason;
      if (reason !== 'timeout' && reason !== 'cancelled') {
        kill(); // it may take more meanwhile
        return;
      }
      running = child.pid ? runningIn(child.pid, launch.args.at(-1) ?? '') : null;
      terminate(child.pid, status);
      hardKill = setTimeout(kill, GRACE_MS[reason]);
    };
    const cancel = () => stop('cancelled');
    const timer = setTimeout(() => stop('timeout'), launch.timeoutMs);
    const watch = process.platform === 'linux' ? watchTree : watchByPs;
    const forget = status ? endWithUs(() => status.namespacePid) : () => {};
    const endWatch = child.pid ? watch(child.pid, launch, stop) : () => null;
    const finish = (exitCode: number | null, failure: string | null) => {
      clearTimeout(timer);
      clearTimeout(hardKill);
      killed ??= endWatch();
      forget();
      launch.signal.removeEventListener('abort', cancel);
      resolve({ exitCode: killed ? null : exitCode, killed, failure, ...(running && { running }) });
    };
    child.once('error', (error) => {
      status?.close();
      finish(126, `The command could not be started: ${error.message}`);
    });
    child.once('exit', () => {
      status?.close();
      clearTimeout(hardKill);
      killEverything(child.pid, status);
      setTimeout(() => destroyPipes(child), PIPES_AFTER_EXIT_MS).unref();
    });
    child.once('close', (code, signal) => finish(code ?? 128 + (signal ? constants.signals[signal] : 0), null));
    if (launch.signal.aborted) cancel();
    else launch.signal.addEventListener('abort', cancel, { once: true });
  });
}

/** Asks the programs to end. bubblewrap is left alone: without it, everything inside would die at once. */
function terminate(pid: number | undefined, status: BubblewrapStatus | null): void {
  if (!pid) return;
  if (!status) {
    signalProcess(-pid, 'SIGTERM');
    return;
  }
  const wrappers = [pid, status.namespacePid];
  for (const member of readTree([pid]).pids) if (!wrappers.includes(member)) signalProcess(member, 'SIGTERM');
}

/** The process group, and the first process of the namespace, with which the kernel ends all others in it. */
function killEverything(pid: number | undefined, status: BubblewrapStatus | null): void {
  if (pid) signalProcess(-pid, 'SIGKILL');
  if (status?.namespacePid && !isGone(status.namespacePid)) signalProcess(status.namespacePid, 'SIGKILL');
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself.
  }
}

function destroyPipes(child: ChildProcess): void {
  for (const stream of child.stdio) stream?.destroy();
}

/** Waits a while. The namespace's first process is gone only after all others are: from then on nothing of the command lives. */
async function namespaceEnd(status: BubblewrapStatus | null): Promise<void> {
  const deadline = performance.now() + NAMESPACE_END_MS;
  while (isLeft(status) && performance.now() < deadline) await nextTurn();
}

async function namespaceGone(status: BubblewrapStatus | null): Promise<void> {
  while (isLeft(status)) {
    await sleep(LOOK_AGAIN_MS, undefined, { ref: false });
    // The first one may be held by another, which its end alone would end.
    const first = status?.namespacePid;
    if (first && isLeft(status)) for (const pid of readTree([first]).pids) signalProcess(pid, 'SIGKILL');
  }
}

function isLeft(status: BubblewrapStatus | null): boolean {
  return Boolean(status?.namespacePid && !isGone(status.namespacePid));
}

function collectOutput(launch: Launch) {
  const cleaner = new OutputCleaner();
  const kept = new HeadAndTail();
  const file = openOutputFile(launch.outputFile, launch.limits.outputFileBytes);
  let totalBytes = 0;
  kept.add(launch.preamble);
  return {
    take(chunk: Uint8Array): void {
      totalBytes += chunk.length;
      file.write(chunk);
      kept.add(cleaner.push(chunk));
    },
    end() {
      kept.add(cleaner.end());
      const { head, tail } = kept.result();
      return {
        head,
        tail,
        totalBytes,
        outputFile: file.end(tail !== '' || totalBytes >= (launch.keepOutputFrom ?? Number.POSITIVE_INFINITY)),
      };
    },
  };
}
