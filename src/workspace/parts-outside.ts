/** Parts of a git dir that lie somewhere else: what is read there, and sent to the model, is another repository's. */
import type { Dirent } from 'node:fs';
import { readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { namesIn } from '../common/list-names.ts';
import { contains } from '../common/path-contains.ts';
import { chosenStore } from './content-filters.ts';
import type { Repository } from './types.ts';

/** Folders in a git dir of which a link leads objects, refs or rules of another repository in. '' = the git dir itself. */
const LOOKED_IN = ['', 'info', 'refs', 'refs/heads'];

/**
 * The real paths outside of the repository's own git dir where parts of it lie: object directories that it borrows from
 * (`git clone --shared`), and whatever its links lead to. git follows both without a word.
 */
export async function partsOutside(repository: Repository): Promise<string[]> {
  const { gitDir, commonDir, objectDirs } = repository;
  const loose = objectDirs.flatMap((folder) => namesIn(folder).flatMap((name) => (/^[0-9a-f]{2}$/.test(name) ? [join(folder, name)] : [])));
  const objects = [...objectDirs.flatMap((folder) => [folder, join(folder, 'info'), join(folder, 'pack')]), ...loose];
  const folders = [...LOOKED_IN.map((name) => join(commonDir, name)), ...(gitDir === commonDir ? [] : [gitDir]), ...objects];
  const found = await Promise.all(folders.map(linkTargets));
  const store = chosenStore(repository);
  return [...new Set([...objectDirs, ...found.flat(), ...(store ? [store] : [])])].filter((path) => !contains(commonDir, path));
}

async function linkTargets(folder: string): Promise<string[]> {
  const entries: Dirent[] = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const links = entries.filter((entry) => entry.isSymbolicLink());
  return Promise.all(links.map(({ name }) => realpath(join(folder, name)).catch(() => join(folder, name))));
}
