/** Looks for what of the user's a project needs to run: packages in the checkout, and caches in the home. */
import { lstatSync, readFileSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, normalize, relative } from 'node:path';
import { expandNames, holdsEntry, nameMatcher } from '../common/list-names.ts';
import { contains } from '../common/path-contains.ts';
import { realPathOf, wouldWait } from '../common/real-path.ts';
import { shownHomeOf } from './bubblewrap-arguments.ts';
import { type Cache, ecosystemsOf, type Installed, NODE_MODULES } from './ecosystems.ts';
import { foldersOfNotes } from './folders-of-notes.ts';
import { foreignBeside, foreignIn } from './foreign-in-environment.ts';
import { holdsLoginInAddress, holdsPassword, LONGEST_SETTING } from './holds-password.ts';
import { credentialsOf, homesOf } from './host-folders.ts';
import { secretsOfScripts } from './secret-scripts.ts';
import type { LentFolder, SandboxSpec } from './types.ts';

/** Folders of the home in which everybody's things lie: none of them is the cache of one tool. */
const OF_ALL = [
  ...['.cache', '.config', '.local', '.local/share', '.local/state', 'Library', 'Library/Caches'],
  ...['Desktop', 'Documents', 'Downloads', 'Music', 'Pictures', 'Public', 'Videos'],
];
/** A workspace with more packages than this is lent only its first ones. */
const MOST = 200;
/** Commands write some of what is read for its passwords: what takes longer is not lent. */
const READING_MS = 2000;
/** Inside of another package's dependencies nothing is looked for. */
const WITHIN_INSTALLED = /(^|\/)(node_modules|\.venv|venv)\//;
/** What these hold is the system's state, and no cache. */
const NO_CACHES = ['/boot', '/dev', '/etc', '/proc', '/run', '/sys'];
/** What these hold is shown, or not, as it is: nothing can be mounted where there is no folder. */
const READ_ONLY = ['/bin', '/gnu', '/lib', '/lib64', '/nix', '/opt', '/sbin', '/usr'];

/**
 * Installed dependencies of a checkout, which a fresh copy lacks because git ignores them.
 * @param paths the files of the base commit; a folder that the commit itself carries is left out
 * @param shownRoot where commands see the checkout
 * @param mayLend asked before a folder is read
 */
export function findInstalled(
  root: string,
  paths: readonly string[],
  shownRoot = root,
  mayLend: (host: string) => boolean = () => true,
): LentFolder[] {
  const found = new Map<string, LentFolder>();
  const budget = { ms: READING_MS };
  for (const { manifests, installed = [] } of ecosystemsOf(paths)) {
    for (const folder of installed.length > 0 ? foldersWith(manifests, paths) : []) {
      // git checks such a tree out nowhere, but its names can be read.
      if (WITHIN_INSTALLED.test(`${folder}/`) || !contains(root, join(root, folder))) continue;
      for (const entry of installed.map((one): Installed => (typeof one === 'string' ? { folder: one } : one))) {
        for (const at of foldersFor(root, folder, entry)) {
          if (found.size >= MOST || found.has(at) || !mayLend(join(root, at))) continue;
          const lent = lend(join(shownRoot, at), join(root, at), entry, budget);
          if (lent) found.set(at, lent);
        }
      }
    }
  }
  return [...found].flatMap(([at, folder]) => (paths.some((file) => file.startsWith(`${at}/`)) ? [] : [folder]));
}

