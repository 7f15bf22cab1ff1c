import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { watchFolders } from './folder-watch.ts';

/** Git dirs of a working tree: its own, and the one that it shares with others of the same repository. */
export interface GitDirs {
  readonly gitDir: string;
  readonly commonDir: string;
}

/** Tells that a merge, a switch or a new, moved or deleted branch may have happened in one of the repositories. */
export interface GitWatch {
  /** From now on these are watched; resolves when they are. */
  set(repositories: readonly GitDirs[]): Promise<void>;
  dispose(): void;
}

/** Branches with a folder in their name are watched up to so many folders; what lies behind them is seen by the next look. */
const MOST_FOLDERS = 500;
/** What those commands touch in a git dir; not the index, which every status writes. */
const TELLING = /^(HEAD|ORIG_HEAD|packed-refs)$/;

/** @param onHint with the path of what changed */
export function watchGit(onHint: (file: string) => void): GitWatch {
  let repositories: readonly GitDirs[] = [];
  let branchFolders = new Map<string, string>();
  let round: Promise<void> = Promise.resolve();
  let waiting = false;

  const watching = watchFolders((folder, name) => {
    const file = path.join(folder, name ?? '');
    if (!branchFolders.has(folder)) {
      if (name === null || TELLING.test(name)) onHint(file);
      return;
    }
    if (name?.endsWith('.lock')) return;
    void look(); // the first branch with a folder in its name makes that folder
    onHint(file);
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
    const found = new Map<string, string>();
    for (const commonDir of new Set(repositories.map((repository) => repository.commonDir))) {
      await collect(path.join(commonDir, 'refs', 'heads'), found);
      await collect(path.join(commonDir, 'reftable'), found);
    }
    // A folder that was removed and made again has the same name, but nobody watches it any more.
    const kept = [...found].filter(([folder, id]) => (branchFolders.get(folder) ?? id) === id).map(([folder]) => folder);
    branchFolders = found;
    const gitDirs = repositories.flatMap(({ gitDir, commonDir }) => [gitDir, commonDir]);
    watching.set([...gitDirs, ...kept]);
    watching.set([...gitDirs, ...found.keys()]);
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

/** @param found folder -> which one it is; file systems give the number of a removed folder to the next one */
async function collect(folder: string, found: Map<string, string>): Promise<void> {
  const stats = found.size < MOST_FOLDERS ? await stat(folder, { bigint: true }).catch(() => null) : null;
  if (!stats?.isDirectory()) return;
  found.set(folder, `${stats.ino}:${stats.birthtimeNs}`);
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await collect(path.join(folder, entry.name), found);
}
