/** The paths of a repository, so that names can be looked up without a pass over 20,000 of them. */
export interface PathIndex {
  readonly all: ReadonlySet<string>;
  /** By the last part, each group in the order of the paths. */
  readonly byName: ReadonlyMap<string, readonly string[]>;
  /** Those that hold a space, which no word of a text matches. */
  readonly spaced: readonly string[];
}

/** @param paths repository-relative paths */
export function indexPaths(paths: readonly string[]): PathIndex {
  const byName = new Map<string, string[]>();
  for (const path of paths) {
    const name = nameOf(path);
    const group = byName.get(name);
    if (group) group.push(path);
    else byName.set(name, [path]);
  }
  return { all: new Set(paths), byName, spaced: paths.filter((path) => path.includes(' ')) };
}

/** The last part of a path. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
