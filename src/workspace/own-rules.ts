/** Objects of a repository without what its git dir says of them: by its attributes and settings, any file could be called binary. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commonDirOf } from './find-git-dirs.ts';
import type { GitCall } from './run-git.ts';
import type { ObjectSource } from './types.ts';

/**
 * @param ids how long the ids of its objects are
 * @param use gets how git is called: in an empty git dir of ours, with the objects of the repository
 */
export async function withoutOwnRules<T>(
  { gitDir }: ObjectSource,
  ids: number,
  use: (call: Pick<GitCall, 'gitDir' | 'env'>) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'ckm-view-'));
  try {
    const format = ids === 64 ? '[core]\n\trepositoryformatversion = 1\n[extensions]\n\tobjectFormat = sha256\n' : '';
    await Promise.all([
      ...['objects', 'refs'].map((name) => mkdir(join(folder, name))),
      ...[['HEAD', 'ref: refs/heads/none\n'] as const, ['config', format] as const].map(([name, text]) =>
        writeFile(join(folder, name), text),
      ),
    ]);
    return await use({ gitDir: folder, env: { GIT_OBJECT_DIRECTORY: join(commonDirOf(gitDir), 'objects') } });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
