import { isTestPath } from '../../checks/test-files.ts';

/** What tools write, and nobody reads line by line: lock files, snapshots, minified and generated code. */
const MADE =
  /(^|\/)(package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|packages\.lock\.json|Package\.resolved|bun\.lockb|go\.sum|gradle\.lockfile|[\w.-]+\.lock)$|\.snap$|\.min\.(js|css)$|\.(js|css)\.map$|(_pb2(_grpc)?\.pyi?|\.pb\.(go|cc|h)|\.g\.dart|\.generated\.\w+)$/i;

export type FilePart = 'source' | 'test' | 'made';

export function partOf(path: string): FilePart {
  if (MADE.test(path)) return 'made';
  return isTestPath(path) ? 'test' : 'source';
}

const RANK: Readonly<Record<FilePart, number>> = { source: 0, test: 1, made: 2 };

/** As a reviewer reads: the source, its tests, then what tools wrote. */
export function inReadingOrder<T extends { readonly path: string }>(files: readonly T[]): T[] {
  return [...files].sort((a, b) => RANK[partOf(a.path)] - RANK[partOf(b.path)]);
}
