/** What of the host a sandbox shows and hides: fixed lists, and a look at which of them exist. */
import { accessSync, constants, statSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { namesIn } from '../common/list-names.ts';
import { realPathOf } from '../common/real-path.ts';
import { TOOLCHAINS } from './toolchains.ts';

/** System folders that programs may be taken from. PATH is not asked: it could lead into the repository. */
export const SYSTEM_PROGRAM_FOLDERS: readonly string[] = [
  '/usr/bin',
  '/bin',
  '/usr/local/bin',
  '/usr/sbin',
  '/sbin',
  '/run/current-system/sw/bin',
  '/nix/var/nix/profiles/default/bin',
  '/home/linuxbrew/.linuxbrew/bin',
];

/** Folders with a home, a socket or other people's files in them. */
const PRIVATE_FOLDERS: readonly string[] = ['/run', '/var/tmp', '/home', '/root'];

/** What only root may read; hidden when we are root, who would see it in the sandbox as well. */
const ROOT_SECRETS: readonly string[] = [
  '/etc/shadow',
  '/etc/shadow-',
  '/etc/gshadow',
  '/etc/gshadow-',
  '/etc/sudoers',
  '/etc/ssh',
  '/etc/ssl/private',
  '/etc/krb5.keytab',
  '/etc/docker',
  '/etc/kubernetes',
  '/etc/rancher',
  '/etc/NetworkManager/system-connections',
  '/var/lib/docker',
  '/var/lib/containerd',
  '/var/lib/kubelet',
  '/var/spool/cron',
];

export interface HostFolders {
  /** Existing folders (real paths) that an empty one covers. */
  readonly hiddenFolders: readonly string[];
  /** Existing files (real paths) that become unreadable. */
  readonly hiddenFiles: readonly string[];
  /** Existing parts of the homes that are shown again, read-only. */
  readonly toolchains: readonly string[];
}

/**
 * Looks at the host once.
 * @param home the user's home as the environment says it; the home of the user database is hidden as well
 * @param hidden further paths that must not be visible
 */
export function findHostFolders(home: string | undefined, hidden: readonly string[]): HostFolders {
  const homes = [...new Set([home, homedir(), databaseHome()].filter((path) => path?.startsWith('/') && path !== '/') as string[])];
  const wanted = [...PRIVATE_FOLDERS, ...windowsDrives(), ...homes, ...hidden, ...ROOT_SECRETS.filter(isReadable)];
  const found = [...new Set(wanted.flatMap((path) => realPathOf(path) ?? []))];
  return {
    hiddenFolders: found.filter(isFolder),
    hiddenFiles: found.filter((path) => !isFolder(path)),
    toolchains: [...homes.flatMap((path) => TOOLCHAINS.map(({ folder }) => join(path, folder))), '/home/linuxbrew/.linuxbrew'].filter(
      isFolder,
    ),
  };
}

function databaseHome(): string | undefined {
  try {
    return userInfo().homedir;
  } catch {
    return undefined;
  }
}

/** In WSL, /mnt/c holds the Windows home with its keys. */
function windowsDrives(): string[] {
  return namesIn('/mnt')
    .filter((name) => /^[a-z]$/.test(name))
    .map((name) => `/mnt/${name}`);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
