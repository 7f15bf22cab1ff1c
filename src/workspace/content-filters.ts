/**
 * Content filters of the user's configuration. In working trees of ours only git-lfs runs: a program of the system, found by us, that
 * works from local objects and is given no address to ask. Any other program that a configuration names stays off.
 */
import { randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, constants as fs, mkdirSync, renameSync } from 'node:fs';
import { appendFile, lutimes, mkdir, readFile, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { findProgram } from '../common/find-program.ts';
import { namesIn } from '../common/list-names.ts';
import { contains } from '../common/path-contains.ts';
import { namedFrom, realPathOf } from '../common/real-path.ts';
import { lfsStorage } from './git-config.ts';
import { holdsNoLinkOut, type Looking, lookAtStores } from './odd-git-entries.ts';
import { readBlobs } from './read-objects.ts';
import { decodeName, git, PROGRAM_DIRECTORIES, runGit, type Setting, splitNul } from './run-git.ts';
import { hostPath } from './stage-changes.ts';
import type { ContentFilters, ObjectSource, PrivateGit, Repository } from './types.ts';
import { workTreeCall } from './work-tree-call.ts';

/** @param program git-lfs, when the system has it */
export function contentFilters(
  { config, commonDir, objectDirs }: Pick<Repository, 'config' | 'commonDir' | 'objectDirs'>,
  program = findProgram(process.platform === 'win32' ? 'git-lfs.exe' : 'git-lfs', PROGRAM_DIRECTORIES),
): ContentFilters {
  const off = new Set<string>();
  for (const [key, value] of config) {
    const name = /^filter\.(.*)\.(clean|process)$/s.exec(key)?.[1];
    if (name !== undefined && value !== '') off.add(name);
  }
  const store = lfsStore({ config, commonDir });
  const looking = lookAtStores();
  const isClosed = () =>
    holdsItsOwn(store, store, looking) && objectDirs.every((dir) => holdsItsOwn(storeOf(dirname(dir)), dirname(dir), looking));
  if (!off.has('lfs') || program === null || !isClosed() || !mayWriteInto(store, { config, commonDir }))
    return { settings: [], off: off.add('lfs') };
  off.delete('lfs');
  const settings: Setting[] = [
    ['filter.lfs.process', `'${program}' filter-process`],
    ['filter.lfs.required', 'true'],
    // No address at all, whatever a `.lfsconfig` says: what is not here stays a pointer.
    ['lfs.url', 'none'],
    ['lfs.skipdownloaderrors', 'true'],
  ];
  return { settings, off };
}

/**
 * After a checkout: files under an LFS rule that the repository has as they are stay so, and the others are known as unchanged to commands,
 * for whom no filter runs. Files as young as the index would be compared with it by their content.
 */
export async function settleLfs(privateGit: PrivateGit, workTree: string, commitOrTree: string, signal?: AbortSignal): Promise<void> {
  const { gitDir, filters } = privateGit;
  const call = { ...workTreeCall(privateGit, workTree, signal), config: filters.settings };
  const files = splitNul(await git(['ls-files', '-z', '--', ':(top,attr:filter=lfs)'], call));
  if (files.length === 0) return;
  const blobs = await readBlobs({ gitDir }, commitOrTree, files.map(decodeName), 1024, signal);
  const plain = files.map(decodeName).filter((file) => !POINTER.test(blobs.get(file)?.toString('latin1') ?? ''));
  await appendFile(join(gitDir, 'info/attributes'), plain.map((file) => `${attributePattern(file)} !filter\n`).join(''));
  const before = Date.now() / 1000 - 60;
  for (const file of files) await lutimes(hostPath(workTree, file), before, before).catch(() => {});
  await runGit(['update-index', '-q', '--refresh'], call);
}

/** Whether git-lfs may have anything to do in a working tree that was just filled, or in one with the same attributes files and others beside them. */
export async function hasFilterRules(privateGit: PrivateGit, workTree: string): Promise<boolean> {
  if (privateGit.filters.settings.length === 0) return false;
  if (/filter/i.test(await readFile(join(privateGit.gitDir, 'info/attributes'), 'latin1').catch(() => 'filter'))) return true;
  const files = await git(['ls-files', '-z', '--', ':(top,glob)**/.gitattributes'], workTreeCall(privateGit, workTree));
  return files.length > 0;
}

/** One path, as a line of an attributes file begins with it. */
function attributePattern(path: string): string {
  const literal = `/${path.replace(/[\\*?[\]]/g, '\\$&')}`;
  return `"${literal.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`;
}

export const POINTER = /^version https:\/\/git-lfs\.github\.com\/spec\/v1\n(?:ext-[^\n]*\n)*oid sha256:([0-9a-f]{64})\nsize (\d+)\n$/;

/**
 * What content filters and merge drivers of a configuration write beside the places of the call in which they run (the checkout, where some keep their
 * store); undefined where it names none.
 * git-lfs saves what it fetches and makes in its store, which the user may have elsewhere; one of the repository's choice was looked at when it
 * was opened (`parts-outside.ts`).
 */
export function writtenByPrograms(repository: Pick<Repository, 'config' | 'commonDir' | 'root'>): readonly string[] | undefined {
  const { config, root } = repository;
  if (![...config].some(([key, value]) => PROGRAM.test(key) && value !== '')) return undefined;
  return lfsStorage(config) === null ? [root] : [root, lfsStore(repository)];
}

const PROGRAM = /^(filter\..*\.(clean|smudge|process)|merge\..*\.driver)$/s;

/** Brings what LFS files of a commit hold into the user's store, where git-lfs looks for it at a merge and at a push. */
export async function importLfsObjects(
  repository: Repository,
  privateGit: PrivateGit,
  tip: string,
  paths: readonly string[],
): Promise<void> {
  if (privateGit.filters.settings.length === 0) return;
  for (const bytes of (await readBlobs(privateGit, tip, paths, 1024)).values()) {
    const oid = POINTER.exec(bytes.toString('latin1'))?.[1];
    if (oid === undefined) continue;
    const [from, to] = [storeOf(privateGit.gitDir), lfsStore(repository)].map((store) => objectIn(store, oid)) as [string, string];
    if (existsSync(to) || !existsSync(from)) continue;
    mkdirSync(dirname(to), { recursive: true });
    if (!contains(realPathOf(lfsStore(repository)) ?? '', realPathOf(dirname(to)) ?? '/'))
      throw new Error(`${dirname(to)} leads out of the store of LFS`);
    // By a name that no link can have been laid by: whoever knows what will be written knows the name of the object.
    const part = `${to}.${randomBytes(6).toString('hex')}.part`;
    copyFileSync(from, part, fs.COPYFILE_FICLONE | fs.COPYFILE_EXCL);
    renameSync(part, to);
  }
}

/** A store that the repository itself chose, where git-lfs would read it; whoever packed the repository could have named that of any other. */
export function chosenStore(repository: Pick<Repository, 'config' | 'commonDir'>): string | null {
  const { config } = repository;
  const isRead = [...config.keys()].some((key) => key.startsWith('filter.lfs.'));
  if (!isRead || !lfsStorage(config)?.isOwn) return null;
  const store = lfsStore(repository);
  return realPathOf(store) ?? store;
}

/** Where the user's git-lfs keeps what pointers stand for; one of the user's choice is taken from the common git dir. */
function lfsStore({ config, commonDir }: Pick<Repository, 'config' | 'commonDir'>): string {
  const chosen = lfsStorage(config)?.named;
  return chosen ? namedFrom(commonDir, chosen) : storeOf(commonDir);
}

/**
 * Only where objects of the repository belong: a repository may have come with links in its git dir, and with a configuration that names any
 * folder, so one elsewhere must be a store already.
 */
function mayWriteInto(store: string, { config, commonDir }: Pick<Repository, 'config' | 'commonDir'>): boolean {
  const objects = join(store, 'objects');
  const real = realPathOf(objects) ?? realPathOf(store) ?? store;
  if (namesIn(objects).some((name) => !contains(real, realPathOf(join(objects, name)) ?? '/'))) return false;
  if (contains(realPathOf(commonDir) ?? commonDir, real)) return true;
  return lfsStorage(config) !== null && realPathOf(objects) !== null && contains(realPathOf(store) ?? store, real);
}

/**
 * Whether every object there is a file of the store: what a link leads to would be put into the working tree as what some pointer stands for,
 * as git-lfs compares no more than the size.
 */
function holdsItsOwn(store: string, around: string, looking: Looking): boolean {
  const [home, objects] = [realPathOf(around), realPathOf(join(store, 'objects'))];
  return objects === null || (home !== null && contains(home, objects) && holdsNoLinkOut(objects, looking));
}

/** git-lfs looks beside each folder of objects that a git dir borrows from; a store elsewhere is led to from one that is empty. */
export async function lendLfsStore(dir: string, repository: Pick<Repository, 'config' | 'commonDir'>): Promise<string[]> {
  if (lfsStorage(repository.config) === null) return [];
  const place = join(dir, 'lfs-elsewhere');
  await mkdir(join(place, 'objects'), { recursive: true });
  await symlink(lfsStore(repository), join(place, 'lfs')).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  return [join(place, 'objects')];
}

const storeOf = (gitDir: ObjectSource['gitDir']) => join(gitDir, 'lfs');
const objectIn = (store: string, oid: string) => join(store, 'objects', oid.slice(0, 2), oid.slice(2, 4), oid);
