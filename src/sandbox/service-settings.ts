/**
 * Settings, with passwords in them, of what administrators and users install beside the system: in /usr/local, and in what of /opt is shown.
 * Servers for development lie there as well (Tomcat, WildFly, Hive, Airflow, XAMPP), whole, with what was deployed.
 */
import { type Dirent, lstatSync, type Stats } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { entriesIn } from '../common/list-names.ts';
import { isCode, isData, isDataAmongCode, isOfProgram, marksDatabase } from './program-files.ts';

/** What programs are made of; what lies there is theirs, but for settings and keys by sure signs: some deploy all that they have in `src`. */
const OF_PROGRAMS = new Set([
  ...['lib', 'lib32', 'lib64', 'libexec', 'include', 'share', 'man', 'doc', 'docs', 'jmods', 'jre', 'legal', 'modules', 'pkgs', 'src'],
  ...['node_modules', 'site-packages', 'targets', 'nvvm', 'extras', 'games', 'samples', 'examples', 'test', 'tests', '.install4j'],
  ...['platforms', 'platform-tools', 'build-tools', 'system-images', 'sources', 'ndk', 'emulator', 'cmake', 'plugins', 'libs', 'jars'],
  // Where version managers have tools keep packages for all projects
  ...['.mix', '.npm', '.composer', '.local-browsers'],
]);
/** Packages, of thousands of files, that other people made. */
const OF_PACKAGES =
  /^(node_modules|(site|dist)-packages|python[\d.]*|pypy[\d.]*|ruby|perl5?|gcc|jmods|pkgs|man|doc|docs|include|legal|texmf[\w-]*)$/;
const EXCEPT = ['lib/R/etc', 'lib64/R/etc'];
/** What was deployed, with settings in the code, and what a service writes: none of it is a program. */
const DEPLOYED = new Set([
  ...['htdocs', 'html', 'public_html', 'user_projects', 'vhosts', 'webapps', 'www', 'wwwroot'],
  ...['backup', 'backups', 'dump', 'dumps', 'log', 'logs', 'spool', 'temp', 'tmp', 'uploads', 'var', 'pgdata'],
]);
/** In these lies what somebody works on, or what is kept of him, whatever it consists of: a runner checks repositories out there. */
const OF_WORK = new Set([
  ...['_work', 'work', 'workspace', 'workspaces', 'builds', 'jobs', 'projects', 'repos', 'repositories', 'gitea-repositories', 'notebooks'],
  ...['home', 'homes', 'users', 'accounts', 'customers', 'profile', 'profiles', 'user-data', 'userdata', 'sessions', 'attachments'],
  ...['wiki', 'notes', 'vault', 'documents', 'world', 'worlds', 'playerdata'],
]);
/** These hold data but for programs that have code there. */
const OF_DATA = new Set(['data', 'database', 'files', 'content', 'storage', 'records', 'reports', 'exports', 'inbox']);
/** Folders of data among what programs are made of, where parts of the code have the other names. */
const DATA_AMONG_CODE = new Set(['backups', 'dumps', 'uploads', 'customers', 'pgdata', 'logs']);
/** Whatever lies in these is a setting. */
const OF_SETTINGS = /(^|\/)(conf|config|configuration|etc|init\.d|R\/etc|WEB-INF|META-INF)$/;
const SETTINGS =
  /^\.env|^\.?(npmrc|pypirc|netrc|condarc)$|\.(cfg|cnf|conf|config|env|ini|properties|toml|xml|ya?ml)$|^(setenv|.*-env)\.sh$|^appsettings.*\.json$|^(Renviron|Rprofile)\.site$/i;
/** Whatever a program keeps there is its own. */
export const OF_PROGRAM_FOLDER = /(^|\/)s?bin(\/|$)/;
/** Keys and wallets are secrets whatever they hold. */
const SECRET_NAME =
  /passwd$|htpasswd|passwords?\.|pgpass$|_history$|(^|[-_.])tokens?(\.txt)?$|secrets?\.|private[-_.]?key|credentials?(\.|$)|\.(key|keytab|pfx|p12|jks|keystore|sso|ppk|kdbx)$|^id_(rsa|dsa|ecdsa|ed25519)$/i;

/** Code is read where it is called as settings are; what else is in a language of programs is one, and speaks of passwords. */
const CODE =
  /\.([cm]?[jt]sx?|py|rb|php|pl|pm|lua|go|rs|java|kt|scala|groovy|clj|cs|fs|ex|exs|c|cc|cpp|h|hpp|swift|el|lisp|r|html?|css|md|rst)$/i;
const CODE_OF_SETTINGS = /(^|[-_.])(settings?|config(uration)?|conf|local|secrets?|credentials?|env(ironment)?|database|db)([-_.]|$)/i;
const OF_SCRIPTS = /(^|\/)(scripts?|cron(\.\w+)?)$/;
/** What programs are described by, with names of packages that may be called so. */
const MANIFESTS = /^(package(-lock)?|composer|manifest|tsconfig.*|jsconfig)\.json$/;

