/** Texts of files of two commits. */
import type { Sides } from '../../checks/definition/follow-command.ts';
import { listTree, readBlobs } from '../../workspace/read-objects.ts';
import type { ObjectSource } from '../../workspace/types.ts';

const MOST_BYTES = 1024 * 1024;

export function sidesOf(git: ObjectSource, base: string, result: string): Omit<Sides, 'basePaths'> {
  return { base: readerOf(git, base), result: readerOf(git, result) };
}

export const readerOf = (git: ObjectSource, commit: string) => async (paths: readonly string[]) => {
  const blobs = await readBlobs(git, commit, paths, MOST_BYTES);
  return new Map([...blobs].map(([path, bytes]) => [path, bytes.toString('utf8')]));
};

/** Of those that can be written again: no links, and nothing that is no text. */
export async function textsOf(git: ObjectSource, commit: string, paths: readonly string[]): Promise<Map<string, string>> {
  if (paths.length === 0) return new Map();
  const files = new Set((await listTree(git, commit)).flatMap(({ path, mode }) => (mode.startsWith('100') ? [path] : [])));
  const blobs = await readBlobs(
    git,
    commit,
    paths.filter((path) => files.has(path)),
    MOST_BYTES,
  );
  const texts = [...blobs].map(([path, bytes]) => [path, bytes, bytes.toString()] as const);
  return new Map(texts.flatMap(([path, bytes, text]) => (Buffer.from(text).equals(bytes) ? [[path, text] as const] : [])));
}
