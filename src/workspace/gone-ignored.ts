/**
 * Files that git tracks although a rule ignores them (a built `dist/`), and that are gone for a while: a command removes them, a later one builds
 * them anew. Once they are out of the index git takes them for new ones and passes over them, and the work would delete them.
 */
import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWhole } from '../common/write-atomic.ts';
import { ignoredNames } from './file-rules.ts';
import { splitNul } from './run-git.ts';
import { hostPath, nulList, type StageCall } from './stage-changes.ts';
import type { PrivateGit } from './types.ts';

/** More are not looked after: each is looked for at every step. */
const MOST_FILES = 10_000;

const listOf = ({ gitDir }: PrivateGit) => join(gitDir, 'gone-ignored');

/** Those of earlier checkpoints (latin1 names): which are there again, and which are not. */
export async function goneAndBack(privateGit: PrivateGit, workTree: string): Promise<{ back: string[]; away: string[] }> {
  const back: string[] = [];
  const away: string[] = [];
  for (const path of splitNul(await readFile(listOf(privateGit)).catch(() => Buffer.alloc(0)))) {
    const there = await lstat(hostPath(workTree, path)).catch(() => null);
    (there?.isFile() || there?.isSymbolicLink() ? back : away).push(path);
  }
  return { back, away };
}

/**
 * Keeps in mind which files of the index went away that git would not find again.
 * @param known what `goneAndBack` told before
 * @param deleted what went away just now
 */
export async function keepGone(
  privateGit: PrivateGit,
  call: StageCall,
  { back, away }: Awaited<ReturnType<typeof goneAndBack>>,
  deleted: readonly string[],
): Promise<void> {
  // They were just taken out of the index.
  const ignored = await ignoredNames({ ...call, stdin: nulList(deleted) }, '--no-index');
  if (back.length === 0 && ignored.length === 0) return;
  writeWhole(listOf(privateGit), nulList([...new Set([...away, ...ignored])].slice(0, MOST_FILES)));
}
