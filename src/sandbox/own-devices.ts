/**
 * Device files of the host, which bubblewrap shows as they are: whose they are could change their rights, for everybody. So they are mounted read-only
 * before. They can be written still, as what is written there is none of the file system's.
 */
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '../common/find-program.ts';
import { SYSTEM_PROGRAM_FOLDERS } from './host-folders.ts';
import { ownUser } from './own-user.ts';
import { readText } from './read-text.ts';

const SHOWN = ['null', 'zero', 'full', 'random', 'urandom', 'tty'].map((name) => `/dev/${name}`);
const EACH = 'mount=$1; shift; while [ "$1" != -- ]; do "$mount" -o bind,ro "$1" "$1" || exit 126; shift; done; shift; exec "$@"';
/** In one go, in a tenth of the time. */
const ALL = '"$1" -a -T "$2" || exit 126; shift 2; exec "$@"';

/** Those that are this user's: root's, as a rule. */
export function ownDevices(owner = (path: string) => statSync(path, { throwIfNoEntry: false })?.uid): string[] {
  const { uid } = ownUser();
  return SHOWN.filter((path) => owner(path) === uid);
}

/**
 * What mounts them before a program starts; for a process that may mount in a namespace of its own.
 * @param folder one that commands cannot change; null = there is none
 * @returns [] where the system has no `mount`, or there are none
 */
export function guardingCommand(devices: readonly string[], folder: string | null, mounts = readText('/proc/self/mountinfo')): string[] {
  const mount = findProgram('mount', SYSTEM_PROGRAM_FOLDERS);
  if (mount === null || devices.length === 0) return [];
  // Of a table those are passed by that are mounted where they are already, as in some containers.
  if (folder === null || devices.some((path) => mounts.includes(` ${path} `)))
    return ['/bin/sh', '-c', EACH, 'sh', mount, ...devices, '--'];
  const table = join(folder, 'sandbox-devices');
  writeFileSync(table, devices.map((path) => `${path} ${path} none bind,ro 0 0\n`).join(''));
  return ['/bin/sh', '-c', ALL, 'sh', mount, table];
}
