import { existsSync } from 'node:fs';
import path from 'node:path';
import { takenRoot } from '../../broker/consent.ts';
import { openRepository } from '../../workspace/open-repository.ts';

/**
 * The repository around a folder, if there is one: what the set-up says of "this repository" is about it. One that is not opened (it has no commit
 * yet, or something in it keeps git from being asked) is one all the same: a word about it must not become one about all.
 */
export async function foldersHere(cwd: string): Promise<string[]> {
  const opened = await openRepository(cwd).catch(() => null);
  if (opened?.ok) return [opened.repository.root];
  const root = takenRoot(cwd);
  return existsSync(path.join(root, '.git')) ? [root] : [];
}
