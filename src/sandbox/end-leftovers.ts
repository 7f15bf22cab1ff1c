/**
 * Ends what a command leaves behind where no process namespace does it: the kill of its process group misses whoever began a session of
 * its own. Two marks find those: a variable in the environment, and having been seen among the descendants. A program that drops both,
 * its parents and its environment, within a quarter of a second, is missed; what it may do is not changed by that.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { changingPrograms, descendantsOf, type ProcessEntry, processesWithVariable, processKey, processTable } from './process-table.ts';

const LOOK_EVERY_MS = 250;
const GIVE_UP_AFTER_MS = 2000;
/** A process is about to be another program for much less, unless the machine is very busy. */
const CHANGE_MS = 300;
const VARIABLE = 'CLAUDE_KIMI_COMMAND';

export interface CommandTracker {
  /** To be set in the command's environment. */
  readonly variables: Readonly<Record<string, string>>;
  /** To be called with the number of its first process. */
  started(pid: number): void;
  /** Those that were seen and lived at the last look, whatever their parents are by now. */
  living(): readonly number[];
  /** To be called when it has ended: ends all that it left. */
  end(): Promise<void>;
}

export function trackCommand(): CommandTracker {
  const mark = randomUUID();
  const seen = new Map<string, ProcessEntry>();
  let timer: NodeJS.Timeout | undefined;
  let living: readonly number[] = [];
  const look = async (roots: readonly number[]) => {
    // Where the system tells it for little: whoever forked twice before the first look has no parent that leads to the command.
    const marked = process.platform === 'linux' ? await processesWithVariable(`${VARIABLE}=${mark}`) : [];
    const table = await processTable();
    for (const entry of descendantsOf([...roots, ...marked], table)) seen.set(processKey(entry), entry);
    living = table.filter((entry) => seen.has(processKey(entry))).map(({ pid }) => pid);
  };
  return {
    variables: { [VARIABLE]: mark },
    started(pid) {
      const again = () => void look([pid, ...[...seen.values()].map((entry) => entry.pid)]).finally(() => timer?.refresh());
      timer = setTimeout(again, LOOK_EVERY_MS).unref();
    },
    living: () => living,
    async end() {
      clearTimeout(timer);
      timer = undefined;
      const began = performance.now();
      const lasts = (ms: number) => performance.now() < began + ms;
      while (lasts(GIVE_UP_AFTER_MS)) {
        // Before the look: who was in the middle then bears the mark by now, or is in the middle still.
        const isAnyChanging = process.platform === 'linux' && lasts(CHANGE_MS) && changingPrograms().length > 0;
        const left = await leftovers(`${VARIABLE}=${mark}`, seen);
        if (left.length === 0 && !isAnyChanging) return;
        for (const pid of left) kill(pid);
        await wait(5);
      }
    },
  };
}

/** Who of those that were seen or bear the mark still lives, with their descendants. */
async function leftovers(variable: string, seen: ReadonlyMap<string, ProcessEntry>): Promise<number[]> {
  const marked = await processesWithVariable(variable);
  if (marked.length === 0 && seen.size === 0) return [];
  const table = await processTable();
  const known = table.filter((entry) => seen.has(processKey(entry))).map(({ pid }) => pid);
  return descendantsOf([...marked, ...known], table).map(({ pid }) => pid);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}
