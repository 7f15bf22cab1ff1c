import { lstatSync } from 'node:fs';
import path from 'node:path';
import { type NameRules, nameRules } from '../../agent/never-send/name-rules.ts';
import { type NeverSend, neverSend } from '../../agent/never-send/never-send.ts';
import { seenAround } from '../../agent/never-send/pattern-lines.ts';
import { withWholePaths } from '../../agent/never-send/whole-paths.ts';
import { expandNames, namesIn } from '../../common/list-names.ts';
import { readPlainFile } from '../../common/read-plain-file.ts';
import { POINTER } from '../../workspace/content-filters.ts';
import { grepFiles } from '../../workspace/grep-files.ts';
import { type NamedObject, namedElsewhere } from '../../workspace/named-elsewhere.ts';
import { listTree, readBlobs, readIds, type TreeFile } from '../../workspace/read-objects.ts';
import type { Submodule } from '../../workspace/submodules.ts';
import type { ObjectSource, PrivateGit, Repository } from '../../workspace/types.ts';
import { listedPatterns, patternsAround, workingTreesOf } from './pattern-files.ts';

const MOST_FILES = 20_000;
const FILES_AT_ONCE = 100;
const LARGEST_POINTER = 1024;
/** One that leads to another, and so on. */
const MOST_LINKS = 8;
const MOST_LINKS_READ = 1_000;
/** Looked through for those in folders that links lead to. */
const MOST_NAMES_BEHIND = 5_000_000;
const MOST_BYTES_EACH = 1024 * 1024;
/** Of a file that is never sent. */
const MOST_BYTES_WITHHELD = 64 * 1024 * 1024;
/** Of a file that holds a private key among other text, such as a dump of a database. */
const MOST_BYTES_WITH_KEYS = 64 * 1024 * 1024;
const MOST_KEY_LINES = 20_000;

/**
 * What is never sent of a repository, with the contents of such files known: of the commits that an attempt begins with, and of those
 * at the root of the user's checkout, ignored ones too, since a task or a document may repeat what stands in them.
 * @param base where the whole delegation began: what the worker did to the patterns since does not count
 * @param trees others that the workspace holds, or is reset to
 * @param setupFiles what only the set-up command is to see: it may leave something of it in what is lent
 */
export async function openNeverSend(
  repository: Repository,
  source: ObjectSource,
  patterns: readonly string[],
  {
    base,
    trees,
    setupFiles = [],
  }: { base: string; trees: readonly { tree: string; files?: readonly TreeFile[] }[]; setupFiles?: readonly string[] | undefined },
): Promise<NeverSend> {
  const roots = workingTreesOf(repository);
  const own = [...(await listedPatterns(source, base, roots)), ...patternsAround(roots)];
  const never = neverSend(
    nameRules(
      patterns.flatMap((pattern) => withWholePaths(pattern, repository.root)),
      own,
    ),
  );
  // First: only so many bytes are learned in full, and no branch shall fill them with files of its own.
  await learnFromCheckout(never, repository.root);
  for (const file of setupFiles) {
    const bytes = readPlainFile(file, MOST_BYTES_EACH);
    if (bytes) await never.learnBounded(path.basename(file), bytes, 'given');
  }
  for (const { tree, files } of trees) {
    const all = files ?? (await listTree(source, tree));
    await learnFiles(never, source, withheldAmong(never.rules, patterns.length + own.length === 0, all));
    await learnFiles(never, source, await behindLinks(never.rules, source, all));
  }
  return never;
}

/**
 * The files that links lead to, by the name of the link: `.env` of many a repository is one to a file called otherwise, `.aws` one to a folder, and
 * there may be links among the folders on the way.
 */
async function behindLinks(rules: Pick<NameRules, 'isWithheld'>, source: ObjectSource, files: readonly TreeFile[]): Promise<TreeFile[]> {
  const links = files.filter(({ mode }) => mode === '120000').slice(0, MOST_LINKS_READ);
  if (links.length === 0) return [];
  const ids = links.map(({ id }) => id);
  const contents = await readIds(source, ids, LARGEST_POINTER);
  const targets = new Map(links.map(({ path: at, id }) => [at, contents.get(id)?.bytes?.toString('utf8') ?? '']));
  const byPath = new Map(files.map((file) => [file.path, file]));
  const found: TreeFile[] = [];
  let left = MOST_NAMES_BEHIND;
  for (const { path: name } of links) {
    const to = followed(name, targets);
    const file = to === null ? undefined : byPath.get(to);
    if (file?.mode.startsWith('100') && rules.isWithheld(name)) found.push({ ...file, path: name });
    left -= files.length;
    if (to === null || file || left < 0) continue;
    for (const inside of files) {
      if (!inside.path.startsWith(`${to}/`) || !inside.mode.startsWith('100')) continue;
      const path = `${name}${inside.path.slice(to.length)}`;
      if (rules.isWithheld(path)) found.push({ ...inside, path });
    }
  }
  return found;
}

