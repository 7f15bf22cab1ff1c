import path from 'node:path';
import { runCheck } from '../../checks/run-check.ts';
import type { CheckRun } from '../../checks/types.ts';
import type { Sandbox } from '../../sandbox/types.ts';
import type { JournalEvent } from '../journal/journal.ts';
import type { Runs } from './base-runs.ts';

/** Runs checks one after the other in a working tree that is ready. */
export async function runChecks(
  sandbox: Sandbox,
  commands: readonly string[],
  options: {
    readonly on: 'base' | 'result';
    /** Said in the journal. */
    readonly how: string;
    readonly workTree: string;
    readonly temp: string;
    /** Where they begin, relative to the root. */
    readonly cwd: string;
    readonly timeoutMs: number;
    readonly signal: AbortSignal;
    /** Takes all that each printed. */
    onOutput?(text: string): void;
    /** Keeps the end of a long output (`CheckOptions.keepOutput`). */
    readonly keepOutput?: ((text: string) => string | null) | undefined;
    emit(event: JournalEvent): void;
    /** Every check that ran on the base, as soon as it has ended. */
    onBase(command: string, run: CheckRun): void;
    /** Commands that are not run. */
    readonly skipped: ReadonlySet<string>;
    /** Files that it ran on and are not those of the commit; called behind each. Absent = nobody asks. */
    rewritten?(index: number): Promise<readonly string[]>;
    /** Called between two of them; false = the working tree is not what is to be checked any more, and the others cannot run. */
    tidy(index: number): Promise<boolean>;
  },
): Promise<Runs> {
  const { on, how, workTree, temp, cwd, timeoutMs, signal, onOutput, keepOutput } = options;
  const takers = { ...(onOutput && { onOutput }), ...(keepOutput && { keepOutput }) };
  const runs: (CheckRun | null)[] = [];
  for (const [index, command] of commands.entries()) {
    if (signal.aborted || (index > 0 && !(await options.tidy(index - 1)))) return commands.map((_command, at) => runs[at] ?? null);
    if (options.skipped.has(command)) {
      runs.push(null);
      continue;
    }
    const note = (phase: 'start' | 'end', text: string) => options.emit({ type: 'check', command, on, phase, text });
    note('start', how);
    const outputFile = path.join(temp, `${on}-${index}.txt`);
    const ran = await runCheck(sandbox, command, { cwd, timeoutMs, signal, outputFile, tree: workTree, ...takers });
    const rewrote = (await options.rewritten?.(index)) ?? [];
    const run: CheckRun = rewrote.length > 0 ? { ...ran, rewrote } : ran;
    note('end', [run.exitCode === 0 ? 'pass' : (run.killed ?? `exit ${run.exitCode}`), how].join(' ').trim());
    if (on === 'base') options.onBase(command, run);
    runs.push(run);
  }
  return runs;
}
