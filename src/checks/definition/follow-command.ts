/** What a check's command comes to on the base: the tools, package scripts and files that it names, and those that they name in turn. */
import { basename, dirname, extname, join } from 'node:path';
import { foldersUpwards } from '../../common/folders-upwards.ts';
import { nameMatcher } from '../../common/list-names.ts';
import { packageScripts } from '../../common/package-scripts.ts';
import type { SimpleCommand } from '../../sandbox/parse-shell.ts';
import { unwrap } from '../../sandbox/unwrap-command.ts';
import { isTestHelper, isTestPath } from '../test-files.ts';
import { CHECK_TOOLS, putBackFor } from './check-tools.ts';

/** Texts of files on both sides; those that are missing, huge or no files are left out. */
export interface Sides {
  readonly basePaths: ReadonlySet<string>;
  base(paths: readonly string[]): Promise<ReadonlyMap<string, string>>;
  result(paths: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

export interface Followed {
  readonly words: ReadonlySet<string>;
  readonly scripts: ReadonlySet<string>;
  /** Scripts that the command itself may name. */
  readonly asked: ReadonlySet<string>;
  /** Files of the base, and those that the attempt added where the base would have taken them. */
  readonly named: ReadonlySet<string>;
  /** Files that are taken in by what runs, whatever they hold: sourced, included, extended, or all of a folder. */
  readonly taken: ReadonlySet<string>;
  /** Folders that are named, relative to the root. */
  readonly folders: ReadonlySet<string>;
  /** Texts of the base's files that were read on the way. */
  readonly texts: ReadonlyMap<string, string>;
}

/** Scripts call scripts, but no sane ones deeper than this. */
const MOST_ROUNDS = 6;
const MOST_FILES = 400;

/**
 * @param where the folder that the command runs in
 * @param added files that the base has not
 */
export async function followCommand(command: string, where: string, sides: Sides, added: readonly string[] = []): Promise<Followed> {
  const tokens = new Set<string>();
  const words = new Set<string>();
  let scripts = new Set<string>();
  const named = new Set<string>();
  const taken = new Set<string>();
  const texts = new Map<string, string>();
  const manifests = new Map<string, Record<string, string>>();
  const seen = new Set<string>();
  const folders = new Set([where]);
  const addedPaths = new Set(added);
  const allPaths = new Set([...sides.basePaths, ...added]);
  const spaced = [...sides.basePaths].filter((path) => /[\s"'`;|&()<>{}$=,[\]]/.test(path));
  const scriptsOf = scriptFinder([...sides.basePaths, ...added]);
  let news: { text: string; folder: string }[] = [{ text: command, folder: where }];
  for (let round = 0; round < MOST_ROUNDS && news.length > 0; round++) {
    const candidates = news.flatMap(({ text, folder }) => {
      const found = tokensOf(text);
      for (const token of found) {
        tokens.add(token);
        words.add(wordOf(token));
        for (const one of [token, join(folder, token)]) folders.add(join(one).replace(/\/$/, ''));
        // What the caller's own words name is what is checked.
        if (round > 0) for (const path of pathsFor(token, folder, addedPaths)) named.add(path);
      }
      const byPattern = round > 0 ? found.flatMap((token) => scriptsOf(token, folder)) : [];
      for (const path of byPattern) if (addedPaths.has(path)) taken.add(path);
      if (round > 0) for (const token of takenIn(text)) for (const path of pathsFor(token, folder, allPaths)) taken.add(path);
      return [
        ...found.flatMap((token) => pathsFor(token, folder, sides.basePaths)),
        ...spaced.filter((path) => text.includes(path)),
        ...byPattern.filter((path) => sides.basePaths.has(path)),
      ];
    });
    const asked = [...new Set([...candidates, ...holders(words, sides.basePaths)])].filter((path) => !texts.has(path)).slice(0, MOST_FILES);
    const read = await sides.base(asked);
    for (const [path, text] of read) {
      texts.set(path, text);
      if (basename(path) === 'package.json') manifests.set(path, packageScripts(text));
    }
    for (const path of candidates) {
      const text = texts.get(path) ?? '';
      if (isRunByChecks(path, text)) named.add(path);
      else if (isList(path, text, sides.basePaths)) taken.add(path);
    }
    scripts = new Set([...tokens].flatMap((token) => scriptNames(token, manifests)));
    news = newTexts({ scripts, named, manifests, texts, seen, words });
  }
  const asked = new Set(tokensOf(command).map((token) => ALIASES[token] ?? token));
  return { words, scripts, asked, named, taken, folders, texts };
}

/** What nobody has followed yet: the reached scripts of manifests, and every other file that says what is run. */
function newTexts(found: {
  scripts: ReadonlySet<string>;
  named: ReadonlySet<string>;
  manifests: ReadonlyMap<string, Record<string, string>>;
  texts: ReadonlyMap<string, string>;
  seen: Set<string>;
  words: ReadonlySet<string>;
}): { text: string; folder: string }[] {
  const { seen } = found;
  const fresh = (key: string) => !seen.has(key) && seen.add(key);
  const ofManifests = [...found.manifests].flatMap(([path, all]) => {
    return Object.entries(all)
      .filter(([name]) => found.scripts.has(name) && fresh(`${path}\0${name}`))
      .map(([, text]) => ({ text, folder: folderOf(path) }));
  });
  const ofFiles = [...found.texts]
    .filter(([path]) => basename(path) !== 'package.json' && (found.named.has(path) || isHolder(path, found.words)) && fresh(path))
    .map(([path, text]) => ({ text, folder: folderOf(path) }));
  return [...ofManifests, ...ofFiles];
}

const folderOf = (path: string) => (dirname(path) === '.' ? '' : dirname(path));

/** What scripts source, makefiles include, settings extend or load before the tests. */
const TAKES_IN: readonly RegExp[] = [
  /(?:^|[;&|({]|\bthen|\bdo)[ \t]*(?:\.|source)[ \t]+["']?([^\s"';&|)]+)/gm,
  /^[-s]?include[ \t]+(.+)$/gm,
  /\b(?:extends?|setup\w*|globalSetup|require|loader|preset|environment|testEnvironment|reporters?|transform|resolver|runner|serializers?)["']?\s*[:=]\s*(\[[^\]]{0,2000}\]|["'][^"'\n]+["']|[^\s,]+)/gi,
];

function takenIn(text: string): string[] {
  const start = text.slice(0, 200_000);
  return TAKES_IN.flatMap((pattern) => [...start.matchAll(pattern)].flatMap(([, what]) => tokensOf(what!)));
}

function tokensOf(text: string): string[] {
  return text.slice(0, 200_000).match(/[^\s"'`;|&()<>{}$=,[\]]+/g) ?? [];
}

/** `./node_modules/.bin/jest` -> `jest`, `python3.12` -> `python` */
function wordOf(token: string): string {
  const name = basename(token).replace(/\.(cmd|exe|bat)$/, '');
  return /^python[\d.]+$/.test(name) ? 'python' : name;
}

/** What package managers run when they install, among the checks too. */
const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall', 'prepublish', 'preprepare', 'prepare', 'postprepare'];
const COMPOSER_SCRIPTS = ['install', 'update', 'autoload', 'package-install', 'status', 'root-package-install'].flatMap((name) =>
  ['pre', 'post'].flatMap((when) => [`${when}-${name}-cmd`, `${when}-${name}-dump`, `${when}-${name}`]),
);

const ALIASES: Readonly<Record<string, string>> = Object.assign(Object.create(null), { t: 'test', tst: 'test' });

/** The package scripts that a word may stand for, and those that npm runs beside them. */
function scriptNames(token: string, manifests: ReadonlyMap<string, Record<string, string>>): string[] {
  if (/^(npm|yarn|pnpm|bun)$/.test(token)) return INSTALL_SCRIPTS;
  if (token === 'composer') return COMPOSER_SCRIPTS;
  const name = ALIASES[token] ?? token;
  const group = /^(.+:)\*+$/.exec(name)?.[1];
  const names = group ? [...manifests.values()].flatMap((all) => Object.keys(all).filter((one) => one.startsWith(group))) : [name];
  return [...new Set([name, ...names])].flatMap((one) => [one, `pre${one}`, `post${one}`]);
}

/** Files that say what the named tools run. */
function holders(words: ReadonlySet<string>, paths: ReadonlySet<string>): string[] {
  return [...paths].filter((path) => isHolder(path, words));
}

function isHolder(path: string, words: ReadonlySet<string>): boolean {
  return CHECK_TOOLS.some((tool) => tool.words.some((word) => words.has(word)) && putBackFor(tool, path) !== null);
}

const ENDINGS = ['', '.js', '.mjs', '.cjs', '.ts', '.mts', '.cts', '.py', '.sh', '/index.js', '/index.ts'];

function pathsFor(token: string, folder: string, paths: ReadonlySet<string>): string[] {
  const name = token.replace(/^<rootDir>\//, '').replace(/^\/+/, '');
  if (name === '' || name.startsWith('-')) return [];
  const candidates = [name, join(folder, name)].map((path) => path.replace(/^\.\//, ''));
  return [...new Set(candidates)].flatMap((path) => {
    const normal = join(path);
    return ENDINGS.map((ending) => normal + ending).filter((one) => paths.has(one));
  });
}

/** Of more files by one name none is meant. */
const MOST_BY_NAME = 20;

/** Finds scripts by what names them only in part: behind a variable (`$LIB/rules.sh`), or as all of a folder (`checks/*.sh`). */
function scriptFinder(paths: readonly string[]): (token: string, folder: string) => string[] {
  const byName = new Map<string, string[]>();
  const scripts = paths.filter(
    (path) => SHELL.has(extname(path)) || SETTINGS.has(extname(path)) || extname(path) === '' || SCRIPT_FOLDER.test(path),
  );
  const data = paths.filter((path) => DATA.has(extname(path)) && !isTestPath(path));
  for (const path of scripts) {
    const same = byName.get(basename(path));
    if (!same) byName.set(basename(path), [path]);
    else if (same.length <= MOST_BY_NAME) same.push(path);
  }
  return (token, folder) => {
    const name = basename(token);
    if (token.includes('*')) {
      const places = new Set([dirname(token), join(folder, dirname(token))].map((place) => join(place)));
      const isNamed = nameMatcher(name);
      return [...scripts, ...data].filter((path) => places.has(dirname(path)) && isNamed(basename(path)));
    }
    const found = token.includes('/') || SHELL.has(extname(name)) ? (byName.get(name) ?? []) : [];
    return found.length > MOST_BY_NAME ? [] : found;
  };
}

/** A file whose lines name files of the base: which tests run, or what a linter looks at. */
function isList(path: string, text: string, paths: ReadonlySet<string>): boolean {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  return lines.length > 0 && lines.length < MOST_LINES && lines.every((line) => pathsFor(line.trim(), folderOf(path), paths).length > 0);
}

const MOST_LINES = 2000;

const SHELL = new Set(['.sh', '.bash', '.zsh', '.fish', '.ps1', '.bat', '.cmd', '.mk']);
/** All of a folder may say to a script what is to be checked, and how. */
const DATA = new Set(['.json', '.jsonc', '.json5', '.yml', '.yaml', '.xml', '.csv', '.txt', '.list']);
const SCRIPT_FOLDER = /(^|\/)(scripts?|tools?|ci|\.github|\.ci|\.circleci|bin|hack|dev|support|config|\.config)\//;
const TELLING_NAME = /test|spec|check|lint|verify|setup|runner|register|preload|hook|loader|config|conf\b|rc\b/i;
const SETTINGS = new Set(['.ini', '.cfg', '.toml', '.neon']);

/** Whether a file that a command names says what is checked; otherwise it is what is checked: the product, a test, data. */
export function isRunByChecks(path: string, text: string): boolean {
  const ending = extname(path);
  if (SHELL.has(ending)) return true;
  if (isTestPath(path)) return ending === '' || isTestHelper(path, text);
  if (ending === '.md' || ending === '.txt') return false;
  if (ending === '' && basename(path).startsWith('.')) return true;
  return SETTINGS.has(ending) || SCRIPT_FOLDER.test(path) || TELLING_NAME.test(basename(path)) || (ending === '' && text.startsWith('#!'));
}

/**
 * Whether the base has no such check, so that there is nothing to compare with: its command names what is not there (and nothing else that is),
 * or there is no test. Told by the base alone, which no worker can change.
 * @param commands the simple commands of the check
 */
export function isNewCheck(
  commands: readonly SimpleCommand[],
  folder: string,
  { words, texts }: Followed,
  basePaths: ReadonlySet<string>,
): boolean {
  // A word with blanks is code or text: what has a dot in it is no file.
  const parts = commands.map((command) => unwrap(command).filter((word) => !word.startsWith('-') && !/\s/.test(word)));
  let at = folder;
  const kinds = parts.map((part) => {
    if (part[0] === 'cd' && part[1] !== undefined) at = join(at, part[1]).replace(/^\.$/, '');
    else if (isMissing(part, at, texts, basePaths)) return 'missing';
    return checksSomething(part, at, basePaths) ? 'there' : 'neutral';
  });
  if (kinds.includes('missing')) return !kinds.includes('there');
  const runners = CHECK_TOOLS.filter((tool) => tool.runsTests && tool.words.some((word) => words.has(word)));
  // Tests of Rust stand in the sources; a script of one's own may test anything.
  const onlyTests = runners.length > 0 && !words.has('cargo') && !words.has('node') && !words.has('python') && !words.has('make');
  return onlyTests && ![...basePaths].some(isTestPath);
}

/** Of a part that is not missing. */
function checksSomething([program = '', first = '', second = '']: readonly string[], folder: string, paths: ReadonlySet<string>): boolean {
  if (/^(npm|pnpm|yarn|bun)$/.test(program)) return /^(t|tst|test)$/.test(first) || (/^(run|run-script)$/.test(first) && second !== '');
  if (paths.has(join(folder, INTERPRETERS.test(program) ? first : program))) return true;
  return CHECK_TOOLS.some((tool) => (tool.runsTests || tool.name.startsWith('make')) && tool.words.includes(wordOf(program)));
}

const INTERPRETERS = /^(sh|bash|zsh|dash|python[\d.]*|node|deno|bun|ruby|php|perl|tsx|ts-node)$/;

function isMissing(
  [program = '', ...rest]: readonly string[],
  folder: string,
  texts: ReadonlyMap<string, string>,
  paths: ReadonlySet<string>,
): boolean {
  const [first = '', second = ''] = rest;
  if (/^(npm|pnpm|yarn|bun)$/.test(program)) {
    const name = /^(run|run-script)$/.test(first) ? second : /^(t|tst|test)$/.test(first) ? 'test' : null;
    if (name === null || name === '') return false;
    const manifest = foldersUpwards(folder).find((one) => paths.has(join(one, 'package.json')));
    const script = packageScripts(texts.get(join(manifest ?? '', 'package.json')) ?? '')[name];
    return script === undefined ? program !== 'bun' || first !== 'test' : script.includes('no test specified');
  }
  if (/^g?make$/.test(program)) return isMissingTarget(first, folder, texts, paths);
  const file = INTERPRETERS.test(program) ? first : program;
  if (!/^\.?[\w.-]*\/|\.\w+$/.test(file) || file.startsWith('/') || /(^|\/)(node_modules|\.?venv)\//.test(file)) return false;
  return extname(file) !== '' && !paths.has(join(folder, file));
}

function isMissingTarget(target: string, folder: string, texts: ReadonlyMap<string, string>, paths: ReadonlySet<string>): boolean {
  const path = ['GNUmakefile', 'makefile', 'Makefile'].map((name) => join(folder, name)).find((one) => paths.has(one));
  if (path === undefined) return true;
  const text = texts.get(path) ?? '';
  if (target === '' || target.includes(':') || /^-?include\b|%[^%\n]*:/m.test(text)) return false;
  return !text
    .split('\n')
    .some((line) => !line.startsWith('\t') && (line.split(':')[0] ?? '').split(/\s+/).includes(target) && line.includes(':'));
}
