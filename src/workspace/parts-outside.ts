/** Parts of a git dir that lie somewhere else: what is read there, and sent to the model, is another repository's. */
import type { Dirent } from 'node:fs';
import { readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { contains } from '../common/path-contains.ts';
import type { Repository } from './types.ts';

/** Folders in a git dir of which a link leads objects, refs or rules of another repository in. '' = the git dir itself. */
const LOOKED_IN = ['', 'info', 'refs', 'refs/heads'];

/**
 * The real paths outside of the repository's own git dir where parts of it lie: object directories that it borrows from
 * (`git clone --shared`), and whatever its links lead to. git follows both without a word.
 */
export async function partsOutside({ gitDir, commonDir, objectDirs }: Repository): Promise<string[]> {
  const objects = objectDirs.flatMap((folder) => [folder, join(folder, 'info'), join(folder, 'pack')]);
  const folders = [...LOOKED_IN.map((name) => join(commonDir, name)), ...(gitDir === commonDir ? [] : [gitDir]), ...objects];
  const found = await Promise.all(folders.map(linkTargets));
  return [...new Set([...objectDirs, ...found.flat()])].filter((path) => !contains(commonDir, path));
}

async function linkTargets(folder: string): Promise<string[]> {
  const entries: Dirent[] = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const links = entries.filter((entry) => entry.isSymbolicLink());
  return Promise.all(links.map(({ name }) => realpath(join(folder, name)).catch(() => join(folder, name))));
}
