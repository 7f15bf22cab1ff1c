import { git, userEnvironment } from '../../workspace/run-git.ts';

/**
 * Of a branch that is gone, git takes the bare name for something else: a file or folder at a checkout, where it overwrites what is
 * uncommitted, and the branch of a remote for a new working tree.
 * @throws GitError where it is gone
 */
export async function mustBeThere(root: string, branch: string): Promise<void> {
  await git(['rev-parse', '--verify', `refs/heads/${branch}`], { cwd: root, user: userEnvironment(process.env) });
}
