/** Moves HEAD of the user's checkout in two steps, so that what belongs together can happen between them. */

import { disarmedCall } from './git-config.ts';
import { exitCode, GitError, startGit } from './run-git.ts';
import type { Repository } from './types.ts';

/** HEAD and its branch are locked until one of these is called; the second call does nothing. */
export interface PreparedUpdate {
  commit(): Promise<void>;
  abort(): Promise<void>;
}

/** Why HEAD cannot be moved: it is not where it was expected, or another git holds its lock (or left it behind). */
export type HeadBusy = 'moved' | 'locked';

/** Whether git says that a ref is not where it was expected, or that its name is taken; everything else is a fault of disk or repository. */
export function isRefMoved(stderr: string): boolean {
  return (
    /but expected|reference (is missing|already exists)|unable to resolve reference|exists; cannot create|blocking reference|nonexistent object|trying to write non-commit/i.test(
      stderr,
    ) && !/Unable to create/i.test(stderr)
  );
}

/** @throws GitError when git cannot move it for a reason of its own, such as a full disk */
export async function prepareHead(repository: Repository, commit: string, expected: string): Promise<PreparedUpdate | HeadBusy> {
  const args = ['update-ref', '-m', 'claude-kimi: merge', '--stdin'];
  const child = await startGit(args, disarmedCall(repository));
  let [answers, errors] = ['', ''];
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk;
  });
  const ended = exitCode(child);
  const prepared = new Promise<true>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      answers += chunk;
      if (answers.includes('prepare: ok')) resolve(true);
    });
  });
  child.stdin.write(`start\nupdate HEAD ${commit} ${expected}\nprepare\n`);
  if (!(await Promise.race([prepared, ended.then(() => false)]))) {
    if (isRefMoved(errors)) return 'moved';
    if (/\.lock': File exists|index file open failed: File exists/i.test(errors)) return 'locked';
    throw new GitError(args, await ended, errors);
  }
  let open = true;
  const finish = async (word: 'commit' | 'abort') => {
    if (!open) return;
    open = false;
    child.stdin.end(`${word}\n`);
    const code = await ended;
    if (code !== 0) throw new GitError(args, code, errors);
  };
  return { commit: () => finish('commit'), abort: () => finish('abort') };
}
