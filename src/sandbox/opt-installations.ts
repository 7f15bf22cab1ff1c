/**
 * Which folders below /opt are shown: installations that something leads to, a link among the system's programs, a variable of the user's, the
 * loader's list. Services, and what was deployed, lie beside them with their settings, and nothing of those is shown.
 */
import { closeSync, fstatSync, openSync, readFileSync, readlinkSync, readSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, normalize } from 'node:path';
import { entriesIn, expandNames, namesIn } from '../common/list-names.ts';
import { realPathOf, wouldWait } from '../common/real-path.ts';
import { isWithin } from './mounts.ts';
import { mayBeStarted } from './program-files.ts';

export const OPT = '/opt';
/** Folders of the system in which links to installations stand. */
const LINKS = [
  '/usr/bin',
  '/usr/sbin',
  '/usr/lib/jvm',
  '/etc/alternatives',
  ...['', '/bin', '/sbin', '/lib'].map((name) => `/usr/local${name}`),
];
/** Where somebody may have written a script of some lines in the place of a link. */
const SCRIPTS = ['/usr/local/bin', '/usr/local/sbin'];
const SCRIPTS_AT_HOME = ['.local/bin', 'bin'];
const LONGEST_SCRIPT = 4096;
/** What the loader looks through for libraries. */
const LOADER = ['ld.so.conf', 'ld.so.conf.d/*.conf'];
/** Java is looked for by shape by those that choose among several, as Gradle does. */
const JAVA = ['*/bin/javac', '*/*/bin/javac'];
/** An installation has one of these; a folder of a maker's that holds several has none. */
const OF_INSTALLATION = ['bin', 'sbin', 'lib', 'lib64', 'libexec'];

const OF_WORK = /^(OLD)?PWD$|WORK_?SPACE|PROJECT|CHECKOUT|SOURCES?_?DIR|(^|_)TE?MP|EVENT_PATH/;

/**
 * @param env the variables of the user's
 * @param programs the folders on its PATH
 * @returns absolute paths of folders, and of programs that lie right in /opt
 */
export function optInstallations(env: Readonly<Record<string, string | undefined>>, programs: readonly string[]): string[] {
  if (namesIn(OPT).length === 0) return [];
  const homes = env['HOME'] && isAbsolute(env['HOME']) ? SCRIPTS_AT_HOME.map((name) => join(env['HOME']!, name)) : [];
  // Where a shell stands, or stood, is nobody's choice of a program; nor is where a runner of CI checks out and keeps what it has for a moment.
  const named = [
    ...Object.entries(env).flatMap(([name, value]) => (OF_WORK.test(name) ? [] : foldersIn(value ?? '')).filter(leadsToProgram)),
    ...[...new Set([...LINKS, ...programs, ...homes])].flatMap(linksIn),
    ...[...SCRIPTS, ...homes].flatMap(scriptsIn).filter(leadsToProgram),
    ...LOADER.flatMap((pattern) => expandNames('/etc', pattern)).flatMap((name) => pathsIn(textOf(join('/etc', name)))),
    ...JAVA.flatMap((pattern) => expandNames(OPT, pattern)).map((name) => join(OPT, name)),
  ];
  // Where a version is chosen by a link, programs know either name.
  const all = named.flatMap((path) => [path, realPathOf(path) ?? path]).flatMap(installationOf);
  return [...new Set(all)].filter((path, _index, paths) => !paths.some((other) => other !== path && isWithin(path, other)));
}

/** What a variable names: a folder, or several. */
function foldersIn(value: string): string[] {
  if (!value.includes(OPT)) return [];
  return value.split(/[:;, ]/).flatMap((path) => (isFolder(path) ? [path] : []));
}

/** Variables and scripts name data as well: what is backed up, accounts, mail. What is in a folder of an installation, or begins a program, is none. */
function leadsToProgram(path: string): boolean {
  const parts = normalize(path).split('/').slice(3);
  if (parts.some((name) => OF_INSTALLATION.includes(name))) return true;
  if (!isFolder(path)) return mayBeStarted(path);
  return entriesIn(path).some((entry) => (entry.isFile() ? mayBeStarted(join(path, entry.name)) : OF_INSTALLATION.includes(entry.name)));
}

function linksIn(folder: string): string[] {
  return entriesIn(folder).flatMap((entry) => (entry.isSymbolicLink() ? targetOf(join(folder, entry.name)) : []));
}

function targetOf(link: string): string[] {
  try {
    const target = readlinkSync(link);
    return [isAbsolute(target) ? target : join(dirname(link), target)];
  } catch {
    return [];
  }
}

function scriptsIn(folder: string): string[] {
  return entriesIn(folder).flatMap((entry) => (entry.isFile() ? pathsIn(textOf(join(folder, entry.name), '#!')) : []));
}

const pathsIn = (text: string): string[] => text.match(/(?<![\w.-])\/opt\/[\w./+@-]+/g) ?? [];

/** A short file; '' where it is longer, does not begin so, or nobody may read it. */
function textOf(path: string, begin = ''): string {
  try {
    if (!statSync(path).isFile()) return ''; // a pipe would be waited for
    const file = openSync(path, 'r');
    try {
      const { size } = fstatSync(file);
      const first = Buffer.alloc(begin.length);
      readSync(file, first, 0, begin.length, 0);
      return size <= LONGEST_SCRIPT && first.toString('latin1') === begin ? readFileSync(path, 'latin1') : '';
    } finally {
      closeSync(file);
    }
  } catch {
    return '';
  }
}

/** The installation that a path lies in: a folder of /opt, or one in there of a maker with several. */
function installationOf(path: string): string[] {
  const [, top, first, second] = normalize(path).split('/');
  if (`/${top}` !== OPT || !first) return [];
  const folder = join(OPT, first);
  if (!isShownAsItIs(folder)) return [];
  const inside = join(folder, second ?? '');
  const isOfMaker = second && isFolder(inside) && !OF_INSTALLATION.some((name) => isFolder(join(folder, name)));
  return [isOfMaker ? inside : folder];
}

function isFolder(path: string): boolean {
  try {
    return isWithin(normalize(path), OPT) && !wouldWait(path) && statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** A link of /opt may lead on in there; it makes nothing else of the machine a part of it. */
const isShownAsItIs = (path: string): boolean => isWithin(realPathOf(path) ?? '/', OPT);