/** The path without a link in it; null = outside, or nowhere. */
function followed(name: string, targets: ReadonlyMap<string, string>): string | null {
  let at = name;
  for (let step = 0; step <= MOST_LINKS; step += 1) {
    const parts = at.split('/');
    const length = parts.findIndex((_, index) => targets.has(parts.slice(0, index + 1).join('/'))) + 1;
    if (length === 0) return at;
    const link = parts.slice(0, length).join('/');
    const target = targets.get(link)!;
    if (target === '' || target.startsWith('/')) return null;
    at = path.posix.join(path.posix.dirname(link), target, ...parts.slice(length)).replace(/\/$/, '');
    if (at === '..' || at.startsWith('../')) return null;
  }
  return null;
}

/** By their ids: a name may be no UTF-8, or hold a line break. Large ones come one by one, so that the memory of one is enough. */
async function learnFiles(
  never: Pick<NeverSend, 'learnBounded'>,
  source: ObjectSource,
  files: readonly NamedObject[],
  signal?: AbortSignal,
): Promise<void> {
  const large: NamedObject[] = [];
  for (let at = 0; at < Math.min(files.length, MOST_FILES); at += FILES_AT_ONCE) {
    const some = files.slice(at, at + FILES_AT_ONCE);
    const blobs = await readIds(
      source,
      some.map(({ id }) => id),
      MOST_BYTES_EACH,
      signal,
    );
    for (const file of some) {
      const bytes = blobs.get(file.id)?.bytes;
      if (bytes) await never.learnBounded(file.path, bytes);
      else large.push(file);
    }
  }
  for (const { id, path: name } of large) {
    const bytes = (await readIds(source, [id], MOST_BYTES_WITHHELD, signal)).get(id)?.bytes;
    if (bytes) await never.learnBounded(name, bytes);
  }
}

/** What the working tree holds beside the objects of the base, and git beside that; to be called before a command runs. */
export async function learnWorkspace(
  never: NeverSend,
  there: {
    repository: Repository;
    privateGit: PrivateGit;
    workTree: string;
    files: readonly TreeFile[];
    firstTree: string;
    submodules: readonly Submodule[];
  },
  signal: AbortSignal,
): Promise<void> {
  const { privateGit, workTree } = there;
  await learnUnpacked(never, privateGit, workTree, there.files);
  await learnSubmodules(never, there.submodules, { workTree, roots: workingTreesOf(there.repository) }, signal);
  await learnKeys(never, privateGit, workTree, there.firstTree, signal);
  await learnElsewhere(never, there.repository, signal);
}

/**
 * What stands in such files of other branches, stashes and the index, those of repositories of which objects are borrowed too; to be called before
 * a command can ask git for them.
 */
export async function learnElsewhere(
  never: Pick<NeverSend, 'learnBounded' | 'rules'>,
  source: Pick<Repository, 'gitDir' | 'objectDirs'>,
  signal: AbortSignal,
  inner: (name: string) => string = (name) => name,
): Promise<void> {
  const learned = { learnBounded: (name: string, bytes: Buffer) => never.learnBounded(inner(name), bytes, 'elsewhere') };
  const gitDirs = [source.gitDir, ...source.objectDirs.slice(1).map(path.dirname)];
  for (const gitDir of gitDirs) {
    const others = gitDirs.filter((other) => other !== gitDir);
    const { named, unnamed } = await namedElsewhere({ gitDir }, (name) => never.rules.isWithheld(inner(name)), signal, others);
    await learnFiles(learned, source, named, signal);
    for (let at = 0; at < unnamed.length; at += FILES_AT_ONCE) {
      const blobs = await readIds({ gitDir }, unnamed.slice(at, at + FILES_AT_ONCE), MOST_BYTES_EACH, signal);
      for (const { bytes } of blobs.values()) if (bytes && isEnvironment(bytes)) await learned.learnBounded('.env', bytes);
    }
  }
}

/**
 * Learns anew what git holds beside, where objects were added since the last time: the user works on, and a command reads what is there by then.
 * To be called between the end of a command and what is told of it.
 */
export function relearning(
  never: Pick<NeverSend, 'learnBounded' | 'rules'>,
  source: Pick<Repository, 'gitDir' | 'objectDirs'>,
  signal: AbortSignal,
): () => Promise<void> {
  const now = () =>
    source.objectDirs.flatMap((objects) => expandNames(objects, '*').map((name) => changedAt(path.join(objects, name)))).join();
  let known = now();
  return async () => {
    const found = now();
    if (found === known) return;
    await learnElsewhere(never, source, signal);
    known = found;
  };
}

function changedAt(folder: string): string {
  return `${folder} ${lstatSync(folder, { bigint: true, throwIfNoEntry: false })?.mtimeNs}`;
}

