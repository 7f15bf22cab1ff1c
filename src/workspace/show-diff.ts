import { spawn } from 'node:child_process';
import { gitProgram } from './run-git.ts';
import type { Repository } from './types.ts';

/** Where git would look instead of where it is told to. */
const ELSEWHERE = ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_OBJECT_DIRECTORY', 'GIT_COMMON_DIR', 'GIT_NAMESPACE', 'GIT_PREFIX'];

/**
 * Shows a difference as `git diff` does for the user: with their pager, colours and tools where stdout is a terminal, plain where it is not.
 * Nothing is disarmed, as it is the user's own call; the repository's files alone name no program.
 * @returns the exit code, 0 or 1
 */
export function showDiff(
  { root }: Repository,
  words: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  return new Promise((resolve, reject) => {
    // The pager handles Ctrl-C; whoever left here would leave it without its input.
    const ignore = () => {};
    process.on('SIGINT', ignore);
    const own = Object.fromEntries(Object.entries(env).filter(([name]) => !ELSEWHERE.includes(name)));
    const child = spawn(gitProgram(), ['-C', root, '--no-optional-locks', 'diff', ...words], { stdio: 'inherit', env: own });
    child.once('error', reject);
    child.once('close', (code, signal) => {
      process.off('SIGINT', ignore);
      // SIGPIPE: whoever reads has seen enough.
      resolve(code === 0 || code === 141 || signal === 'SIGPIPE' ? 0 : 1);
    });
  });
}
