/** Looks for what of the user's a project needs to run: packages in the checkout, and caches in the home. */
import { lstatSync, readFileSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, normalize } from 'node:path';
import { expandNames, nameMatcher, namesIn } from '../common/list-names.ts';
import { contains } from '../common/path-contains.ts';
import { realPathOf } from '../common/real-path.ts';
import { shownHomeOf } from './bubblewrap-arguments.ts';
import { type Cache, type Ecosystem, ecosystemsOf } from './ecosystems.ts';
import { holdsPassword } from './holds-password.ts';
import type { LentFolder, SandboxSpec } from './types.ts';

/** A workspace with more packages than this is lent only its first ones. */
const MOST = 200;
/** Inside of another package's dependencies nothing is looked for. */
const WITHIN_INSTALLED = /(^|\/)(node_modules|\.venv|venv)\//;

/**
 * Installed dependencies of a checkout, which a fresh copy lacks because git ignores them.
 * @param paths the files of the base commit; a folder that the commit itself carries is left out
 * @param shownRoot where commands see the checkout
 */
export function findInstalled(root: string, paths: readonly string[], shownRoot = root): LentFolder[] {
  const found = new Set<string>();
  for (const { manifests, installed = [] } of ecosystemsOf(paths)) {
    for (const folder of installed.length > 0 ? foldersWith(manifests, paths) : []) {
      if (WITHIN_INSTALLED.test(`${folder}/`)) continue;
      for (const at of installed.flatMap((entry) => foldersNamed(root, folder, entry))) if (found.size < MOST) found.add(at);
    }
  }
  const carried = (at: string) => paths.some((file) => file.startsWith(`${at}/`));
  return [...found].filter((at) => !carried(at)).map((at) => ({ at: join(shownRoot, at), from: [join(root, at)] }));
}

/** Those that are not empty: an empty folder is where something is mounted for a command. */
export function findFilled(workTree: string, paths: readonly string[], shownRoot: string): LentFolder[] {
  return findInstalled(workTree, paths, shownRoot).filter(({ from: [folder = ''] }) => namesIn(folder).length > 0);
}

/**
 * Packages of the checkout that another one lies in, as the worktrees of Claude Code do: Node looks for them upwards.
 * @param around the checkout around, or another one
 */
export function findAround(root: string, around: string): LentFolder[] {
  const found: LentFolder[] = [];
  for (let folder = dirname(root); contains(around, folder); folder = dirname(folder)) {
    const at = join(folder, 'node_modules');
    if (isFolder(at)) found.push({ at, from: [at] });
    if (folder === dirname(folder)) break;
  }
  return found;
}

/**
 * What the tools of the project's kind keep in the home: downloads, and environments outside of the checkout.
 * @param paths the files of the base commit
 */
export function findCaches({ env, mountAt }: Pick<SandboxSpec, 'env' | 'mountAt'>, paths: readonly string[]): LentFolder[] {
  const found = new Map<string, LentFolder>();
  for (const cache of ecosystemsOf(paths).flatMap(({ caches = [] }) => caches)) {
    const place = placeOf(cache, env, shownHomeOf({ env, mountAt }));
    if (!place || found.has(place.at) || contains(mountAt, place.host) || contains(place.host, mountAt)) continue;
    const real = realPathOf(place.host);
    const isThere = real !== null && isFolder(real);
    if (!isThere && !cache.begins) continue;
    const hidden = isThere ? secretFiles(real, cache.settings ?? []) : [];
    found.set(place.at, { at: place.at, from: isThere ? [real] : [], ...(hidden.length > 0 && { hidden }) });
  }
  return [...found.values()];
}

function placeOf(
  { folder, variable, part = '' }: Cache,
  env: SandboxSpec['env'],
  shownHome: string,
): { readonly host: string; readonly at: string } | null {
  const chosen = normalize((variable && env[variable]?.split(':')[0]) || '');
  if (isAbsolute(chosen)) {
    const path = join(chosen, part);
    return path.split('/').length > 2 ? { host: path, at: path } : null;
  }
  const home = normalize(env['HOME'] ?? '');
  return isAbsolute(home) && home !== '/' ? { host: join(home, folder, part), at: join(shownHome, folder, part) } : null;
}

export function secretFiles(folder: string, patterns: readonly string[]): string[] {
  return patterns
    .flatMap((pattern) => expandNames(folder, pattern))
    .filter((path) => {
      try {
        return lstatSync(join(folder, path)).isFile() && holdsPassword(readFileSync(join(folder, path)));
      } catch {
        return true;
      }
    });
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

function foldersNamed(root: string, folder: string, entry: NonNullable<Ecosystem['installed']>[number]): string[] {
  const { folder: name, holding } = typeof entry === 'string' ? { folder: entry, holding: null } : entry;
  return expandNames(join(root, folder), name)
    .map((found) => join(folder, found))
    .filter((at) => isFolder(join(root, at)) && (holding === null || namesIn(join(root, at)).includes(holding)));
}

function isFolder(host: string): boolean {
  try {
    return lstatSync(host).isDirectory();
  } catch {
    return false;
  }
}