export const isSecretByName = (file: string): boolean => SECRET_NAME.test(basename(file));

/** Programs bring a few files along that look like data. */
const MOST_IN_A_FOLDER = 40;
/** Nobody's settings lie behind so many; of a folder with very many, as pictures are, a part counts, so that it does not stand for all others. */
const MOST_ENTRIES = 5000;
const MOST_COUNTED = 250;
const MOST_WITHIN = 2000;
const MOST_OF_A_FOLDER = 5000;

export interface ServiceSettings {
  /** Files in which a password may stand. */
  readonly files: readonly string[];
  /** All others but code: dumps, notes, starting scripts, settings of any other name. */
  readonly others: readonly string[];
  /** Folders of which nothing is to be seen, and files: what was deployed, what is kept from other users, data. */
  readonly deployed: readonly string[];
}

interface Found {
  readonly files: string[];
  readonly others: string[];
  readonly deployed: string[];
}

/** @param folder an installation, or a folder with several; the nearest entries are looked at first */
export function settingsOfServices(folder: string): ServiceSettings {
  const found: Found = { files: [], others: [], deployed: [] };
  // Where the whole is kept from others, that a part is says nothing.
  const isClosed = isOpenToOthers(statOf(folder)) ? (path: string) => isKept(statOf(path)) : () => false;
  const inner: string[] = [];
  /** Folders that were looked at, with what of a program lies right in them. */
  const looked = new Map<string, boolean>();
  const withCode = new Set<string>();
  const left = ['', ...EXCEPT];
  let entries = 0;
  for (let at = left.shift(); at !== undefined && entries < MOST_ENTRIES; at = left.shift()) {
    const all = entriesIn(join(folder, at)).slice(0, MOST_OF_A_FOLDER).map(kindOf);
    entries += Math.min(all.length, MOST_COUNTED);
    if (at !== '' && (isOfDatabase(all) || (isOfWork(at) && !isPackage(all)))) {
      found.deployed.push(join(folder, at));
      continue;
    }
    const isOfSettings = OF_SETTINGS.test(at);
    const isOfPrograms = OF_PROGRAM_FOLDER.test(at);
    looked.set(at, isOfSettings || all.length === 0 || isOfPrograms);
    for (const { name, ...entry } of all) {
      const path = join(at, name);
      const host = join(folder, path);
      if (entry.isFile && (isOfSettings || SETTINGS.test(name) || SECRET_NAME.test(name))) found.files.push(host);
      else if ((entry.isFile ? !isOfPrograms : entry.isFolder) && isClosed(host)) found.deployed.push(host);
      else if (entry.isFile && isData(name)) found.deployed.push(host);
      else if (entry.isFile && (isLookedAt(name) || OF_SCRIPTS.test(at))) found.others.push(host);
      if (!looked.get(at) && (entry.isFile ? isOfProgram(host) : entry.isLink)) looked.set(at, true);
      if (!withCode.has(at) && entry.isFile && isCode(host)) withCode.add(at);
      if (!entry.isFolder || found.deployed.at(-1) === host) continue;
      if (OF_PROGRAMS.has(name) || name.startsWith('texmf')) {
        looked.set(at, true);
        withCode.add(at);
        if (!OF_PACKAGES.test(name)) inner.push(path);
      } else if (DEPLOYED.has(name) || name.startsWith('.')) found.deployed.push(host);
      else left.push(path);
    }
  }
  forgetData(looked, [...withCode, ...left]);
  found.deployed.push(...withoutPrograms(looked, left).map((path) => join(folder, path)));
  lookWithin(folder, inner, isClosed, found);
  return inFewPlaces(folder, found);
}

/** Each place takes a mount of its own, at each command: of a folder with many such files, nothing is seen. */
function inFewPlaces(folder: string, { files, others, deployed }: Found): ServiceSettings {
  const counts = new Map<string, number>();
  for (const path of deployed) counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1);
  const full = [...counts].flatMap(([path, count]) => (path !== folder && count > MOST_IN_A_FOLDER ? [path] : []));
  const isOutside = (path: string) => !full.some((one) => path.startsWith(`${one}/`));
  const closed = new Set([...full, ...deployed]);
  const folders = [...closed].map((path) => `${path}/`);
  // Nor is there one within another, which would show its name
  const topmost = [...closed].filter((path) => !folders.some((other) => path.startsWith(other)));
  return { files: files.filter(isOutside), others: others.filter(isOutside), deployed: topmost };
}

