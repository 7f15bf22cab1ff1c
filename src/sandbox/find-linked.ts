/** Installed dependencies that are a link of the user's to another folder, as people share them between checkouts. */
import { lstatSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { contains } from '../common/path-contains.ts';
import { realPathOf, wouldWait } from '../common/real-path.ts';
import { ecosystemsOf, type Installed } from './ecosystems.ts';
import { isEnvironment, lentEnvironment } from './find-environment.ts';
import { foldersWith, lend } from './find-lent.ts';
import type { LentFolder } from './types.ts';

/** A link leads anywhere, so what it leads to must be known as what it is called. */
const LOOKS_LIKE: Readonly<Record<string, (folder: string) => boolean>> = {
  node_modules: (folder) => basename(folder) === 'node_modules',
  '.venv': isEnvironment,
  venv: isEnvironment,
  env: isEnvironment,
};

/** @param paths the files of the base commit: a link that the commit itself carries is a file of its own */
export function findLinked(root: string, paths: readonly string[]): LentFolder[] {
  return ecosystemsOf(paths).flatMap(({ manifests, installed = [] }) =>
    [...foldersWith(manifests, paths)].flatMap((folder) =>
      installed.flatMap((entry) => {
        const keeping = typeof entry === 'string' ? { folder: entry } : entry;
        const { folder: name } = keeping;
        const at = join(folder, name);
        return paths.includes(at) ? [] : behindLink(root, join(root, at), LOOKS_LIKE[name], keeping);
      }),
    ),
  );
}

function behindLink(root: string, at: string, isWanted: ((folder: string) => boolean) | undefined, keeping: Installed): LentFolder[] {
  const isLink = isWanted && !wouldWait(at) && lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink();
  const real = isLink && realPathOf(dirname(at)) === dirname(at) ? realPathOf(at) : null;
  if (!real || contains(real, root) || !lstatSync(real).isDirectory() || !isWanted!(real)) return [];
  if (isWanted === isEnvironment) return lentEnvironment(at, real);
  const lent = lend(at, real, keeping);
  return lent ? [lent] : [];
}
