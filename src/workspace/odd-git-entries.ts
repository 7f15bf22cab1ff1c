/**
 * What stands in a git dir where git reads a file, and is none that it could read to its end: it waits for ever for a pipe, reads a device for
 * ever, and takes a file of any size into memory. A command may have laid a repository within the workspace, and the user's own may have come
 * from an archive or a shared drive.
 */
import { type Dirent, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { MOST_RULE_BYTES, readRules } from '../common/read-plain-file.ts';
import { realPathOf } from '../common/real-path.ts';
import { type Message, message } from '../messages/message.ts';
import { includedBy } from './included-config.ts';
import { leadsOut, linkOutOf, linkTarget } from './links-out.ts';
import { MERGE_FOLDER } from './merge-journal.ts';
import { objectDirectories } from './object-directories.ts';
import { isSlow } from './slow-patterns.ts';

/** Of lines that people write, or few. */
const SMALL = [
  ...['HEAD', 'commondir', 'config', 'config.worktree', 'gitdir'],
  ...['info/exclude', 'info/attributes', 'info/sparse-checkout', 'info/grafts'],
  ...['rebase-merge/head-name', 'rebase-merge/onto', 'rebase-merge/update-refs', 'rebase-apply/head-name', 'BISECT_START'],
];
/** What git writes. */
const LARGE = ['packed-refs', 'index', 'shallow', 'objects/info/alternates', 'logs/HEAD', 'FETCH_HEAD', 'ORIG_HEAD', 'MERGE_HEAD'];
const READ_FOLDERS = ['reftable'];
/** Git writes here, too, and follows links: a line of a log could be appended to any file of the user's. */
const WRITTEN_FOLDERS = ['refs', 'logs', 'worktrees'];
const MOST_ENTRIES = 20_000;
/** Loose objects are many before git packs them; so many are nobody's. */
const MOST_OWN_ENTRIES = 1_000_000;
/** A million refs, which each call reads: in packed-refs, millions more come in a small archive and keep everybody waiting. */
const MOST_REF_BYTES = 64 * 2 ** 20;
const MOST_MODULES = 2000;

/**
 * Where git could not read what it reads of a repository within another one. Nothing is looked for to be removed behind a link: that may be
 * the user's.
 * @param path a `.git`: a folder, or a file or link that leads to one
 * @returns what is to be removed: entries of the folder, or what leads to it
 */
export function oddInNestedGit(path: string): string[] {
  const led = linkTarget(path) ?? /^gitdir: ([^\n]*)/.exec(isFolder(path) ? '' : readRules(path))?.[1];
  if (led === undefined) return oddInGitDir(path);
  const target = resolve(dirname(path), led);
  return !isFolder(target) || oddInGitDir(target).length === 0 ? [] : [path];
}

function oddInGitDir(gitDir: string): string[] {
  const odd = oddOfNested(gitDir);
  const common = odd.includes(join(gitDir, 'commondir')) ? '' : readRules(join(gitDir, 'commondir')).trim();
  return common === '' || oddOfNested(resolve(gitDir, common)).length === 0 ? odd : [...odd, join(gitDir, 'commondir')];
}

/** Only names right in it, so that removing one removes nothing elsewhere; all of its refs where one of them is odd. */
function oddOfNested(gitDir: string): string[] {
  const files = [...SMALL, ...LARGE].filter((name) => !name.includes('/')).map((name) => join(gitDir, name));
  const refs = join(gitDir, 'refs');
  const { odd, isWhole } = lookBelow(refs);
  return [
    ...files.filter((path) =>
      isOdd(
        path,
        LARGE.some((name) => path === join(gitDir, name)),
      ),
    ),
    ...(odd.length > 0 || !isWhole ? [refs] : []),
  ];
}

/** Why git cannot be asked anything in the user's repository around a folder, by the first such entry of its git dir; null = it can. */
export function whyNotRead(folder: string): Message | null {
  const git = gitDirAround(folder);
  if (git === null) return null;
  const dirs = [...new Set([git, resolve(git, readRules(join(git, 'commondir')).trim())])];
  const homes = dirs.flatMap((dir) => realPathOf(dir) ?? []);
  for (const dir of dirs) {
    const at = (name: string) => join(dir, name);
    const split = entriesOf(dir).flatMap(({ name }) => (name.startsWith('sharedindex.') ? [at(name)] : []));
    const odd =
      SMALL.map(at).find((path) => isOdd(path, false) || (isFile(path) && isSlow(path))) ??
      [...LARGE.map(at), ...split].find((path) => isOdd(path, true)) ??
      [at('packed-refs')].find((path) => (quietly(() => statSync(path).size) ?? 0) > MOST_REF_BYTES) ??
      firstOdd([...READ_FOLDERS, ...WRITTEN_FOLDERS].map(at)) ??
      firstOdd(objectDirectories(at('objects'))) ??
      oddIncluded(['config', 'config.worktree'].map(at)) ??
      oddInModules(at('modules'));
    if (odd !== undefined) return message('repo.oddFile', { file: odd });
    const below = WRITTEN_FOLDERS.flatMap((name) => lookBelow(at(name), MOST_OWN_ENTRIES).links).filter(
      (link) => !isOfMerge(relative(dir, link)),
    );
    const out = linkOutOf(dir, homes) ?? below.find((link) => leadsOut(link, homes));
    if (out !== undefined) return message('repo.linkOut', { file: out });
  }
  return null;
}

/** Of a merge of ours that broke off in a linked working tree: git writes nothing there, and whoever finishes it looks where the links lead. */
function isOfMerge(path: string): boolean {
  const [folder, , below, ...rest] = path.split(sep);
  return folder === 'worktrees' && below === MERGE_FOLDER && rest.length > 0;
}

function firstOdd(folders: readonly string[]): string | undefined {
  for (const folder of folders) {
    const { odd, isWhole } = lookBelow(folder, MOST_OWN_ENTRIES);
    if (odd.length > 0 || !isWhole) return odd[0] ?? folder;
  }
  return undefined;
}

/** Whether git comes to the end of whatever it reads in a folder. */
export const isWholeBelow = (folder: string): boolean => firstOdd([folder]) === undefined;

/** Of submodules, whose names have slashes: git asks each that is checked out for its HEAD. */
function oddInModules(folder: string): string | undefined {
  const queue = [folder];
  let left = MOST_MODULES;
  for (let at = queue.pop(); at !== undefined && left > 0; at = queue.pop()) {
    const isGitDir = isFolder(join(at, 'objects'));
    const odd = isGitDir ? oddOfNested(at)[0] : undefined;
    if (odd !== undefined) return odd;
    const inside = isGitDir ? [{ name: 'modules', isDirectory: () => true }] : entriesOf(at);
    for (const entry of inside) if (entry.isDirectory() && --left > 0) queue.push(join(at, entry.name));
  }
  return undefined;
}

/** The first odd file that a configuration includes; of more than anybody has, one of those that include them. */
function oddIncluded(configs: readonly string[]): string | undefined {
  const { files, isWhole } = includedBy(configs);
  return files.find((path) => isOdd(path, false)) ?? (isWhole ? undefined : configs[0]);
}

function gitDirAround(folder: string): string | null {
  for (let at = folder; ; at = dirname(at)) {
    const path = join(at, '.git');
    if (isFolder(path)) return path;
    const led = /^gitdir: ([^\n]*)/.exec(readRules(path))?.[1];
    if (led !== undefined) return resolve(at, led);
    if (dirname(at) === at) return null;
  }
}

/** Entries in and below a folder that are neither files nor folders, the links there, and whether all were looked at. */
function lookBelow(folder: string, most = MOST_ENTRIES): { odd: string[]; links: string[]; isWhole: boolean } {
  const odd: string[] = [];
  const links: string[] = [];
  const queue = [folder];
  let left = most;
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    for (const entry of entriesOf(at)) {
      if (--left < 0) return { odd, links, isWhole: false };
      if (entry.isFile()) continue;
      const path = join(at, entry.name);
      if (entry.isDirectory()) queue.push(path);
      else if (isOdd(path, true)) odd.push(path);
      else if (linkTarget(path) !== undefined) links.push(path);
    }
  }
  return { odd, links, isWhole: true };
}

/** What cannot be looked at, git cannot read either. */
function quietly<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

const entriesOf = (folder: string): Dirent[] => quietly(() => readdirSync(folder, { withFileTypes: true })) ?? [];
const isFolder = (path: string): boolean => quietly(() => statSync(path).isDirectory()) ?? false;
const isFile = (path: string): boolean => quietly(() => statSync(path).isFile()) ?? false;

/** As git would open it: through links. To open a socket, such as that of git's own watcher of files, fails at once. */
function isOdd(path: string, mayBeLarge: boolean): boolean {
  const stats = quietly(() => statSync(path));
  return (
    stats !== undefined && !stats.isDirectory() && !stats.isSocket() && (!stats.isFile() || (!mayBeLarge && stats.size > MOST_RULE_BYTES))
  );
}
