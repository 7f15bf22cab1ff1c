/** What every way of running a command has in common, with a wall around it or without: where, with which shell, and the end of all that run. */
import { chmodSync, lstatSync, realpathSync } from 'node:fs';
import { release } from 'node:os';
import { dirname, isAbsolute, join, normalize } from 'node:path';
import { findProgram } from '../common/find-program.ts';
import { guardDisk } from './guard-disk.ts';
import { SYSTEM_PROGRAM_FOLDERS } from './host-folders.ts';
import { isWithin } from './mounts.ts';
import { layerOver } from './private-layers.ts';
import { type Launch, type RunningProgram, runProgram, type Watched } from './run-program.ts';
import { type CommandOptions, type CommandResult, NO_USE, type SandboxLimits, type SandboxSpec } from './types.ts';

/** The commands that run now, so that closing can end them, and what they have written. */
export function runningCommands(spec: SandboxSpec, run: (launch: Watched) => RunningProgram = runProgram) {
  const disk = guardDisk(() => writable(spec), spec.limits);
  const closing = new AbortController();
  const active = new Set<Promise<CommandResult>>();
  const living = new Set<Promise<void>>();
  return {
    async run(launch: Launch): Promise<CommandResult> {
      disk.begin();
      const { result, ended } = run({ ...launch, disk, signal: AbortSignal.any([launch.signal, closing.signal]) });
      active.add(result);
      living.add(ended);
      void ended.finally(() => living.delete(ended));
      const done = await result.finally(() => active.delete(result));
      for (const folder of [spec.workspace, spec.temp]) keepOpen(folder);
      return { ...done, use: { ...done.use, disk: await disk.written() } };
    },
    async quiet(): Promise<void> {
      while (living.size > 0) await Promise.all(living);
    },
    async close(): Promise<void> {
      closing.abort();
      await Promise.allSettled(active);
    },
  };
}

/** A command may close the folder that it works in, and git could not even be started there. */
function keepOpen(folder: string): void {
  const mode = lstatSync(folder, { throwIfNoEntry: false })?.mode ?? 0o700;
  if ((mode & 0o700) !== 0o700) chmodSync(folder, (mode & 0o7777) | 0o700);
}

function writable({ workspace, temp, layers, lent }: SandboxSpec): string[] {
  return [workspace, temp, ...(layers ? lent.map(({ at }) => layerOver(layers, at)) : [])];
}

export function launchOptions(spec: SandboxSpec, { timeoutMs, signal, outputFile, keepOutputFrom }: CommandOptions) {
  const folder = dirname(outputFile);
  const replaceable = folder !== spec.temp && [spec.temp, spec.workspace].some((root) => isWithin(folder, root));
  if (replaceable) throw new Error(`commands could replace the folder ${folder} by a link: an output file can't lie there`);
  return { limits: spec.limits, timeoutMs, signal, outputFile, ...(keepOutputFrom !== undefined && { keepOutputFrom }) };
}

/** The folder relative to the working tree in its real form; null when it does not exist or leads out. */
export function safeFolder(workspace: string, cwd: string): string | null {
  if (isAbsolute(cwd)) return null;
  try {
    const root = realpathSync.native(workspace);
    const real = realpathSync.native(join(root, normalize(cwd)));
    return isWithin(real, root) ? real.slice(root.length + 1) : null;
  } catch {
    return null;
  }
}

/**
 * Shell text by which the kernel ends this command and what it starts before anything else when the machine runs out of memory. Nobody
 * is ever to lose an editor to a test.
 */
export const FIRST_OUT_OF_MEMORY = '{ echo 1000 >/proc/self/oom_score_adj; } 2>/dev/null; ';

/**
 * Shell text that lets the kernel refuse processes some way above the limit at which the watch ends the command: a bomb is faster than
 * any watch. Kernels before 5.14 count the user's processes outside too, and root is never refused.
 */
export function processLimit({ processes }: SandboxLimits, kernel = release()): string {
  const [major = 0, minor = 0] = kernel.split('.').map(Number);
  const countsByNamespace = major > 5 || (major === 5 && minor >= 14);
  return countsByNamespace ? `ulimit -u ${processes * 2} 2>/dev/null; ` : '';
}

/**
 * Shell text by which a program has so many files open at most. The kernel counts descriptors that are on their way through sockets for the
 * user, and refuses the next one to whoever has a lower limit than there are: a browser or an editor (8192 in Chromium) then draws nothing
 * until it is started again. No process limit, watch or filter of calls sees them. Each processor may send 253 more at the same moment.
 */
export const OPEN_FILES_LIMIT = 'ulimit -n 4096 2>/dev/null; ';

/**
 * Shell text by which a program that crashes leaves no image of its memory: in the working tree, or where the machine collects them for everybody
 * (systemd-coredump), with all that it has read.
 */
export const NO_CORE_FILES = 'ulimit -c 0 2>/dev/null; ';

/** Shell text by which no program comes before all others of the machine, as users may who record sound (`rtprio` in limits.conf). */
export const NO_REAL_TIME = '{ ulimit -r 0; ulimit -e 0; } 2>/dev/null; ';

/**
 * Shell text by which a program takes no more than a part of what the kernel keeps of timers, queued signals and message queues for all programs of
 * the user together: with none left, whoever asks for a timer gets none.
 */
export const PART_OF_QUEUES = '{ ulimit -i 8192; ulimit -q 409600; } 2>/dev/null; ';

export function shellProgram(): string {
  return findProgram('bash', SYSTEM_PROGRAM_FOLDERS) ?? '/bin/sh';
}

/** Both outputs go through one pipe, so that their lines keep the order in which they were written; there is nothing to read. */
export function plainCommand(shell: string, command: string, before = ''): string[] {
  return [shell, '-c', `${before}exec 2>&1 </dev/null; ${command}`];
}

export function refusedResult(message: string, sandboxed: boolean): CommandResult {
  return {
    exitCode: 126,
    killed: null,
    head: `${message}\n`,
    tail: '',
    totalBytes: 0,
    outputFile: null,
    durationMs: 0,
    sandboxed,
    use: NO_USE,
  };
}
