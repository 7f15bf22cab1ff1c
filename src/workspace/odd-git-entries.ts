/**
 * What stands in a git dir where git reads a file, and is none that it could read to its end: it waits for ever for a pipe, and reads a device
 * for ever. A command may have laid a repository within the workspace, and the user's own may have come from an archive or a shared drive.
 */
import { type Dirent, readdirSync, readlinkSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { MOST_RULE_BYTES, readRules } from '../common/read-plain-file.ts';

/** Of lines; git keeps all of it in memory. */
const SMALL = ['HEAD', 'commondir', 'config', 'config.worktree', 'gitdir'];
const LARGE = ['packed-refs', 'index', 'shallow'];
/** More are not looked at: git's own time limit holds for what is behind them. */
const MOST_ENTRIES = 20_000;

/**
 * Where git could not read what it reads of a repository within another one.
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
  const odd = [...oddFiles(gitDir), ...oddBelow(join(gitDir, 'refs'))];
  const common = odd.includes(join(gitDir, 'commondir')) ? '' : readRules(join(gitDir, 'commondir')).trim();
  if (common === '') return odd;
  const folder = resolve(gitDir, common);
  return [...oddFiles(folder), ...oddBelow(join(folder, 'refs'))].length > 0 ? [...odd, join(gitDir, 'commondir')] : odd;
}

const oddFiles = (gitDir: string): string[] => [
  ...SMALL.map((name) => join(gitDir, name)).filter((path) => isOdd(path, MOST_RULE_BYTES)),
  ...LARGE.map((name) => join(gitDir, name)).filter((path) => isOdd(path)),
];

/** The first such entry in the git dir of the user's repository around a folder, before git is asked anything; null = there is none. */
export function oddInOwnGit(folder: string): string | null {
  const git = gitDirAround(folder);
  if (git === null) return null;
  const common = readRules(join(git, 'commondir')).trim();
  const dirs = [...new Set([git, common === '' ? git : resolve(git, common)])];
  for (const dir of dirs) {
    const split = entriesOf(dir).filter(({ name }) => name.startsWith('sharedindex.'));
    const odd = [
      ...oddFiles(dir),
      ...split.map(({ name }) => join(dir, name)).filter((path) => isOdd(path)),
      ...['refs', 'logs', 'worktrees', 'objects/info', 'objects/pack'].flatMap((name) => oddBelow(join(dir, name))),
    ];
    if (odd[0] !== undefined) return odd[0];
  }
  return null;
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

/** Entries in and below a folder that are neither files nor folders. */
function oddBelow(folder: string): string[] {
  const odd: string[] = [];
  const queue = [folder];
  let left = MOST_ENTRIES;
  for (let at = queue.pop(); at !== undefined && left > 0; at = queue.pop()) {
    for (const entry of entriesOf(at)) {
      left -= 1;
      const path = join(at, entry.name);
      if (entry.isDirectory()) queue.push(path);
      else if (!entry.isFile() && isOdd(path)) odd.push(path);
    }
  }
  return odd;
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** As git would open it: through links. */
function isOdd(path: string, most = Number.POSITIVE_INFINITY): boolean {
  try {
    const stats = statSync(path);
    return !stats.isDirectory() && (!stats.isFile() || stats.size > most);
  } catch {
    return false;
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
