/** What stands where in a sandbox. Pure. */
export interface Mount {
  /** `layered`: writable, over files of the host. `blank`: a file of settings without any. */
  readonly kind: 'empty' | 'read-only' | 'writable' | 'layered' | 'unreadable' | 'blank' | 'link';
  /** Host path; what a link leads to; '' for `empty`, `unreadable` and `blank`. */
  readonly source: string;
  readonly at: string;
}

export function mount(kind: Mount['kind'], source: string, at: string): Mount {
  return { kind, source, at };
}

/** The mount that a path lies in, the path's own not counted. */
export function deepestAround(path: string, mounts: readonly Mount[]): Mount | undefined {
  return mounts.filter(({ at }) => at !== path && isWithin(path, at)).sort((a, b) => depth(b.at) - depth(a.at))[0];
}

export function depth(path: string): number {
  return path === '/' ? 0 : path.split('/').length - 1;
}

/** Whether `path` is `folder` or lies below it. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`);
}
