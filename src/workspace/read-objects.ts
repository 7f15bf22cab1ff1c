/** Reads files from git objects, before any working tree exists. */
import { message } from '../messages/message.ts';
import { GitStopped } from './limit-git.ts';
import { type Document, readRemembered } from './remember-documents.ts';
import { type GitCall, GitError, git, isLossy, runGit } from './run-git.ts';
import type { ObjectSource } from './types.ts';

export interface TreeFile {
  readonly path: string;
  /** `100644` file, `100755` program, `120000` symbolic link, `160000` submodule. */
  readonly mode: string;
  readonly id: string;
}

/**
 * Every file of a commit. Sizes are not told: reading them from 20,000 objects takes ten times as long as the listing itself.
 */
export async function listTree(where: ObjectSource, commit: string, signal?: AbortSignal): Promise<readonly TreeFile[]> {
  const { gitDir } = where;
  const known = lastListed.find((one) => one.commit === commit && one.gitDir === gitDir);
  if (known) return known.files;
  const files = await readTree(where, commit, signal);
  if (/^[0-9a-f]{40,64}$/.test(commit))
    lastListed = [{ gitDir, commit, files }, ...lastListed.filter((one) => one.files.length <= FEW_FILES)].slice(0, MOST_LISTED);
  return files;
}

/** Of larger ones only the last is kept. */
const FEW_FILES = 100_000;

/** The base and the result of an attempt, in its own git dir and in the repository. */
const MOST_LISTED = 4;

/** Those that were listed last: an id means one thing in a git dir. In another one it may be something else, as git compares no folder with its id. */
let lastListed: readonly { readonly gitDir: string; readonly commit: string; readonly files: readonly TreeFile[] }[] = [];

/** More than any checkout has: a few folders that name each other say millions, and the server answers nobody while it reads them. */
const MOST_FILES = 1_000_000;

async function readTree(where: ObjectSource, commit: string, signal?: AbortSignal): Promise<TreeFile[]> {
  const chunks: Buffer[] = [];
  let [left, bytes] = [MOST_FILES, 0];
  const args = ['ls-tree', '-r', '-z', '--full-tree', commit];
  const { code, stderr, cut } = await runGit(args, { gitDir: where.gitDir, signal }, (chunk) => {
    chunks.push(chunk);
    bytes += chunk.length;
    for (let at = chunk.indexOf(0); at >= 0; at = chunk.indexOf(0, at + 1)) left--;
    return left >= 0;
  });
  if (cut) throw new GitStopped(message('git.tooMuch', { command: 'ls-tree', megabytes: bytes >> 20 }));
  if (code !== 0) throw new GitError(args, code, stderr, where.gitDir);
  const output = Buffer.concat(chunks).toString('utf8');
  const files: TreeFile[] = [];
  for (let start = 0; start < output.length; ) {
    const end = output.indexOf('\0', start);
    const tab = output.indexOf('\t', start);
    files.push({
      path: output.slice(tab + 1, end),
      mode: output.slice(start, start + 6),
      id: output.slice(output.lastIndexOf(' ', tab) + 1, tab),
    });
    start = end + 1;
  }
  return files;
}

/** The tree of a commit (or of a tree, itself). */
export async function treeOf(where: ObjectSource, commit: string): Promise<string> {
  return (await git(['rev-parse', '--verify', '--end-of-options', `${commit}^{tree}`], { gitDir: where.gitDir })).toString('latin1').trim();
}

/**
 * The bytes of some files of a commit. Paths that are missing, larger than `maxBytesEach` or not blobs are left out. A symbolic link gives
 * the path that it points at.
 */
export async function readBlobs(
  where: ObjectSource,
  commit: string,
  paths: readonly string[],
  maxBytesEach: number,
  signal?: AbortSignal,
): Promise<Map<string, Buffer>> {
  const blobs = new Map<string, Buffer>();
  for (const [path, { bytes }] of await readSizedBlobs(where, commit, paths, maxBytesEach, signal)) if (bytes) blobs.set(path, bytes);
  return blobs;
}

/** The same of the first ones, as many as come to a number of bytes; each, too, has at most so many. */
export async function readSomeBlobs(
  where: ObjectSource,
  commit: string,
  paths: readonly string[],
  most: { readonly each: number; readonly all: number },
): Promise<Map<string, Buffer>> {
  const read = await readBatch({ gitDir: where.gitDir }, commit, paths, most.each, [], most.all);
  return new Map([...read].flatMap(([path, { bytes }]) => (bytes ? [[path, bytes]] : [])));
}

