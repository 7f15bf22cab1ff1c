import { GitStopped } from '../../workspace/limit-git.ts';

/** Whatever a repository leads git to: the window waits for all of them. */
export const READ_MS = 20_000;
const REST_MS = 60_000;
const resting = new Map<string, number>();

/**
 * What git says of a repository; null where it fails. One in which it has not answered in time (a pipe among its refs, a dead drive) is left
 * alone for a while: every question about work of the other repositories would wait for it again.
 */
export async function unlessSlow<T>(where: string, ask: () => Promise<T>, now = () => performance.now()): Promise<T | null> {
  if ((resting.get(where) ?? 0) > now()) return null;
  try {
    return await ask();
  } catch (error) {
    if (error instanceof GitStopped) resting.set(where, now() + REST_MS);
    return null;
  }
}
