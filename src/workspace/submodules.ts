/**
 * Submodules in a working tree of ours: filled with the commit that the repository names, from objects that this machine has. What is
 * changed in them is no part of the work, as a commit of the repository can only name another commit of theirs.
 */
import { createHash } from 'node:crypto';
import { existsSync, lstatSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { namesIn } from '../common/list-names.ts';
import { contains } from '../common/path-contains.ts';
import { readRules } from '../common/read-plain-file.ts';
import { type Message, message } from '../messages/message.ts';
import { checkout } from './checkout.ts';
import { objectDirectories } from './object-directories.ts';
import { canReadObjects } from './odd-git-entries.ts';
import { partsOutside } from './parts-outside.ts';
import { createPrivateGit } from './private-git.ts';
import { listTree, type TreeFile } from './read-objects.ts';
import { decodeName, git, runGit, splitNul } from './run-git.ts';
import type { ObjectSource, PrivateGit, Repository } from './types.ts';

export const SUBMODULE_MODE = '160000';
/** As deep as anybody nests them. */
const MOST_LEVELS = 5;

export interface Submodule {
  /** Relative to the root. */
  readonly path: string;
  readonly commit: string;
  /** With an index of its files; null = they could not be had. */
  readonly privateGit: PrivateGit | null;
  /** The user's own git dir of it, of which all objects are there; null = there is none. */
  readonly source: Repository | null;
  /** Whether the user's checkout has its files. */
  readonly isCheckedOut: boolean;
}

/** @param files of a commit; @returns the paths of its submodules */
export function submodulePaths(files: readonly TreeFile[]): string[] {
  return files.filter(({ mode }) => mode === SUBMODULE_MODE).map(({ path }) => path);
}

/**
 * Fills the submodules of a commit (or tree), those in them included. To be called when no command runs: whatever a command has put in
 * their place is left as it is.
 */
export async function fillSubmodules(
  repository: Repository,
  privateGit: PrivateGit,
  workTree: string,
  commitOrTree: string,
  signal?: AbortSignal,
): Promise<Submodule[]> {
  return fillIn({ repository, top: repository, privateGit, workTree, at: '', level: 0, signal }, privateGit, commitOrTree);
}

interface Place {
  /** The repository that has the submodules, and the one that the work is about. */
  readonly repository: Repository;
  readonly top: Repository;
  /** Of the work. */
  readonly privateGit: PrivateGit;
  readonly workTree: string;
  /** Where that repository lies in the working tree. */
  readonly at: string;
  readonly level: number;
  readonly signal: AbortSignal | undefined;
}

async function fillIn(place: Place, source: ObjectSource, commit: string): Promise<Submodule[]> {
  const links = (await listTree(source, commit, place.signal)).filter(({ mode }) => mode === SUBMODULE_MODE);
  if (links.length === 0 || place.level === MOST_LEVELS) return [];
  const names = await namesByPath(source, commit);
  const filled: Submodule[] = [];
  for (const link of links) filled.push(...(await fillOne(place, link, names.get(link.path) ?? link.path)));
  return filled;
}

async function fillOne(place: Place, { path: local, id: commit }: TreeFile, name: string): Promise<Submodule[]> {
  const path = join(place.at, local);
  const home = join(place.repository.root, local);
  const isCheckedOut = namesIn(home).length > 0;
  const nothing: Submodule = { path, commit, privateGit: null, source: null, isCheckedOut };
  const repository = await openSubmodule(place, home, name);
  if (repository === null || !isPlainFolder(place.workTree, path)) return [nothing];
  const id = createHash('sha256').update(path).digest('hex').slice(0, 16);
  const dir = join(place.privateGit.gitDir, 'modules', id);
  const privateGit = await createPrivateGit({ dir, repository, branch: 'submodule', commit });
  const made = await checkout(privateGit, join(place.workTree, path), commit, place.signal).catch(() => null);
  if (!made?.ok) return [nothing];
  const inner = await fillIn({ ...place, repository, at: path, level: place.level + 1 }, privateGit, commit);
  return [{ path, commit, privateGit, source: repository, isCheckedOut }, ...inner];
}

/** Names of submodules are what their git dirs are called by; .gitmodules tells them. */
async function namesByPath(source: ObjectSource, commit: string): Promise<Map<string, string>> {
  const args = ['config', '--blob', `${commit}:.gitmodules`, '-z', '--get-regexp', '^submodule\\..*\\.path$'];
  const { stdout } = await runGit(args, { gitDir: source.gitDir, maxBytes: 1024 * 1024 });
  const pairs = stdout
    .toString('utf8')
    .split('\0')
    .map((line) => /^submodule\.(.*)\.path\n(.*)$/s.exec(line));
  return new Map(pairs.flatMap((match) => (match ? [[match[2]!, match[1]!] as const] : [])));
}

/**
 * The git dir of a submodule, in the user's checkout or among those of the repository. A repository says itself where they are, so only
 * what lies within it counts, with everything that its objects are borrowed from.
 */
async function openSubmodule({ repository, top }: Place, home: string, name: string): Promise<Repository | null> {
  const isOwn = (path: string) => [top.root, top.commonDir, ...top.objectDirs].some((folder) => contains(folder, path));
  const pointer = join(home, '.git');
  const named = /^gitdir: ([^\r\n]*)[\r\n]*$/.exec(readRules(pointer))?.[1];
  const places = [
    named === undefined ? pointer : resolve(home, named),
    ...[repository.gitDir, repository.commonDir].map((dir) => join(dir, 'modules', name)),
  ];
  for (const place of places) {
    const gitDir = await realpath(place).catch(() => null);
    if (gitDir === null || !isOwn(gitDir)) continue;
    if (existsSync(join(gitDir, 'commondir')) || !canReadObjects(join(gitDir, 'objects'))) continue; // it shares another's objects
    const objectDirs = objectDirectories(join(gitDir, 'objects'));
    const paths = { root: home, prefix: '', gitDir, commonDir: gitDir, objectDirs };
    const shallow = readRules(join(gitDir, 'shallow')) !== '';
    const submodule: Repository = { ...repository, ...paths, shallow, refs: new Map(), branches: new Map(), checkedOut: new Map() };
    if (objectDirs.length > 0 && (await partsOutside(submodule)).every(isOwn)) return submodule;
  }
  return null;
}

/** What commands changed in the files of a submodule, and what they added. */
export interface SubmoduleChanges {
  readonly path: string;
  readonly changed: readonly string[];
  readonly added: readonly string[];
}

/** To be called when no command runs. */
export async function changesInSubmodules(submodules: readonly Submodule[], workTree: string): Promise<SubmoduleChanges[]> {
  const found: SubmoduleChanges[] = [];
  for (const { path, privateGit } of submodules) {
    if (privateGit === null) continue;
    if (!isPlainFolder(workTree, path)) {
      found.push({ path, changed: [path], added: [] });
      continue;
    }
    const call = { gitDir: privateGit.gitDir, workTree: join(workTree, path) };
    await runGit(['update-index', '-q', '--refresh'], call); // a file that was only touched is no change
    const inner = (name: string) => submodules.some((other) => other.path === join(path, name.replace(/\/$/, '')));
    const names = async (...args: string[]) =>
      splitNul(await git([...args, '-z'], call))
        .map(decodeName)
        .filter((name) => !inner(name))
        .map((name) => join(path, name));
    const [changed, added] = await Promise.all([
      names('diff-files', '--name-only', '--no-ext-diff', '--ignore-submodules=all'),
      names('ls-files', '--others', '--exclude-standard'),
    ]);
    if (changed.length + added.length > 0) found.push({ path, changed, added });
  }
  return found;
}

/** Why commands did not have the files of submodules: for the reviewer where the user's own checkout has them, else a note. */
export function missingSubmodules(submodules: readonly Submodule[]): { problems: Message[]; notes: Message[] } {
  const missing = submodules.filter(({ privateGit }) => privateGit === null);
  return {
    problems: missing
      .filter(({ isCheckedOut }) => isCheckedOut)
      .map(({ path, commit }) => message('leftOut.submoduleFiles', { path, commit: commit.slice(0, 7) })),
    notes: missing.filter(({ isCheckedOut }) => !isCheckedOut).map(({ path }) => message('warning.submoduleEmpty', { path })),
  };
}

/** Whether a path is a folder below folders: no link, in whose place something else would be written or read. */
function isPlainFolder(workTree: string, path: string): boolean {
  const parts = path.split('/');
  return parts.every((_, at) => lstatSync(join(workTree, ...parts.slice(0, at + 1)), { throwIfNoEntry: false })?.isDirectory());
}
