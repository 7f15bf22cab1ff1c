import { isTestPath } from '../../checks/test-files.ts';
import { isGeneratedName, isLockFile } from '../../common/tool-made-files.ts';

export type FilePart = 'source' | 'test' | 'made';

export function partOf(path: string): FilePart {
  if (isLockFile(path) || isGeneratedName(path) || path.endsWith('.snap')) return 'made';
  return isTestPath(path) ? 'test' : 'source';
}

const RANK: Readonly<Record<FilePart, number>> = { source: 0, test: 1, made: 2 };

/** As a reviewer reads: the source, its tests, then what tools wrote. Each name is looked at once. */
export function inReadingOrder<T extends { readonly path: string }>(files: readonly T[]): T[] {
  return files
    .map((file) => ({ file, rank: RANK[partOf(file.path)] }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ file }) => file);
}
