/**
 * A wall around git itself: what it sees, and what it may write. Links, pointers and settings of a git dir lead it to places that we did not think of, however much of it is looked at
 * beforehand; so where bubblewrap is, a git that we start sees the machine read-only, but for the places that its call names. A program that it was led
 * to would have no network, and no socket, terminal or process of the user's. Where no configuration of the user's counts, and contents are read that
 * a model may be told, it sees nothing of the machine but the system and what its call names: a link among objects leads to no other file.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Writable } from 'node:stream';
import { findAgain } from '../common/find-again.ts';
import { findProgram } from '../common/find-program.ts';
import { realPathOf, wayTo } from '../common/real-path.ts';
import { mountArguments } from '../sandbox/bubblewrap-arguments.ts';
import { SYSTEM_PROGRAM_FOLDERS, systemMounts } from '../sandbox/host-folders.ts';
import { ownUser } from '../sandbox/own-user.ts';
import { seccompFilter } from '../sandbox/seccomp-filter.ts';
import { gitUntil, limitGit } from './limit-git.ts';

const TRY_MS = 10_000;
const TRY_AGAIN_MS = 60_000;
/** The best first: some containers allow mounts of one's own, but no processes. */
const VARIANTS: readonly (readonly string[])[] = [['--unshare-pid', '--unshare-ipc', '--proc', '/proc', '--remount-ro', '/proc'], []];
/** The descriptor behind the three that git has, which gets none of it. */
const FILTER_FD = 3;
/** Without the others nobody's terminal, disk or shared memory can be written by the name of a device. */
const DEVICES = ['null', 'zero', 'full', 'random', 'urandom'].map((name) => `/dev/${name}`);
/** Which libraries are where. */
const LOADER = '/etc/ld.so.cache';
/** Where programs of the user's keep what they need for a moment, told by TMPDIR; what lies in /tmp, as the socket of an agent, stays there. */
const PROGRAMS_TEMP = '/var/tmp';
const OWN_TEMP = existsSync(PROGRAMS_TEMP) ? ['--tmpfs', PROGRAMS_TEMP] : [];
/** Nobody has more, and each takes time in which the server answers nobody. */
const MOST_WAYS = 100;
/** bubblewrap tells a signal as a shell does. Git's own codes end at 129. */
const FIRST_SIGNAL_CODE = 130;

