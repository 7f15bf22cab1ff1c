/** What a sandboxed command sees, as arguments for bubblewrap. Pure: looks at nothing. */
import { posix } from 'node:path';
import { deepestAround, depth, isWithin, type Mount, mount } from './mounts.ts';
import { FOLDERS_IN_PROC } from './system-parts.ts';
import type { SandboxSpec } from './types.ts';

/** Folder inside the sandbox for what we bring along: borrowed objects, the proxy's socket. */
const OWN_FOLDER = '/run/claude-kimi';
export const SHOWN_PROXY_SOCKET = `${OWN_FOLDER}/proxy.sock`;
/** Where a command sees an object directory, by its number in `SandboxSpec.objectDirs`. */
export const shownObjects = (index: number) => `${OWN_FOLDER}/objects/${index}`;

/** Options that older versions of bubblewrap lack. */
export interface BubblewrapFeatures {
  /** `--disable-userns`, from 0.8. */
  readonly disableUserns: boolean;
  /** `--size`, from 0.7. */
  readonly tmpfsSize: boolean;
  /** Path of `unshare`, with which mounts of the host stay out of a sandbox; null where the system forbids it. */
  readonly unshare: string | null;
  /** Files and folders of /proc that are covered. */
  readonly hiddenInProc: readonly string[];
  /** Device files of the host that are mounted read-only before, as they belong to this user. */
  readonly devices: readonly string[];
}

/** What the host has, found once for a sandbox or before a command. */
export interface HostParts {
  readonly features: BubblewrapFeatures;
  /** What is shown of the host, read-only, and links. */
  readonly lent: readonly Mount[];
  /** What lies in there and is not shown. */
  readonly covers: readonly Mount[];
  /** Indexes of those spec.objectDirs that hold objects and nothing else. */
  readonly objectDirs: readonly number[];
  /** What is mounted of spec.lent now: in private layers, or read-only. */
  readonly installed: readonly Mount[];
  /** Whether the git dir has its list of borrowed object folders for in here (`sandbox-alternates`). */
  readonly alternates: boolean;
  /** Whether the working tree has a `.git` file. */
  readonly gitPointer: boolean;
  /** A host folder with nothing in it, out of the reach of commands. */
  readonly emptyFolder: string;
  /** Files there without a setting, by how they are written. */
  readonly blank: { readonly plain: string; readonly xml: string; readonly json: string };
  /** Indexes of those spec.objectDirs that borrow from others themselves (have `info/alternates`). */
  readonly borrowing: readonly number[];
}

/** Where no home of a person is. */
const SYSTEM_FOLDERS = [
  '/bin',
  '/boot',
  '/dev',
  '/etc',
  '/lib',
  '/lib64',
  '/opt',
  '/proc',
  '/run',
  '/sbin',
  '/sys',
  '/usr',
  '/nix',
  '/gnu',
];

/** Where spec.temp appears; next to a repository that is /tmp itself it must be another place. */
export function shownTempOf(spec: Pick<SandboxSpec, 'mountAt'>): string {
  return spec.mountAt === '/tmp' ? '/var/tmp' : '/tmp';
}

/**
 * Where `home` of spec.temp appears: where the user's home is, as installed programs and caches have its path written into them; as a
 * folder of temp where that is a place of the system's or belongs to the repository.
 */
export function shownHomeOf(spec: Pick<SandboxSpec, 'mountAt' | 'env'>): string {
  const home = posix.normalize(spec.env['HOME'] ?? '').replace(/(.)\/$/, '$1');
  const isUsual = posix.isAbsolute(home) && depth(home) > 0 && !SYSTEM_FOLDERS.some((folder) => isWithin(home, folder));
  return isUsual && !isWithin(home, spec.mountAt) && home !== shownTempOf(spec) ? home : posix.join(shownTempOf(spec), 'home');
}

/**
 * Everything that is mounted, in mounting order: parents before children, so that no cover hides what is shown below it, wherever the
 * repository lies (below home, below /tmp, home itself).
 */
