/** What the commit of a merge is. */
import type { MergeWay } from '../common/merge-way.ts';
import { GitError } from './run-git.ts';
import { NotSigned, signing } from './sign-commit.ts';
import type { CommitIdentity, Repository } from './types.ts';
import { writeCommit } from './write-commit.ts';

export interface MergeCommit {
  readonly how: MergeWay;
  readonly tip: string;
  readonly message: string;
  readonly identity: CommitIdentity;
}

/** Signed where the user signs every commit: it is made before anything moves, so one that cannot be signed changes nothing. */
export async function commitOf({ how, tip, message, identity }: MergeCommit, repository: Repository, tree: string): Promise<string> {
  const head = repository.head.commit;
  if (how === 'apply') return head;
  if (how === 'fast-forward') return tip;
  const parents = how === 'squash' ? [head] : [head, tip];
  const commit = { tree, parents, message, identity };
  const signed = await signing(repository);
  if (!signed) return writeCommit(repository, commit);
  return writeCommit(repository, commit, signed).catch((error) => {
    throw error instanceof GitError ? new NotSigned(lastLine(error.stderr)) : error;
  });
}

const lastLine = (text: string) => text.trim().split('\n').at(-1) ?? '';
