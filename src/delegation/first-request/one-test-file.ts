/** How one test file is run, where that can be told from the scripts or the file's kind. */
import { posix } from 'node:path';
import type { PathIndex } from '../../agent/prompt/path-index.ts';
import { shellWord } from '../../common/shell-word.ts';

/** The runners of a `test` script, and how each takes a file. */
const RUNNERS: readonly (readonly [RegExp, (file: string, script: string) => string])[] = [
  [/\bvitest\b/, (file) => `npx vitest run ${file}`],
  [/\bjest\b/, (file) => `npx jest ${file}`],
  [/\bava\b/, (file) => `npx ava ${file}`],
  [/\bmocha\b/, (file) => `npx mocha ${file}`],
  [/\btap\b/, (file) => `npx tap ${file}`],
  [/\bbun test\b/, (file) => `bun test ${file}`],
  [/\bnode\b.* --test\b/, (file, script) => `${/\bnode\b(?: --?[\w-]+(?:=\S+)?)*? --test\b/.exec(script)?.[0] ?? 'node --test'} ${file}`],
];

/** @param file a test of the repository, as seen from the folder that commands start in */
export function oneTestFile(file: string, scripts: Readonly<Record<string, string>>, { all }: PathIndex): string | null {
  const name = shellWord(file);
  const script = Object.entries(scripts).flatMap(([key, command]) => (/test|unit|spec/.test(key) ? [command] : []));
  if (/\.[cm]?[jt]sx?$/.test(file)) {
    for (const [runner, command] of RUNNERS) {
      const found = script.find((one) => runner.test(one));
      if (found !== undefined) return command(name, found);
    }
    return null;
  }
  if (file.endsWith('.py')) return `${packageInSrc(all) ? 'PYTHONPATH=src ' : ''}python -m pytest -q ${name}`;
  if (file.endsWith('.go')) return `go test ${file.includes('/') ? shellWord(`./${posix.dirname(file)}`) : '.'}`;
  if (file.endsWith('_spec.rb')) return `${all.has('Gemfile') ? 'bundle exec ' : ''}rspec ${name}`;
  if (file.endsWith('.exs')) return `mix test ${name}`;
  if (/^tests\/[\w-]+\.rs$/.test(file)) return `cargo test --test ${posix.basename(file, '.rs')}`;
  if (file.endsWith('.php')) return `vendor/bin/phpunit ${name}`;
  return null;
}

/** Where a package lies in src/, `import` takes it from there only where it is installed so; otherwise another release that is. */
function packageInSrc(paths: Iterable<string>): boolean {
  for (const path of paths) if (/^src\/[^/]+\/__init__\.py$/.test(path)) return true;
  return false;
}
