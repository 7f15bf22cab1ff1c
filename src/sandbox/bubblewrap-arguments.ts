/** What a sandboxed command sees, as arguments for bubblewrap. Pure: looks at nothing. */
import { posix } from 'node:path';
import type { HostFolders } from './host-folders.ts';
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
}

/** What the host has, found once for a sandbox (`hidden`, `toolchains`) or before a command (the rest). */
export interface HostParts {
  readonly features: BubblewrapFeatures;
  readonly folders: HostFolders;
  /** Those of spec.dependencies that can be mounted now. */
  readonly dependencies: SandboxSpec['dependencies'];
  /** Whether the git dir has its list of borrowed object folders for in here (`sandbox-alternates`). */
  readonly alternates: boolean;
  /** Whether the working tree has a `.git` file. */
  readonly gitPointer: boolean;
  /** Indexes of those spec.objectDirs that borrow from others themselves (have `info/alternates`). */
  readonly borrowing: readonly number[];
}

export interface Mount {
  readonly kind: 'empty' | 'read-only' | 'writable' | 'unreadable';
  /** Host path; '' for `empty` and `unreadable`. */
  readonly source: string;
  readonly at: string;
}

/** Where spec.temp appears; next to a repository that is /tmp itself it must be another place. */
export function shownTempOf(spec: Pick<SandboxSpec, 'mountAt'>): string {
  return spec.mountAt === '/tmp' ? '/var/tmp' : '/tmp';
}

/**
 * Everything that is mounted over the read-only view of the host, in mounting order: parents before children, so that no
 * cover hides what is shown below it, wherever the repository lies (below home, below /tmp, home itself).
 */
export function planMounts(spec: SandboxSpec, parts: HostParts): Mount[] {
  const shown = shownMounts(spec, parts);
  const covers = [
    ...parts.folders.hiddenFolders.map((at) => mount('empty', '', at)),
    ...parts.folders.hiddenFiles.map((at) => mount('unreadable', '', at)),
    ...parts.folders.toolchains.map((path) => mount('read-only', path, path)),
  ];
  const wanted = [...covers.filter(({ at }) => !isWithin(at, spec.mountAt)), ...shown];
  const last = new Map(wanted.map((entry) => [entry.at, entry]));
  const sorted = [...last.values()].sort((a, b) => depth(a.at) - depth(b.at));
  return sorted.filter((entry) => !isHiddenAnyway(entry, sorted));
}

function shownMounts(spec: SandboxSpec, parts: HostParts): Mount[] {
  const mounts = [mount('writable', spec.temp, shownTempOf(spec)), mount('writable', spec.workspace, spec.mountAt)];
  if (parts.gitPointer) mounts.push(mount('read-only', posix.join(spec.workspace, '.git'), posix.join(spec.mountAt, '.git')));
  for (const { host, at } of parts.dependencies) mounts.push(mount('read-only', host, posix.join(spec.mountAt, at)));
  mounts.push(mount('read-only', spec.gitDir, spec.gitDir));
  if (parts.alternates) {
    mounts.push(mount('read-only', posix.join(spec.gitDir, 'sandbox-alternates'), posix.join(spec.gitDir, 'objects/info/alternates')));
  }
  spec.objectDirs.forEach((folder, index) => {
    const at = shownObjects(index);
    mounts.push(mount('read-only', folder, at));
    // Its own list of borrowed folders names host paths that are not there; git would complain in each command.
    if (parts.borrowing.includes(index)) mounts.push(mount('empty', '', `${at}/info`));
  });
  return mounts;
}

/** A cover is needed only where the host shows through; elsewhere it would just betray a name. */
function isHiddenAnyway(entry: Mount, all: readonly Mount[]): boolean {
  if (entry.kind !== 'empty' && entry.kind !== 'unreadable') return false;
  const around = deepestAround(entry.at, all);
  return around !== undefined && around.kind !== 'read-only';
}

/** The mount that a path lies in, the path's own not counted. */
export function deepestAround(path: string, mounts: readonly Mount[]): Mount | undefined {
  return mounts.filter(({ at }) => at !== path && isWithin(path, at)).sort((a, b) => depth(b.at) - depth(a.at))[0];
}

/**
 * Arguments for bubblewrap up to, not including, the program to run.
 * @param options.cwd folder relative to the working tree
 * @param options.proxySocket host path of the proxy's socket, or null without network
 * @param options.statusFd file descriptor that bubblewrap reports process id and exit code on
 */
export function bubblewrapArguments(
  spec: SandboxSpec,
  parts: HostParts,
  options: { readonly cwd: string; readonly proxySocket: string | null; readonly statusFd: number },
): string[] {
  const mounts = planMounts(spec, parts);
  if (options.proxySocket) mounts.push(mount('read-only', options.proxySocket, SHOWN_PROXY_SOCKET));
  const empty = mounts.filter(({ kind }) => kind === 'empty').map(({ at }) => at);
  return [
    ...namespaceArguments(parts.features),
    ...systemArguments(parts.features),
    ...mounts.flatMap(mountArguments),
    // Empty covers are read-only in the end: a write there would look as if it worked, and would eat memory unseen.
    ...[...empty, '/dev'].flatMap((at) => ['--remount-ro', at]),
    '--json-status-fd',
    String(options.statusFd),
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
 * The read-only host with its own /dev and /proc. /proc/sys is bound from the host read-only: for root, settings such as
 * core_pattern (which program the kernel runs on a crash, outside of every namespace) would be writable in a fresh /proc.
 */
export function systemArguments(features: BubblewrapFeatures): string[] {
  const sharedMemory = [...(features.tmpfsSize ? ['--size', String(512 * 1024 * 1024)] : []), '--tmpfs', '/dev/shm'];
  return ['--ro-bind', '/', '/', '--dev', '/dev', ...sharedMemory, '--proc', '/proc', '--ro-bind', '/proc/sys', '/proc/sys'];
}

function mountArguments({ kind, source, at }: Mount): string[] {
  switch (kind) {
    case 'empty':
      return ['--tmpfs', at];
    case 'unreadable':
      // A device file on a mount without devices: opening it is refused.
      return ['--ro-bind', '/dev/null', at];
    case 'read-only':
      return ['--ro-bind', source, at];
    case 'writable':
      return ['--bind', source, at];
  }
}

function mount(kind: Mount['kind'], source: string, at: string): Mount {
  return { kind, source, at };
}

function depth(path: string): number {
  return path === '/' ? 0 : path.split('/').length - 1;
}

/** Whether `path` is `folder` or lies below it. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`);
}
