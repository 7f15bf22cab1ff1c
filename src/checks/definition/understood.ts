/**
 * Which changed files are of a kind that is known not to decide how checks run: sources and data beside others of their kind, files that hold
 * tests, prose, and manifests that are put back part by part. Everything else may decide it by a name or a place that nobody here has thought of.
 */
import { existsSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { inTimeOr } from '../../common/in-time.ts';
import { expandNames, namesIn } from '../../common/list-names.ts';
import { BUILD_FOLDERS, isLockFile } from '../../common/tool-made-files.ts';
import { isProjectText } from '../project-texts.ts';
import { canFail, countTests, isNamedAsTest, isTestPath } from '../test-files.ts';
import { foldersAbove } from './built-files.ts';
import { isPutBackInPart } from './check-tools.ts';

export interface KnownFiles {
  readonly basePaths: ReadonlySet<string>;
  /** Links and submodules, of either side. */
  readonly odd: ReadonlySet<string>;
  /** Of the result, for code on paths of tests. */
  readonly texts: ReadonlyMap<string, string>;
  /** New names of files of the base, as they were. */
  readonly moved?: ReadonlySet<string>;
}

const endings = (names: string) => new Set(names.split(' ').map((name) => `.${name}`));

/** Modules are found by the whole path of their file. */
const BY_PATH = endings('js jsx mjs cjs ts tsx mts cts vue svelte astro css scss sass less');
/** Modules are found by a name that says where they are, whatever folders they lie in. */
const BY_FULL_NAME = endings(
  'go rs java kt scala cs fs vb swift dart ex erl hrl c cc cpp cxx h hh hpp m mm hs ml mli clj cljs cljc elm zig nim php',
);
/** Modules are looked for in several folders, and those of the project come first. */
const SEARCHED = endings('py pyi rb pm pl lua');
const HEADERS = endings('h hh hpp hxx inc');
const DATA = endings('json yml yaml xml csv sql html htm hbs ejs erb haml tmpl graphql gql proto po pot ftl strings snap');
const PICTURES = endings('png jpg jpeg gif svg ico webp woff woff2 ttf');
const SHELL = endings('sh bash');

const PROSE = /\.(md|mdx|markdown|rst|adoc|asciidoc|org|pod)$/i;
/** What a platform reads after a push. */
const HOSTED = /^\.(github|gitlab|gitea|forgejo)\/([^/]+\/)*[^/]+\.(ya?ml|md)$|^\.changeset\/[^/]+\.md$|(^|\/)CODEOWNERS$/;
/** Of others, or built. */
const FOREIGN = /(^|\/)(node_modules|site-packages|vendor|third[_-]party|__pycache__|__mocks__)\//;
/** At any depth, unlike what stays between checks: what is new there was not built by the check. */
/** Other attempts wait meanwhile. */
const MOST_MS = 5000;
const BUILT = new RegExp(`(^|/)(${BUILD_FOLDERS})/`);
const HIDDEN = /(^|\/)\.[^/]/;
const SCRIPTS = /(^|\/)(scripts?|ci|hack|support|step_definitions)\//;
const TELLING = /test|spec|check|lint|verify|setup|runner|register|preload|hook|loader|config|conf\b|env/i;
const QUALIFIED = /\.(config|conf|setup|preset|workspace|rc)\.\w+$/i;

/**
 * @param changed both ends of renames
 * @returns which are not; what manifests of the base depend on is another list for each check, and a module by the name of a package is none
 */
export function notUnderstood(changed: readonly string[], known: KnownFiles): (packages: ReadonlySet<string>) => string[] {
  const places = placesOf(known.basePaths);
  const judged = inTimeOr(MOST_MS, null, () => changed.map((path) => ({ path, is: judge(path, known, places) }))) ?? asUnknown(changed);
  return (packages) =>
    judged.flatMap(({ path, is }) => (is === 'unknown' || (is === 'module' && isNamedAsPackage(path, packages)) ? [path] : []));
}

/** Of very many, or very deep ones, it would take too long to tell. */
const asUnknown = (paths: readonly string[]) => paths.map((path) => ({ path, is: 'unknown' as const }));

/** `module` = understood, unless names are looked up in the project first, and a package has its name. */
function judge(path: string, known: KnownFiles, places: Places): 'understood' | 'unknown' | 'module' {
  if (!isUnderstood(path, known, places)) return 'unknown';
  return BY_PATH.has(extname(path).toLowerCase()) && !known.basePaths.has(path) && !isTestPath(path) ? 'module' : 'understood';
}

function isUnderstood(path: string, { basePaths, odd, texts, moved }: KnownFiles, places: Places): boolean {
  if (odd.has(path)) return false;
  if (isLockFile(path) || isPutBackInPart(path) || HOSTED.test(path)) return true;
  if (HIDDEN.test(path) || FOREIGN.test(path) || QUALIFIED.test(path)) return false;
  const ending = extname(path).toLowerCase();
  if (PROSE.test(path) || isProjectText(path) || PICTURES.has(ending)) return true;
  if (ending === '.txt') return !TELLING.test(basename(path));
  const isOld = basePaths.has(path);
  const isCode = BY_PATH.has(ending) || BY_FULL_NAME.has(ending) || SEARCHED.has(ending);
  if (isTestPath(path)) {
    if (isEmptyPackage(path, texts.get(path), basePaths)) return true;
    // What tests share, and had on the base, is looked at by itself.
    if (isOld || isTest(path, texts.get(path) ?? '')) return isOld ? isCode || DATA.has(ending) || isListed(path, places) : true;
    return !isCode && ending !== '' && !TELLING.test(basename(path, ending)) && (DATA.has(ending) || isListed(path, places));
  }
  const isAtRoot = !path.includes('/');
  if (DATA.has(ending)) return !isAtRoot && !TELLING.test(basename(path)) && !SCRIPTS.test(path) && (isOld || isListed(path, places));
  if (SHELL.has(ending) || ending === '') return isOld && places.hasShellTests;
  if (!isCode || SCRIPTS.test(path) || (isAtRoot && TELLING.test(basename(path)))) return false;
  if (isOld || moved?.has(path)) return true;
  if (BUILT.test(path) && !isListed(path, places)) return false;
  if (SEARCHED.has(ending)) return isWithinModule(path, basePaths, places);
  if (HEADERS.has(ending) && isLookedUp(path, places)) return false;
  if (BY_FULL_NAME.has(ending)) return places.endings.has(`*${ending}`);
  return places.endings.has(`${topOf(path)}*${ending}`);
}

/** What makes a new folder within a package of tests one of its own, and nothing else: it hides no module, and lies around no test of the base. */
export function isEmptyPackage(path: string, text: string | null | undefined, basePaths: ReadonlySet<string>): boolean {
  if (basename(path) !== '__init__.py' || text?.trim() !== '' || !isTestPath(path)) return false;
  const folder = dirname(path);
  if (!basePaths.has(`${dirname(folder)}/__init__.py`) || basePaths.has(`${folder}.py`)) return false;
  for (const one of basePaths) if (one.startsWith(`${folder}/`)) return false;
  return true;
}

/** With tests in it, or one as a whole, as programs are that only assert. */
const isTest = (path: string, text: string): boolean =>
  countTests(path, text) > 0 || (isNamedAsTest(path) && text.split('\n').some(canFail));

const topOf = (path: string) => (path.includes('/') ? path.slice(0, path.indexOf('/') + 1) : '');
const isListed = (path: string, { endings }: Places) => endings.has(`${dirname(path)}/${extname(path).toLowerCase()}`);

/** What the base has where, gathered once: it may have many files, and the attempt too. */
interface Places {
  /** Where files of which ending lie: in a folder, anywhere below one at the root, anywhere. */
  readonly endings: ReadonlySet<string>;
  /** Folders at the root, and in those where names are looked up. */
  readonly folders: ReadonlySet<string>;
  /** Of files, wherever they lie. */
  readonly names: ReadonlySet<string>;
  readonly hasShellTests: boolean;
}

const ROOTS = /^(src|lib|python)\//;

function placesOf(paths: ReadonlySet<string>): Places {
  const [endings, folders, names] = [new Set<string>(), new Set<string>(), new Set<string>()];
  let hasShellTests = false;
  for (const path of paths) {
    const ending = extname(path).toLowerCase();
    endings.add(`${dirname(path)}/${ending}`);
    const [root = ''] = ROOTS.exec(path) ?? [];
    folders.add(topOf(path)).add(root + topOf(path.slice(root.length)));
    names.add(basename(path));
    if (path.endsWith('.bats')) hasShellTests = true;
    if (isTestPath(path) || QUALIFIED.test(path) || FOREIGN.test(path)) continue;
    endings.add(`${topOf(path)}*${ending}`).add(`*${ending}`);
  }
  return { endings, folders, names, hasShellTests };
}

/** In a package of the base, of Python; elsewhere in a folder below the one where names are looked up. */
function isWithinModule(path: string, basePaths: ReadonlySet<string>, { folders }: Places): boolean {
  if (/\.pyi?$/.test(path)) {
    for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) if (basePaths.has(`${folder}/__init__.py`)) return true;
    return false;
  }
  const [root = ''] = ROOTS.exec(path) ?? [];
  const first = topOf(path.slice(root.length));
  return first !== '' && folders.has(root + first);
}

