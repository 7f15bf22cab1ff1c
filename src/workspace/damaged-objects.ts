/** What a machine that went down left of a private git dir: git does not wait for the disk, so objects may be missing, cut or empty. */
import { createHash } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { namesIn } from '../common/list-names.ts';
import { git, runGit } from './run-git.ts';
import type { ObjectSource } from './types.ts';

/** Whether all that a tree has and `base` does not can be read. */
export async function isWhole(where: ObjectSource, tree: string, base: string): Promise<boolean> {
  const call = { gitDir: where.gitDir };
  try {
    const listed = await git(['rev-list', '--objects', '--no-object-names', tree, `^${base}`], call);
    const checked = await git(['cat-file', '--batch-check=%(objecttype)'], { ...call, stdin: listed });
    if (/ missing$/m.test(checked.toString('latin1'))) return false;
    return (await runGit(['cat-file', '--batch'], { ...call, stdin: listed }, () => true)).code === 0;
  } catch {
    return false;
  }
}

/** Removes the loose objects that are not what their names say: git would take each for there, and never write it again. */
export function removeDamaged({ gitDir }: ObjectSource): void {
  for (const folder of namesIn(join(gitDir, 'objects')).filter((name) => /^[0-9a-f]{2}$/.test(name))) {
    for (const name of namesIn(join(gitDir, 'objects', folder))) {
      const file = join(gitDir, 'objects', folder, name);
      if (/^([0-9a-f]{38}|[0-9a-f]{62})$/.test(name) && !isObject(file, folder + name)) rmSync(file, { force: true });
    }
  }
}

function isObject(file: string, id: string): boolean {
  try {
    const hash = createHash(id.length === 40 ? 'sha1' : 'sha256');
    return hash.update(inflateSync(readFileSync(file))).digest('hex') === id;
  } catch {
    return false;
  }
}