/** A folder of the host at a place, without what holds secrets. @returns null where it cannot be told what of it does */
export function lend(
  at: string,
  host: string,
  keeping: Pick<
    Installed & Cache,
    'settings' | 'addresses' | 'unless' | 'notes' | 'answers' | 'scripts' | 'never' | 'origins' | 'environments'
  >,
  budget?: { ms: number },
): LentFolder | null {
  if ((keeping.unless ?? []).some((pattern) => expandNames(host, pattern).length > 0)) return null;
  const settings = secretFiles(host, keeping.settings ?? [], holdsPassword, budget);
  const addresses = secretFiles(host, keeping.addresses ?? [], holdsLoginInAddress, budget);
  const origins = secretFiles(host, keeping.origins ?? [], holdsLoginInAddress, budget);
  const never = secretFiles(host, keeping.never ?? [], () => true);
  const known = foldersOfNotes(host, keeping);
  if (!settings || !addresses || !origins || !never || never.length > MOST || !known) return null;
  const foreign = (keeping.environments ?? []).flatMap((pattern) =>
    (pattern ? expandNames(host, pattern) : ['']).map((name) => within(host, name)),
  );
  if (keeping.environments?.includes('*')) foreign.push(foreignBeside(host));
  const files = foreign.flatMap((one) => one.files);
  const hidden = [...new Set([...settings, ...addresses, ...never, ...(keeping.scripts ? secretsOfScripts(host) : []), ...files])];
  const notes = [...known, ...origins.map(dirname).filter((folder) => folder !== '.'), ...foreign.flatMap((one) => one.folders)];
  return {
    at,
    from: [host],
    ...(hidden.length > 0 && { hidden }),
    ...(keeping.never && { never: keeping.never }),
    ...(notes.length > 0 && { notes }),
  };
}

/** What is foreign in one of the environments, by its name from the folder on. */
function within(host: string, name: string) {
  const { files, folders } = foreignIn(join(host, name));
  return { files: files.map((one) => join(name, one)), folders: folders.map((one) => join(name, one)) };
}

/**
 * Those of a working tree that commands have written into. An empty folder is where something is mounted for a command, and one behind a link
 * is not of the tree: a command may have put it in the place of a folder, and it leads to any of the host's.
 */
export function findFilled(workTree: string, paths: readonly string[], shownRoot: string): LentFolder[] {
  const real = realPathOf(workTree) ?? workTree;
  const isOwn = (folder: string) => realPathOf(folder) === join(real, relative(workTree, folder));
  return findInstalled(workTree, paths, shownRoot, isOwn).filter(({ from: [folder = ''] }) => holdsEntry(folder));
}

/**
 * Packages of the checkout that another one lies in, as the worktrees of Claude Code do: Node looks for them upwards.
 * @param around the checkout around, or another one
 */
export function findAround(root: string, around: string): LentFolder[] {
  const found: LentFolder[] = [];
  for (let folder = dirname(root); contains(around, folder); folder = dirname(folder)) {
    const at = join(folder, 'node_modules');
    const lent = isFolder(at) ? lend(at, at, NODE_MODULES) : null;
    if (lent) found.push(lent);
    if (folder === dirname(folder)) break;
  }
  return found;
}

/**
 * What the tools of the project's kind keep in the home: downloads, and environments outside of the checkout.
 * @param paths the files of the base commit
 */
export function findCaches(spec: Pick<SandboxSpec, 'env' | 'mountAt' | 'hidden'>, paths: readonly string[]): LentFolder[] {
  const found = new Map<string, LentFolder>();
  const mayLend = lendable(spec);
  for (const cache of ecosystemsOf(paths).flatMap(({ caches = [] }) => caches)) {
    for (const { host, at } of placesOf(cache, spec.env, shownHomeOf(spec))) {
      if (found.has(at) || !mayLend(host)) continue;
      const real = realPathOf(host);
      if (real !== null && isFolder(real)) {
        const lent = mayLend(real) ? lend(at, real, cache) : null;
        if (lent) found.set(at, { ...lent, ...(cache.scratch && { scratch: true }) });
      } else if (cache.begins && !READ_ONLY.some((folder) => contains(folder, at))) found.set(at, { at, from: [] });
    }
  }
  return [...found.values()];
}

/**
 * A variable or link of the user's can name any folder. One that holds a home, the checkout, credentials or what is hidden would show all of
 * it, and what is hidden is no cache whatever names it.
 */
function lendable({ env, mountAt, hidden }: Pick<SandboxSpec, 'env' | 'mountAt' | 'hidden'>): (path: string) => boolean {
  const real = (folders: readonly string[]) => folders.flatMap((folder) => [folder, realPathOf(folder) ?? folder]);
  const homes = homesOf(env);
  const closed = real([mountAt, ...hidden]);
  const kept = [...closed, ...real(homes.flatMap((home) => [home, ...OF_ALL.map((name) => join(home, name))]))];
  const holdsCredentials = credentialsOf(homes);
  return (path) =>
    ![...NO_CACHES, ...closed].some((folder) => contains(folder, path)) &&
    !kept.some((folder) => contains(path, folder)) &&
    !holdsCredentials(path);
}

