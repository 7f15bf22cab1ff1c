import { firstLine } from '../common/first-line.ts';
import { message } from '../messages/message.ts';
import { GitUnusable, gitProgram, OLDEST_GIT, runGit } from './run-git.ts';

/** `merge-tree --write-tree` came with it. */
const MERGES_TREES = '2.38';

let known: string | null = null;

/** The version of git. One that cannot be used is asked again at each call, so that a new one counts at once. @throws GitUnusable when there is none, or one that is too old */
export async function gitVersion(): Promise<string> {
  if (known !== null) return known;
  const program = gitProgram();
  const { stdout, stderr } = await runGit(['version']);
  const version = /^git version (\d+\.\d+\S*)/.exec(stdout.toString())?.[1];
  if (!version) {
    const said = firstLine(stderr) || message('git.saidNothing');
    throw new GitUnusable(message('git.notWorking', { program, said, oldest: OLDEST_GIT }));
  }
  if (!isAtLeast(version, OLDEST_GIT)) throw new GitUnusable(message('git.tooOld', { program, version, oldest: OLDEST_GIT }));
  known = version;
  return version;
}

/** Whether git can merge without a working tree. */
export async function canMergeTrees(): Promise<boolean> {
  return isAtLeast(await gitVersion(), MERGES_TREES);
}

/** By the first two numbers; what follows them (`2.39.5`, `2.45.1.windows.1`) tells nothing here. */
export function isAtLeast(version: string, oldest: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldMajor = 0, oldMinor = 0] = oldest.split('.').map(Number);
  return major > oldMajor || (major === oldMajor && minor >= oldMinor);
}
