import type * as vscode from 'vscode';
import type { DelegationItem } from '../delegations/delegation-item.ts';
import { ifShaped, isText, listOf, tupleOf } from '../kept-shape.ts';

/** The delegations that this window works on itself: a toast tells their ends in any case, and a reload stops them. */
export interface OwnTasks {
  /** @param find a delegation as the window knows it, from any working tree of its repository */
  has(delegation: DelegationItem, find: (repository: string, branch: string) => DelegationItem | undefined): boolean;
  /** Counts as this window's own for as long as the work goes on. */
  during<T>(repository: string, branch: string, work: () => Promise<T>): Promise<T>;
  /** What this window was at when it was closed or reloaded. */
  readonly stopped: readonly (readonly [repository: string, branch: string])[];
  /** What still goes on now is what the window was at. */
  windowCloses(): void;
}

const KEY = 'claudeKimi.ownTasks';
const isStored = listOf(tupleOf<[string, string]>(isText, isText));

export function ownTasks(memory: vscode.Memento): OwnTasks {
  const stopped = ifShaped(isStored, memory.get(KEY)) ?? [];
  let running: readonly (readonly [string, string])[] = [];
  let closes = false;
  const keep = (next: typeof running) => {
    running = next;
    if (!closes) void memory.update(KEY, next);
  };
  if (stopped.length > 0) keep([]);
  return {
    stopped,
    has: ({ identity }, find) => running.some(([repository, branch]) => find(repository, branch)?.identity.id === identity.id),
    async during(repository, branch, work) {
      const task = [repository, branch] as const;
      keep([...running, task]);
      try {
        return await work();
      } finally {
        keep(running.filter((other) => other !== task));
      }
    },
    windowCloses() {
      closes = true;
    },
  };
}
