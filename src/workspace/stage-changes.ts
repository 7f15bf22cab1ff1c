/** Finds what changed in a working tree and stages only that. Shared by checkpoints and by the snapshot of uncommitted work. */
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readRules } from '../common/read-plain-file.ts';
import { type Message, message } from '../messages/message.ts';
import { decodeName, type GitCall, GitError, git, runGit, splitNul } from './run-git.ts';

/** A single file above this stays out: hosting services refuse it, and every later command would pay for it. */
export const MAX_FILE_BYTES = 50 * 1024 * 1024;
/** All changed files of one checkpoint together. */
export const MAX_TOTAL_BYTES = 512 * 1024 * 1024;
/** Nobody has so many within each other; whoever looks at each of them, for each file, is busy for minutes: a merge, for one. */
const MAX_FOLDERS = 200;
const MAX_PROBLEMS = 50;
/** Git processes that look for the paths that git refuses: one in a thousand takes twenty, and a step must not take minutes. */
const MAX_TRIES = 500;

/** A `GitCall` that names git dir and working tree; its index is the one that is written. */
export type StageCall = GitCall & {
  readonly gitDir: string;
  readonly workTree: string;
  /** New files that are none of this work, whatever the rules of the working tree say by now (latin1 names). */
  readonly keptOut?: ReadonlySet<string>;
  /** Files that are staged where they exist, although git ignores them (latin1 names). */
  readonly wanted?: readonly string[];
};

export interface Staged {
  /** What had to be left out. */
  readonly problems: Message[];
  /** Of the files that were staged, as they are in the working tree. */
  readonly bytes: number;
  /** Files of the index that are gone (latin1 names). */
  readonly deleted: readonly string[];
}

/**
 * Brings the index to the state of the working tree.
 * @param filtersOff content filters that would have to run and do not
 */
export async function stageChanges(call: StageCall, filtersOff: ReadonlySet<string>): Promise<Staged> {
  const found = await findChanges(call);
  const problems = found.nested.map((path) => message('leftOut.nestedRepository', { file: show(path) }));
  const { kept, left } = await withoutBareRepositories(call.workTree, found.present);
  const sized = await withoutOddFiles(call.workTree, kept);
  if (found.deleted.length > 0) await git(['update-index', '-z', '--force-remove', '--stdin'], { ...call, stdin: nulList(found.deleted) });
  const filtered = await filteredAmong(call, sized.kept, filtersOff);
  const noted = [...filtered].map(([path, filter]) => message('leftOut.filtered', { file: show(path), filter }));
  const rejected = await addPaths(
    call,
    sized.kept.filter((path) => !filtered.has(path)),
  );
  return {
    problems: bounded([...problems, ...left, ...sized.problems, ...noted, ...rejected]),
    bytes: sized.bytes,
    deleted: found.deleted,
  };
}

interface Changes {
  /** Changed or new files (latin1 names). */
  present: string[];
  deleted: string[];
  /** Folders that are repositories of their own. */
  nested: string[];
}

/** Two processes side by side are quicker than one `git status`, which also compares the index with HEAD. */
async function findChanges(call: StageCall): Promise<Changes> {
  const [tracked, untracked] = await Promise.all([
    git(['diff-files', '-z', '--name-status', '--no-renames', '--no-ext-diff', '--ignore-submodules=all'], call),
    git(['ls-files', '-z', '--others', '--exclude-standard'], call),
  ]);
  const changes: Changes = { present: [], deleted: [], nested: [] };
  const fields = splitNul(tracked);
  const seen = new Set<string>();
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const [status, path] = [fields[index], fields[index + 1]!];
    // A conflict in the user's index is told twice: as unmerged and against the working tree.
    if (seen.has(path) && status === 'U') continue;
    seen.add(path);
    if (status === 'D') changes.deleted.push(path);
    else changes.present.push(path);
  }
  const own = splitNul(untracked).filter((path) => !call.keptOut?.has(path));
  for (const path of own) (path.endsWith('/') ? changes.nested : changes.present).push(path);
  changes.present.push(...(call.wanted ?? []));
  const deleted = new Set(changes.deleted);
  changes.present = [...new Set(changes.present)].filter((path) => !deleted.has(path));
  return changes;
}

/**
 * A folder with HEAD, objects and refs is a repository to git, wherever it lies: whoever runs git in it after the merge runs
 * what its config names. Such folders stay out.
 */
async function withoutBareRepositories(workTree: string, paths: readonly string[]): Promise<{ kept: string[]; left: Message[] }> {
  const suspects = new Set<string>();
  for (const path of paths) {
    const parts = path.split('/');
    for (const [index, part] of parts.entries())
      if (/^(head|commondir|objects|refs)$/i.test(part)) suspects.add(parts.slice(0, index).join('/'));
  }
  const bare: string[] = [];
  for (const folder of suspects) if (await looksLikeGitDir(workTree, folder)) bare.push(folder);
  const inBare = (path: string) =>
    bare.some((folder) =>
      folder === '' ? /^(head|commondir|config|objects|refs|hooks)(\/|$)/i.test(path) : path.startsWith(`${folder}/`),
    );
  return {
    kept: bare.length === 0 ? [...paths] : paths.filter((path) => !inBare(path)),
    left: bare.map((folder) => message('leftOut.bareRepository', { file: show(folder || '.') })),
  };
}

async function looksLikeGitDir(workTree: string, folder: string): Promise<boolean> {
  const names = await readdir(hostPath(workTree, folder)).catch(() => []);
  const lower = new Set(names.map((name) => name.toLowerCase()));
  return lower.has('head') && ((lower.has('objects') && lower.has('refs')) || lower.has('commondir'));
}

