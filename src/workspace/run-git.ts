/** Starts git: the one place that does. Binary, environment and configuration are ours; nothing is inherited. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { delimiter } from 'node:path';
import { findProgram } from '../common/find-program.ts';
import { ErrorWithReason } from '../messages/error-with-reason.ts';
import { message } from '../messages/message.ts';
import { attend, codeOfConfined, confinedArguments, findConfinement, forPrograms, hasStarted, MORE_PIPES } from './confine-git.ts';
import { ONLY_LOOKS, shownPlaces, writtenPlaces } from './git-places.ts';
import { type GitLimits, GitStopped, type LimitedGit, limitGit, throwIfUnwanted } from './limit-git.ts';
import type { UserEnvironment } from './types.ts';

/**
 * Where git may live. Fixed, because PATH can hold folders of the repository
 * (node_modules/.bin, direnv), where a program called `git` would be the repository's.
 */
export const PROGRAM_DIRECTORIES =
  process.platform === 'win32'
    ? ['C:\\Program Files\\Git\\cmd', 'C:\\Program Files\\Git\\bin', 'C:\\Program Files (x86)\\Git\\cmd']
    : [
        '/usr/bin',
        '/usr/local/bin',
        '/opt/homebrew/bin',
        '/opt/local/bin',
        '/run/current-system/sw/bin',
        '/nix/var/nix/profiles/default/bin',
        '/home/linuxbrew/.linuxbrew/bin',
        '/bin',
      ];

/** Key and value. Not as `git -c` takes them: it ends the key at the first `=`, and the name of a filter can hold one. */
export type Setting = readonly [key: string, value: string];

/** What git reads of packs and commits beside themselves, to be quicker. */
export const OWN_LISTS_OFF: readonly Setting[] = [
  ['core.multiPackIndex', 'false'],
  ['core.commitGraph', 'false'],
];

/**
 * Settings that could make git start another program, write in the background, wait, or ask somebody. They win over every configuration file.
 */
