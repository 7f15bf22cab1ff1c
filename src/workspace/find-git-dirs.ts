/** Which git dirs a folder has, and what they share, by the rules of git: it is looked at before git is asked. */
import { accessSync, constants, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { namesIn } from '../common/list-names.ts';
import { readRules } from '../common/read-plain-file.ts';
import { namedFrom, realPathOf } from '../common/real-path.ts';
import { linkTarget } from './links-out.ts';

/**
 * The git dirs that git might take for that of a folder: it passes by a `.git` that is none, and takes a folder that is one itself. The last is
 * one without doubt, but where there is none.
 */
export function gitDirsAround(folder: string): string[] {
  const found: string[] = [];
  for (let at = folder; ; at = dirname(at)) {
    const path = join(at, '.git');
    const led = pointerOf(path);
    if (led !== undefined) return [...found, namedFrom(at, led)];
    for (const place of [path, at]) {
      if (!isFolder(place) || !mayBeGitDir(place)) continue;
      found.push(place);
      if (isGitDir(place)) return found;
    }
    if (dirname(at) === at) return found;
  }
}

/** Git asks no more than for a HEAD and two folders, or where these are. */
const mayBeGitDir = (folder: string): boolean =>
  namesIn(folder).some((name) => name.toUpperCase() === 'HEAD') &&
  ['objects', 'refs'].every((name) => isFolder(join(commonDirOf(folder), name)));

/** As git tells it; what it might not take for one is none. */
function isGitDir(folder: string): boolean {
  const link = linkTarget(join(folder, 'HEAD'));
  const isHead =
    link !== undefined ? link.startsWith('refs/') : /^(ref: refs\/|[0-9a-f]{40})/.test(readRules(join(folder, 'HEAD')).slice(0, 50));
  return isHead && ['objects', 'refs'].every((name) => mayEnter(join(commonDirOf(folder), name)));
}

function mayEnter(folder: string): boolean {
  try {
    accessSync(folder, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** What a `.git` file says, as git reads it; undefined = it is none. */
export function pointerOf(path: string): string | undefined {
  const text = isFolder(path) ? '' : readRules(path);
  return text.startsWith('gitdir: ') ? pathIn(text.slice('gitdir: '.length)) : undefined;
}

/** Where a git dir has what all of its working trees share. */
export function commonDirOf(gitDir: string): string {
  const named = namedCommonDir(gitDir);
  return named === null ? gitDir : (realPathOf(named) ?? named);
}

/** The same by the name that stands there; null = it shares nothing. */
export function namedCommonDir(gitDir: string): string | null {
  const named = pathIn(readRules(join(gitDir, 'commondir')));
  return named === '' ? null : namedFrom(gitDir, named);
}

/** A file that holds a path, with blanks around, too; git reads it to a NUL. */
function pathIn(text: string): string {
  let end = text.length;
  while (text[end - 1] === '\n' || text[end - 1] === '\r') end--;
  return text.slice(0, end).split('\0', 1)[0]!;
}

/** Through links, too. */
export function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