async function withoutOddFiles(
  workTree: string,
  paths: readonly string[],
): Promise<{ kept: string[]; problems: Message[]; bytes: number }> {
  const kept: string[] = [];
  const problems: Message[] = [];
  let total = 0;
  for (const path of paths) {
    const stats = await lstat(hostPath(workTree, path)).catch(() => null);
    if (stats === null) kept.push(path);
    else if (stats.isDirectory()) problems.push(message('leftOut.becameFolder', { file: show(path) }));
    else if (!stats.isFile() && !stats.isSymbolicLink()) problems.push(message('leftOut.notRegular', { file: show(path) }));
    else if (path.split('/').length > MAX_FOLDERS) problems.push(message('leftOut.tooDeep', { file: show(path), folders: MAX_FOLDERS }));
    else if (stats.size > MAX_FILE_BYTES) problems.push(message('leftOut.tooLarge', { file: show(path), megabytes: MAX_FILE_BYTES >> 20 }));
    else if (total + stats.size > MAX_TOTAL_BYTES)
      problems.push(message('leftOut.tooMuch', { file: show(path), megabytes: MAX_TOTAL_BYTES >> 20 }));
    else {
      total += stats.size;
      kept.push(path);
    }
  }
  return { kept, problems, bytes: total };
}

/**
 * Files (latin1 names) of a content filter that does not run, with its name: as they are, they are not what belongs into a commit.
 * @param off filters that would have to run and do not
 */
export async function filteredAmong(call: StageCall, paths: readonly string[], off: ReadonlySet<string>): Promise<Map<string, string>> {
  const filtered = new Map<string, string>();
  if (paths.length === 0 || !usesFilters(call.workTree, off)) return filtered;
  const fields = splitNul(await git(['check-attr', '-z', '--stdin', 'filter'], { ...call, stdin: nulList(paths) }));
  for (let at = 0; at + 2 < fields.length; at += 3) if (off.has(fields[at + 2]!)) filtered.set(fields[at]!, fields[at + 2]!);
  return filtered;
}

/** Where no filter but LFS is known, most repositories have nothing to ask git for. */
function usesFilters(workTree: string, off: ReadonlySet<string>): boolean {
  return off.size > 1 || (off.size === 1 && /\bfilter=/.test(readRules(join(workTree, '.gitattributes'))));
}

interface Adding {
  /** Processes that may still be started. */
  tries: number;
  readonly refused: Message[];
  /** Not added, and not tried one by one. */
  readonly untried: string[];
}

/** Stages paths in one process. Git takes all or none, so after a refusal the halves are tried to find the guilty ones. */
async function addPaths(call: StageCall, paths: readonly string[]): Promise<Message[]> {
  const adding: Adding = { tries: MAX_TRIES, refused: [], untried: [] };
  await addHalves(call, paths, adding);
  const [first, ...more] = adding.untried;
  if (first === undefined) return adding.refused;
  const counted = { file: show(first), refused: adding.refused.length };
  const untried =
    more.length === 0 ? message('leftOut.untried.one', counted) : message('leftOut.untried.many', { ...counted, more: more.length });
  return [untried, ...adding.refused];
}

async function addHalves(call: StageCall, paths: readonly string[], adding: Adding): Promise<void> {
  if (paths.length === 0) return;
  if (adding.tries-- <= 0) {
    adding.untried.push(...paths);
    return;
  }
  const args = ['update-index', '--add', '--remove', '--replace', '-z', '--stdin'];
  const { code, stderr } = await runGit(args, { ...call, stdin: nulList(paths) });
  // `.git` in disguise (`.GIT`, `git~1`, `.git.`) is skipped without an error code.
  if (code === 0) {
    if (stderr.includes('Ignoring path')) adding.refused.push(...skippedPaths(paths, stderr));
    return;
  }
  // One that was ended from outside has refused nothing.
  if (code < 0 || /index\.lock|No space left|Read-only file system|insufficient permission/i.test(stderr))
    throw new GitError(args, code, stderr, call.gitDir);
  if (paths.length === 1) {
    adding.refused.push(message('leftOut.refused', { file: show(paths[0]!), said: complaintIn(stderr) }));
    return;
  }
  const middle = paths.length >> 1;
  await addHalves(call, paths.slice(0, middle), adding);
  await addHalves(call, paths.slice(middle), adding);
}

function complaintIn(stderr: string): string | Message {
  const lines = stderr.trim().split('\n');
  return lines.find((line) => /^(error|fatal):/.test(line)) ?? (lines[0] || message('git.saidNothing'));
}

function skippedPaths(paths: readonly string[], stderr: string): Message[] {
  return paths
    .filter((path) => stderr.includes(`Ignoring path ${decodeName(path)}\n`))
    .map((path) => message('leftOut.forbiddenName', { file: show(path) }));
}

/** Names go in and out as the bytes that they are; `hostPath` is for file system calls. */
export function hostPath(workTree: string, latin1: string): Buffer {
  return Buffer.concat([Buffer.from(`${workTree}/`), Buffer.from(latin1, 'latin1')]);
}

export function nulList(latin1Paths: readonly string[]): Buffer {
  return Buffer.from(latin1Paths.map((path) => `${path}\0`).join(''), 'latin1');
}

function show(latin1: string): string {
  return JSON.stringify(decodeName(latin1));
}

function bounded(problems: Message[]): Message[] {
  if (problems.length <= MAX_PROBLEMS) return problems;
  return [...problems.slice(0, MAX_PROBLEMS), message('leftOut.more', { more: problems.length - MAX_PROBLEMS })];
}
