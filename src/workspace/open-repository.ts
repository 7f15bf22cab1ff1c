/** Reads the user's repository: what it is, where it stands, what is checked out. Changes nothing in it, but for a merge of ours that broke off. */
import { accessSync, constants, existsSync } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { readRules } from '../common/read-plain-file.ts';
import { wouldWait } from '../common/real-path.ts';
import { type Message, message } from '../messages/message.ts';
import { askMounts } from '../sandbox/ask-mounts.ts';
import { finishBrokenMerge } from './finish-merge.ts';
import { configuredIdentity, disarmedCall, namedFiles, parseConfig, unfollowedRules, unnameableProgram } from './git-config.ts';
import { gitVersion } from './git-version.ts';
import { mergeFolder } from './merge-journal.ts';
import { objectDirectories } from './object-directories.ts';
import { whyFoundNotRead, whyNotRead } from './odd-git-entries.ts';
import { findOddFile } from './rule-files.ts';
import { GitError, git, runGit, userEnvironment } from './run-git.ts';
import type { Refusal, Repository, UserEnvironment } from './types.ts';

/** A drive that does not answer in a minute will not. */
const OPENING_MS = 60_000;

export type RepositoryOpening = { readonly ok: true; readonly repository: Repository } | Refusal;

/**
 * Opens the repository around `repoPath` (its root, a folder in it, or a linked worktree).
 * @param repoPath absolute path of an existing folder; symbolic links are resolved
 * @param user where the user's git configuration lives; by default that of this process
 */
export async function openRepository(repoPath: string, user: UserEnvironment = userEnvironment(process.env)): Promise<RepositoryOpening> {
  const opening = await readRepository(repoPath, user);
  if (!opening.ok || !existsSync(mergeFolder(opening.repository.gitDir).root)) return opening;
  await finishBrokenMerge(opening.repository); // why it cannot be done is told by the next merge
  return readRepository(repoPath, user);
}

async function readRepository(repoPath: string, user: UserEnvironment): Promise<RepositoryOpening> {
  await askMounts();
  const folder = await existingFolder(repoPath);
  if (!folder.ok) return folder;
  if (wouldWait(tmpdir())) return refuse(message('repo.silentPart', { path: tmpdir() }));
  const unreadable = whyNotRead(folder.path);
  if (unreadable) return refuse(unreadable);
  const reading = [readPaths(folder.path, user), readRefs(folder.path, user), readConfig(folder.path, user)] as const;
  const [git, paths, refs, config] = await Promise.allSettled([gitVersion(), ...reading]);
  if (git.status === 'rejected') throw git.reason;
  if (paths.status === 'rejected') throw paths.reason;
  if (!paths.value.ok) return paths.value;
  const found = paths.value;
  const unseen = whyFoundNotRead(folder.path, found);
  if (unseen !== null) return refuse(unseen);
  const said = config.status === 'fulfilled' ? config.value : new Map<string, string>();
  const odd = unfollowedRules(said) ?? findOddFile(found.root, namedFiles(said, found.root, user));
  if (odd !== null) return refuse(message('repo.oddFile', { file: odd }));
  if (refs.status === 'rejected') throw refs.reason;
  if (config.status === 'rejected') throw config.reason;
  if (/[\r\n]/.test(config.value.get('core.worktree') ?? '')) return refuse(message('repo.lineBreakInPath'));
  const unnameable = unnameableProgram(config.value);
  if (unnameable !== undefined) return refuse(message('repo.oddName', { folder: found.root, key: unnameable }));
  if (!(await leadsTo(found.root, found.gitDir)))
    return refuse(message('repo.otherWorkTree', { folder: folder.path, root: found.root, gitDir: found.gitDir }));
  const objectDirs = objectDirectories(join(found.commonDir, 'objects'));
  const busy = await branchesInUse(found.commonDir, await worktreesOf(found, user));
  return {
    ok: true,
    repository: {
      root: found.root,
      prefix: found.prefix,
      gitDir: found.gitDir,
      commonDir: found.commonDir,
      objectDirs,
      objectFormat: found.objectFormat,
      shallow: found.shallow,
      head: found.head,
      checkedOut: busy,
      defaultBranches: defaultBranches(refs.value, config.value),
      identity: configuredIdentity(config.value),
      branches: refs.value.branches,
      refs: refs.value.all,
      config: config.value,
      user,
    },
  };
}