export function planMounts(spec: SandboxSpec, parts: HostParts): Mount[] {
  const host = [...parts.covers, ...parts.lent].filter(({ at }) => !isWithin(at, spec.mountAt));
  const last = new Map([...host, ...shownMounts(spec, parts), ...partCovers(spec, parts)].map((entry) => [entry.at, entry]));
  const sorted = [...last.values()].sort((a, b) => depth(a.at) - depth(b.at));
  return sorted.filter((entry) => isNeeded(entry, sorted, shownHomeOf(spec)));
}

/** Covers of what is shown inside of the working tree (installed dependencies). */
function partCovers(spec: SandboxSpec, parts: HostParts): Mount[] {
  const shown = parts.installed.filter(({ at }) => isWithin(at, spec.mountAt));
  return parts.covers.filter(({ at }) => shown.some((folder) => at !== folder.at && isWithin(at, folder.at)));
}

function shownMounts(spec: SandboxSpec, parts: HostParts): Mount[] {
  const mounts = [mount('writable', spec.temp, shownTempOf(spec)), mount('writable', spec.workspace, spec.mountAt)];
  const home = shownHomeOf(spec);
  if (home !== posix.join(shownTempOf(spec), 'home')) mounts.push(mount('writable', posix.join(spec.temp, 'home'), home));
  if (parts.gitPointer) mounts.push(mount('read-only', posix.join(spec.workspace, '.git'), posix.join(spec.mountAt, '.git')));
  mounts.push(...parts.installed);
  mounts.push(mount('read-only', spec.gitDir, spec.gitDir));
  if (parts.alternates) {
    mounts.push(mount('read-only', posix.join(spec.gitDir, 'sandbox-alternates'), posix.join(spec.gitDir, 'objects/info/alternates')));
  }
  spec.objectDirs.forEach((folder, index) => {
    if (!parts.objectDirs.includes(index)) return;
    const at = shownObjects(index);
    mounts.push(mount('read-only', folder, at));
    // Its own list of borrowed folders names host paths that are not there; git would complain in each command.
    if (parts.borrowing.includes(index)) mounts.push(mount('empty', '', `${at}/info`));
  });
  return mounts;
}

/**
 * A cover is needed only where the host shows through, elsewhere it would just betray a name; a link only where nothing else stands. Links
 * in the private home are made before (see `prepare-host-parts.ts`): they stay from one command to the next.
 */
function isNeeded(entry: Mount, all: readonly Mount[], home: string): boolean {
  if (['read-only', 'writable', 'layered'].includes(entry.kind)) return true;
  const around = deepestAround(entry.at, all);
  if (entry.kind === 'link')
    return (around === undefined || around.at === home) && !all.some(({ at }) => at !== entry.at && isWithin(at, entry.at));
  return around?.kind === 'read-only' || around?.kind === 'layered';
}

/** Nothing is to be mounted in most covers; a folder of ours that is empty costs a fourth of a file system of their own. */
function withSource(entry: Mount, all: readonly Mount[], { emptyFolder, blank }: HostParts): Mount {
  if (entry.kind === 'blank') return mount('read-only', blank[syntaxOf(entry.at)], entry.at);
  const holdsOthers = all.some(({ at }) => at !== entry.at && isWithin(at, entry.at));
  return entry.kind === 'empty' && !holdsOthers ? mount('read-only', emptyFolder, entry.at) : entry;
}

function syntaxOf(settings: string): keyof HostParts['blank'] {
  if (settings.endsWith('.xml')) return 'xml';
  return settings.endsWith('/conda-meta/state') ? 'json' : 'plain';
}

/**
 * Arguments for bubblewrap up to, not including, the program to run.
 * @param options.cwd folder relative to the working tree
 * @param options.proxySocket host path of the proxy's socket, or null without network
 * @param options.statusFd file descriptor that bubblewrap reports process id and exit code on
 * @param options.seccompFd file descriptor that it reads the filter of system calls from
 */
