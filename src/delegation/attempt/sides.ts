/** Texts of files of two commits. */
import type { Sides } from '../../checks/definition/follow-command.ts';
import { listTree, readSomeBlobs } from '../../workspace/read-objects.ts';
import type { ObjectSource } from '../../workspace/types.ts';

const MOST_BYTES = 1024 * 1024;
/**
 * Of all together: a model fills a change with as much as the disk holds, and a megabyte of empty lines takes seconds where each line is looked
 * at. Proofs compare lines, and write files anew.
 */
const MOST_LOOKED_AT = { bytes: 64 * 1024 * 1024, lines: 2_000_000 };
const MOST_COMPARED = { bytes: 12 * 1024 * 1024, lines: 600_000 };

/** How many ends of lines there are; counted no further than `most`. */
export function linesIn(bytes: Uint8Array, most: number): number {
  let lines = 0;
  for (let at = bytes.indexOf(10); at >= 0 && lines < most; at = bytes.indexOf(10, at + 1)) lines++;
  return lines;
}

export function sidesOf(git: ObjectSource, base: string, result: string): Omit<Sides, 'basePaths'> {
  return { base: readerOf(git, base), result: readerOf(git, result) };
}

export const readerOf = (git: ObjectSource, commit: string) => async (paths: readonly string[]) => {
  const blobs = await firstBlobs(git, commit, paths, MOST_LOOKED_AT);
  return new Map(blobs.map(([path, bytes]) => [path, bytes.toString('utf8')]));
};

/** The first ones, where they are more than anybody writes. */
async function firstBlobs(
  git: ObjectSource,
  commit: string,
  paths: readonly string[],
  most: { readonly bytes: number; readonly lines: number },
): Promise<[string, Buffer][]> {
  const blobs = await readSomeBlobs(git, commit, paths, { each: MOST_BYTES, all: most.bytes });
  let left = most.lines;
  return [...blobs].filter(([, bytes]) => {
    left -= left > 0 ? linesIn(bytes, left) : 0;
    return left > 0;
  });
}

export async function firstTextsOf(git: ObjectSource, commit: string, paths: readonly string[]): Promise<Map<string, string>> {
  return new Map((await firstBlobs(git, commit, paths, MOST_COMPARED)).map(([path, bytes]) => [path, bytes.toString('utf8')]));
}

/** Of those that can be written again: no links, and nothing that is no text; the first ones, where they are more than anybody writes. */
export async function textsOf(git: ObjectSource, commit: string, paths: readonly string[]): Promise<Map<string, string>> {
  if (paths.length === 0) return new Map();
  const files = new Set((await listTree(git, commit)).flatMap(({ path, mode }) => (mode.startsWith('100') ? [path] : [])));
  const some = await firstBlobs(
    git,
    commit,
    paths.filter((path) => files.has(path)),
    MOST_COMPARED,
  );
  const texts = some.map(([path, bytes]) => [path, bytes, bytes.toString()] as const);
  return new Map(texts.flatMap(([path, bytes, text]) => (Buffer.from(text).equals(bytes) ? [[path, text] as const] : [])));
}