/** Branches that are checked out now (or being rebased or bisected) -> the worktree. Asked again just before a branch is moved. */
export async function readCheckedOut(repository: Repository): Promise<Map<string, string>> {
  return branchesInUse(repository.commonDir, await readWorktrees(repository.root, repository.user));
}

/** The root of the working tree around a folder, or null when it is in none. */
export async function topLevelOf(folder: string, user: UserEnvironment): Promise<string | null> {
  const { code, stdout } = await runGit(['rev-parse', '--show-toplevel'], { cwd: folder, user, limitMs: OPENING_MS });
  return code === 0 ? realpath(stdout.toString('utf8').replace(/\n$/, '')).catch(() => null) : null;
}

/** The commit of HEAD now; null when there is none any more. */
export async function currentHead(repository: Repository): Promise<string | null> {
  return resolveCommit(repository, 'HEAD');
}

/** Whether a commit is among those that `tip` was made of. */
export async function isAncestor(repository: Repository, commit: string, tip: string): Promise<boolean> {
  const { code } = await runGit(['merge-base', '--is-ancestor', commit, tip], disarmedCall(repository));
  return code === 0;
}

/**
 * The commit that a branch, tag, id or expression such as `HEAD~2` names; null when it names none. Searches (`:/text`, `^{/text}`) are
 * not made: a regular expression can take git minutes and all memory.
 */
