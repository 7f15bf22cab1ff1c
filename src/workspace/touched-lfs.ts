/** Files of git-lfs that were only touched: for git, for which its filter does not run here, they are changed. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { POINTER } from './content-filters.ts';
import { readBlobs } from './read-objects.ts';
import type { Repository } from './types.ts';

/**
 * Those of some paths whose content is the one that the index has a pointer to.
 * @param paths as the index has them, with other bytes in the checkout
 */
export async function touchedOnly(
  { config, gitDir, root }: Pick<Repository, 'config' | 'gitDir' | 'root'>,
  paths: readonly string[],
  signal?: AbortSignal,
): Promise<ReadonlySet<string>> {
  const same = new Set<string>();
  if (paths.length === 0 || ![...config.keys()].some((key) => key.startsWith('filter.lfs.'))) return same;
  for (const [path, bytes] of await readBlobs({ gitDir }, '', paths, 1024, signal)) {
    const [, oid, size] = POINTER.exec(bytes.toString('latin1')) ?? [];
    const file = join(root, path);
    const stats = oid ? await lstat(file).catch(() => null) : null;
    if (stats?.isFile() && stats.size === Number(size) && (await sha256Of(file, signal)) === oid) same.add(path);
  }
  return same;
}

async function sha256Of(file: string, signal: AbortSignal | undefined): Promise<string | null> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(file), hash, { signal });
    return hash.digest('hex');
  } catch {
    signal?.throwIfAborted();
    return null;
  }
}