export function bubblewrapArguments(
  spec: SandboxSpec,
  parts: HostParts,
  options: { readonly cwd: string; readonly proxySocket: string | null; readonly statusFd: number; readonly seccompFd: number },
): string[] {
  const planned = planMounts(spec, parts).filter((entry, _index, all) => entry.kind !== 'link' || !deepestAround(entry.at, all));
  const mounts = planned.map((entry, _index, all) => withSource(entry, all, parts));
  if (options.proxySocket) mounts.push(mount('read-only', options.proxySocket, SHOWN_PROXY_SOCKET));
  const empty = mounts.filter(({ kind }) => kind === 'empty').map(({ at }) => at);
  return [
    ...namespaceArguments(parts.features),
    ...systemArguments(parts.features),
    ...mounts.flatMap(mountArguments),
    // Empty covers are read-only in the end: a write there would look as if it worked, and would eat memory unseen.
    ...[...empty, '/dev', '/'].flatMap((at) => ['--remount-ro', at]),
    '--json-status-fd',
    String(options.statusFd),
    '--seccomp',
    String(options.seccompFd),
    '--chdir',
    posix.join(spec.mountAt, options.cwd),
    '--',
  ];
}

/** Own user, process, network, IPC, host-name and cgroup namespaces; no capabilities; no terminal; death with the parent. */
export function namespaceArguments(features: BubblewrapFeatures): string[] {
  const base = ['--die-with-parent', '--new-session', '--unshare-all', '--unshare-user'];
  return [...base, ...(features.disableUserns ? ['--disable-userns'] : []), '--cap-drop', 'ALL'];
}

/**
 * Its own /dev and /proc. /proc/sys is bound from the host read-only: for root, settings such as core_pattern (which program the kernel
 * runs on a crash, outside of every namespace) would be writable in a fresh /proc.
 */
export function systemArguments({ tmpfsSize, hiddenInProc }: BubblewrapFeatures): string[] {
  const sharedMemory = [...(tmpfsSize ? ['--size', String(512 * 1024 * 1024)] : []), '--tmpfs', '/dev/shm'];
  const hidden = hiddenInProc.flatMap((path) =>
    FOLDERS_IN_PROC.includes(path)
      ? [...mountArguments(mount('empty', '', path)), '--remount-ro', path]
      : mountArguments(mount('unreadable', '', path)),
  );
  return ['--dev', '/dev', ...sharedMemory, '--proc', '/proc', '--ro-bind', '/proc/sys', '/proc/sys', ...hidden];
}

/** A mount namespace of its own in which nothing is shared with the host; the user is root in it. */
export function privateStage(unshare: string): string[] {
  return [unshare, '-U', '-r', '-m', '--propagation', 'private', '--'];
}

/**
 * bubblewrap, behind a first stage of private mounts: bubblewrap alone goes on receiving what the host mounts below a folder that is
 * shown. Inside, the user is itself again.
 * @param mounting starts a program after mounting what bubblewrap cannot; see `private-layers.ts`
 */
export function wrappedCommand(
  program: string,
  unshare: string | null,
  user: { uid: number; gid: number },
  mounting: readonly string[] = [],
): string[] {
  if (!unshare) return [program];
  return [...privateStage(unshare), ...mounting, program, '--uid', String(user.uid), '--gid', String(user.gid)];
}

export function mountArguments({ kind, source, at }: Mount): string[] {
  switch (kind) {
    case 'empty':
      return ['--tmpfs', at];
    case 'unreadable':
    case 'blank':
      // A device file on a mount without devices: opening it is refused.
      return ['--ro-bind', '/dev/null', at];
    case 'read-only':
      return ['--ro-bind', source, at];
    case 'writable':
    case 'layered':
      return ['--bind', source, at];
    case 'link':
      return ['--symlink', source, at];
  }
}
