import type { DelegationItem } from '../delegations/delegation-item.ts';

/** As much of the window as is needed here. */
export interface WatchedBranches {
  findByBranch(worktree: string, branch: string): DelegationItem | undefined;
  refresh(): Promise<void>;
  onDidChange(listener: () => void): { dispose(): void };
}

/** A cancelled attempt still writes its checkpoint; longer than this nobody waits for it. */
const LONGEST_MS = 10_000;

/**
 * Resolves when nothing runs on the branch any more, or when the time is over: what can be done next depends on it.
 * @returns the delegation as it is then
 */
export async function waitForEnd(
  window: WatchedBranches,
  worktree: string,
  branch: string,
  longestMs = LONGEST_MS,
): Promise<DelegationItem | undefined> {
  const look = () => window.findByBranch(worktree, branch);
  const runs = () => look()?.group === 'running';
  let listener: { dispose(): void } | undefined;
  let timer: NodeJS.Timeout | undefined;
  const stopped = new Promise<void>((resolve) => {
    listener = window.onDidChange(() => {
      if (!runs()) resolve();
    });
    timer = setTimeout(resolve, longestMs);
  });
  try {
    await window.refresh();
    if (runs()) await stopped;
  } finally {
    listener?.dispose();
    clearTimeout(timer);
  }
  return look();
}