export async function resolveCommit(repository: Repository, name: string): Promise<string | null> {
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`];
  if (/\0|:\/|\^\{\//.test(name)) return null;
  const { code, stdout } = await runGit(args, { gitDir: repository.gitDir, cwd: repository.root, user: repository.user });
  const commit = stdout.toString('latin1').trim();
  return code === 0 && /^[0-9a-f]{40,64}$/.test(commit) ? commit : null;
}

async function existingFolder(repoPath: string): Promise<{ ok: true; path: string } | Refusal> {
  if (repoPath.includes('\0')) return refuse(message('repo.nulInPath'));
  if (!isAbsolute(repoPath)) return refuse(message('repo.relativePath', { path: repoPath }));
  if (wouldWait(repoPath)) return refuse(message('repo.silent', { path: repoPath }));
  const path = await realpath(repoPath).catch(() => null);
  if (path === null) return refuse(message('repo.noSuchFolder', { path: repoPath }));
  if (!(await stat(path)).isDirectory()) return refuse(message('repo.isFile', { path: repoPath }));
  if (/[\r\n]/.test(path)) return refuse(message('repo.lineBreakInPath'));
  return { ok: true, path };
}

interface RepositoryPaths {
  ok: true;
  root: string;
  prefix: string;
  gitDir: string;
  commonDir: string;
  objectFormat: 'sha1' | 'sha256';
  shallow: boolean;
  head: Repository['head'];
}

/** With what stands behind the last line break. */
const MOST_ANSWERS = 11;

/** One rev-parse answers it all; the questions stand in such an order that a failure still tells what is wrong. */
async function readPaths(folder: string, user: UserEnvironment): Promise<RepositoryPaths | Refusal> {
  const questions = ['--is-bare-repository', '--is-inside-git-dir', '--absolute-git-dir', '--git-common-dir', '--is-shallow-repository'];
  const more = ['--show-object-format', '--show-prefix', '--show-toplevel', 'HEAD', '--symbolic-full-name', 'HEAD'];
  const { code, stdout, stderr } = await runGit(['rev-parse', ...questions, ...more], { cwd: folder, user, limitMs: OPENING_MS });
  const answers = stdout.toString('utf8').split('\n');
  if (answers.length > MOST_ANSWERS) return refuse(message('repo.lineBreakInPath'));
  const [bare, insideGitDir, gitDir, commonDir, shallow, format, prefix, root, commit, branch] = answers;
  if (!gitDir || commonDir === undefined) return refuse(notARepository(folder, stderr));
  if (insideGitDir === 'true' && bare === 'false') return refuse(message('repo.insideGitFolder', { folder }));
  if (bare === 'true') return refuse(message('repo.bare', { folder }));
  if (!root) return refuse(message('repo.noWorkingTree', { folder, said: stderr.trim() }));
  if (code !== 0 || !commit || !/^[0-9a-f]{40,64}$/.test(commit)) {
    return refuse(message('repo.noCommits', { folder: root }));
  }
  const ref = branch || (await symbolicHead(folder, user));
  return {
    ok: true,
    root: await realpath(root),
    prefix: (prefix ?? '').replace(/\/$/, ''),
    gitDir: await realpath(gitDir),
    commonDir: await realpath(resolve(folder, commonDir)),
    objectFormat: format === 'sha256' ? 'sha256' : 'sha1',
    shallow: shallow === 'true',
    head: { commit, branch: ref.startsWith('refs/heads/') ? ref.slice('refs/heads/'.length) : null },
  };
}

/** A tag or branch that is named HEAD makes the name ambiguous, and then rev-parse names no branch. */
async function symbolicHead(folder: string, user: UserEnvironment): Promise<string> {
  return (await runGit(['symbolic-ref', '--quiet', 'HEAD'], { cwd: folder, user, limitMs: OPENING_MS })).stdout.toString('utf8').trim();
}

/**
 * Whether the working tree says itself that the git dir is its own, as each does that git has made. A configuration alone can name any
 * folder of the user's.
 */
async function leadsTo(root: string, gitDir: string): Promise<boolean> {
  const pointer = join(root, '.git');
  try {
    const stats = await stat(pointer);
    if (stats.isDirectory()) return (await realpath(pointer)) === gitDir;
    const target = /^gitdir: ([^\r\n]*)[\r\n]*$/.exec(readRules(pointer))?.[1];
    return target !== undefined && (await realpath(resolve(root, target))) === gitDir;
  } catch {
    return false;
  }
}

function notARepository(folder: string, stderr: string): Message {
  if (/dubious ownership|safe\.directory/.test(stderr)) {
    return message('repo.foreignOwner', { folder });
  }
  if (/not a git repository/i.test(stderr)) return message('repo.none', { folder });
  const newer = /unknown repository extensions? found:\s*([\w.,\s-]+)|expected git repo version/i.exec(stderr);
  if (newer) return message('repo.newerFormat', { folder, what: newer[1]?.trim().split(/\s+/).join(', ') || stderr.trim() });
  return message('repo.unreadable', { folder, said: stderr.trim() || message('git.saidNothing') });
}

async function textOf(args: readonly string[], folder: string, user: UserEnvironment): Promise<string> {
  return (await git(args, { cwd: folder, user, limitMs: OPENING_MS })).toString('utf8');
}

interface Worktree {
  path: string;
  branch: string | null;
}

/** Asks git only where there are linked worktrees: a process costs more than looking. */
async function worktreesOf(paths: RepositoryPaths, user: UserEnvironment): Promise<Worktree[]> {
  const linked = await readdir(join(paths.commonDir, 'worktrees')).catch(() => []);
  if (linked.length === 0 && paths.gitDir === paths.commonDir) return [{ path: paths.root, branch: paths.head.branch }];
  return readWorktrees(paths.root, user);
}

async function readWorktrees(folder: string, user: UserEnvironment): Promise<Worktree[]> {
  // -z came with git 2.36; without it only paths with line breaks are told wrong.
  const listing = await textOf(['worktree', 'list', '--porcelain', '-z'], folder, user).catch(async (error: unknown) => {
    if (!(error instanceof GitError) || !/unknown switch|usage:/.test(error.stderr)) throw error;
    return (await textOf(['worktree', 'list', '--porcelain'], folder, user)).replaceAll('\n', '\0');
  });
  return listing
    .split('\0\0')
    .map((record) => record.split('\0'))
    .flatMap((lines) => {
      const path = lines.find((line) => line.startsWith('worktree '))?.slice('worktree '.length);
      const branch = lines.find((line) => line.startsWith('branch refs/heads/'))?.slice('branch refs/heads/'.length) ?? null;
      return path === undefined ? [] : [{ path, branch }];
    });
}

/** Git forbids moving a branch under a rebase or bisect too, though HEAD is detached then; the names stand in small files. */
async function branchesInUse(commonDir: string, worktrees: readonly Worktree[]): Promise<Map<string, string>> {
  const inUse = new Map<string, string>();
  for (const { path, branch } of worktrees) if (branch !== null) inUse.set(branch, path);
  const linked = await readdir(join(commonDir, 'worktrees')).catch(() => []);
  const gitDirs = [commonDir, ...linked.map((id) => join(commonDir, 'worktrees', id))];
  await Promise.all(
    gitDirs.map(async (gitDir) => {
      const branches = await branchesUnderWork(gitDir);
      if (branches.length === 0) return;
      const path = gitDir === commonDir ? (worktrees[0]?.path ?? commonDir) : await worktreeOf(gitDir);
      for (const branch of branches) if (!inUse.has(branch)) inUse.set(branch, path);
    }),
  );
  return inUse;
}

async function branchesUnderWork(gitDir: string): Promise<string[]> {
  const files = ['rebase-merge/head-name', 'rebase-apply/head-name', 'rebase-merge/update-refs', 'BISECT_START'];
  const texts = files.map((file) => readRules(join(gitDir, file)));
  const lines = texts.slice(0, 3).join('\n').split('\n');
  const rebased = lines.filter((line) => line.startsWith('refs/heads/')).map((line) => line.slice('refs/heads/'.length));
  const bisected = texts[3]?.trim().replace(/^refs\/heads\//, '') ?? '';
  return [...rebased, ...(bisected === '' ? [] : [bisected])];
}

async function worktreeOf(linkedGitDir: string): Promise<string> {
  const pointer = readRules(join(linkedGitDir, 'gitdir'));
  return pointer.trim() === '' ? linkedGitDir : dirname(pointer.trim());
}

interface Refs {
  all: Map<string, string>;
  branches: Map<string, string>;
  /** Branch names that refs/remotes/<remote>/HEAD points at. */
  remoteDefaults: string[];
}

async function readRefs(folder: string, user: UserEnvironment): Promise<Refs> {
  const format = '--format=%(objectname) %(refname) %(symref)';
  const listing = await textOf(['for-each-ref', format, 'refs/heads', 'refs/tags', 'refs/remotes'], folder, user);
  const refs: Refs = { all: new Map(), branches: new Map(), remoteDefaults: [] };
  for (const line of listing.split('\n')) {
    const [commit, name, target] = line.split(' ');
    if (!commit || !name) continue;
    refs.all.set(name, target ? `ref: ${target}` : commit);
    if (name.startsWith('refs/heads/')) refs.branches.set(name.slice('refs/heads/'.length), commit);
    const remote = name.slice(0, -'HEAD'.length);
    if (/^refs\/remotes\/[^/]+\/HEAD$/.test(name) && target?.startsWith(remote)) refs.remoteDefaults.push(target.slice(remote.length));
  }
  return refs;
}

/** What a remote calls its default counts even without a local branch; the usual names count where they exist. */
function defaultBranches(refs: Refs, config: ReadonlyMap<string, string>): string[] {
  const usual = [config.get('init.defaultbranch'), 'main', 'master'].filter((name) => name !== undefined);
  return [...new Set([...refs.remoteDefaults, ...usual.filter((name) => refs.branches.has(name))])];
}

async function readConfig(folder: string, user: UserEnvironment): Promise<Map<string, string>> {
  return parseConfig(await textOf(['config', '--list', '-z', '--show-scope'], folder, user));
}

function refuse(reason: Message): Refusal {
  return { ok: false, reason };
}

/** @throws the error of the file system when objects or branches could not be written */
export function assertWritable({ objectDirs, commonDir }: Repository): void {
  for (const folder of [objectDirs[0]!, join(commonDir, 'refs/heads')]) if (existsSync(folder)) accessSync(folder, constants.W_OK);
}
