/** What the commit of a merge is, and which of the changed files it takes. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MergeWay } from '../common/merge-way.ts';
import { listTree } from './read-objects.ts';
import { GitError } from './run-git.ts';
import { NotSigned, signing } from './sign-commit.ts';
import { treeWithFiles } from './tree-with-files.ts';
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

/** The tree of HEAD with some paths as the merge has them. */
export async function treeWithPaths(repository: Repository, merged: string, paths: readonly string[]): Promise<string> {
  const files = new Map((await listTree(repository, merged)).map((file) => [file.path, file]));
  const folder = await mkdtemp(join(tmpdir(), 'claude-kimi-paths-'));
  try {
    const replacements = paths.map((path) => ({ path, file: files.get(path) ?? null }));
    return await treeWithFiles(repository, repository.head.commit, replacements, join(folder, 'index'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