const INERT_CONFIG: readonly Setting[] = [
  ['core.hooksPath', '/dev/null'],
  ['core.fsmonitor', 'false'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['commit.gpgSign', 'false'],
  ['log.showSignature', 'false'],
  ['submodule.recurse', 'false'],
  // Without end, if it says so, for a lock that may have come with it; git's own figures.
  ['core.filesRefLockTimeout', '100'],
  ['core.packedRefsTimeout', '1000'],
  ['reftable.lockTimeout', '100'],
  // It would write what it remembers of conflicts, and do as it remembers.
  ['rerere.enabled', 'false'],
  // Lists that may have come with a repository, and say other things of an object than where it lies: each git reads the same then.
  ...OWN_LISTS_OFF,
  // Even ids are printed in it.
  ['i18n.logOutputEncoding', 'UTF-8'],
  // Memory; what a user allows git alone may be all that the machine has. Larger files pass through git in pieces.
  ['core.bigFileThreshold', '64m'],
  ['pack.threads', '2'],
  ['pack.windowMemory', '128m'],
  ['pack.deltaCacheSize', '64m'],
];

export interface GitCall extends GitLimits {
  readonly gitDir?: string;
  readonly workTree?: string;
  readonly cwd?: string;
  /** Another index than `<gitDir>/index`. */
  readonly indexFile?: string;
  readonly stdin?: string | Uint8Array;
  readonly signal?: AbortSignal;
  /** More settings. */
  readonly config?: readonly Setting[];
  /** More environment variables. */
  readonly env?: Readonly<Record<string, string>>;
  /** Given: the user's global and the system's configuration are in force. Absent: neither is read. */
  readonly user?: UserEnvironment;
  /** Stop git after so many bytes of output; `cut` tells that it happened. */
  readonly maxBytes?: number;
  /** More output than this is an error. */
  readonly mostBytes?: number;
  /**
   * Files and folders that git may write, and nothing else of the machine. `anywhere`: a program that signs for the user runs in it, as it does without us, and
   * with the network. Default: where the user's configuration is in force, what the command writes of the places that the call names; in git dirs of ours
   * anywhere, since nothing in them is of somebody else's choice.
   */
  readonly writes?: readonly string[] | 'anywhere' | undefined;
  /**
   * Content filters or merge drivers of the user's may run in it, with the network, sockets and a temp folder of their own, as without us; they write
   * these files and folders, too. Default: none does.
   */
  readonly programs?: readonly string[] | undefined;
}

export interface GitResult {
  /** Exit code; -1 when git was ended by a signal that was not ours. */
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
  /** Whether output was cut at `maxBytes`. */
  readonly cut: boolean;
}

/** Git said no where it should not have. `message` carries git's own words. */
export class GitError extends Error {
  readonly code: number;
  readonly stderr: string;
  /** Where it worked, if that is known. */
  readonly gitDir: string | null;
  constructor(args: readonly string[], code: number, stderr: string, gitDir: string | null) {
    super(`git ${args[0] ?? ''} failed (exit ${code}): ${stderr.trim() || 'no message'}`);
    this.name = 'GitError';
    this.code = code;
    this.stderr = stderr;
    this.gitDir = gitDir;
  }
}

/** Nothing can be asked of git until the user has installed one. */
export class GitUnusable extends ErrorWithReason {}

/** Ubuntu 22.04 has it. An older `update-ref --stdin` answers only at its end, which cannot lock a branch meanwhile. */
export const OLDEST_GIT = '2.34';

/** Of one output; what is larger is read in pieces. */
const MOST_BYTES = 512 * 2 ** 20;

interface Running extends LimitedGit {
  readonly isConfined: boolean;
}

const running = new WeakMap<object, Running>();

let program: string | null = null;

/** The absolute path of git, looked up once in the system's program folders. @throws GitUnusable when there is none */
export function gitProgram(): string {
  program ??= findProgram(process.platform === 'win32' ? 'git.exe' : 'git', PROGRAM_DIRECTORIES);
  if (program === null) throw new GitUnusable(message('git.missing', { folders: PROGRAM_DIRECTORIES, oldest: OLDEST_GIT }));
  return program;
}

/** The user's environment as far as git's configuration depends on it. */
export function userEnvironment(env: Readonly<Record<string, string | undefined>>): UserEnvironment {
  return { home: env.HOME ?? env.USERPROFILE ?? '/nonexistent', xdgConfigHome: env.XDG_CONFIG_HOME || null };
}

/**
 * The whole environment of a git process. Replacement refs are off, so that an object id means the same object in the
 * user's repository and in the private one; optional locks are off, so that reading never rewrites the user's index.
 */
export function gitEnvironment(user: UserEnvironment | undefined): Record<string, string> {
  const common = {
    PATH: PROGRAM_DIRECTORIES.join(delimiter),
    LANG: 'C.UTF-8',
    LC_ALL: 'C.UTF-8',
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_NO_LAZY_FETCH: '1',
    // No transport has this name. Unlike protocol.allow, a configuration cannot widen it for one of them.
    GIT_ALLOW_PROTOCOL: 'none',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_PAGER: 'cat',
    GIT_EDITOR: 'false',
    ...(process.platform === 'win32' ? { SYSTEMROOT: 'C:\\Windows' } : {}),
  };
  if (user) return { ...common, HOME: user.home, ...(user.xdgConfigHome ? { XDG_CONFIG_HOME: user.xdgConfigHome } : {}) };
  return {
    ...common,
    // Git reads ignore and attributes files below HOME even when the global configuration is switched off.
    HOME: '/nonexistent',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
  };
}

/** The settings in the form in which git takes them from its environment. */
function settingVariables(settings: readonly Setting[]): Record<string, string> {
  const variables = settings.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return { GIT_CONFIG_COUNT: String(settings.length), ...Object.fromEntries(variables) };
}

/** Starts git and returns the process with all three pipes open. The caller must read both outputs. */
export async function startGit(args: readonly string[], call: GitCall = {}): Promise<ChildProcessWithoutNullStreams> {
  const binary = gitProgram();
  throwIfUnwanted(call.signal);
  const settings = settingVariables([...INERT_CONFIG, ...(call.config ?? [])]);
  const command = commandOf(args);
  const cwd = call.cwd ?? call.workTree ?? call.gitDir;
  const reads = shownPlaces(command, call);
  // Without one, git goes to the working tree that the configuration names, as in a submodule.
  const workTree = call.workTree ?? (reads ? cwd : undefined);
  const locations = [...(call.gitDir ? [`--git-dir=${call.gitDir}`] : []), ...(workTree ? [`--work-tree=${workTree}`] : [])];
  const words = ['--no-pager', ...locations, ...args];
  const found = reads || isConfined(command, call) ? await findConfinement(binary) : null;
  const confinement = found && call.programs ? forPrograms(found) : found;
  throwIfUnwanted(call.signal);
  const confined =
    confinement && confinedArguments(confinement, { reads, writes: writtenPlaces(command, call) }, cwd ?? '/', [binary, ...words]);
  const child = spawn(confinement?.program ?? binary, confined ?? words, {
    cwd,
    env: {
      ...gitEnvironment(call.user),
      ...settings,
      ...(call.indexFile ? { GIT_INDEX_FILE: call.indexFile } : {}),
      ...confinement?.env,
      ...call.env,
    },
    stdio: ['pipe', 'pipe', 'pipe', ...(confinement ? MORE_PIPES : [])],
    windowsHide: true,
    detached: process.platform !== 'win32', // a group of its own, which can be ended whole
  }) as ChildProcessWithoutNullStreams;
  if (confinement) attend(child, confinement);
  const isWithin = confinement !== null; // of `bwrap`, which only waits for git
  running.set(child, { ...limitGit(child, command, call.signal, { ...call, isConfined: isWithin }), isConfined: isWithin });
  // Git may end before it has read everything; its exit code tells why.
  child.stdin.on('error', () => {});
  return child;
}

/** What comes with a repository leads git astray by its git dir. */
const isConfined = (command: string, { user, writes }: GitCall) =>
  writes !== 'anywhere' && (writes !== undefined || (user !== undefined && !ONLY_LOOKS.has(command)));

const commandOf = (args: readonly string[]) => args.find((word) => !word.startsWith('-')) ?? '';

/**
 * Runs git to its end.
 * @param onStdout receives the output instead of `stdout`; answering false stops git (the result is then `cut`)
 * @throws the signal's reason when aborted; GitStopped when it took too long; Error when git cannot be started
 */
export async function runGit(args: readonly string[], call: GitCall = {}, onStdout?: (chunk: Buffer) => boolean): Promise<GitResult> {
  const child = await startGit(args, call);
  const chunks: Buffer[] = [];
  const errors: Buffer[] = [];
  let bytes = 0;
  let cut = false;
  const mostBytes = call.mostBytes ?? MOST_BYTES;
  const keep = (chunk: Buffer): boolean => {
    const room = (call.maxBytes ?? mostBytes) - bytes;
    chunks.push(chunk.length > room ? chunk.subarray(0, room) : chunk);
    bytes += chunk.length;
    return chunk.length <= room;
  };
  const take = onStdout ?? keep;
  child.stdout.on('data', (chunk: Buffer) => {
    if (cut || take(chunk)) return;
    cut = true;
    const isTooMuch = !onStdout && call.maxBytes === undefined;
    const why = isTooMuch ? new GitStopped(message('git.tooMuch', { command: commandOf(args), megabytes: mostBytes >> 20 })) : null;
    running.get(child)?.stop(why);
  });
  child.stderr.on('data', (chunk: Buffer) => {
    if (errors.length < 64) errors.push(chunk);
  });
  child.stdin.end(call.stdin ?? '');
  const stderr = () => Buffer.concat(errors).toString('utf8');
  const code = await exitCode(child, stderr);
  call.signal?.throwIfAborted();
  return { code, stdout: Buffer.concat(chunks), stderr: stderr(), cut };
}

/** Like `runGit`, for calls that must succeed: the output, or a GitError. */
export async function git(args: readonly string[], call: GitCall = {}): Promise<Buffer> {
  const result = await runGit(args, call);
  if (result.code !== 0 && !result.cut) throw new GitError(args, result.code, result.stderr, call.gitDir ?? null);
  return result.stdout;
}

/**
 * The exit code of a started git, when its pipes are closed; -1 for a signal.
 * @param said its errors, where somebody reads them
 * @throws GitStopped and the like, as `runGit`
 */
export async function exitCode(child: ChildProcessWithoutNullStreams, said: () => string = () => ''): Promise<number> {
  const { ended, isConfined } = running.get(child)!;
  const code = await ended;
  if (!isConfined) return code;
  if (!hasStarted(code, said())) throw new GitStopped(message('git.notConfined', { said: said().trim() }));
  return codeOfConfined(code);
}

/** Splits NUL-separated output. Strings are latin1, one character a byte, so that any file name survives. */
export function splitNul(output: Buffer): string[] {
  const parts = output.toString('latin1').split('\0');
  if (parts.at(-1) === '') parts.pop();
  return parts;
}

/** Bytes that were carried as latin1, read as UTF-8 (what is not UTF-8 becomes U+FFFD). */
export function decodeName(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('utf8');
}

/** Whether a name may stand for other bytes than its own: it was none in UTF-8, so nobody finds the file by it. */
export const isLossy = (name: string) => name.includes('\u{fffd}');
