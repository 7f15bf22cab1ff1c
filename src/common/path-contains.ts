import path from 'node:path';

/**
 * Whether `child` is `folder` or lies below it, by their names alone: whoever minds symbolic links gives real paths.
 * `..` and doubled or trailing separators count as what they mean; a relative path is nowhere.
 * @param paths the rules of another system than this one, in tests
 */
export function contains(folder: string, child: string, paths: path.PlatformPath = path): boolean {
  if (!paths.isAbsolute(folder) || !paths.isAbsolute(child)) return false;
  const way = paths.relative(folder, child);
  return way !== '..' && !way.startsWith(`..${paths.sep}`) && !paths.isAbsolute(way);
}
