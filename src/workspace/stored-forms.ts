/** Files that are in a working tree of ours as git stores them, while the user's checkout has what a content filter makes of them. */
import { lstat, readFile } from 'node:fs/promises';
import { POINTER } from './content-filters.ts';
import { decodeName, git, splitNul } from './run-git.ts';
import { hostPath } from './stage-changes.ts';
import type { PrivateGit, Repository } from './types.ts';

const LARGEST_POINTER = 1024;

/** By the name of the filter. */
export async function storedForms(
  { config }: Pick<Repository, 'config'>,
  { gitDir, filters }: PrivateGit,
  workTree: string,
  signal?: AbortSignal,
): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  for (const name of opening(config)) {
    const files = splitNul(await git(['ls-files', '-z', '--', `:(top,attr:filter=${name})`], { gitDir, workTree, signal }));
    const inStoredForm = filters.off.has(name) ? files : await pointersAmong(workTree, files);
    if (inStoredForm.length > 0) found.set(name, inStoredForm.map(decodeName));
  }
  return found;
}

/** The filters of the user's that change files on their way into a checkout, by names that a pathspec can have. */
function opening(config: Repository['config']): Set<string> {
  const named = [...config].map(([key, value]) => (value === '' ? null : /^filter\.([\w.-]+)\.(smudge|process)$/.exec(key)));
  return new Set(named.flatMap((match) => match?.[1] ?? []));
}

/** Those whose content git-lfs did not find. */
async function pointersAmong(workTree: string, files: readonly string[]): Promise<string[]> {
  const isPointer = await Promise.all(
    files.map(async (file) => {
      const path = hostPath(workTree, file);
      const stats = await lstat(path).catch(() => null);
      return stats?.isFile() && stats.size <= LARGEST_POINTER && POINTER.test(await readFile(path, 'latin1'));
    }),
  );
  return files.filter((_, at) => isPointer[at]);
}
