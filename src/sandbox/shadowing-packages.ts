/**
 * Packages that are only added can still stand in for others: a program by the name of another one, which is found first, a module within or
 * before a package that was there, and what an interpreter, a compiler or a runner of tests takes by itself at its start.
 */
import { lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { findProgram, foldersOnPath } from '../common/find-program.ts';
import { namesIn } from '../common/list-names.ts';
import { takeTurns } from '../common/take-turns.ts';
import { SYSTEM_PROGRAM_FOLDERS } from './host-folders.ts';
import type { SandboxSpec } from './types.ts';

export interface Added {
  /** Where the packages are, as commands see it. */
  readonly place: string;
  /** Host folder that holds what was added. */
  readonly top: string;
  /** Host folders that hold what was there before. */
  readonly from: readonly string[];
  /** What was added, relative; the folder around each was there before. */
  readonly paths: readonly string[];
}

/** In which names of modules are looked up. */
export type Ecosystem = 'node' | 'python';

export interface Known {
  /** Whether a command would find a program by this name elsewhere. */
  isProgram(name: string): boolean;
  /** Whether it is a program that runs tests and that a command would find elsewhere. */
  isTool(name: string): boolean;
  /**
   * Whether code of the project imports a module of its own by this name.
   * @param link where it leads to, if it is a link; to the module itself is as well
   */
  isOwn(name: string, link: string | null, ecosystem: Ecosystem): boolean;
  /** Whether a line of a manifest or lock file that the attempt wrote names it. */
  isSaid(name: string): boolean;
}

/** `Known.isProgram` for commands with these variables. What the folders hold is asked once: a command may have made names by the hundred thousand. */
export function programsOf(env: SandboxSpec['env']): Known['isProgram'] {
  const folders = [...foldersOnPath(env, process.platform), ...SYSTEM_PROGRAM_FOLDERS];
  let names: ReadonlySet<string> | null = null;
  return (name) => {
    names ??= new Set(folders.flatMap(namesIn));
    return names.has(name) && findProgram(name, folders) !== null;
  };
}

const RUN_AT_START = /^((site|user)customize(\.py)?|.*\.(pth|egg-link))$/;
const PROGRAMS = /(^|\/)\.?bin$/;
const NODE = /(^|\/)node_modules(\/@[^/]+)?$/;
const PYTHON = /(^|\/)(site|dist)-packages$/;
const RUBY = /(^|\/)(gems|specifications)$/;
const METADATA = /\.(dist|egg)-info$/;
const RUBY_TOOL = /^(minitest|rspec|rake|test-unit|bundler|simplecov)/;

/** Of what folders are named, one that lies in a package: there nothing is added by installing another one. */
const IN_PACKAGE = new RegExp(
  `(^|/)(${[
    '(node_modules|site-packages)/(@[^/]+/)?[^./@][^/]*',
    '\\.pnpm/[^/]+',
    'vendor/(composer|(?!bundle/)[^/]+/[^/]+)', // PHP
    'gems/[^/]+',
    'deps/[^/]+', // Elixir
    'pkg/mod/.*@v[^/]+',
    'registry/src/[^/]+/[^/]+', // Rust
    'checkouts/[^/]+/[^/]+',
    '\\.nuget/packages/[^/]+/[^/]+',
    '\\.pub-cache/hosted/[^/]+/[^/]+',
    'wrapper/dists/[^/]+', // Gradle, Maven
    '\\.julia/packages/[^/]+/[^/]+',
    'gitlibs/libs/.*/[0-9a-f]{7,}', // Clojure
    '[^/]*-library/[^/]+', // R
    '_opam/lib/[^/]+',
  ].join('|')})(/|$)`,
);

/** @returns those of the added paths that stand in for something, or run unasked */
export async function shadowing(added: Added, known: Known): Promise<string[]> {
  const found: string[] = [];
  const turn = takeTurns();
  const beside = siblingsOf(added.from);
  for (const path of added.paths) {
    await turn();
    if (standsIn(added, path, known, beside)) found.push(path);
  }
  return found;
}

function standsIn(added: Added, path: string, known: Known, beside: Siblings): boolean {
  const { place, from } = added;
  const around = dirname(`${place}/${path}`);
  const name = basename(path);
  if (/(^|\/)\.mix\/archives$/.test(around) && !name.startsWith('hex-')) return true;
  if (isOwnModule(around, name, join(added.top, path), known)) return true;
  if (from.length === 0) return around.endsWith('/.bin') && known.isProgram(name);
  if (RUN_AT_START.test(name) || IN_PACKAGE.test(around) || (PROGRAMS.test(around) && known.isProgram(name))) return true;
  if (NODE.test(around)) return standsInForModule(added, path, known);
  if (PYTHON.test(around)) return standsInForPython(added, path, known, beside);
  return RUBY.test(around) && standsInForGem(path, known, beside);
}

function isOwnModule(around: string, name: string, at: string, { isOwn }: Known): boolean {
  const isLink = lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  const link = isLink ? resolve(around, readlinkSync(at)) : null;
  if (PYTHON.test(around)) return !METADATA.test(name) && isOwn(stem(name), link, 'python');
  const scope = basename(around);
  return NODE.test(around) && isOwn(scope.startsWith('@') ? `${scope}/${name}` : name, link, 'node');
}

/** Node looks for a file by the name before it looks for a folder; the compiler takes all of `@types`. */
function standsInForModule({ top, place }: Added, path: string, known: Known): boolean {
  const name = basename(path);
  const scope = basename(dirname(`${place}/${path}`));
  const isFolder = lstatSync(join(top, path), { throwIfNoEntry: false })?.isDirectory() === true;
  if (!isFolder && /\.([cm]?[jt]sx?|json|node)$/.test(name)) return true;
  if (scope === '@types') return !known.isSaid(`@types/${name}`);
  return scope === 'node_modules' && (name === '.hooks' || known.isTool(name));
}

function standsInForPython(added: Added, path: string, known: Known, beside: Siblings): boolean {
  const name = basename(path);
  if (METADATA.test(name)) return startsPlugins(join(added.top, path)) && !known.isSaid(name.split('-')[0]!);
  if (/^(_?pytest|pluggy|iniconfig)(\.|$)/.test(name)) return known.isTool('pytest');
  return known.isTool(stem(name)) || beside(path, stem).some((one) => one !== name && !METADATA.test(one));
}

/** Of several versions the highest counts. */
function standsInForGem(path: string, known: Known, beside: Siblings): boolean {
  const gem = gemOf(basename(path));
  return !known.isSaid(gem) && (RUBY_TOOL.test(gem) || beside(path, gemOf).length > 0);
}

const stem = (name: string) => name.split('.')[0]!;
const gemOf = (name: string) => name.replace(/-\d[^/]*$/, '');

/** What was there before beside a path, and is called as its own name is. */
type Siblings = (path: string, called: (name: string) => string) => readonly string[];

function siblingsOf(from: readonly string[]): Siblings {
  const known = new Map<string, Map<string, string[]>>();
  return (path, called) => {
    const folder = dirname(path);
    const names = known.get(folder) ?? new Map<string, string[]>();
    if (!known.has(folder))
      for (const name of from.flatMap((one) => namesIn(join(one, folder)))) {
        const same = names.get(called(name));
        if (same) same.push(name);
        else names.set(called(name), [name]);
      }
    known.set(folder, names);
    return names.get(called(basename(path))) ?? [];
  };
}

/** Whether the metadata of a Python package names plugins, which tools load unasked. To be called while no command runs. */
export function startsPlugins(metadata: string): boolean {
  if (lstatSync(metadata, { throwIfNoEntry: false })?.isDirectory() !== true) return true;
  const file = join(metadata, 'entry_points.txt');
  const stat = lstatSync(file, { throwIfNoEntry: false });
  if (stat === undefined) return false;
  if (!stat.isFile() || stat.size > 1024 * 1024) return true;
  // Where Python ends a line, in bytes.
  const lines = readFileSync(file, 'latin1').split(/[\n\r\v\f\x1c-\x1e\x85]|\xe2\x80[\xa8\xa9]/);
  return lines.some((line) => /^\s*\[/.test(line) && !/^\s*\[(console|gui)_scripts\]/.test(line));
}
