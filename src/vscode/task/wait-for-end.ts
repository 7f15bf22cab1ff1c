import type { Standing } from '../delegations/delegation-item.ts';

/** As much of the session as is looked at here. */
export interface SettlingSession {
  findBranch(root: string, branch: string): Standing | undefined;
  refresh(): Promise<void>;
  onDidChange(listener: () => void): { dispose(): void };
}

/** An attempt that was told to stop still writes its checkpoint; longer than this nobody waits for it. */
const LONGEST_MS = 10_000;

/**
 * Resolves when nothing runs on the branch any more, or when the time is over: what can be done next depends on it.
 * @returns how the delegation stands then
 */
export async function settled(
  session: SettlingSession,
  root: string,
  branch: string,
  longestMs = LONGEST_MS,
): Promise<Standing | undefined> {
  const look = () => session.findBranch(root, branch);
  const runs = () => look()?.group === 'running';
  let listener: { dispose(): void } | undefined;
  let timer: NodeJS.Timeout | undefined;
  const stopped = new Promise<void>((resolve) => {
    listener = session.onDidChange(() => {
      if (!runs()) resolve();
    });
    timer = setTimeout(resolve, longestMs);
  });
  try {
    await session.refresh();
    if (runs()) await stopped;
  } finally {
    listener?.dispose();
    clearTimeout(timer);
  }
  return look();
}