/** What is called data, and where no code lies, or may lie, is no part of a program, though texts and pictures as programs bring them do. */
function forgetData(looked: Map<string, boolean>, withCode: readonly string[]): void {
  const isWithin = (path: string, folder: string) => `${path}/`.startsWith(`${folder}/`);
  const named = [...looked.keys()].filter((path) => OF_DATA.has(basename(path)));
  const ofData = named.filter((folder) => !withCode.some((path) => isWithin(path, folder)));
  for (const path of looked.keys()) if (ofData.some((folder) => isWithin(path, folder))) looked.set(path, false);
}

/** Topmost folders in which nothing of a program is: data, whatever it is called. What was not looked at counts as one. */
function withoutPrograms(looked: ReadonlyMap<string, boolean>, unknown: readonly string[]): string[] {
  const some = new Set([...unknown, ...[...looked].flatMap(([path, holds]) => (holds ? [path] : []))]);
  const around = new Set([...some].flatMap((path) => path.split('/').map((_, depth, parts) => parts.slice(0, depth + 1).join('/'))));
  const none = [...looked.keys()].filter((path) => path !== '' && !EXCEPT.includes(path) && !around.has(path));
  return none.filter((path) => !none.some((other) => path.startsWith(`${other}/`)));
}

/** In what programs are made of, only what is a setting or a key by its name, and what others may not read. */
function lookWithin(folder: string, inner: readonly string[], isClosed: (path: string) => boolean, found: Found): void {
  const left = [...inner];
  let entries = 0;
  for (let at = left.shift(); at !== undefined && entries < MOST_WITHIN; at = left.shift()) {
    const all = entriesIn(join(folder, at)).slice(0, MOST_OF_A_FOLDER).map(kindOf);
    entries += Math.min(all.length, MOST_COUNTED);
    if (isOfDatabase(all)) {
      found.deployed.push(join(folder, at));
      continue;
    }
    const isOfSettings = OF_SETTINGS.test(at);
    // A look at each of thousands of files, in each of many installations, would take seconds.
    const isNear = !at.includes('/') && all.length <= MOST_COUNTED;
    for (const { name, isFile, isFolder } of all) {
      const host = `${folder}/${at}/${name}`;
      if (isFile ? isWallet(name) || isDataAmongCode(name) : isFolder && DATA_AMONG_CODE.has(name)) found.deployed.push(host);
      else if (isFile && (name.startsWith('.env') || (isOfSettings && SETTINGS.test(name)))) found.files.push(host);
      else if (isFile && isSetting(name)) found.others.push(host);
      else if ((isFolder || (isFile && isNear)) && isClosed(host)) found.deployed.push(host);
      else if (isFolder && !OF_PACKAGES.test(name)) left.push(join(at, name));
    }
  }
}

const isOfWork = (path: string): boolean => OF_WORK.has(basename(path)) && !OF_PROGRAM_FOLDER.test(path);

/** A part of a program is called `users` or `profiles` as well. */
const isPackage = (entries: readonly { readonly name: string; readonly isFile: boolean }[]): boolean =>
  entries.some(({ name, isFile }) => isFile && (/^(__init__\.py|index\.[cm]?[jt]s|mod\.rs)$/.test(name) || COMPILED.test(name)));
const COMPILED = /\.(rb|go|php|java|class|kt|scala|cs|ex|beam|so|jar|a|o)$/;

/** Of a server for databases, or a repository of git's with all versions of somebody's files. */
function isOfDatabase(entries: readonly { readonly name: string; readonly isFolder: boolean }[]): boolean {
  const isThere = (one: string, isFolder: boolean) => entries.some((entry) => entry.name === one && entry.isFolder === isFolder);
  return entries.some(({ name }) => marksDatabase(name)) || (isThere('HEAD', false) && isThere('objects', true) && isThere('refs', true));
}

/** Keys that are no text. */
const isWallet = (name: string): boolean => /\.(pfx|p12|kdbx|ppk|keytab)$/i.test(name);

const isSetting = (name: string): boolean =>
  (SETTINGS.test(name) || SECRET_NAME.test(name) || /\.service$|(^|[-_.])auth\.json$/.test(name) || CODE_OF_SETTINGS.test(name)) &&
  !MANIFESTS.test(name);

const kindOf = (entry: Dirent) => ({
  name: entry.name,
  isFile: entry.isFile(),
  isFolder: entry.isDirectory(),
  isLink: entry.isSymbolicLink(),
});

const isLookedAt = (name: string): boolean => (!CODE.test(name) || CODE_OF_SETTINGS.test(name)) && !MANIFESTS.test(name);

const isOpenToOthers = (stat: Stats | undefined): boolean => stat === undefined || (stat.mode & 0o005) !== 0;

/** What nobody but an owner and a group may read or enter is theirs; not a program of somebody's own. */
const isKept = (stat: Stats | undefined): boolean => !isOpenToOthers(stat) && (stat!.isDirectory() || (stat!.mode & 0o111) === 0);

export const isKeptFromOthers = (path: string): boolean => isKept(statOf(path));

function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