function placesOf(
  { folder, variable, part = '' }: Cache,
  env: SandboxSpec['env'],
  shownHome: string,
): { readonly host: string; readonly at: string }[] {
  const chosen = normalize((variable && env[variable]?.split(':')[0]) || '');
  const home = normalize(env['HOME'] ?? '');
  const isChosen = isAbsolute(chosen);
  if (!isChosen && (!isAbsolute(home) || home === '/')) return [];
  const [host, at] = isChosen ? [chosen, chosen] : [join(home, folder), join(shownHome, folder)];
  const parts = part.includes('*') ? expandNames(host, part) : [part];
  return parts.map((name) => ({ host: placeIn(host, name), at: placeIn(at, name) })).filter((place) => place.at.split('/').length > 2);
}

/** By its one name: with a slash at the end it would be another one for whoever compares paths. */
function placeIn(folder: string, part: string): string {
  return join(folder, part).replace(/(.)\/$/, '$1');
}

/** By where they really lie: over what only a link leads to nothing can be mounted. Null where links lead on without end. */
function secretFiles(
  folder: string,
  patterns: readonly string[],
  isSecret: (content: Buffer, path: string) => boolean,
  budget = { ms: Number.POSITIVE_INFINITY },
): string[] | null {
  const root = realPathOf(folder) ?? folder;
  let isCut = false;
  const named = (pattern: string) => expandNames(root, pattern, () => (isCut = true));
  const files: string[] = [];
  for (const pattern of patterns) {
    const paths = named(pattern);
    if (isCut) return null;
    files.push(...paths.map((path) => realPathOf(join(root, path)) ?? join(root, path)));
  }
  const secret: string[] = [];
  for (const file of new Set(files)) {
    if (file === root || !contains(root, file)) continue;
    if (budget.ms <= 0) return null;
    const begin = performance.now();
    if (isSecretFile(file, isSecret)) secret.push(relative(root, file));
    budget.ms -= performance.now() - begin;
  }
  return secret;
}

function isSecretFile(file: string, isSecret: (content: Buffer, path: string) => boolean): boolean {
  try {
    const stat = lstatSync(file);
    return stat.isFile() && ((isSecret === holdsPassword && stat.size > LONGEST_SETTING) || isSecret(readFileSync(file), file));
  } catch {
    return true;
  }
}

/** The folders that hold one of these files; '' = the root. */
export function foldersWith(manifests: readonly string[], paths: readonly string[]): Set<string> {
  const matchers = manifests.map(nameMatcher);
  const folders = new Set<string>();
  for (const file of paths) {
    const name = basename(file);
    if (matchers.some((matches) => matches(name))) folders.add(file.slice(0, Math.max(0, file.length - name.length - 1)));
  }
  return folders;
}

/** Beside a manifest, and above it where such a folder may lie there. */
function foldersFor(root: string, folder: string, entry: Installed): string[] {
  const beside = foldersNamed(root, folder, entry);
  const { above } = entry;
  if (above === undefined || folder === '') return beside;
  const parents = folder.split('/').map((_, depth, parts) => parts.slice(0, depth).join('/'));
  return [...beside, ...parents.flatMap((parent) => foldersNamed(root, parent, { ...entry, holding: above }))];
}

function foldersNamed(root: string, folder: string, { folder: name, holding }: Installed): string[] {
  return expandNames(join(root, folder), name)
    .map((found) => join(folder, found))
    .filter((at) => isFolder(join(root, at)) && (holding === undefined || isThere(join(root, at, holding))));
}

function isThere(path: string): boolean {
  try {
    return !wouldWait(path) && lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

function isFolder(host: string): boolean {
  try {
    return !wouldWait(host) && lstatSync(host).isDirectory();
  } catch {
    return false;
  }
}
