/** simple-git, tamed: for short reads of the user's repository. */
import type { SimpleGit } from 'simple-git';
import { gitEnvironment, gitProgram, INERT_CONFIG } from './run-git.ts';
import type { UserEnvironment } from './types.ts';

/**
 * A simple-git for the repository around `directory`, with the user's own configuration in force and everything that
 * would start a program switched off. `raw()` rejects when git fails; its output is text, so it is not for file names. A command without output takes
 * 50 ms more, as simple-git waits for some, so it is not for update-ref either.
 */
export async function openSimpleGit(directory: string, user: UserEnvironment): Promise<SimpleGit> {
  const { simpleGit } = await import('simple-git');
  const binary = gitProgram();
  const env = gitEnvironment(user);
  return simpleGit({
    baseDir: directory,
    binary,
    config: [...INERT_CONFIG],
    // simple-git refuses these by default, as it cannot tell our fixed, disarming values from a stranger's.
    unsafe: {
      allowUnsafeCustomBinary: true,
      allowUnsafeHooksPath: true,
      allowUnsafeFsMonitor: true,
      allowUnsafeProtocolOverride: true,
      allowUnsafePager: true,
      allowUnsafeEditor: true,
    },
    allowEnvironment: Object.keys(env),
  }).env(env);
}
