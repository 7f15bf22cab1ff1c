/** The /etc of a sandbox: few files of the host's, and a user database that knows nobody but the user. */
import { lstatSync, mkdirSync, readFileSync, readlinkSync, rmSync, type Stats, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { errorCode } from '../common/caught-error.ts';
import { entriesIn, expandNames, namesIn } from '../common/list-names.ts';
import { realPathOf } from '../common/real-path.ts';
import { holdsPassword } from './holds-password.ts';
import { isWithin, type Mount, mount } from './mounts.ts';
import { ownUser } from './own-user.ts';
import { holdsWrittenSecret } from './secret-scripts.ts';
import { ETC_PARTS, type EtcPart } from './system-parts.ts';

const LARGEST_FILE = 1024 * 1024;
const MOST_FILES = 200;
/** Some folders of settings have a file for passwords. */
const SECRET_NAME = /passw|secret|private|credential|token|\.(key|keytab|pfx|p12|jks)$/i;
/** What services are told in the folder of a language; none runs inside. */
const OF_SERVICES = new Set(['fpm', 'php-fpm.d', 'apache2', 'cgi']);

export interface EtcOptions {
  /** Where HOME is inside. */
  readonly home: string;
  readonly shell: string;
  /** The host's folder; another one in tests. */
  readonly hostEtc?: string;
}

/**
 * Makes the folder anew.
 * @returns it and the folders of the host in it, as mounts
 */
export function makeEtcFolder(folder: string, { home, shell, hostEtc = '/etc' }: EtcOptions): Mount[] {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const mounts = [mount('read-only', folder, '/etc')];
  const budget = { files: MOST_FILES };
  for (const part of ETC_PARTS) {
    for (const path of expandNames(hostEtc, part.path)) mounts.push(...lend(part, join(hostEtc, path), folder, path, budget));
  }
  for (const [name, text] of Object.entries(ownFiles(home, shell, hostEtc))) writeFileSync(join(folder, name), text);
  return mounts;
}

function lend({ how }: EtcPart, host: string, folder: string, path: string, budget: { files: number }): Mount[] {
  const into = join(folder, path);
  if (how !== 'mount') {
    copy(host, into, budget, how === 'copy' ? holdsLogin : holdsPassword);
    return [];
  }
  const real = realPathOf(host);
  if (!real || !statSync(real).isDirectory() || exists(into)) return [];
  mkdirSync(into, { recursive: true });
  const at = join('/etc', path);
  const keys = entriesIn(real).flatMap((entry) => (entry.isFile() && isKey(join(real, entry.name)) ? [join(at, entry.name)] : []));
  return [mount('read-only', real, at), ...keys.map((key) => mount('unreadable', '', key))];
}

/** Some services want key and certificate in one file, which then lies among the certificates. */
function isKey(file: string): boolean {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (!stat || stat.size > LARGEST_FILE) return false;
  return SECRET_NAME.test(basename(file)) || !isForEveryone(stat) || readWhole(file).includes('PRIVATE KEY-----');
}

/** What most machines have in these files reads like passwords to the one that looks closely: `http.auth`, `mysqli.default_pw =`. */
const LOGIN =
  /^.*(:\/\/[^\s/:@]+:[^\s/@]+@|\w:\/\/.*[?&]auth=\w|\w_(pw|password)[ \t]*=[ \t]*[^\s;]|pass(word)?["']?\s*=>\s*(q\[[^\]]|["'][^"']))/m;