/** How a machine confines git. */
export interface Confinement {
  readonly program: string;
  /** Before the places: of one that sees the whole machine, and of one that sees only them. */
  readonly whole: readonly string[];
  readonly part: readonly string[];
  /** The same of one in which programs of the user's run. */
  readonly forPrograms: readonly string[];
  /** Which system calls are refused; null = none, on a processor of another kind. */
  readonly filter: Buffer | null;
  /** More variables of the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

let ours: (() => Promise<Confinement | null>) | null = null;

/**
 * What this machine can do, tried with git; null = nothing. A machine that was full, or hung, in the moment of that is tried again.
 * @param git its absolute path
 */
export function findConfinement(git: string): Promise<Confinement | null> {
  ours ??= findAgain(
    () => tryVariants(git),
    (found) => found !== null && found.part !== found.whole,
    TRY_AGAIN_MS,
  );
  return ours();
}

async function tryVariants(git: string): Promise<Confinement | null> {
  const program = process.platform === 'linux' ? findProgram('bwrap', SYSTEM_PROGRAM_FOLDERS) : null;
  if (program === null) return null;
  const filter = seccompFilter(process.arch, ownUser(), 'none');
  // Without sockets there is no network, and a namespace of it costs the kernel more than all others.
  const reach = filter ? ['--seccomp', String(FILTER_FD)] : ['--unshare-net'];
  for (const variant of VARIANTS) {
    const devices = DEVICES.flatMap((path) => ['--dev-bind-try', path, path]);
    const rest = [...devices, ...variant, ...reach];
    const whole = ['--ro-bind', '/', '/', ...rest];
    // The pipe of the filter is read to its end, and closed, in another way.
    const forPrograms = ['--ro-bind', '/', '/', ...devices, ...variant, '--args', String(FILTER_FD), ...OWN_TEMP];
    const part = [...systemMounts().flatMap(mountArguments), '--ro-bind-try', LOADER, LOADER, '--tmpfs', '/tmp', ...rest];
    const all = { program, whole, part, forPrograms, filter };
    if (await starts(all, { reads: [], writes: [] }, [git, 'version'])) return all;
    // A git in a folder that is not of the system.
    if (await starts(all, { reads: null, writes: [] }, [git, 'version'])) return { ...all, part: whole };
  }
  return null;
}

/**
 * A confinement in which programs of the user's run beside git: they have the network and sockets, and a temp folder; what they write is bounded as
 * what git writes.
 */
export function forPrograms(confinement: Confinement): Confinement {
  const args = confinement.forPrograms;
  return { ...confinement, whole: args, part: args, filter: null, env: OWN_TEMP.length > 0 ? { TMPDIR: PROGRAMS_TEMP } : {} };
}

/** It ends with this process at the latest, and whatever becomes of the call in which it is tried: what it says counts for all. */
function starts(confinement: Confinement, places: Places, command: readonly string[]): Promise<boolean> {
  const child = spawn(confinement.program, confinedArguments(confinement, places, '/', command), {
    stdio: ['ignore', 'ignore', 'ignore', ...MORE_PIPES],
    env: {},
    detached: true,
  });
  const { ended } = gitUntil(null, () => limitGit(child, 'version', undefined, { limitMs: TRY_MS, isConfined: true }));
  attend(child, confinement);
  return ended.then(
    (code) => code === 0,
    () => false,
  );
}

/** Of a process that is to be attended. */
export const MORE_PIPES = ['pipe'] as const;

/** Gives a process that was just started its filter. */
export function attend(child: ChildProcess, { filter }: Confinement): void {
  const pipe = child.stdio[FILTER_FD] as Writable | null | undefined;
  pipe?.on('error', () => {}); // it did not start, which its end tells
  pipe?.end(filter ?? undefined);
}

/** Files and folders; those that are not there are left out. */
export interface Places {
  /** All that it sees beside the system; null = the whole machine. */
  readonly reads: readonly string[] | null;
  readonly writes: readonly string[];
}

/**
 * The arguments of `confinement.program` that run a command within some places.
 * @param cwd where it starts
 */
export function confinedArguments(
  { whole, part }: Confinement,
  { reads, writes }: Places,
  cwd: string,
  command: readonly string[],
): readonly string[] {
  const bound = (how: string, places: readonly string[]) => places.flatMap((place) => [how, place, place]);
  const written = realPathsOf(writes);
  const start = ['--chdir', cwd, '--', ...command];
  if (reads === null || part === whole) return [...whole, ...bound('--bind-try', written), ...start];
  const shown = realPathsOf(reads);
  const ways = waysTo([...reads, ...writes], [...shown, ...written]);
  return [...part, ...bound('--ro-bind-try', shown), ...bound('--bind-try', written), ...ways, ...start];
}

const realPathsOf = (places: readonly string[]): string[] => [...new Set(places.flatMap((place) => realPathOf(place) ?? []))];

/** The links and folders by which places are found, but for those that are shown as they are. */
function waysTo(places: readonly string[], shown: readonly string[]): string[] {
  const found = places
    .filter((place) => place !== realPathOf(place))
    .slice(0, MOST_WAYS)
    .map(wayTo);
  if (found.length === 0) return [];
  const all = new Set([...shown, ...systemMounts().map(({ at }) => at)]);
  const isShown = (path: string): boolean => all.has(path) || (path !== '/' && isShown(dirname(path)));
  const made = new Map<string, readonly string[]>();
  for (const { links, folders } of found) {
    for (const folder of folders) if (!isShown(folder)) made.set(folder, ['--dir', folder]);
    for (const [at, target] of links) if (!isShown(at)) made.set(at, ['--symlink', target, at]);
  }
  return [...made.values()].flat();
}

/**
 * Whether git was started. bubblewrap ends with 1, as git does where nothing matches, and says why. Not by its own pipe for this: it breaks with a
 * server that is killed, and bubblewrap with it, before it lets go on what it has begun, which waits for ever then.
 */
export const hasStarted = (code: number, said: string): boolean => code !== 1 || !said.startsWith('bwrap: ');

/** The exit code of a confined git, in which one that a signal ended has -1. */
export const codeOfConfined = (code: number): number => (code >= FIRST_SIGNAL_CODE ? -1 : code);
