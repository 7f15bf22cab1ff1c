import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TreeFile } from './read-objects.ts';
import { git } from './run-git.ts';
import type { ObjectSource, PrivateGit } from './types.ts';

/** What is to stand at a path: a file of another commit, a text of our own, or nothing. */
export type Replacement =
  | { readonly path: string; readonly file: TreeFile | null }
  | { readonly path: string; readonly text: string; readonly mode?: TreeFile['mode'] };

/**
 * Makes the tree of a commit with some other files in it. Its objects go into the git dir; no ref and no working tree changes.
 * @param indexFile a scratch file
 */
export async function treeWithFiles(
  where: Pick<PrivateGit, 'gitDir' | 'objectFormat'>,
  commit: string,
  replacements: readonly Replacement[],
  indexFile: string = join(where.gitDir, 'snapshot-tree-with-files'),
): Promise<string> {
  const nothing = '0'.repeat(where.objectFormat === 'sha256' ? 64 : 40);
  const call = { gitDir: where.gitDir, indexFile };
  try {
    await git(['read-tree', commit], call);
    const entries = await Promise.all(replacements.map((one) => indexEntry(where, one)));
    // What stands in the way goes first: a folder where a file was, or the other way round.
    const gone = replacements.map(({ path }) => `0 ${nothing}\t${path}\0`).join('');
    await git(['update-index', '--add', '--replace', '-z', '--index-info'], { ...call, stdin: gone + entries.join('') });
    return (await git(['write-tree'], call)).toString('latin1').trim();
  } finally {
    await rm(call.indexFile, { force: true });
  }
}

async function indexEntry({ gitDir }: ObjectSource, replacement: Replacement): Promise<string> {
  if ('file' in replacement) return replacement.file ? `${replacement.file.mode} ${replacement.file.id}\t${replacement.path}\0` : '';
  const id = (await git(['hash-object', '-w', '--stdin'], { gitDir, stdin: replacement.text })).toString('latin1').trim();
  return `${replacement.mode ?? '100644'} ${id}\t${replacement.path}\0`;
}
