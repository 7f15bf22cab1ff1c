/** What every way of running a command has in common, with a wall around it or without: where, with which shell, and the end of all that run. */
import { realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, normalize } from 'node:path';
import { findProgram } from '../common/find-program.ts';
import { SYSTEM_PROGRAM_FOLDERS } from './host-folders.ts';
import { isWithin } from './mounts.ts';
import { type Launch, runProgram } from './run-program.ts';
import { type CommandOptions, type CommandResult, NO_USE, type SandboxSpec } from './types.ts';

/** The commands that run now, so that closing can end them. */
export function runningCommands(run: (launch: Launch) => Promise<CommandResult> = runProgram) {
  const closing = new AbortController();
  const active = new Set<Promise<CommandResult>>();
  return {
    async run(launch: Launch): Promise<CommandResult> {
      const result = run({ ...launch, signal: AbortSignal.any([launch.signal, closing.signal]) });
      active.add(result);
      return result.finally(() => active.delete(result));
    },
    async close(): Promise<void> {
      closing.abort();
      await Promise.allSettled(active);
    },
  };
}

export function launchOptions(spec: SandboxSpec, { timeoutMs, signal, outputFile }: CommandOptions) {
  const folder = dirname(outputFile);
  const replaceable = folder !== spec.temp && [spec.temp, spec.workspace].some((root) => isWithin(folder, root));
  if (replaceable) throw new Error(`commands could replace the folder ${folder} by a link: an output file can't lie there`);
  return { limits: spec.limits, timeoutMs, signal, outputFile };
}

/** The folder relative to the working tree in its real form; null when it does not exist or leads out. */
export function safeFolder(workspace: string, cwd: string): string | null {
  if (isAbsolute(cwd)) return null;
  try {
    const root = realpathSync(workspace);
    const real = realpathSync(join(root, normalize(cwd)));
    return isWithin(real, root) ? real.slice(root.length + 1) : null;
  } catch {
    return null;
  }
}

export function shellProgram(): string {
  return findProgram('bash', SYSTEM_PROGRAM_FOLDERS) ?? '/bin/sh';
}

/** Both outputs go through one pipe, so that their lines keep the order in which they were written. */
export function plainCommand(shell: string, command: string, before = ''): string[] {
  return [shell, '-c', `${before}exec 2>&1; ${command}`];
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
