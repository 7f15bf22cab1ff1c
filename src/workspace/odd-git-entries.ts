/**
 * What stands in a git dir where git reads a file, and is none that it could read to its end: it waits for ever for a pipe, reads a device for
 * ever, and takes a file of any size into memory. A command may have laid a repository within the workspace, and the user's own may have come
 * from an archive or a shared drive.
 */
import { type Dirent, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { entriesIn } from '../common/list-names.ts';
import { MOST_RULE_BYTES } from '../common/read-plain-file.ts';
import { isByProcess, namedFrom, realPathOf, wouldWait } from '../common/real-path.ts';
import { holdsSilentMount } from '../common/silent-mounts.ts';
import { type Message, message } from '../messages/message.ts';
import { commonDirOf, gitDirsAround, isFolder, namedCommonDir, pointerOf } from './find-git-dirs.ts';
import { includedBy } from './included-config.ts';
import { leadsOut, linkOutOf, linksIn, linkTarget } from './links-out.ts';
import { MERGE_FOLDER } from './merge-journal.ts';
import { followBorrowed } from './object-directories.ts';
import { isLossy } from './run-git.ts';
import { isSlow } from './slow-patterns.ts';

/** Of lines that people write, or few. */
const SMALL = [
  ...['HEAD', 'commondir', 'config', 'config.worktree', 'gitdir'],
  ...['info/exclude', 'info/attributes', 'info/sparse-checkout', 'info/grafts'],
  ...['rebase-merge/head-name', 'rebase-merge/onto', 'rebase-merge/update-refs', 'rebase-apply/head-name', 'BISECT_START'],
];
/** What git writes. */
const LARGE = [
  ...['packed-refs', 'index', 'shallow', 'logs/HEAD', 'FETCH_HEAD', 'ORIG_HEAD', 'MERGE_HEAD', 'CHERRY_PICK_HEAD', 'REVERT_HEAD'],
  // How far something of several steps is, which `git status` tells
  ...['todo', 'done', 'head', 'opts', 'abort-safety'].map((name) => `sequencer/${name}`),
  ...['git-rebase-todo', 'done', 'amend', 'orig-head', 'stopped-sha', 'interactive'].map((name) => `rebase-merge/${name}`),
  ...['next', 'last', 'applying', 'onto', 'orig-head', 'abort-safety'].map((name) => `rebase-apply/${name}`),
];
/** The list of folders that objects are borrowed from, in the folder of objects; a branch may be called `alternates`, too. */
const ALTERNATES = join(sep, 'info', 'alternates');
const READ_FOLDERS = ['reftable', 'info'];
/** Git writes here, too, and follows links: a line of a log could be appended to any file of the user's. */
const WRITTEN_FOLDERS = ['refs', 'logs', 'worktrees'];
const MOST_ENTRIES = 20_000;
/** Loose objects are many before git packs them; so many in all are nobody's. */
const MOST_OWN_ENTRIES = 1_000_000;
/** Of all git dirs within a working tree: links can lead from any number of places to the same large one. */
const MOST_NESTED_ENTRIES = 200_000;
/** What git reads in a folder of objects. Whoever names one to borrow from may name any folder, the whole disk too. */
const OF_OBJECTS = /^([0-9a-f]{2}|pack|info)$/;
/** A million refs, which each call reads: in packed-refs, millions more come in a small archive and keep everybody waiting. */
const MOST_REF_BYTES = 64 * 2 ** 20;
const MOST_MODULES = 2000;

const SLASH = Buffer.from(sep);

/** A folder takes as long to open as so many files take to list. */
const FOLDER_COST = 10;

/** Nobody's links take so long; a link by links of thousands of steps takes a thousand times what a plain one does. */
const MOST_LINK_MS = 2000;

/** What may still be looked at, by all that look together: the server answers nobody meanwhile. */
export interface Looking {
  /** Entries. */
  left: number;
  /** Milliseconds for those that are neither files nor folders. */
  linkMs: number;
}

const lookAt = (entries: number): Looking => ({ left: entries, linkMs: MOST_LINK_MS });
/** For the git dirs within a working tree. */
export const lookAtNested = (): Looking => lookAt(MOST_NESTED_ENTRIES);

/** Follows a link. @returns null = enough was followed */
function follow<T>(looking: Looking, act: () => T): T | null {
  if (looking.linkMs <= 0) return null;
  const start = performance.now();
  const found = act();
  looking.linkMs -= performance.now() - start;
  return found;
}

/**
 * Where git could not read what it reads of a repository within another one. Nothing is looked for to be removed behind a link: that may be
 * the user's.
 * @param path a `.git`: a folder, or a file or link that leads to one
 * @returns what is to be removed: entries of the folder, or what leads to it
 */
export function oddInNestedGit(path: string, looking: Looking): string[] {
  const led = linkTarget(path) ?? pointerOf(path);
  if (led === undefined) return oddInGitDir(path, looking);
  const target = namedFrom(dirname(path), led);
  if (leadsAstray(target, looking)) return [path];
  return !isFolder(target) || oddInGitDir(target, looking).length === 0 ? [] : [path];
}

function oddInGitDir(gitDir: string, looking: Looking): string[] {
  const odd = oddOfNested(gitDir, looking);
  const named = odd.includes(join(gitDir, 'commondir')) ? null : namedCommonDir(gitDir);
  if (named === null || (!leadsAstray(named, looking) && oddOfNested(commonDirOf(gitDir), looking).length === 0)) return odd;
  return [...odd, join(gitDir, 'commondir')];
}

/** Whether git may come elsewhere by a path than whoever looks at it. */
const leadsAstray = (path: string, looking: Looking): boolean => follow(looking, () => isByProcess(path)) ?? true;

/** Only names right in it, so that removing one removes nothing elsewhere; all of its refs where one of them is odd. */
function oddOfNested(gitDir: string, looking: Looking): string[] {
  const files = [...SMALL, ...LARGE].filter((name) => !name.includes('/')).map((name) => join(gitDir, name));
  const refs = join(gitDir, 'refs');
  const here = { ...looking, left: Math.min(MOST_ENTRIES, looking.left) };
  const before = here.left;
  const { odd, isWhole } = lookBelow(refs, here);
  looking.left -= before - Math.max(0, here.left);
  looking.linkMs = here.linkMs;
  return [
    ...files.filter((path) => {
      const mayBeLarge = LARGE.some((name) => path === join(gitDir, name));
      return isOdd(path, mayBeLarge) || (linkTarget(path) !== undefined && leadsAstray(path, looking));
    }),
    ...(odd.length > 0 || !isWhole ? [refs] : []),
  ];
}

/** Why git cannot be asked anything in the user's repository around a folder, by the first such entry of its git dir; null = it can. */
export function whyNotRead(folder: string): Message | null {
  for (const git of gitDirsAround(folder)) {
    const why = whyGitDirNotRead(git);
    if (why !== null) return why;
  }
  return null;
}

/** The same of what git took for its git dirs, where that was not looked at; it reads them in ways of its own. */
export function whyFoundNotRead(folder: string, found: { readonly gitDir: string; readonly commonDir: string }): Message | null {
  const seen = gitDirsAround(folder).flatMap((git) => [git, commonDirOf(git)].flatMap((dir) => realPathOf(dir) ?? []));
  const unseen = [found.gitDir, found.commonDir].filter((dir) => !seen.includes(dir));
  return unseen.map(whyGitDirNotRead).find((why) => why !== null) ?? null;
}

/** The same by the git dir itself. */
export function whyGitDirNotRead(git: string): Message | null {
  const dirs = [...new Set([git, commonDirOf(git)])];
  const homes = dirs.flatMap((dir) => realPathOf(dir) ?? []);
  const silent = [...dirs, ...homes].find((dir) => wouldWait(dir) || holdsSilentMount(dir));
  if (silent !== undefined) return message('repo.silentPart', { path: silent });
  // Git answers in lines, and what stands behind a break would be read as its next answer.
  if ([...dirs, ...homes].some((dir) => /[\r\n]/.test(dir))) return message('repo.lineBreakInPath');
  const looking = lookAt(MOST_OWN_ENTRIES);
  const ways = [namedCommonDir(git) ?? []].flat();
  for (const dir of dirs) {
    const at = (name: string) => join(dir, name);
    const split = entriesIn(dir).flatMap(({ name }) => (name.startsWith('sharedindex.') ? [at(name)] : []));
    const odd =
      [dir, ...(dir === git ? ways : []), ...linksIn(dir)].find((path) => leadsAstray(path, looking)) ??
      SMALL.map(at).find((path) => isOdd(path, false) || (isFile(path) && isSlow(path))) ??
      [...LARGE.map(at), ...split].find((path) => isOdd(path, true)) ??
      [at('packed-refs')].find((path) => (quietly(() => statSync(path).size) ?? 0) > MOST_REF_BYTES) ??
      firstOdd(READ_FOLDERS.map(at), looking) ??
      oddInObjects(at('objects'), looking) ??
      oddIncluded(['config', 'config.worktree'].map(at), looking) ??
      oddInModules(at('modules'), looking);
    const written = odd === undefined ? lookWhereWritten(dir, homes, looking) : { odd, out: undefined };
    const file = written.odd;
    if (file !== undefined) return message(file.endsWith(ALTERNATES) ? 'repo.oddBorrowing' : 'repo.oddFile', { file });
    const out = linkOutOf(dir, homes, (link, isOut) => follow(looking, () => isOut(link)) ?? true) ?? written.out;
    if (out !== undefined) return message('repo.linkOut', { file: out });
  }
  return null;
}

/** The first odd entry where git writes, and the first link out of there; behind a link to a folder of the git dir it writes, too. */
function lookWhereWritten(dir: string, homes: readonly string[], looking: Looking): { odd: string | undefined; out: string | undefined } {
  const queue = WRITTEN_FOLDERS.map((name) => join(dir, name));
  const known = new Set<string>();
  let out: string | undefined;
  for (let folder = queue.pop(); folder !== undefined; folder = queue.pop()) {
    const seen = lookBelow(folder, looking);
    const odd = oddOf(seen);
    if (odd !== undefined) return { odd, out };
    for (const link of seen.links) {
      if (isOfMerge(relative(dir, link))) continue;
      const found = follow(looking, () => whereLinkLeads(link, homes));
      if (found === null) return { odd: folder, out };
      if (found === 'out') out ??= link;
      else if (found.folder !== null && !known.has(found.folder)) {
        known.add(found.folder);
        queue.push(found.folder);
      }
    }
  }
  return { odd: undefined, out };
}

function whereLinkLeads(link: string, homes: readonly string[]): 'out' | { readonly folder: string | null } {
  if (leadsOut(link, homes)) return 'out';
  const real = realPathOf(link);
  return { folder: real !== null && isFolder(real) ? real : null };
}

/** Of a merge of ours that broke off in a linked working tree: git writes nothing there, and whoever finishes it looks where the links lead. */
function isOfMerge(path: string): boolean {
  const [folder, , below, ...rest] = path.split(sep);
  return folder === 'worktrees' && below === MERGE_FOLDER && rest.length > 0;
}

function firstOdd(folders: readonly string[], looking: Looking): string | undefined {
  for (const folder of folders) {
    const odd = oddOf(lookBelow(folder, looking));
    if (odd !== undefined) return odd;
  }
  return undefined;
}

const oddOf = ({ folder, odd, isWhole }: Seen): string | undefined => odd[0] ?? (isWhole ? undefined : folder);

/** In a folder of objects, and in those that it borrows from. */
function oddInObjects(objects: string, looking: Looking): string | undefined {
  const { folders, all, odd } = followBorrowed(objects);
  const astray = odd ?? all.find((folder) => leadsAstray(folder, looking));
  return astray ?? folders.find((folder) => hasOddLink(folder, looking)) ?? firstOdd(folders.flatMap(readOfObjects), looking);
}

/** Right in a folder: one that leads astray, or more than can be asked for where they lead. */
const hasOddLink = (folder: string, looking: Looking): boolean => linksIn(folder).some((link) => leadsAstray(link, looking));

const readOfObjects = (folder: string): string[] =>
  entriesIn(folder).flatMap(({ name }) => (OF_OBJECTS.test(name) ? [join(folder, name)] : []));

/** Whether git comes to the end of whatever it reads of the objects of a submodule. */
export const canReadObjects = (objects: string): boolean => oddInObjects(objects, lookAt(MOST_OWN_ENTRIES)) === undefined;

/** For the stores of git-lfs that a repository has and borrows. */
export const lookAtStores = (): Looking => lookAt(MOST_OWN_ENTRIES);

/** Whether all below a folder is its own: files, folders, and links from one to another. @param folder its real path */
export function holdsNoLinkOut(folder: string, looking: Looking): boolean {
  const { odd, links, isWhole } = lookBelow(folder, looking);
  return isWhole && odd.length === 0 && links.every((link) => follow(looking, () => leadsOut(link, [folder])) === false);
}

/** Of submodules, whose names have slashes: git asks each that is checked out for its HEAD. */
function oddInModules(folder: string, looking: Looking): string | undefined {
  const queue = [folder];
  let left = MOST_MODULES;
  for (let at = queue.pop(); at !== undefined && left > 0; at = queue.pop()) {
    const isGitDir = isFolder(join(at, 'objects'));
    const odd = isGitDir ? oddOfNested(at, looking)[0] : undefined;
    if (odd !== undefined) return odd;
    const inside = isGitDir ? [{ name: 'modules', isDirectory: () => true }] : entriesIn(at);
    for (const entry of inside) {
      if (!entry.isDirectory() || --left <= 0) continue;
      if (isLossy(entry.name)) return join(at, entry.name); // nobody can look into it
      queue.push(join(at, entry.name));
    }
  }
  return undefined;
}

/** The first odd file that a configuration includes; of more than anybody has, one of those that include them. */
function oddIncluded(configs: readonly string[], looking: Looking): string | undefined {
  const { files, isWhole } = includedBy(configs);
  return files.find((path) => isOdd(path, false) || leadsAstray(path, looking)) ?? (isWhole ? undefined : configs[0]);
}

interface Seen {
  readonly folder: string;
  readonly odd: string[];
  readonly links: string[];
  readonly isWhole: boolean;
}

/** Entries in and below a folder that are neither files nor folders, the links there, and whether all were looked at. */
function lookBelow(folder: string, looking: Looking): Seen {
  const odd: string[] = [];
  const links: string[] = [];
  const queue = [Buffer.from(folder)];
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    for (const entry of namesIn(at)) {
      looking.left -= entry.isDirectory() ? FOLDER_COST : 1;
      if (looking.left < 0) return { folder, odd, links, isWhole: false };
      if (entry.isFile()) continue;
      const path = Buffer.concat([at, SLASH, entry.name]);
      const text = path.toString();
      if (entry.isDirectory()) queue.push(path);
      else {
        const kind = follow(looking, () =>
          isOdd(path, true) || isLossy(text) || isByProcess(text) ? 'odd' : isLink(text) ? 'link' : 'gone',
        );
        if (kind === null) return { folder, odd, links, isWhole: false };
        if (kind !== 'gone') (kind === 'odd' ? odd : links).push(text);
      }
    }
  }
  return { folder, odd, links, isWhole: true };
}

/** It is followed to its end as whoever asks later where it leads, which takes longer than to open it. */
function isLink(path: string): boolean {
  if (linkTarget(path) === undefined) return false;
  realPathOf(path);
  return true;
}

/** What cannot be looked at, git cannot read either. */
function quietly<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

/** By their bytes: git reads a file of any name. */
const namesIn = (folder: Buffer): Dirent<Buffer<ArrayBuffer>>[] =>
  quietly(() => readdirSync(folder, { withFileTypes: true, encoding: 'buffer' }) as Dirent<Buffer<ArrayBuffer>>[]) ?? [];
const isFile = (path: string): boolean => quietly(() => statSync(path).isFile()) ?? false;

/** As git would open it: through links. To open a socket, such as that of git's own watcher of files, fails at once. */
function isOdd(path: string | Buffer, mayBeLarge: boolean): boolean {
  const stats = quietly(() => statSync(path));
  return (
    stats !== undefined && !stats.isDirectory() && !stats.isSocket() && (!stats.isFile() || (!mayBeLarge && stats.size > MOST_RULE_BYTES))
  );
}
