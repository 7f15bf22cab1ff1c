import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { objectPlaces } from './git-places.ts';
import { listTree, type TreeFile } from './read-objects.ts';
import { git } from './run-git.ts';
import type { ObjectSource, PrivateGit } from './types.ts';

/** What is to stand at a path: a file of another commit, a text of our own, or nothing. A text is a program where the file there is one. */
export type Replacement = { readonly path: string; readonly file: TreeFile | null } | { readonly path: string; readonly text: string };

/** What stands at these paths in a commit. */
export async function filesOf(where: ObjectSource, commit: string, paths: readonly string[]): Promise<Replacement[]> {
  if (paths.length === 0) return [];
  const known = new Map((await listTree(where, commit)).map((file) => [file.path, file]));
  return [...new Set(paths)].map((path) => ({ path, file: known.get(path) ?? null }));
}

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
  const objects = objectPlaces(where);
  const call = { gitDir: where.gitDir, indexFile, writes: objects && [...objects, dirname(indexFile)] };
  try {
    await git(['read-tree', commit], call);
    const programs = replacements.some((one) => 'text' in one) ? await programsIn(where, commit) : new Set<string>();
    const entries = await Promise.all(replacements.map((one) => indexEntry(where, one, programs)));
    // What stands in the way goes first: a folder where a file was, or the other way round.
    const gone = replacements.map(({ path }) => `0 ${nothing}\t${path}\0`).join('');
    await git(['update-index', '--add', '--replace', '-z', '--index-info'], { ...call, stdin: gone + entries.join('') });
    return (await git(['write-tree'], call)).toString('latin1').trim();
  } finally {
    await rm(call.indexFile, { force: true });
  }
}

const programsIn = async (where: ObjectSource, commit: string): Promise<ReadonlySet<string>> =>
  new Set((await listTree(where, commit)).flatMap(({ path, mode }) => (mode === '100755' ? [path] : [])));

async function indexEntry(where: ObjectSource, replacement: Replacement, programs: ReadonlySet<string>): Promise<string> {
  const { path } = replacement;
  if ('file' in replacement) return replacement.file ? `${replacement.file.mode} ${replacement.file.id}\t${path}\0` : '';
  const id = (await git(['hash-object', '-w', '--stdin'], { gitDir: where.gitDir, writes: objectPlaces(where), stdin: replacement.text }))
    .toString('latin1')
    .trim();
  return `${programs.has(path) ? '100755' : '100644'} ${id}\t${path}\0`;
}