const holdsLogin = (content: Buffer) => {
  const text = content.toString('latin1').replaceAll(/^[ \t]*[;#].*$/gm, '');
  return LOGIN.test(text) || holdsWrittenSecret(Buffer.from(text, 'latin1'));
};

/** @param isClosed what is not copied, by what it holds */
function copy(host: string, into: string, budget: { files: number }, isClosed: (content: Buffer) => boolean): void {
  const stat = lstatSync(host, { throwIfNoEntry: false });
  if (!stat || budget.files-- <= 0 || exists(into)) return;
  if (SECRET_NAME.test(basename(host)) || OF_SERVICES.has(basename(host))) return;
  mkdirSync(dirname(into), { recursive: true });
  if (stat.isSymbolicLink() && leadsToWhatIsThere(host)) symlinkSync(readlinkSync(host), into);
  else copyContent(host, into, budget, isClosed);
}

function copyContent(host: string, into: string, budget: { files: number }, isClosed: (content: Buffer) => boolean): void {
  const stat = statSync(host, { throwIfNoEntry: false });
  if (stat?.isDirectory()) for (const name of namesIn(host)) copy(join(host, name), join(into, name), budget, isClosed);
  else if (stat && isSmallFile(stat) && isForEveryone(stat)) {
    const content = readWhole(host);
    if (!isClosed(content)) writeFileSync(into, content);
  }
}

const isSmallFile = (stat: Stats) => stat.isFile() && stat.size <= LARGEST_FILE;
/** What root keeps to itself is not shown to commands of root's either. */
const isForEveryone = (stat: Stats) => (stat.mode & 0o004) !== 0;

/** A link tells something by its name: which time zone, which alternative. */
function leadsToWhatIsThere(host: string): boolean {
  const real = realPathOf(host);
  return real !== null && ['/usr', '/nix/store', '/proc'].some((folder) => isWithin(real, folder));
}

function readWhole(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    if (['EACCES', 'ENOENT', 'EISDIR'].includes(errorCode(error) ?? '')) return Buffer.alloc(0);
    throw error;
  }
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

const NOBODY = 65534;

function ownFiles(home: string, shell: string, hostEtc: string): Record<string, string> {
  const { uid, gid, username } = user();
  const own = uid === 0 ? [] : [`${username}:x:${uid}:${gid}::${home}:${shell}`];
  const group = gid === 0 ? [] : [`${username}:x:${gid}:`];
  const host = hostname();
  return {
    // The first line for an id counts, and services in containers often run as nobody.
    passwd: lines(
      `root:x:0:0:root:${uid === 0 ? home : '/root'}:${shell}`,
      ...own,
      ...(uid === NOBODY ? [] : [`nobody:x:${NOBODY}:${NOBODY}:nobody:/nonexistent:/bin/false`]),
    ),
    group: lines('root:x:0:', ...group, ...(gid === NOBODY ? [] : [`nogroup:x:${NOBODY}:`])),
    // In the order of the host, so that `localhost` is the same address first; names of other machines are nobody's business.
    hosts: lines(...loopbackLines(readWhole(join(hostEtc, 'hosts')).toString('utf8')), `127.0.1.1 ${host}`),
    // Nobody answers there, as nobody does where there is no such file; but libraries that read it themselves refuse to start without it.
    'resolv.conf': lines('nameserver 127.0.0.1'),
    // Only files: else the C library asks daemons of the host, which are not there.
    'nsswitch.conf': lines('passwd: files', 'group: files', 'shadow: files', 'hosts: files dns', 'services: files', 'protocols: files'),
    // One for all machines, since it is there to tell them apart.
    'machine-id': lines('00000000000000000000000000000001'),
  };
}

function loopbackLines(hosts: string): string[] {
  const found = hosts.split('\n').filter((line) => /^\s*(127\.|::1\s)/.test(line));
  return found.some((line) => /\blocalhost\b/.test(line)) ? found : ['127.0.0.1 localhost', '::1 localhost', ...found];
}

function user(): { uid: number; gid: number; username: string } {
  const { uid, gid } = ownUser();
  try {
    const { username } = userInfo();
    return { uid, gid, username: /^[\w.-]+$/.test(username) ? username : 'user' };
  } catch {
    return { uid, gid, username: 'user' }; // not in the user database
  }
}

const lines = (...all: string[]) => all.map((line) => `${line}\n`).join('');
