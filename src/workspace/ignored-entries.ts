/** What git ignores in a working tree of ours, folders as a whole. */
import { decodeName, git, splitNul } from './run-git.ts';
import type { PrivateGit } from './types.ts';
import { workTreeCall } from './work-tree-call.ts';

export interface IgnoredEntries {
  readonly folders: readonly string[];
  readonly files: readonly string[];
}

export async function ignoredEntries(privateGit: PrivateGit, workTree: string, signal: AbortSignal): Promise<IgnoredEntries> {
  const args = ['ls-files', '-z', '--others', '--ignored', '--exclude-standard', '--directory', '--no-empty-directory'];
  const names = splitNul(await git(args, workTreeCall(privateGit, workTree, signal))).map(decodeName);
  return {
    folders: names.filter((name) => name.endsWith('/')).map((name) => name.slice(0, -1)),
    files: names.filter((name) => !name.endsWith('/')),
  };
}