/** Where names are looked up in the project first, it would come in the place of that. */
function isNamedAsPackage(path: string, packages: ReadonlySet<string>): boolean {
  const first = path.replace(ROOTS, '').split('/')[0]!;
  const name = first.slice(0, first.length - extname(first).length) || first;
  return packages.has(name) || packages.has(first);
}

const TEST_HEADERS = /(^|\/)(gtest|gmock|catch2?|doctest|unity|cmocka|criterion|check|cpputest|greatest|munit|minunit)(\/|[._-])/i;

/** A header by the name of another one may be found in its place, by the compiler's own headers too. */
function isLookedUp(path: string, { names }: Places): boolean {
  if (TEST_HEADERS.test(path) || names.has(basename(path))) return true;
  const asked = path
    .split('/')
    .slice(-MOST_NAMED)
    .map((_, at, all) => all.slice(at));
  systemHeaders ??= HEADER_FOLDERS.flatMap((pattern) => expandNames('/', pattern)).map(headersIn);
  return systemHeaders.some(({ folder, names }) => asked.some((one) => names().has(one[0]!) && existsSync(join(folder, ...one))));
}

function headersIn(name: string) {
  const folder = join('/', name);
  let found: ReadonlySet<string> | null = null;
  return { folder, names: () => (found ??= new Set(namesIn(folder))) };
}

