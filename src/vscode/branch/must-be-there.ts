import { ErrorWithReason } from '../../messages/error-with-reason.ts';
import { openRepository } from '../../workspace/open-repository.ts';
import { git, userEnvironment } from '../../workspace/run-git.ts';
import type { Repository } from '../../workspace/types.ts';

/**
 * Of a branch that is gone, git takes the bare name for something else: a file or folder at a checkout, where it overwrites what is
 * uncommitted, and the branch of a remote for a new working tree. Nor does git write where a link, which may have been laid since the last look,
 * leads out of the git dir: lines of the repository's choice would be appended to any file of the user's.
 * @returns what it is in
 * @throws GitError where it is gone, ErrorWithReason where git can be asked nothing
 */
export async function mustBeThere(root: string, branch: string): Promise<Repository> {
  const opened = await openRepository(root);
  if (!opened.ok) throw new ErrorWithReason(opened.reason);
  await git(['rev-parse', '--verify', `refs/heads/${branch}`], { cwd: root, user: userEnvironment(process.env) });
  return opened.repository;
}
