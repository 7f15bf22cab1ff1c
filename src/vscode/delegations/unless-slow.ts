import { GitStopped } from '../../workspace/limit-git.ts';
import { whyNotRead } from '../../workspace/odd-git-entries.ts';

/** Whatever a repository leads git to: the window waits for all of them. */
export const READ_MS = 20_000;
const REST_MS = 60_000;
const resting = new Map<string, number>();

/**
 * The same for a question asked in a folder, without asking git where something lies among what it reads that it would never come to the end
 * of: until the time is over, nobody would see anything of the other repositories either.
 * @param where what rests when git did not answer; by default the folder
 */
export async function unlessStuck<T>(folder: string, ask: () => Promise<T>, where = folder): Promise<T | null> {
  const why = whyNotRead(folder);
  // Git follows a link out of the git dir only where it writes; the server says so when it is asked to.
  return why === null || why.code === 'repo.linkOut' ? unlessSlow(where, ask) : null;
}

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
