/** Shows many paths in few lines: whole when they fit, else folders below some depth as a count. */
import { count } from '../../../common/count-noun.ts';
import { linesThatFit, showName } from '../text-limits.ts';

export interface ListingLimits {
  readonly maxLines: number;
  readonly maxBytes: number;
}

export interface Listing {
  readonly lines: readonly string[];
  /** How many entries do not stand in `lines`. */
  readonly left: number;
  /** Whether folders were replaced by their counts. */
  readonly folded: boolean;
}

/** @param paths relative paths of files, sorted; @param prefix the folder that is listed, '' or `src/`; @param show how a path, or a folder with `/` behind it, is written */
export function listPaths(paths: readonly string[], prefix: string, limits: ListingLimits, show = showName): Listing {
  const deepest = paths.reduce((depth, path) => Math.max(depth, foldersIn(path, prefix)), 0);
  for (let depth = deepest; depth >= 0; depth -= 1) {
    const lines = paths.length > limits.maxLines && depth === deepest ? null : atDepth(paths, prefix, depth, show);
    if (lines !== null && linesThatFit(lines, limits.maxLines, limits.maxBytes).length === lines.length) {
      return { lines, left: 0, folded: depth < deepest };
    }
  }
  return { ...listFlat(atDepth(paths, prefix, 0, show), limits), folded: deepest > 0 };
}

/** The first lines that fit. */
export function listFlat(lines: readonly string[], limits: ListingLimits): Listing {
  const fitting = linesThatFit(lines, limits.maxLines, limits.maxBytes);
  return { lines: fitting, left: lines.length - fitting.length, folded: false };
}

function foldersIn(path: string, prefix: string): number {
  let folders = 0;
  for (let at = path.indexOf('/', prefix.length); at !== -1; at = path.indexOf('/', at + 1)) folders += 1;
  return folders;
}

/** Files with at most `depth` folders in front; what lies deeper as `folder/ (n files)`. */
function atDepth(paths: readonly string[], prefix: string, depth: number, show: (path: string) => string): string[] {
  const entries = new Map<string, number>();
  for (const path of paths) {
    let at = prefix.length - 1;
    let folders = 0;
    for (;;) {
      const slash = path.indexOf('/', at + 1);
      if (slash === -1) break;
      at = slash;
      folders += 1;
      if (folders > depth) break;
    }
    const entry = folders > depth ? path.slice(0, at + 1) : path;
    entries.set(entry, (entries.get(entry) ?? 0) + 1);
  }
  return [...entries].map(([entry, files]) => (entry.endsWith('/') ? `${show(entry)} (${count(files, 'file')})` : show(entry)));
}