/** The same of the first ones, as many as come to `mostBytes`; the others are left out. */
export async function readFirstBlobs(
  where: ObjectSource,
  commit: string,
  paths: readonly string[],
  mostBytes: number,
): Promise<Map<string, Buffer>> {
  const read = await readFirstDocuments(where, commit, paths, mostBytes);
  return new Map([...read].flatMap(([path, { bytes }]) => (bytes ? [[path, bytes]] : [])));
}

/** The same; those that are too much are there without bytes. */
export function readFirstDocuments(
  where: ObjectSource,
  commit: string,
  paths: readonly string[],
  mostBytes: number,
): Promise<Map<string, Document>> {
  return readBatch({ gitDir: where.gitDir }, commit, paths, mostBytes, [], mostBytes);
}

/** The same as `readBlobs`, and how large those are that are larger. */
export async function readSizedBlobs(
  where: ObjectSource,
  commit: string,
  paths: readonly string[],
  maxBytesEach: number,
  signal?: AbortSignal,
): Promise<Map<string, Document>> {
  return readBatch({ gitDir: where.gitDir, signal }, commit, paths, maxBytesEach, []);
}

/**
 * Files as somebody who opens them sees them: symbolic links are followed inside of the commit. Those that lead out of it or nowhere
 * are left out, like paths that are missing.
 */
export async function readDocuments(
  where: ObjectSource,
  commit: string,
  paths: readonly string[],
  maxBytesEach: number,
  signal?: AbortSignal,
): Promise<Map<string, Document>> {
  return readBatch({ gitDir: where.gitDir, signal }, commit, paths, maxBytesEach, ['--follow-symlinks']);
}

/** Blobs by their ids; of larger ones than `maxBytesEach` the size alone. Names that no question can hold are no hindrance. */
export async function readIds(
  where: ObjectSource,
  ids: readonly string[],
  maxBytesEach: number,
  signal?: AbortSignal,
): Promise<Map<string, Document>> {
  return readBatch({ gitDir: where.gitDir, signal }, null, ids, maxBytesEach, []);
}

/** Blobs by their ids, so many at a time as memory should hold; larger ones than `maxBytesEach` are left out. */
export async function* readByIds(
  where: ObjectSource,
  ids: readonly string[],
  maxBytesEach: number,
): AsyncGenerator<ReadonlyMap<string, Document>> {
  const sizes = splitBatch(
    await git(['cat-file', '--batch-check'], { gitDir: where.gitDir, stdin: ids.map((id) => `${id}\n`).join('') }),
    ids,
    -1,
  );
  let group: string[] = [];
  let bytes = 0;
  for (const [id, { size }] of sizes) {
    if (size > maxBytesEach) continue;
    if (bytes + size > AT_ONCE_BYTES && group.length > 0) {
      yield await readBatch({ gitDir: where.gitDir }, null, group, maxBytesEach, []);
      [group, bytes] = [[], 0];
    }
    group.push(id);
    bytes += size;
  }
  yield await readBatch({ gitDir: where.gitDir }, null, group, maxBytesEach, []);
}

/** @param commit null: the paths are ids */
async function readBatch(
  call: GitCall,
  commit: string | null,
  paths: readonly string[],
  maxBytesEach: number,
  options: readonly string[],
  mostBytes = Number.POSITIVE_INFINITY,
): Promise<Map<string, Document>> {
  const documents = await readAskable(call, commit, paths, maxBytesEach, options, mostBytes);
  const named = [...new Set(paths)].filter((path) => !path.includes('\0'));
  const broken = named.filter((path) => path.includes('\n') && !isLossy(path));
  const lossy = named.filter(isLossy);
  if (!commit || broken.length + lossy.length === 0) return documents;
  const { ids: lossyIds, alike } = await idsOfLossy(call, commit, lossy);
  for (const path of alike) documents.delete(path);
  const lossyMissing = [...lossyIds].filter(([path]) => !documents.has(path));
  const ids = new Map([...(await idsOf(call, commit, broken)), ...lossyMissing]);
  const read = await readAskable(call, null, [...ids.values()], maxBytesEach, [], mostBytes);
  for (const [path, id] of ids) if (read.has(id)) documents.set(path, read.get(id)!);
  return documents;
}

/** So many names go into one command line. */
const NAMES_AT_ONCE = 100;

