import type * as vscode from 'vscode';
import { z } from 'zod';

/** The delegations that this window works on itself: a toast tells their ends in any case, and a reload stops them. */
export interface OwnTasks {
  has(repository: string, branch: string): boolean;
  /** Counts as this window's own for as long as the work goes on. */
  during<T>(repository: string, branch: string, work: () => Promise<T>): Promise<T>;
  /** What this window was at when it was closed or reloaded. */
  readonly stopped: readonly (readonly [repository: string, branch: string])[];
}

const KEY = 'claudeKimi.ownTasks';
const storedSchema = z.array(z.tuple([z.string(), z.string()]));

export function ownTasks(memory: vscode.Memento): OwnTasks {
  const stopped = storedSchema.safeParse(memory.get(KEY)).data ?? [];
  let running: readonly (readonly [string, string])[] = [];
  const keep = (next: typeof running) => {
    running = next;
    void memory.update(KEY, next);
  };
  if (stopped.length > 0) keep([]);
  return {
    stopped,
    has: (repository, branch) => running.some((task) => task[0] === repository && task[1] === branch),
    async during(repository, branch, work) {
      const task = [repository, branch] as const;
      keep([...running, task]);
      try {
        return await work();
      } finally {
        keep(running.filter((other) => other !== task));
      }
    },
  };
}
