/** Objects on their way into the user's repository: kept apart until git has checked all of them, as `git receive-pack` does it. */
import { mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

export interface Quarantine {
  /** For the git process that writes the objects: it sees the repository's, and adds to the quarantine. */
  readonly env: Readonly<Record<string, string>>;
  /** Moves what was written into the repository. */
  release(): Promise<void>;
  /** Removes what is left. */
  discard(): Promise<void>;
}

/** @param objectDir the repository's own object directory. The name is git's own, so that its gc clears away what a crash leaves. */
export async function openQuarantine(objectDir: string): Promise<Quarantine> {
  const folder = await mkdtemp(join(objectDir, 'tmp_objdir-incoming-'));
  return {
    env: { GIT_OBJECT_DIRECTORY: folder, GIT_ALTERNATE_OBJECT_DIRECTORIES: quoted(objectDir) },
    async release() {
      for (const name of await readdir(folder)) await moveAll(join(folder, name), join(objectDir, name));
    },
    discard: () => rm(folder, { recursive: true, force: true }),
  };
}

/**
 * A pack becomes visible with its index, so the index goes last. An object that is there already is the same. A new folder is git's own, with
 * the rights that the repository gives.
 */
async function moveAll(from: string, to: string): Promise<void> {
  const names = (await readdir(from)).sort((a, b) => Number(a.endsWith('.idx')) - Number(b.endsWith('.idx')));
  if (names.length === 0) return;
  try {
    await rename(from, to);
  } catch {
    for (const name of names) await rename(join(from, name), join(to, name));
  }
}

/** Git divides the list by colons, and reads a quoted path like a C string. */
function quoted(path: string): string {
  return `"${path.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`;
}
