/**
 * Where in a sandbox something lies that was found by a way over links, as packages have their settings in /etc: over a link nothing can be
 * mounted, and no command would start.
 */
import { join, relative } from 'node:path';
import { realPathOf } from '../common/real-path.ts';
import { deepestAround, isWithin, type Mount } from './mounts.ts';

/**
 * @param lent what is shown
 * @param covered folders of which nothing is shown
 * @returns asked with paths as commands see them; those that a link leads to outside of what is shown are left out
 */
export function whereTheyLie(lent: readonly Mount[], covered: readonly string[]): (paths: readonly string[]) => string[] {
  const shown = lent.filter(({ kind }) => kind === 'read-only');
  return (paths) =>
    paths.flatMap((path) => {
      const around = deepestAround(path, shown);
      if (!around) return [path];
      const host = join(around.source, relative(around.at, path));
      const real = realPathOf(host);
      if (real === null) return [];
      if (real === host) return [path];
      const target = shown.find(({ source }) => isWithin(real, source));
      const place = target && join(target.at, relative(target.source, real));
      return place && !covered.some((folder) => isWithin(place, folder)) ? [place] : [];
    });
}
