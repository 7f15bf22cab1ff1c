import { existsSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { foldedName } from '../common/folded-name.ts';
import { compileRootGlob, expandBraces } from '../common/glob.ts';
import { contains } from '../common/path-contains.ts';
import { readPlainFile } from '../common/read-plain-file.ts';
import type { Consent } from './protocol.ts';
import { gitDirAt, linkedGitDir, repositoryPaths } from './repository-paths.ts';

/** The setting claudeKimi.repositories: folder (absolute, or from `~`) -> `allow`, `deny` or `ask`; `*` means all others. */
export type Repositories = Readonly<Record<string, unknown>>;

const MEANINGS: Readonly<Record<string, Consent>> = { allow: 'granted', deny: 'denied', ask: 'ask' };
const STRICTEST: readonly Consent[] = ['denied', 'ask', 'granted'];

/**
 * What the user decided about a repository: the entry of the nearest folder around it counts (see `countsFor`), then `*`, then asking. For a linked
 * worktree that is what was decided about its repository; an entry for the worktree itself can only forbid more. Folders are compared
 * by where they really are, however they were written or opened.
 */
export function consentFor(repositories: Repositories, repository: string, home = homedir()): Consent {
  const worktrees = repositoryPaths(repository).map(realPath);
  const decisions = asMeant(repositories, home);
  const entries = decisions.flatMap(([name, word]) => {
    const folder = folderOf(name, home);
    if (folder === null) return [];
    const consent = meaning(word);
    const folders = [realPath(folder), ...(consent === 'denied' ? worktrees.flatMap((worktree) => sameAround(folder, worktree)) : [])];
    return [...new Set(folders)].map((one) => ({ folder: one, consent }));
  });
  if (decisions.some((entry) => isRefusedBy(entry, worktrees, home))) return 'denied';
  if (worktrees.some((worktree) => refusedParts(repositories, worktree, home).length > 0)) return 'denied';
  if (isLinkedToRefused(entries, worktrees[0]!)) return 'denied';
  const words = worktrees.map((worktree) => nearest(entries, worktree));
  const ofRepository = words.pop() ?? meaning(repositories['*']);
  return strictest([ofRepository, ...words.filter((word) => word !== null)]);
}

/** Whether a linked worktree is one of a repository that is refused, whose git dir may lie anywhere (bare, `--separate-git-dir`) and name no working tree. */
function isLinkedToRefused(entries: readonly Entry[], worktree: string): boolean {
  const common = linkedGitDir(worktree);
  if (common === null) return false;
  const isRefused = ({ folder, consent }: Entry) => consent === 'denied' && gitDirAt(folder) === common;
  return nearest(entries, common) === 'denied' || entries.some(isRefused);
}

/** Entries of the setting that stand for no folder: a refusal then counts for all (see `isRefusedBy`), anything else for nothing. */
export function unreadableFolders(repositories: Repositories): { readonly name: string; readonly refuses: boolean }[] {
  return Object.entries(repositories).flatMap(([name, word]) => {
    if (name === '*' || folderOf(name, homedir()) !== null) return [];
    const refuses = isRefusal(name, word) && !isAbsoluteAnywhere(name);
    return refuses || !isRefusal(name, word) || !path.isAbsolute(inHome(name, homedir())) ? [{ name, refuses }] : [];
  });
}

/**
 * The setting with one more decision; whatever else stood for the same repository gives way.
 * @param folder any folder in the repository; `*` = all others
 */
export function withConsent(repositories: Repositories, folder: string, word: 'allow' | 'deny' | 'ask'): Repositories {
  if (folder === '*') return { ...repositories, '*': word };
  const worktrees = repositoryPaths(repositoryRoot(realPath(folder)));
  const others = Object.entries(repositories).filter(([name]) => {
    const decided = folderOf(name, homedir());
    return decided === null || !worktrees.some((worktree) => isOf(decided, worktree));
  });
  return { ...Object.fromEntries(others), [worktrees.at(-1)!]: word };
}

/** Two lists of decisions as one: where both speak of a folder, the stricter word counts. */
export function strictestOf(one: Repositories, other: Repositories): Repositories {
  const both = Object.keys(other).filter((name) => Object.hasOwn(one, name));
  const words = Object.fromEntries(
    both.map((name) => {
      const stricter = STRICTEST.indexOf(meaning(other[name])) < STRICTEST.indexOf(meaning(one[name]));
      return [name, stricter ? other[name] : one[name]];
    }),
  );
  return { ...one, ...other, ...words };
}

/**
 * Whether a decision would take a refusal back that came after its question was put, which did not name it: another window may have asked, too.
 * @param roots the repositories that it is about
 */
export function takesRefusalBack(decision: Readonly<Record<'asked' | 'now' | 'after', Repositories>>, roots: readonly string[]): boolean {
  const { asked, now, after } = decision;
  const isNew = (isRefused: (given: Repositories) => boolean) => isRefused(now) && !isRefused(asked) && !isRefused(after);
  const refuses = (name: string) => (given: Repositories) => Object.hasOwn(given, name) && meaning(given[name]) === 'denied';
  return (
    Object.keys(now).some((name) => isNew(refuses(name))) || roots.some((root) => isNew((given) => consentFor(given, root) === 'denied'))
  );
}

/** The folder that a decision is kept for: the repository that a path lies in, by its real name; for a linked worktree, its main one. */
export function decisionFolder(folder: string): string {
  return repositoryPaths(repositoryRoot(realPath(folder))).at(-1)!;
}

/** The setting when the user is to be asked again: in these repositories, and in all others that nothing was decided about. */
export function withAsking(repositories: Repositories, roots: readonly string[]): Repositories {
  const worktrees = roots.flatMap((root) => repositoryPaths(realPath(root)));
  const others = Object.entries(repositories).filter(([name]) => {
    const decided = folderOf(name, homedir());
    return decided === null || !worktrees.some((worktree) => isOf(decided, worktree));
  });
  const next: Record<string, unknown> = { ...Object.fromEntries(others), '*': 'ask' };
  for (const root of roots) if (consentFor(next, root) !== 'ask') next[root] = 'ask';
  return next;
}

/** The working tree that a path is taken to lie in; git may know of another one, as it passes by a `.git` that is none. */
export const takenRoot = (folder: string): string => repositoryRoot(realPath(folder));

/** The working tree that a path lies in, or the path itself when it lies in none. */
function repositoryRoot(folder: string): string {
  for (let at = folder; ; at = path.dirname(at)) {
    if (existsSync(path.join(at, '.git'))) return at;
    if (path.dirname(at) === at) return folder;
  }
}

/**
 * Something that is none of the three words is no permission. Nor is it a question that is open, which counts for nothing where the user brought a
 * key: whoever wrote it has decided something.
 */
function meaning(word: unknown): Consent {
  if (word === undefined) return 'ask';
  return (typeof word === 'string' && MEANINGS[word.trim().toLowerCase()]) || 'denied';
}

/** The setting as it stands there: a word alone is one for every repository, as in KIMI_REPOSITORIES. */
export function decisionsIn(setting: unknown): Repositories {
  if (setting === undefined || setting === null) return {};
  return typeof setting === 'object' && !Array.isArray(setting) ? (setting as Repositories) : { '*': setting };
}

function strictest(words: readonly Consent[]): Consent {
  return STRICTEST.find((word) => words.includes(word)) ?? 'ask';
}

/** Whether an entry refuses something, whatever its name stands for. */
export function isSaidNo(name: string, word: unknown): boolean {
  return name === '*' || folderOf(name, homedir()) !== null ? meaning(word) === 'denied' : isRefusal(name, word);
}

/**
 * Whether an entry refuses something: any word but the known ones does beside a name that is a way somewhere, one that says no beside any name, and
 * whatever stands under `deny`. Something else (`note`) may be a remark.
 */
function isRefusal(name: string, word: unknown): boolean {
  if (meaning(word) !== 'denied') return false;
  return /[\\/~$*?%]/.test(name) || /^\W*deny\W*$/i.test(name) || SAYS_NO.test(String(word).trim());
}

const SAYS_NO = /^(deny|denied|never|no|none|off|false|refused?|forbid(den)?|block(ed)?|disallow(ed)?|exclude[sd]?)$/i;

/**
 * All decisions, and of a refusal each that it is made of, where no folder has its name: several paths in one text, or a choice in braces (`~/{a,b}`).
 */
function asMeant(repositories: Repositories, home: string): [name: string, word: unknown][] {
  return Object.entries(repositories).flatMap(([name, word]) => {
    if (!isRefusal(name, word) || existsSync(inHome(name, home))) return [[name, word]];
    const parts = name.split(/(?<![,;\s])[,;\s]+(?=[/~]|[A-Za-z]:)|:(?=[/~])/);
    const choices = parts.flatMap((part) => expandBraces(part) ?? [part]);
    return [name, ...choices.filter((choice) => choice !== name && choice !== '')].map((one): [string, unknown] => [one, word]);
  });
}

/** A folder as some system writes it: what was decided in a window may be about another machine, to which it is connected at times. */
const isAbsoluteAnywhere = (name: string) => /^~[\\/]/.test(name) || path.posix.isAbsolute(name) || path.win32.isAbsolute(name);

const inHome = (name: string, home: string) => (/^~[\\/]/.test(name) ? path.join(home, name.slice(1)) : name);

/**
 * Whether a refusal counts here that names no single folder. One with a pattern counts for what that matches. One that stands nowhere (`$HOME/a`,
 * `work/a`) counts for all: it was meant for something, which nobody knows.
 */
function isRefusedBy([name, word]: [string, unknown], worktrees: readonly string[], home: string): boolean {
  if (name === '*' || !isRefusal(name, word) || folderOf(name, home) !== null) return false;
  if (name.length > LONGEST_PATH) return true;
  const pattern = inHome(name, home);
  if (!path.isAbsolute(pattern)) return !isAbsoluteAnywhere(name);
  const parts = pattern.split(/[\\/]/);
  const first = parts.findIndex((part) => /[*?[]/.test(part));
  const start = realPath(parts.slice(0, first).join(path.sep) || path.sep);
  const matches = compileRootGlob(parts.slice(first).join('/'));
  if (matches === null) return true;
  return worktrees.some((worktree) => {
    const below = contains(start, worktree) ? path.relative(start, worktree).split(path.sep) : [];
    return below.some((_, at) => matches(below.slice(0, at + 1).join('/')));
  });
}

/**
 * Folders of a repository, its submodules among them, that are refused while it may be sent: with its code theirs would be. Another repository that
 * only lies in it, and a linked working tree of its own, are none of it.
 */
export function refusedParts(repositories: Repositories, folder: string, home = homedir()): string[] {
  const root = repositoryRoot(realPath(folder));
  if (gitDirAt(root) === null) return [];
  const indexes: Indexes = new Map();
  return asMeant(repositories, home).flatMap(([name, word]) => {
    const given = meaning(word) === 'denied' ? folderOf(name, home) : null;
    if (given === null || !existsSync(given)) return [];
    const part = realPath(given);
    return part !== root && contains(root, part) && isPartOf(root, repositoryRoot(part), indexes) ? [part] : [];
  });
}

/** Whether a working tree within another one is a submodule of it, whose git dir may lie in either. */
function isPartOf(root: string, nested: string, indexes: Indexes): boolean {
  if (nested === root) return true;
  const above = repositoryRoot(path.dirname(nested));
  const [around, own] = [gitDirAt(above), gitDirAt(nested)];
  if (around === null || own === null || !isPartOf(root, above, indexes)) return false;
  return contains(around, own) ? !contains(path.join(around, 'worktrees'), own) : isNamedIn(around, path.relative(above, nested), indexes);
}

const MOST_INDEX_BYTES = 256 * 2 ** 20;
/** In an index an entry has its mode so far in front of its name (more by two where it is an extended one), and that of a submodule is this. */
const [MODE_BEFORE_NAME, SUBMODULE] = [38, 0o160000];

/** Of a home that is kept in git, many repositories may be refused that lie in it. */
type Indexes = Map<string, Buffer | null>;

/** Whether the index of a repository names a submodule there. One that cannot be looked through may. */
function isNamedIn(gitDir: string, folder: string, indexes: Indexes): boolean {
  const known = indexes.get(gitDir);
  const index = known === undefined ? readPlainFile(path.join(gitDir, 'index'), MOST_INDEX_BYTES, 'refused') : known;
  indexes.set(gitDir, index);
  if (!index || index.length < 12 || index.readUInt32BE(4) > 3) return true;
  const sizeAt = (at: number) => (at >= 0 && at + 4 <= index.length ? index.readUInt32BE(at) : 0);
  // Of a split one the rest stands elsewhere: `link`, and how long what follows is.
  const isSplit = holds(index, 'link', (at) => sizeAt(at + 4) >= 20 && at + 8 + sizeAt(at + 4) < index.length);
  const name = `${folder.split(path.sep).join('/')}\0`;
  return isSplit || holds(index, name, (at) => [0, 2].some((more) => sizeAt(at - MODE_BEFORE_NAME - more) === SUBMODULE));
}

/** No index has a text more often; to look at each place of one that is nothing else takes many seconds. */
const MOST_PLACES = 100_000;

/** Whether a text stands somewhere in the way that is meant; at so many places it may. */
function holds(bytes: Buffer, text: string, isMeant: (at: number) => boolean): boolean {
  let left = MOST_PLACES;
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) if (isMeant(at) || left-- === 0) return true;
  return false;
}

interface Entry {
  readonly folder: string;
  readonly consent: Consent;
}

function nearest(entries: readonly Entry[], folder: string): Consent | null {
  const around = entries.filter((entry) => contains(entry.folder, folder) && countsFor(entry, folder));
  const longest = Math.max(...around.map(({ folder }) => folder.length));
  return around.length === 0 ? null : strictest(around.filter(({ folder }) => folder.length === longest).map(({ consent }) => consent));
}

/**
 * A yes to a repository is none to another one that lies in it (all of a home whose settings are kept in git), but for its submodules and its
 * linked working trees: the question was about that one. A folder that is no repository stands for all in it.
 */
function countsFor({ folder: decided, consent }: Entry, folder: string): boolean {
  if (consent !== 'granted') return true;
  const root = repositoryRoot(folder);
  const around = root === decided || !contains(decided, root) ? null : gitDirAt(decided);
  if (around === null) return true;
  const own = gitDirAt(root);
  return own === null || contains(around, own);
}

/** No folder has a longer one. */
const LONGEST_PATH = 4096;

/** All in a folder (`/work/*`) is what a folder stands for anyway; other patterns stand for none, and can only refuse. */
function folderOf(pattern: string, home: string): string | null {
  if (pattern.length > LONGEST_PATH) return null;
  const name = pattern.replace(/([\\/]\*+)+$/, '') || pattern;
  if (/[*?[]/.test(name) && !existsSync(inHome(name, home))) return null;
  if (name === '~' || /^~[\\/]/.test(name)) return path.join(home, name.slice(1));
  return path.isAbsolute(name) ? path.normalize(name) : null;
}

/**
 * The folders around a working tree that a refusal means by another name than theirs: one folder may be mounted at several places, and a name that is
 * nowhere on the disk was written in another form, of an accent or the case, or with a blank behind it.
 */
function sameAround(named: string, worktree: string): string[] {
  const numbers = (folder: string) => {
    const stats = statSync(folder, { bigint: true, throwIfNoEntry: false });
    return stats && `${stats.dev}:${stats.ino}`;
  };
  const wanted = tryTo(() => numbers(named));
  const form = foldedName(realPath(named.trim()));
  const isSame = (folder: string) => (wanted === undefined ? foldedName(folder) === form : tryTo(() => numbers(folder)) === wanted);
  return foldersUpwards(worktree).filter(isSame);
}

/** Whether what was decided about a folder is about this one, by whatever name. */
const isOf = (decided: string, worktree: string) => realPath(decided) === worktree || sameAround(decided, worktree).includes(worktree);

function foldersUpwards(folder: string): string[] {
  const parent = path.dirname(folder);
  return parent === folder ? [folder] : [folder, ...foldersUpwards(parent)];
}

function tryTo<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

/** Links resolved as far as the path exists, and the case of names as the disk has it. */
function realPath(folder: string): string {
  try {
    return realpathSync.native(folder);
  } catch {
    const parent = path.dirname(folder);
    return parent === folder ? folder : path.join(realPath(parent), path.basename(folder));
  }
}