/** No question to `cat-file` can hold a line break, and a file must not be hidden by its name. */
async function idsOf(call: GitCall, commit: string, paths: readonly string[]): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  for (let at = 0; at < paths.length; at += NAMES_AT_ONCE) {
    const some = paths.slice(at, at + NAMES_AT_ONCE);
    const { code, stdout } = await runGit(['ls-tree', '-z', '--full-tree', commit, '--', ...some], call);
    if (code !== 0) continue;
    for (const [, id, path] of stdout.toString('utf8').matchAll(/\d+ blob ([0-9a-f]+)\t([^\0]+)\0/g)) ids.set(path!, id!);
  }
  return ids;
}

/** Of names that are no UTF-8, or read so, and those that several files have: nobody could tell which of them is shown. */
async function idsOfLossy(
  call: GitCall,
  commit: string,
  paths: readonly string[],
): Promise<{ readonly ids: ReadonlyMap<string, string>; readonly alike: readonly string[] }> {
  const found = new Map<string, string[]>(paths.map((path) => [path, []]));
  const files = call.gitDir && paths.length > 0 ? await listTree({ gitDir: call.gitDir }, commit, call.signal) : [];
  for (const { path, id, mode } of files) if (mode !== '160000') found.get(path)?.push(id);
  return {
    ids: new Map([...found].flatMap(([path, [id, ...others]]) => (id && others.length === 0 ? [[path, id]] : []))),
    alike: [...found].flatMap(([path, ids]) => (ids.length > 1 ? [path] : [])),
  };
}

async function readAskable(
  call: GitCall,
  commit: string | null,
  paths: readonly string[],
  maxBytesEach: number,
  options: readonly string[],
  mostBytes: number,
): Promise<Map<string, Document>> {
  const askable = [...new Set(paths)].filter((path) => path !== '' && !/[\n\0]/.test(path));
  const read = (some: readonly string[]) => askGit(call, commit, some, maxBytesEach, options, mostBytes);
  if (mostBytes !== Number.POSITIVE_INFINITY) return read(askable);
  return readRemembered({ gitDir: call.gitDir, commit, options }, askable, maxBytesEach, read);
}

async function askGit(
  call: GitCall,
  commit: string | null,
  askable: readonly string[],
  maxBytesEach: number,
  options: readonly string[],
  mostBytes: number,
): Promise<Map<string, Document>> {
  if (askable.length === 0) return new Map();
  const ask = (some: readonly string[]) => ({
    ...call,
    stdin: some.map((path) => (commit === null ? `${path}\n` : `${commit}:${path}\n`)).join(''),
  });
  const atOnce = await runGit(['cat-file', '--batch', ...options], { ...ask(askable), maxBytes: AT_ONCE_BYTES });
  if (!atOnce.cut && atOnce.code === 0) return splitBatch(atOnce.stdout, askable, maxBytesEach);
  // Something huge is among them: ask for sizes first.
  const documents = splitBatch(await git(['cat-file', '--batch-check', ...options], ask(askable)), askable, -1);
  let bytes = 0;
  const small = askable.filter((path) => {
    const size = documents.get(path)?.size ?? Number.POSITIVE_INFINITY;
    if (size <= maxBytesEach) bytes += size;
    return size <= maxBytesEach && bytes <= mostBytes;
  });
  if (small.length === 0) return documents;
  const read = splitBatch(await git(['cat-file', '--batch', ...options], ask(small)), small, maxBytesEach);
  return new Map([...documents, ...read]);
}

/** Usual files come in one go, with one process; more than this is asked for in two. */
const AT_ONCE_BYTES = 4 * 1024 * 1024;

/**
 * `<id> <type> <size>\n<bytes>\n`, `<question> missing\n` or, for a link that leads nowhere, `<word> <size>\n<bytes>\n`, one after the
 * other in the order asked.
 * @param maxBytesEach -1: the output of `--batch-check`, which has no bytes
 */
function splitBatch(output: Buffer, paths: readonly string[], maxBytesEach: number): Map<string, Document> {
  const documents = new Map<string, Document>();
  let at = 0;
  for (const path of paths) {
    const lineEnd = output.indexOf(10, at);
    if (lineEnd < 0) break;
    const header = /^(?:[0-9a-f]{40,64} (\w+)|symlink|dangling|loop|notdir) (\d+)$/.exec(output.toString('latin1', at, lineEnd));
    at = lineEnd + 1;
    if (!header) continue;
    const size = Number(header[2]);
    if (header[1] === 'blob') documents.set(path, { size, bytes: size <= maxBytesEach ? output.subarray(at, at + size) : null });
    if (maxBytesEach >= 0 || header[1] === undefined) at += size + 1;
  }
  return documents;
}
