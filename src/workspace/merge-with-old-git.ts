import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { disarmedCall, OWN_ATTRIBUTES, PLAIN_INDEX } from './git-config.ts';
import { decodeName, GitError, git, runGit, splitNul } from './run-git.ts';
import type { Repository } from './types.ts';

/** The objects of the tree are in the user's repository. */
export type TreesMerged = { readonly tree: string } | { readonly conflicts: readonly string[] };

/** For a git that merges only in a working tree: in one of its own, with an index of its own. Costs a checkout. */
export async function mergeInScratchTree(repository: Repository, ours: string, theirs: string): Promise<TreesMerged> {
  const folder = await mkdtemp(join(tmpdir(), 'claude-kimi-merge-'));
  const usual = disarmedCall(repository);
  const call = {
    ...usual,
    cwd: join(folder, 'tree'),
    workTree: join(folder, 'tree'),
    indexFile: join(folder, 'index'),
    // All files are needed, and nothing is written beside the repository's own index.
    config: [...(usual.config ?? []), ['core.sparseCheckout', 'false'] as const, ...PLAIN_INDEX, ...OWN_ATTRIBUTES],
  };
  try {
    await mkdir(call.workTree);
    const bases = splitLines(await git(['merge-base', '--all', ours, theirs], usual));
    await git(['read-tree', '-u', '--reset', ours], call);
    const args = ['merge-recursive', ...bases, '--', ours, theirs];
    const { code, stdout, stderr } = await runGit(args, call);
    if (code === 0) return { tree: splitLines(await git(['write-tree'], call))[0]! };
    const unmerged = splitNul(await git(['ls-files', '-z', '--unmerged'], call));
    const conflicts = [...new Set(unmerged.map((entry) => decodeName(entry.slice(entry.indexOf('\t') + 1))))];
    if (code === 1 && conflicts.length > 0) return { conflicts };
    throw new GitError(args, code, stderr || stdout.toString(), repository.gitDir);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function splitLines(output: Buffer): string[] {
  return output.toString('latin1').split('\n').filter(Boolean);
}
