import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { watchFolders } from './folder-watch.ts';

/** Git dirs of a working tree: its own, and the one that it shares with others of the same repository. */
export interface GitDirs {
  readonly gitDir: string;
  readonly commonDir: string;
}

/** Notices that a merge, a switch or a new, moved or deleted branch may have happened in one of the repositories. */
export interface GitWatch {
  /** From now on these are watched; resolves when they are. */
  set(repositories: readonly GitDirs[]): Promise<void>;
  dispose(): void;
}

/** Branches with a folder in their name are watched up to so many folders; what lies behind them is seen by the next look. */
const MOST_FOLDERS = 500;
/** What those commands touch in a git dir; not the index, which every status writes. */
const WATCHED_FILES = /^(HEAD|ORIG_HEAD|packed-refs)$/;

/** @param onChange with the path of what changed */
export function watchGit(onChange: (file: string) => void): GitWatch {
  let repositories: readonly GitDirs[] = [];
  let branchFolders = new Map<string, string>();
  let round: Promise<void> = Promise.resolve();
  let waiting = false;

  const watching = watchFolders((folder, name) => {
    const file = path.join(folder, name ?? '');
    if (!branchFolders.has(folder)) {
      if (name === null || WATCHED_FILES.test(name)) onChange(file);
      return;
    }
    if (name?.endsWith('.lock')) return;
    void look(); // the first branch with a folder in its name makes that folder
    onChange(file);
  });

  /** Hints that come together are answered by one look. */
  function look(): Promise<void> {
    if (waiting) return round;
    waiting = true;
    round = round.then(() => {
      waiting = false;
      return lookNow();
    });
    return round;
  }

  async function lookNow(): Promise<void> {
    const folders = new Map<string, string>();
    for (const commonDir of new Set(repositories.map((repository) => repository.commonDir))) {
      await collect(path.join(commonDir, 'refs', 'heads'), folders);
      await collect(path.join(commonDir, 'reftable'), folders);
    }
    // A folder that was removed and made again has the same name, but nobody watches it any more.
    const kept = [...folders].filter(([folder, id]) => (branchFolders.get(folder) ?? id) === id).map(([folder]) => folder);
    branchFolders = folders;
    const gitDirs = repositories.flatMap(({ gitDir, commonDir }) => [gitDir, commonDir]);
    watching.set([...gitDirs, ...kept]);
    watching.set([...gitDirs, ...folders.keys()]);
  }

  return {
    set(next) {
      repositories = next;
      return look();
    },
    dispose() {
      repositories = [];
      watching.close();
    },
  };
}

/** @param folders folder -> which one it is; file systems give the number of a removed folder to the next one */
async function collect(folder: string, folders: Map<string, string>): Promise<void> {
  const stats = folders.size < MOST_FOLDERS ? await stat(folder, { bigint: true }).catch(() => null) : null;
  if (!stats?.isDirectory()) return;
  folders.set(folder, `${stats.ino}:${stats.birthtimeNs}`);
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await collect(path.join(folder, entry.name), folders);
}
