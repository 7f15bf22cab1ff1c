import { lstat, realpath } from 'node:fs/promises';
import path from 'node:path';
import { contains } from '../../common/path-contains.ts';
import type { DelegationIdentity } from '../../delegation/store/delegation-folder.ts';
import { runGit, userEnvironment } from '../../workspace/run-git.ts';
import { isAnothers } from '../../workspace/whose-git-dir.ts';
import { READ_MS, unlessStuck } from './unless-slow.ts';

/** A repository that the window shows. */
export interface WindowRepository {
  /** The workspace folder as the user opened it. */
  readonly folder: string;
  /** Root of the working tree, its git dir, and the one that all worktrees share (real paths). */
  readonly root: string;
  readonly gitDir: string;
  readonly commonDir: string;
  /** A `.git` file leads to the git dir of another working tree, which knows nothing of this one. */
  readonly isAnothers?: boolean;
}

/** What is open in the window. */
export interface WindowFolders {
  /** Real paths of the workspace folders. */
  readonly folders: readonly string[];
  readonly repositories: readonly WindowRepository[];
  /** Roots of repositories that wait for their first commit. */
  readonly unborn: readonly string[];
}

/** Finds the repositories of the workspace folders; a folder without one is left out, and one without a commit told apart. */
export async function readWindowFolders(folders: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<WindowFolders> {
  const real = await Promise.all(folders.map((folder) => realpath(folder).catch(() => folder)));
  const mayHold = gitFinder();
  const read = await inTurns(real, async (folder, index) =>
    (await mayHold(folder)) ? unlessStuck(folder, () => readRepository(folders[index]!, folder, env)) : null,
  );
  const found = read.filter((one) => one !== null);
  return {
    folders: real,
    repositories: found.flatMap(({ repository, hasCommit }) => (hasCommit ? [repository] : [])),
    unborn: found.flatMap(({ repository, hasCommit }) => (hasCommit ? [] : [repository.root])),
  };
}

/** So many at a time: a workspace may have thousands of folders, and to start a program for each at once holds the window up. */
const AT_ONCE = 16;

async function inTurns<T, R>(all: readonly T[], work: (one: T, index: number) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const rest = all.entries();
  const worker = async () => {
    for (const [index, one] of rest) results[index] = await work(one, index);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}

/** Whether a folder is in a repository at all, so that git is asked; each folder above is looked at once. */
function gitFinder(): (folder: string) => Promise<boolean> {
  const known = new Map<string, Promise<boolean>>();
  const look = (folder: string): Promise<boolean> => {
    const above = path.dirname(folder);
    const found =
      known.get(folder) ??
      lstat(path.join(folder, '.git')).then(
        () => true,
        () => above !== folder && look(above),
      );
    known.set(folder, found);
    return found;
  };
  return look;
}

async function readRepository(
  folder: string,
  real: string,
  env: NodeJS.ProcessEnv,
): Promise<{ readonly repository: WindowRepository; readonly hasCommit: boolean } | null> {
  // Each is answered before the next is asked: without a commit only the last one is not.
  const questions = ['--absolute-git-dir', '--git-common-dir', '--show-toplevel', '--verify', '--quiet', 'HEAD'];
  const { code, stdout } = await runGit(['rev-parse', ...questions], { cwd: real, user: userEnvironment(env), limitMs: READ_MS });
  const [gitDir, commonDir, root] = stdout.toString('utf8').split('\n');
  if (!gitDir || !commonDir || !root) return null;
  const [realRoot, realGitDir, realCommonDir] = await Promise.all([root, gitDir, path.resolve(real, commonDir)].map((at) => realpath(at)));
  const places = { root: realRoot!, gitDir: realGitDir!, commonDir: realCommonDir! };
  return { repository: { folder, ...places, ...(isAnothers(places) && { isAnothers: true }) }, hasCommit: code === 0 };
}

/**
 * The working trees whose HEAD counts, by the git dir that they share with others: of several that are open the first, as work is
 * merged there too; of none the one in which a delegation was started. Not one that only says that the git dir is its own: work would be
 * checked out there over another one's HEAD.
 */
export function worktreesOf(
  open: WindowFolders,
  identities: readonly Pick<DelegationIdentity, 'commonDir' | 'repository'>[],
): ReadonlyMap<string, string> {
  const worktrees = new Map<string, string>();
  const own = open.repositories.filter((repository) => !repository.isAnothers);
  const all = [...own, ...identities.map(({ commonDir, repository }) => ({ commonDir, root: repository }))];
  for (const { commonDir, root } of all) if (!worktrees.has(commonDir)) worktrees.set(commonDir, root);
  return worktrees;
}

/** A delegation is shown when its repository is open here, or lies somewhere in an open folder. */
export function belongsTo(open: WindowFolders, identity: Pick<DelegationIdentity, 'commonDir' | 'repository'>): boolean {
  return (
    open.repositories.some(({ commonDir }) => commonDir === identity.commonDir) ||
    open.folders.some((folder) => contains(folder, identity.repository))
  );
}
