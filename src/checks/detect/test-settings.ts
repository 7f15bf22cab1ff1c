/**
 * Which files the settings of test runners name as tests: `testMatch` of Jest, `include` of Vitest, `spec` of Mocha, `python_files` of pytest,
 * `[[test]]` of Cargo, arguments of runners in scripts, and the like. Settings are read as texts, and nothing of the repository runs. What is read
 * too widely (an `include` of coverage names all of the sources) is left out again, as files that are tests assert something.
 */
import { basename, dirname, posix } from 'node:path';
import { anchored, compileRootGlob } from '../../common/glob.ts';
import { packageScripts } from '../../common/package-scripts.ts';
import type { NamedAsTest } from '../named-tests.ts';
import { ASSERTION, countTests, isTestLanguage, isTestPath } from '../test-files.ts';

const MOST_SETTINGS = 60;
const LONGEST_TEXT = 200_000;
const MOST_PATTERNS = 60;
/** Of what a pattern names so many files are looked at, and most of them must assert something. */
const SAMPLE = 24;
const MOST_OF_THEM = 0.75;

/** The patterns in the text of a settings file, relative to its folder. */
type Reader = (text: string, folders: (name: string) => boolean) => readonly string[];

const READERS: readonly (readonly [RegExp, Reader])[] = [
  [/^package\.json$/, ofManifest],
  [/^(jest|vitest|vite|ava|playwright|cypress|jasmine|wdio)\.(config|conf|workspace)\.[cm]?[jt]s(on)?$|^vitest\.workspace\.\w+$/, ofScript],
  [/^\.mocharc\.(json|jsonc|c?js|ya?ml)$|^\.taprc$|^jasmine\.json$|^deno\.jsonc?$/, ofScript],
  [/^(\.?pytest\.ini|tox\.ini|setup\.cfg|pyproject\.toml)$/, ofPytest],
  [/^Cargo\.toml$/, (text) => all(text, /\[\[test\]\][^[]{0,500}?\bpath\s*=\s*["']([^"'\n]+)/g)],
  [
    /^phpunit(\.dist)?\.xml(\.dist)?$/,
    (text) => [
      ...all(text, /<file>([^<]{1,300})<\/file>/g),
      ...all(text, /<testsuite\b[^>]{0,200}>\s*<directory[^>]{0,200}>([^<]{1,300})<\/directory>/g),
      ...all(text, /\bsuffix="([^"]{1,100})"/g).map((end) => `**/*${end}`),
    ],
  ],
  [/^pom\.xml$/, (text) => [...all(text, /<testSourceDirectory>([^<]{1,300})</g), ...all(text, /<include>([^<]{1,300})</g)]],
  [
    /^build\.gradle(\.kts)?$/,
    (text) => all(text, /\btest\b[^}]{0,300}?\bsrcDirs?\b[\s=([]{1,10}(?:listOf\(|setOf\()?["']([^"'\n]{1,200})/g),
  ],
  [/^\.rspec$/, (text) => all(text, /--pattern[ =]["']?([^"'\s]{1,200})/g)],
  [/^Rakefile$/, (text) => all(text, /\b(?:pattern|test_files)\s*=\s*(?:(?:Rake::)?FileList|Dir)?[[(.]?\w*\(?["']([^"'\n]{1,200})/g)],
];

const all = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(([, one]) => one!.trim()).filter((one) => one !== '');

/** The files to read: those that lie highest, where there are many. */
export function testSettings(paths: readonly string[]): string[] {
  const depth = (path: string) => path.split('/').length;
  const found = paths.filter((path) => !/(^|\/)node_modules\//.test(path) && READERS.some(([name]) => name.test(basename(path))));
  return found.sort((a, b) => depth(a) - depth(b)).slice(0, MOST_SETTINGS);
}

/**
 * @param paths the files of the base
 * @param read texts of some of them; those that are missing, huge or no files are left out
 */
export async function testsBySettings(
  paths: readonly string[],
  read: (paths: readonly string[]) => Promise<ReadonlyMap<string, string>>,
): Promise<NamedAsTest> {
  const matchers = [...(await read(testSettings(paths)))].flatMap(([path, text]) => matchersOf(path, text, paths));
  const code = paths.filter((path) => isTestLanguage(path) && !isTestPath(path));
  const named = matchers.slice(0, MOST_PATTERNS).map((matches) => ({ matches, some: sampleOf(code.filter(matches)) }));
  const texts = await read([...new Set(named.flatMap(({ some }) => some))]);
  const asserts = (path: string) => {
    const text = texts.get(path) ?? '';
    // Sources with tests in them are taken in by others.
    if (EXPORTS.test(text)) return false;
    return countTests(path, text) > 0 || text.split('\n').some((line) => ASSERTION.test(line.slice(0, 500)));
  };
  const known = named.filter(({ some }) => some.length > 0 && some.filter(asserts).length >= some.length * MOST_OF_THEM);
  return (path) => isTestLanguage(path) && known.some(({ matches }) => matches(path));
}

const EXPORTS = /^(?:export\b(?!\s*\{\s*\})|module\.exports\b|exports\.)/m;

const sampleOf = (paths: readonly string[]): string[] =>
  paths.filter((_, at) => paths.length <= SAMPLE || at % Math.ceil(paths.length / SAMPLE) === 0);

function matchersOf(path: string, text: string, paths: readonly string[]): NamedAsTest[] {
  if (text.length > LONGEST_TEXT) return [];
  const folder = dirname(path) === '.' ? '' : `${dirname(path)}/`;
  const isFolder = (name: string) => paths.some((one) => one.startsWith(`${folder}${name}/`));
  const patterns = READERS.filter(([name]) => name.test(basename(path))).flatMap(([, reader]) => reader(text, isFolder));
  return [...new Set(patterns)].flatMap((pattern) => {
    const matches = matcherOf(pattern, isFolder);
    return matches ? [(one: string) => one.startsWith(folder) && matches(one.slice(folder.length))] : [];
  });
}

const REGEXP = 'regexp:';

function matcherOf(pattern: string, isFolder: (name: string) => boolean): NamedAsTest | null {
  if (pattern.startsWith(REGEXP)) return regExpOf(pattern.slice(REGEXP.length));
  const bare = posix.normalize(pattern.replace(/^<rootDir>|^\$\{\w+\}|^\.?\//, '').replace(/^\/+/, '') || '.');
  if (bare.startsWith('!') || bare.startsWith('..') || bare === '.' || /^(?:\*\*\/)*\*+(?:\.[^/]*)?$/.test(bare)) return null;
  // `?(*.)+(spec|check).[jt]s?(x)`, as Jest has it.
  const plain = bare.replace(/([?*+@])\(([^()]*)\)/g, (_, sign: string, list: string) => {
    const choices = [...(sign === '?' || sign === '*' ? [''] : []), ...list.split('|')];
    return choices.length === 1 ? choices[0]! : `{${choices.join(',')}}`;
  });
  return compileRootGlob(isFolder(plain) ? `${plain}/**` : plain.includes('/') ? plain : anchored(plain));
}

/** Of those that take no time: two parts that may be of any length, and none within another. */
function regExpOf(text: string): NamedAsTest | null {
  const open = text.match(/[*+]|\{\d*,\d*\}/g) ?? [];
  if (text.length > 200 || open.length > 2 || /\)[*+{]/.test(text)) return null;
  try {
    const pattern = new RegExp(text);
    return (path) => pattern.test(`/${path.slice(0, 300)}`);
  } catch {
    return null;
  }
}

const KEYS = 'testMatch|testRegex|include|spec|specs|files|spec_files|specPattern';

/** Keys with a text, or a list of texts, in JSON, JavaScript or YAML. */
function ofScript(text: string): string[] {
  const found = [
    ...text.matchAll(
      new RegExp(`(?<![\\w$])["']?(${KEYS})["']?\\s*:\\s*(\\[[^\\]]{0,4000}\\]|[^\\n]{0,300}(?:\\n\\s*-[^\\n]{0,300}){0,40})`, 'g'),
    ),
  ];
  return found.flatMap(([, key, value]) => {
    const quoted = all(value!.startsWith('[') ? value! : value!, /["'`]([^"'`\n]{1,300})["'`]/g);
    const bare = all(value!, /(?:^|\n)[ \t]*(?:-[ \t]*)?([^\s"'`[\]{},#][^\s"'`,#]{0,300})/g);
    return [...quoted, ...bare].map((one) => (key === 'testRegex' ? `${REGEXP}${one.replaceAll('\\\\', '\\')}` : one));
  });
}

const RUNNERS = /(?:^|[\s&;/])(?:node\s[^&;|]*--test|mocha|ava|tap|tape|jasmine|uvu|vitest|jest|bun test|deno test)(?![\w-])/;

function ofManifest(text: string, isFolder: (name: string) => boolean): string[] {
  const found: string[] = [];
  const collect = (value: unknown, key: string, depth: number): void => {
    if (typeof value === 'string') {
      if (new RegExp(`^(?:${KEYS})$`).test(key)) found.push(key === 'testRegex' ? REGEXP + value : value);
    } else if (Array.isArray(value)) for (const one of value) collect(one, key, depth + 1);
    else if (typeof value === 'object' && value !== null && depth < 5)
      for (const [name, one] of Object.entries(value)) collect(one, name, depth + 1);
  };
  try {
    const manifest = JSON.parse(text) as Record<string, unknown> | null;
    for (const tool of ['jest', 'mocha', 'ava', 'tap', 'jasmine', 'vitest', 'uvu']) collect(manifest?.[tool], '', 0);
  } catch {
    return []; // what cannot be read names nothing
  }
  const named = Object.values(packageScripts(text)).flatMap((script) =>
    RUNNERS.test(script.slice(0, 2000)) ? script.slice(0, 2000).split(/[\s"'`;&|]+/) : [],
  );
  return [
    ...found,
    ...named.filter((word) => !word.startsWith('-') && (/\.[cm]?[jt]sx?$|\*/.test(word) || isFolder(word.replace(/^\.\/|\/$/g, '')))),
  ];
}

/** A list over several lines in an INI file, an array or a text in TOML. */
function ofPytest(text: string): string[] {
  const values = all(text, /^[ \t]*python_files[ \t]*[=:][ \t]*(\[[^\]]{0,2000}\]|[^\n]{0,1000}(?:\n[ \t]+[^\n]{0,300}){0,40})/gm);
  return values.flatMap((value) => value.replace(/#[^\n]*/g, ' ').match(/[^\s"',[\]]+/g) ?? []);
}