/** So many folders and a name stand in an `#include`. */
const MOST_NAMED = 8;

/** Where compilers look by themselves. */
const HEADER_FOLDERS = [
  ...[
    'usr/include',
    'usr/include/*-linux-*',
    'usr/include/c++/*',
    'usr/local/include',
    'usr/lib/gcc/*/*/include',
    'usr/lib/clang/*/include',
  ],
  'Library/Developer/CommandLineTools/SDKs/MacOSX.sdk/usr/include',
];
let systemHeaders: readonly { readonly folder: string; readonly names: () => ReadonlySet<string> }[] | null = null;

/** What is built of modules that are found by their path. */
const OUTPUT = new Set([...BY_PATH, ...DATA, ...PICTURES, '.map', '.wasm']);
const COMPILED = /\.(?:d\.[cm]?ts|[cm]?jsx?)(?:\.map)?$/;
const SOURCES = ['ts', 'tsx', 'mts', 'cts'];

/**
 * Whether a file that a check laid is more of what it lays on the base: in a folder that is there only then (`lib/`, `packages/kit/dist/`, and
 * `dist/` of the package beside that), or compiled beside its source, which is new.
 * @param left what it laid on the base
 * @param isSource whether a file is one of the commit
 */
export function isMoreOf(
  left: readonly string[],
  basePaths: ReadonlySet<string>,
  isSource: (path: string) => boolean,
): (path: string) => boolean {
  const ofBase = new Set([...basePaths].flatMap(foldersAbove));
  const onlyBuilt = (path: string) => foldersAbove(path).filter((folder) => !ofBase.has(folder));
  const made = new Set(left.flatMap((path) => onlyBuilt(path).slice(-1)));
  const beside = new Set([...made].flatMap(ofSibling));
  const compilesBeside = left.some((path) => COMPILED.test(path) && onlyBuilt(path).length === 0);
  return (path) => {
    if (HIDDEN.test(path) || FOREIGN.test(path) || QUALIFIED.test(path) || !OUTPUT.has(extname(path).toLowerCase())) return false;
    if (onlyBuilt(path).some((folder) => made.has(folder) || ofSibling(folder).some((one) => beside.has(one)))) return true;
    const sources = COMPILED.test(path) ? SOURCES.map((ending) => path.replace(COMPILED, `.${ending}`)) : [];
    return compilesBeside && sources.some((source) => !basePaths.has(source) && isSource(source));
  };
}

/** `packages/kit/dist` -> what that of another package has in common with it */
function ofSibling(folder: string): string[] {
  const parts = folder.split('/');
  return parts.length > 2 ? [parts.with(-2, '*').join('/')] : [];
}
