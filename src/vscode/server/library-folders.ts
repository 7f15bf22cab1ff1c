import path from 'node:path';

/**
 * An empty one among them, which `$LD_LIBRARY_PATH:` easily leaves, is the folder in which a program starts: a repository's. The loader of Linux takes
 * semicolons between them, too.
 */
const LIBRARY_FOLDERS = /^(LD_LIBRARY_PATH|DYLD_(FALLBACK_)?(LIBRARY|FRAMEWORK)_PATH|NODE_PATH)$/;
const BETWEEN = process.platform === 'win32' ? ';' : /[:;]/;

/** The variables that name folders of libraries, with those of them that are the same wherever a program starts. */
export function libraryFolders(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const named = Object.entries(env).filter(([name]) => LIBRARY_FOLDERS.test(name));
  return Object.fromEntries(named.map(([name, value = '']) => [name, value.split(BETWEEN).filter(path.isAbsolute).join(path.delimiter)]));
}
