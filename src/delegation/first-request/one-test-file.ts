/** How some test files alone are run, where that can be told from the scripts or the kind of the files. */
import { posix } from 'node:path';
import type { PathIndex } from '../../agent/prompt/path-index.ts';
import { shellWord } from '../../common/shell-word.ts';

/** The runners of a `test` script, and how each takes files. */
const RUNNERS: readonly (readonly [RegExp, (files: string, script: string) => string])[] = [
  [/(?<![=-])\bvitest\b/, (files) => `npx vitest run ${files}`],
  [/(?<![=-])\bjest\b/, (files) => `npx jest ${files}`],
  [/(?<![=-])\bava\b/, (files) => `npx ava ${files}`],
  [/(?<![=-])\bmocha\b/, (files) => `npx mocha ${files}`],
  // `--test-reporter=tap` is none.
  [/(?<![=-]|reporter )\btap\b/, (files) => `npx tap ${files}`],
  [/\bbun test\b/, (files) => `bun test ${files}`],
  [
    /\bnode\b.* --test\b/,
    (files, script) => `${/\bnode\b(?: --?\w[\w-]*(?:=\S+)?)*? --test\b/.exec(script)?.[0] ?? 'node --test'} ${files}`,
  ],
];

/** Nobody's script is longer. */
const LONGEST_SCRIPT = 4000;

type Scripts = Readonly<Record<string, string>>;

/** @param file a test of the repository, as seen from the folder that commands start in */
export const oneTestFile = (file: string, scripts: Scripts, index: Pick<PathIndex, 'all'>): string | null =>
  theseTestFiles([file], scripts, index);

/** Files of one language, as seen from the folder that commands start in. */
export function theseTestFiles(files: readonly string[], scripts: Scripts, { all }: Pick<PathIndex, 'all'>): string | null {
  const areAll = (name: RegExp) => files.length > 0 && files.every((file) => name.test(file));
  const names = files.map(shellWord).join(' ');
  if (areAll(/\.[cm]?[jt]sx?$/)) {
    const script = Object.entries(scripts).flatMap(([key, command]) =>
      /test|unit|spec/.test(key) && command.length <= LONGEST_SCRIPT ? [command] : [],
    );
    for (const [runner, command] of RUNNERS) {
      const found = script.find((one) => runner.test(one));
      if (found !== undefined) return command(names, found);
    }
    return null;
  }
  if (areAll(/\.py$/)) return `${packageInSrc(all) ? 'PYTHONPATH=src ' : ''}python -m pytest -q ${names}`;
  if (areAll(/\.go$/)) return `go test ${goPackages(files)}`;
  if (areAll(/_spec\.rb$/)) return `${all.has('Gemfile') ? 'bundle exec ' : ''}rspec ${names}`;
  if (areAll(/\.exs$/)) return `mix test ${names}`;
  if (areAll(/^tests\/[\w-]+\.rs$/)) return `cargo test ${files.map((file) => `--test ${posix.basename(file, '.rs')}`).join(' ')}`;
  if (areAll(/\.php$/) && files.length === 1) return `vendor/bin/phpunit ${names}`;
  return null;
}

/** Their folders. */
export function goPackages(files: readonly string[]): string {
  return [...new Set(files.map((file) => (file.includes('/') ? shellWord(`./${posix.dirname(file)}`) : '.')))].join(' ');
}

/** Where a package lies in src/, `import` takes it from there only where it is installed so; otherwise another release that is. */
function packageInSrc(paths: Iterable<string>): boolean {
  for (const path of paths) if (/^src\/[^/]+\/__init__\.py$/.test(path)) return true;
  return false;
}
