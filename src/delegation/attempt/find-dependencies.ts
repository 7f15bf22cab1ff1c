import { lstatSync } from 'node:fs';
import path from 'node:path';
import { namesIn } from '../../common/list-names.ts';
import type { LentFolder } from '../../sandbox/types.ts';

/** Folders of installed packages that stand beside a manifest, by the manifest's name. */
const FOLDERS_BY_MANIFEST: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    'package.json': ['node_modules'],
    'pyproject.toml': ['.venv', 'venv'],
    'requirements.txt': ['.venv', 'venv'],
    'setup.py': ['.venv', 'venv'],
    'composer.json': ['vendor'],
    Gemfile: ['vendor/bundle'],
  }),
);
/** A workspace with more packages than this is lent only its first ones. */
const MOST = 200;

/**
 * Installed dependencies of the user's checkout that a fresh copy lacks because git ignores them. They are lent to the
 * sandbox, so that the project's tests just run.
 * @param paths the files of the base commit; a folder that the commit itself carries is left out
 * @param shownRoot where commands see the checkout
 */
export function findDependencies(root: string, paths: readonly string[], shownRoot = root): LentFolder[] {
  const found = new Map<string, string>();
  for (const file of paths) {
    const name = file.slice(file.lastIndexOf('/') + 1);
    const names = FOLDERS_BY_MANIFEST.get(name);
    if (!names) continue;
    const folder = file.slice(0, file.length - name.length);
    for (const installed of names) {
      const at = `${folder}${installed}`;
      if (found.size >= MOST || found.has(at) || /(^|\/)node_modules\//.test(at)) continue;
      const host = path.join(root, at);
      if (isFolder(host)) found.set(at, host);
    }
  }
  for (const at of found.keys()) if (paths.some((file) => file.startsWith(`${at}/`))) found.delete(at);
  return [...found].map(([at, host]) => ({ at: path.join(shownRoot, at), from: [host] }));
}

/** Those in a working tree; an empty folder is where something is mounted for a command. */
export function findInstalled(workTree: string, paths: readonly string[], shownRoot: string): LentFolder[] {
  return findDependencies(workTree, paths, shownRoot).filter(({ from: [folder = ''] }) => namesIn(folder).length > 0);
}

function isFolder(host: string): boolean {
  try {
    return lstatSync(host).isDirectory();
  } catch {
    return false;
  }
}