/** Of a content that nothing names any more: most of its lines give variables a value, as those of a `.env` do. */
function isEnvironment(bytes: Buffer): boolean {
  const lines = bytes
    .toString('latin1')
    .split(/\r?\n/)
    .filter((line) => /^\s*[^\s#]/.test(line));
  const variables = lines.filter((line) => /^\s*(export\s+)?[A-Z][A-Z0-9_]*\s*=/.test(line));
  return variables.length > 0 && 2 * variables.length >= lines.length;
}

/** Where git-lfs runs, a file has another content in the working tree than in git; to be called before a command does. */
export async function learnUnpacked(
  never: NeverSend,
  privateGit: PrivateGit,
  workTree: string,
  files: readonly TreeFile[],
  inner: (name: string) => string = (name) => name,
): Promise<void> {
  if (privateGit.filters.settings.length === 0) return;
  const withheld = withheldAmong({ isWithheld: (name) => never.rules.isWithheld(inner(name)) }, false, files).slice(0, MOST_FILES);
  const blobs = await readIds(
    privateGit,
    withheld.map(({ id }) => id),
    LARGEST_POINTER,
  );
  for (const { id, path: name } of withheld) {
    if (!POINTER.test(blobs.get(id)?.bytes?.toString('latin1') ?? '')) continue;
    const bytes = readPlainFile(path.join(workTree, name), MOST_BYTES_WITHHELD, 'refused');
    if (bytes) await never.learnBounded(inner(name), bytes);
  }
}

const byDefault = new WeakMap<readonly TreeFile[], TreeFile[]>();

/** Most calls are about the list that was looked at before, with the patterns that every repository has. */
function withheldAmong(rules: Pick<NameRules, 'isWithheld'>, isDefault: boolean, files: readonly TreeFile[]): TreeFile[] {
  const known = isDefault ? byDefault.get(files) : undefined;
  if (known) return known;
  const found = files.filter(({ mode, path: name }) => mode.startsWith('100') && rules.isWithheld(name));
  if (isDefault) byDefault.set(files, found);
  return found;
}

async function learnFromCheckout(never: NeverSend, root: string): Promise<void> {
  for (const name of namesIn(root)) {
    if (!never.rules.isWithheld(name)) continue;
    const bytes = readPlainFile(path.join(root, name), MOST_BYTES_EACH, 'refused');
    if (bytes) await never.learnBounded(name, bytes);
  }
}

/** Those in submodules, which are in the working tree as well, with what their own lists keep back. */
export async function learnSubmodules(
  never: NeverSend,
  submodules: readonly Submodule[],
  { workTree, roots }: { workTree: string; roots: readonly string[] },
  signal: AbortSignal,
): Promise<void> {
  for (const { path: at, commit, privateGit } of submodules) {
    const trees = roots.map((root) => path.join(root, at));
    never.rules.keepBack((await listedPatterns(privateGit, commit, trees)).map((pattern) => seenAround(at, pattern)));
  }
  for (const { path: at, commit, privateGit, source } of submodules) {
    if (privateGit === null) continue;
    const inner = (name: string) => path.posix.join(at, name);
    if (source !== null) await learnElsewhere(never, source, signal, inner);
    const files = await listTree(privateGit, commit, signal);
    const withheld = withheldAmong({ isWithheld: (name) => never.rules.isWithheld(inner(name)) }, false, files);
    await learnFiles({ learnBounded: (name, bytes) => never.learnBounded(inner(name), bytes) }, privateGit, withheld, signal);
    await learnUnpacked(never, privateGit, path.join(workTree, at), files, inner);
    await learnKeys(
      { learnKeysOf: (name, bytes) => never.learnKeysOf(inner(name), bytes) },
      privateGit,
      path.join(workTree, at),
      commit,
      signal,
    );
  }
}

/** Files with a private key among other text: it is known by lines too, since a command may print some of them without their frame. */
export async function learnKeys(
  never: Pick<NeverSend, 'learnKeysOf'>,
  privateGit: PrivateGit,
  workTree: string,
  tree: string,
  signal: AbortSignal,
): Promise<void> {
  const query = { pattern: 'PRIVATE KEY-----', syntax: 'literal', ignoreCase: false, targets: [], limit: MOST_KEY_LINES } as const;
  const found = await grepFiles(privateGit, workTree, query, { signal, maybeHuge: false, anyEncoding: false });
  const paths = found.ok ? [...new Set(found.hits.map((hit) => hit.path))] : [];
  const small = await readBlobs(privateGit, tree, paths, MOST_BYTES_EACH, signal);
  for (const [name, bytes] of small) never.learnKeysOf(name, bytes);
  // One by one, so that the memory of one is enough.
  for (const large of paths.filter((name) => !small.has(name)))
    for (const [name, bytes] of await readBlobs(privateGit, tree, [large], MOST_BYTES_WITH_KEYS, signal)) never.learnKeysOf(name, bytes);
}
