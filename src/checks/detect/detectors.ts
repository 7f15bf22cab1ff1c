/**
 * How projects of each kind are checked, one row each: what they see is the base commit, which no worker has written. Beside one that
 * is no fallback, a fallback of its kind is left out.
 *
 * Not among them: pre-commit (its hooks come from the network, and mend files), commitlint and husky (they look at messages and at what is
 * staged, of which a check sees neither; what they run besides are scripts that are rows here).
 */
import { biome, bunTest, deno, eslint, packageJsonScripts, typeScript } from './javascript.ts';
import { cargo, cmake, dotnet, go, gradle, make, maven, mix, php, rake, rspec } from './other-languages.ts';
import type { Detected, Project } from './project.ts';
import { mypy, nox, pytest, ruff, tox, unittest } from './python.ts';

export interface Detector {
  readonly name: string;
  readonly find: (project: Project) => readonly Detected[];
  /** The endings of the files that its checks say something of; absent = what they run may be anything. */
  readonly endings?: readonly string[];
}

const JS = ['.js', '.jsx', '.mjs', '.cjs', '.ts', '.tsx', '.mts', '.cts', '.vue', '.svelte'];
const PYTHON = ['.py', '.pyi'];
const JVM = ['.java', '.kt', '.kts', '.scala', '.groovy'];

export const DETECTORS: readonly Detector[] = [
  { name: 'package.json', find: packageJsonScripts, endings: JS },
  { name: 'Bun', find: bunTest, endings: JS },
  { name: 'Deno', find: deno, endings: JS },
  { name: 'TypeScript', find: typeScript },
  { name: 'ESLint', find: eslint },
  { name: 'Biome', find: biome },
  { name: 'Cargo', find: cargo, endings: ['.rs'] },
  { name: 'Go', find: go, endings: ['.go'] },
  { name: 'pytest', find: pytest, endings: PYTHON },
  { name: 'unittest', find: unittest, endings: PYTHON },
  { name: 'mypy', find: mypy },
  { name: 'Ruff', find: ruff },
  { name: 'Maven', find: maven, endings: JVM },
  { name: 'Gradle', find: gradle, endings: JVM },
  { name: '.NET', find: dotnet, endings: ['.cs', '.fs', '.vb'] },
  { name: 'RSpec', find: rspec, endings: ['.rb'] },
  { name: 'Rake', find: rake, endings: ['.rb'] },
  { name: 'PHP', find: php, endings: ['.php'] },
  { name: 'Mix', find: mix, endings: ['.ex', '.exs'] },
  { name: 'CMake', find: cmake },
  { name: 'tox', find: tox, endings: PYTHON },
  { name: 'nox', find: nox, endings: PYTHON },
  { name: 'make', find: make },
];
