import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Everything of a repository that a delegation must not change: working tree, index, HEAD, refs, reflogs, config, hooks. Objects are
 * not in it, as adding them is allowed. Compare two with `assert.deepEqual`, which then names the file that differs.
 * @param except paths relative to the root (with what lies below them) that may change, such as `.git/refs/heads/kimi`
 */
export async function fingerprint(root: string, except: readonly string[] = []): Promise<Record<string, string>> {
  const prints: Record<string, string> = {};
  const skipped = new Set(['.git/objects', ...except]);
  const visit = async (path: string): Promise<void> => {
    if (skipped.has(path)) return;
    const host = join(root, path);
    const stats = await lstat(host);
    if (stats.isDirectory()) {
      for (const name of (await readdir(host)).sort()) await visit(path === '' ? name : `${path}/${name}`);
      return;
    }
    const kind = stats.isSymbolicLink() ? `link to ${await readlink(host)}` : stats.isFile() ? hash(await readFile(host)) : 'special';
    prints[path] = `${(stats.mode & 0o7777).toString(8)} ${kind}`;
  };
  await visit('');
  return prints;
}

function hash(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
