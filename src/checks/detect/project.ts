/** What a detector sees of a project: which files lie there in the base commit, and what its manifests say. */
import { posix } from 'node:path';
import { nameMatcher } from '../../common/list-names.ts';
import { isTestPath } from '../test-files.ts';
import type { CheckKind } from '../types.ts';

/** A command that checks the project when it is run in its folder. */
export interface Detected {
  readonly kind: CheckKind;
  readonly command: string;
  /** Which file of the project tells of it. */
  readonly file: string;
  /** Whether it most likely does the same as another one, with more around it: only for where nothing else was found. */
  readonly isFallback?: true;
}

export interface Project {
  /** Relative to the root; '' = the root. */
  readonly folder: string;
  /** The names of the files right in it. */
  readonly names: ReadonlySet<string>;
  /** Whether such a file of the commit lies below it. */
  has(path: string): boolean;
  /** The first of these files that is there, as patterns where `*` stands for any part of a name; only right in it. */
  first(...patterns: readonly string[]): string | undefined;
  /** A file anywhere below it that ends so and whose path matches. */
  below(ending: string, pattern: RegExp): string | undefined;
  /** The same among the tests. */
  test(ending: string, pattern?: RegExp): string | undefined;
  /** The text of a manifest; '' where there is none. */
  text(name: string): string;
  /** The same in the nearest folder upwards that has such a file. */
  textAbove(name: string): string;
  /** The first of these files that is there, in the folder or upwards. */
  firstAbove(names: readonly string[]): string | undefined;
  /** The program of Python that has its packages; null = none is known. */
  readonly python: string | null;
  /** Whether the user has a program of this name. */
  hasProgram(name: string): boolean;
}

/** What the user has on this machine, and git does not know. */
export interface Installed {
  /** The program of Python that has the packages of a folder; null = none is known. */
  pythonIn(folder: string): string | null;
  /** Whether PATH leads to a program of this name. */
  hasProgram(name: string): boolean;
}

/** Files by which a folder is told to be a project, or that say how it is tested. */
const MANIFESTS: readonly string[] = [
  ...[
    'package.json',
    'tsconfig.json',
    'deno.json',
    'deno.jsonc',
    'pyproject.toml',
    'setup.cfg',
    'setup.py',
    'tox.ini',
    'pytest.ini',
    'mypy.ini',
  ],
  ...['requirements.txt', 'requirements-dev.txt', 'requirements-test.txt', 'requirements_dev.txt', 'dev-requirements.txt', 'Pipfile'],
  ...['Cargo.toml', 'go.mod', 'pom.xml', 'build.gradle', 'build.gradle.kts', 'Makefile', 'makefile', 'GNUmakefile', 'CMakeLists.txt'],
  ...['Gemfile', 'Rakefile', 'composer.json', 'mix.exs'],
];

/** The files of a repository. What lies in a folder is looked for once: a pass over 20,000 paths is not for nothing. */
export interface Listing {
  readonly paths: readonly string[];
  readonly all: ReadonlySet<string>;
  namesIn(folder: string): ReadonlySet<string>;
}

export function listing(paths: readonly string[], all: ReadonlySet<string> = new Set(paths)): Listing {
  const known = new Map<string, ReadonlySet<string>>();
  return {
    paths,
    all,
    namesIn(folder) {
      const within = folder === '' ? '' : `${folder}/`;
      const names = known.get(folder) ?? new Set(paths.filter((path) => isRightIn(within, path)).map((path) => path.slice(within.length)));
      known.set(folder, names);
      return names;
    },
  };
}

const isRightIn = (within: string, path: string) => path.startsWith(within) && !path.includes('/', within.length);

/** The manifests in a folder, as paths from the root. */
export const manifestsIn = ({ all }: Pick<Listing, 'all'>, folder: string): string[] =>
  MANIFESTS.map((name) => posix.join(folder, name)).filter((path) => all.has(path));

/** @param above the folder and those around it, nearest first */
export function project(
  above: readonly string[],
  { paths, all, namesIn }: Listing,
  texts: Pick<ReadonlyMap<string, string>, 'get'>,
  installed: Installed,
): Project {
  const folder = above[0] ?? '';
  const within = folder === '' ? '' : `${folder}/`;
  const names = namesIn(folder);
  const textIn = (at: string, name: string) => texts.get(posix.join(at, name)) ?? '';
  let own: readonly string[] | null = null;
  const below = (ending: string, matches: (path: string) => boolean) => {
    own ??= within === '' ? paths : paths.filter((path) => path.startsWith(within)).map((path) => path.slice(within.length));
    return own.find((path) => path.endsWith(ending) && matches(path));
  };
  return {
    folder,
    names,
    has: (path) => all.has(within + path),
    first(...patterns) {
      for (const pattern of patterns) {
        const found = pattern.includes('*') ? [...names].sort().find(nameMatcher(pattern)) : names.has(pattern) ? pattern : undefined;
        if (found !== undefined) return found;
      }
      return undefined;
    },
    below: (ending, pattern) => below(ending, (path) => pattern.test(path)),
    test: (ending, pattern = /./) => below(ending, (path) => pattern.test(path) && isTestPath(path)),
    text: (name) => textIn(folder, name),
    textAbove: (name) => above.map((at) => textIn(at, name)).find((text) => text !== '') ?? '',
    firstAbove: (wanted) => above.flatMap((at) => wanted.find((name) => all.has(posix.join(at, name))) ?? [])[0],
    python: installed.pythonIn(folder),
    hasProgram: installed.hasProgram,
  };
}
