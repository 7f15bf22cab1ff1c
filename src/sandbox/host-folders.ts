/** What of the host a sandbox shows and hides: fixed lists, and a look at which of them exist. */
import { lstatSync, readFileSync, readlinkSync, type Stats, statSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { basename, dirname, isAbsolute, join, normalize, relative } from 'node:path';
import { expandNames, namesIn } from '../common/list-names.ts';
import { isThere, realPathOf, wouldWait } from '../common/real-path.ts';
import { deployedInSystem, secretsInSystem } from './deployed-in-system.ts';
import { foreignIn } from './foreign-in-environment.ts';
import { holdsPassword, LONGEST_SETTING } from './holds-password.ts';
import { isWithin, type Mount, mount } from './mounts.ts';
import { OPT, optInstallations } from './opt-installations.ts';
import { holdsWrittenSecret, secretScripts, secretsOfScripts, secretTexts } from './secret-scripts.ts';
import { seenLately } from './seen-lately.ts';
import { isSecretByName, OF_PROGRAM_FOLDER, settingsOfServices } from './service-settings.ts';
import { CREDENTIALS, LINKS, MAC_PARTS, NEVER, SYSTEM_PARTS } from './system-parts.ts';
import {
  BESIDE_SYSTEM,
  BESIDE_SYSTEM_FOLDERS,
  HOMEBREW,
  homebrewFolders,
  SETTINGS_OF_INSTALLATION,
  TOOLCHAINS,
  type Toolchain,
} from './toolchains.ts';
import { whereTheyLie } from './where-they-lie.ts';

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

/** Variables that name a certificate of the user's, which a company's network needs. */
const CERTIFICATES = [
  ...['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'PIP_CERT', 'GIT_SSL_CAINFO', 'CARGO_HTTP_CAINFO'],
];
/** What an installation in a folder of its own consists of. */
const PREFIX: Toolchain = {
  parts: ['bin', 'sbin', 'lib', 'lib64', 'libexec', 'share', 'include'],
  installations: [''],
};
const ONLY_PROGRAMS: Toolchain = { parts: ['bin', 'sbin'], installations: ['bin', 'sbin'] };
/** Folders whose content is another one inside, or none. */
const NOT_LENT = [
  ...['/tmp', '/var/tmp', '/var/run', '/run', '/dev', '/proc', '/sys', '/home', '/root', '/etc', '/mnt', '/media'],
  ...['/Users', '/Volumes', '/private', '/var/folders'],
];

/** Shown as a part of the system. */
const LOCAL = '/usr/local';

type Environment = Readonly<Record<string, string | undefined>>;

export interface HostFolders {
  /** Everything of the host that is shown, read-only, and links. */
  readonly lent: readonly Mount[];
  /** What lies in there and is not shown. */
  readonly covers: readonly Mount[];
}

/**
 * Looks at the host once.
 * @param env names the home, folders of programs and toolchains
 * @param hidden paths that must not be visible
 * @param untrusted folders that nothing is lent from: the repository and its copy
 */
export function findHostFolders(
  env: Environment,
  hidden: readonly string[],
  untrusted: readonly string[],
  platform: NodeJS.Platform = process.platform,
): HostFolders {
  const homes = homesOf(env);
  const secret = [...new Set([...homes, ...hidden])];
  const system = systemMounts(platform);
  const holdsCredentials = credentialsOf(homes);
  const closed = [...untrusted, ...hidden].flatMap((folder) => [folder, realPathOf(folder) ?? folder]);
  const lendable = (path: string) =>
    !closed.some((folder) => isWithin(path, folder)) && !secret.some((own) => isWithin(own, path)) && !holdsCredentials(path);
  const found = [...toolchainFolders(env, [...new Set(homes)], platform), ...programFolders(env, homes, platform)];
  const places = found.filter(({ folder }) => lendable(folder));
  const links = platform === 'darwin' ? [] : LINKS.map(({ at, to }) => mount('link', to, at));
  const lent = [...system, ...links, ...certificates(env)];
  const installed = platform === 'darwin' ? [] : lately.optInstallations(env, onPath(env));
  for (const path of installed) lent.push(...lend(path, system, lendable));
  for (const { folder, toolchain } of places) {
    for (const part of toolchain.parts.flatMap((name) => expandNames(folder, name)))
      lent.push(...lend(join(folder, part), system, lendable));
  }
  lent.push(...linkedProgramFolders(env, lent));
  const byHand = places.filter(({ toolchain }) => toolchain === PREFIX || toolchain === ONLY_PROGRAMS).flatMap(installationsIn);
  const byTools = new Set(places.flatMap(installationsIn));
  for (const path of [LOCAL, ...installed, ...byHand]) byTools.delete(path);
  const services = [
    ...[...new Set([LOCAL, ...installed, ...byHand])].map((path) => lately.coversOfService(path, true)),
    // Nobody writes a script of his own among the hundreds of programs of an environment.
    ...[...byTools].map((path) => lately.coversOfService(path, false)),
  ];
  const settings = [
    ...places.flatMap((place) => lately.secretSettingsOf(place)),
    ...places.flatMap(scriptsOf),
    ...services.flatMap(({ files }) => files),
    ...(platform === 'darwin' ? [] : lately.secretsInSystem()),
  ];
  const deployed = [...services.flatMap((one) => one.deployed), ...(platform === 'darwin' ? [] : lately.deployedInSystem())];
  const covered = [...secret, ...NEVER.map(({ path }) => path)].flatMap((path) => realPathOf(path) ?? []);
  const inside = platform === 'darwin' ? (paths: readonly string[]) => paths : whereTheyLie(lent, covered);
  return {
    lent,
    covers: [
      ...places.flatMap(emptyIn),
      ...[...covered, ...inside(deployed)].map(cover),
      ...[...new Set(inside(settings))].map((path) => mount('blank', '', path)),
    ],
  };
}

/** Every folder that counts as the user's home. */
export function homesOf(env: Environment): string[] {
  return [env['HOME'], homedir(), databaseHome()].flatMap((path) => (path && isAbsolute(path) && path !== '/' ? [path] : []));
}

/** Whether a path is, lies in or holds a folder of credentials of these homes. */
export function credentialsOf(homes: readonly string[]): (path: string) => boolean {
  const named = homes.flatMap((home) => CREDENTIALS.map((name) => join(home, name)));
  const folders = named.flatMap((folder) => [folder, realPathOf(folder) ?? folder]);
  return (path) => folders.some((folder) => isWithin(path, folder) || isWithin(folder, path));
}

/** What programs need to run at all. */
export function systemMounts(platform: NodeJS.Platform = process.platform): Mount[] {
  return (platform === 'darwin' ? MAC_PARTS : SYSTEM_PARTS).flatMap(({ path }) => asOnHost(path));
}

/** A folder becomes empty, a file unreadable. */
export function cover(path: string): Mount {
  return mount(isFolder(path) ? 'empty' : 'unreadable', '', path);
}

/** Those that can be mounted by now: what they cover may be gone since, or have become a folder. */
export function coversLeft(covers: readonly Mount[]): Mount[] {
  return covers.filter(({ at }) => isThere(at)).map((entry) => (isFolder(entry.at) === (entry.kind === 'empty') ? entry : cover(entry.at)));
}

function asOnHost(path: string): Mount[] {
  const stat = look(path, lstatSync);
  if (!stat) return [];
  return [stat.isSymbolicLink() ? mount('link', readlinkSync(path), path) : mount('read-only', path, path)];
}

interface Place {
  readonly folder: string;
  readonly toolchain: Toolchain;
}

function toolchainFolders(env: Environment, homes: readonly string[], platform: NodeJS.Platform): Place[] {
  const places = TOOLCHAINS.flatMap((toolchain) => {
    const { folder, variable, names } = toolchain;
    const usual = folder ? homes.map((home) => join(home, folder)) : [];
    const chosen = variable && !names ? normalize(env[variable] ?? '') : '';
    return [...new Set([...usual, ...(isAbsolute(chosen) ? [chosen.replace(/(.)\/$/, '$1')] : [])])].map((path) => ({
      folder: path,
      toolchain,
    }));
  });
  const homebrew = homebrewFolders(platform).map((folder) => ({ folder, toolchain: HOMEBREW }));
  const besideSystem = BESIDE_SYSTEM_FOLDERS.map((folder) => ({ folder, toolchain: BESIDE_SYSTEM }));
  return [...places, ...homebrew, ...besideSystem].filter(({ folder }) => isFolder(folder));
}

/** Installations in folders of their own, outside of homes, whose programs PATH names. */
function programFolders(env: Environment, homes: readonly string[], platform: NodeJS.Platform): Place[] {
  const shown = systemMounts(platform).map(({ at }) => at);
  const others = [...NOT_LENT, ...homes, ...shown, ...(platform === 'darwin' ? [] : [OPT])];
  return onPath(env).flatMap((folder) => {
    const prefix = dirname(folder);
    const isPlain = /^s?bin$/.test(basename(folder)) && prefix !== '/' && prefix.split('/').length > 1;
    if (!isPlain || others.some((other) => isWithin(folder, other))) return [];
    // Right below the root lie folders that people share: `/srv/share`, `/data/lib`.
    return [{ folder: prefix, toolchain: prefix.split('/').length > 2 ? PREFIX : ONLY_PROGRAMS }];
  });
}

/** Folders on PATH that are links to what is lent, as version managers make them for each terminal. */
function linkedProgramFolders(env: Environment, lent: readonly Mount[]): Mount[] {
  return onPath(env).flatMap((folder) => {
    const real = realPathOf(folder);
    const isShown = (path: string) => lent.some(({ kind, at }) => kind === 'read-only' && isWithin(path, at));
    return real && real !== folder && !isShown(folder) && isShown(real) ? [mount('link', real, folder)] : [];
  });
}

function onPath(env: Environment): string[] {
  const folders = (env['PATH'] ?? '').split(':').map((folder) => normalize(folder).replace(/(.)\/$/, '$1'));
  return [...new Set(folders)].filter((folder) => isAbsolute(folder) && isFolder(folder));
}

/** @param lendable asked of where it really lies, too: a part may be a link to anywhere */
function lend(path: string, system: readonly Mount[], lendable: (path: string) => boolean): Mount[] {
  const real = realPathOf(path);
  if (!real || !lendable(real)) return [];
  const isSystem = system.some(({ kind, at }) => kind === 'read-only' && isWithin(real, at));
  if (isSystem) return real === path ? [] : [mount('link', real, path)];
  const stat = statSync(real);
  return stat.isFile() || stat.isDirectory() ? [mount('read-only', real, path.replace(/(.)\/$/, '$1'))] : [];
}

function certificates(env: Environment): Mount[] {
  return CERTIFICATES.flatMap((name) => {
    const path = normalize(env[name] ?? '');
    const real = isAbsolute(path) ? realPathOf(path) : null;
    const isShown = SYSTEM_PARTS.some((part) => isWithin(path, part.path)) || isWithin(path, '/etc');
    if (!real || isShown || !isFile(real)) return [];
    const text = readFileSync(real, 'latin1');
    return text.includes('BEGIN CERTIFICATE') && !text.includes('PRIVATE KEY') ? [mount('read-only', real, path)] : [];
  });
}

function emptyIn({ folder, toolchain: { empty = [] } }: Place): Mount[] {
  const there = empty.map((name) => join(folder, name)).filter((path) => look(path, lstatSync)?.isDirectory());
  return there.map((path) => mount('empty', '', path));
}

/** Installations by users, each looked at as those of administrators are: servers and databases lie among them too. */
function installationsIn({ folder, toolchain }: Place): string[] {
  if (toolchain === BESIDE_SYSTEM) return [];
  const found = (toolchain.installations ?? []).flatMap((pattern) => expandNames(folder, pattern));
  // Where one is chosen by a link, it is found by its own name.
  return found.map((name) => join(folder, name).replace(/(.)\/$/, '$1')).filter((path) => look(path, lstatSync)?.isDirectory());
}

function secretSettingsOf({ folder, toolchain }: Place): string[] {
  const below = (root: string, patterns: readonly string[]) =>
    patterns.flatMap((name) => expandNames(root, name).map((path) => join(root, path)));
  const installations = below(folder, toolchain.installations ?? []);
  return [
    ...below(folder, toolchain.settings ?? []),
    ...installations.flatMap((path) => {
      const names = namesIn(path);
      return below(
        path,
        // A folder that cannot be listed can hold what can be opened.
        SETTINGS_OF_INSTALLATION.filter((name) => names.length === 0 || names.includes(name.split('/')[0]!)),
      );
    }),
  ].filter(isSecretFile);
}

function scriptsOf({ folder, toolchain }: Place): string[] {
  return (toolchain.scripts ?? []).flatMap((part) => {
    const real = realPathOf(join(folder, part)); // where it is mounted, nothing is a link
    return real === null ? [] : secretsOfScripts(real).map((name) => join(folder, part, name));
  });
}

/** In what administrators install, and in their scripts, beside what the makers wrote. */
function coversOfService(path: string, hasOwnScripts: boolean): { files: string[]; deployed: readonly string[] } {
  const mayHoldScripts = (part: string) => hasOwnScripts || !OF_PROGRAM_FOLDER.test(part);
  const { files, others: all, deployed } = settingsOfServices(path);
  const others = all.filter((file) => mayHoldScripts(dirname(relative(path, file))));
  const scripts = ['bin', 'sbin', 'libexec']
    .filter(mayHoldScripts)
    .flatMap((part) => secretScripts(join(path, part), holdsWrittenSecret).map((name) => join(path, part, name)));
  const settings = files.filter((file) => isSecretByName(file) || isSecretFile(file));
  const foreign = foreignIn(path);
  const besides = [...foreign.folders, ...foreign.files].map((name) => join(path, name));
  return {
    files: [...new Set([...settings, ...secretTexts([...files, ...others]), ...scripts])],
    deployed: [...new Set([...deployed, ...besides])],
  };
}

/** What takes long, and does not depend on what a sandbox is for. */
const lately = {
  coversOfService: seenLately(coversOfService),
  secretSettingsOf: seenLately((place: Place) => secretSettingsOf(place)),
  secretsInSystem: seenLately(() => secretsInSystem()),
  deployedInSystem: seenLately(() => deployedInSystem()),
  optInstallations: seenLately(optInstallations),
};

function isSecretFile(path: string): boolean {
  if (!isFile(path)) return false;
  if (path.endsWith('.password')) return true;
  try {
    return statSync(path).size > LONGEST_SETTING || holdsPassword(readFileSync(path), path);
  } catch {
    return true;
  }
}

function databaseHome(): string | undefined {
  try {
    return userInfo().homedir;
  } catch {
    return undefined;
  }
}

const isFolder = (path: string) => look(path, statSync)?.isDirectory() ?? false;
const isFile = (path: string) => look(path, statSync)?.isFile() ?? false;

/** What is there; undefined also where the user may not look, as in another's home, or would wait. */
function look(path: string, stat: typeof statSync | typeof lstatSync): Stats | undefined {
  try {
    return wouldWait(path) ? undefined : stat(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
