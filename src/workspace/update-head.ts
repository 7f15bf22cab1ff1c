/** Moves HEAD of the user's checkout in two steps, so that what belongs together can happen between them. */

import { disarmedCall } from './git-config.ts';
import { exitCode, GitError, startGit } from './run-git.ts';
import type { Repository } from './types.ts';

/** HEAD and its branch are locked until one of these is called. */
export interface PreparedUpdate {
  commit(): Promise<void>;
  abort(): Promise<void>;
}

/** @returns null when HEAD is not at `expected`, or another git is just about to move it */
export async function prepareHead(repository: Repository, commit: string, expected: string): Promise<PreparedUpdate | null> {
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
  if (!(await Promise.race([prepared, ended.then(() => false)]))) return null;
  const finish = async (word: 'commit' | 'abort') => {
    child.stdin.end(`${word}\n`);
    const code = await ended;
    if (code !== 0) throw new GitError(args, code, errors);
  };
  return { commit: () => finish('commit'), abort: () => finish('abort') };
}
