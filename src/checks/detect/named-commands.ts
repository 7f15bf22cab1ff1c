/** Commands that a task names in backticks, where they are plain runs of a known test tool, type checker or linter. */
import { packageScripts } from '../../common/package-scripts.ts';
import type { CheckKind, FoundCheck } from '../types.ts';
import { wholeScript } from './javascript.ts';
import { makeRules, recipeOf } from './other-languages.ts';
import type { Project } from './project.ts';
import { isPlaceholder, isSafe, kindsIn, mends } from './read-script.ts';

const MOST_NAMED = 2;
const LONGEST = 200;

/** Words without anything that a shell would read as more than a word; a folder may be entered first. */
const PLAIN =
  /^(?:cd ((?!\/)[\w./-]+) && )?((?:[\w@%+=:,./*[\]-]+|'[\w@%+=:,./*[\] -]*'|"[\w@%+=:,./*[\] -]*")(?: (?:[\w@%+=:,./*[\]-]+|'[^'"`$\\\n]*'|"[^'"`$\\\n]*"))*)$/;
const UNWANTED =
  /(?:^| )(?:--watch(?:All)?|(?<!^(?:cd \S+ && )?(?:npm|pnpm|npx jest|jest)\b.*)-w|--ui|--fix|--write|-u|--update\S*|--pdb|--init|--inspect\S*|--help|-h|--version|-V|--apply|--open|--headed)(?:[= ]|$)/;

/** Programs that run another one with the packages of a project. */
const WRAPPER =
  /^(?:npx|pnpx|bunx|pnpm exec|yarn exec|yarn run(?= (?:tsc|vitest|jest|mocha|eslint|biome)\b)|yarn(?= (?:tsc|vitest|jest|mocha|eslint|biome)\b)|bundle exec|(?:poetry|uv|pdm|pipenv|hatch) run|(?:\S*\/)?python[\d.]* -m) /;

/** What is left without the wrapper begins so. */
const RUNNERS: readonly (readonly [CheckKind, RegExp])[] = [
  ['test', /^(?:vitest(?: run)?|jest|mocha|ava|tap|tape|jasmine|uvu|playwright test|cypress run|pytest|py\.test|unittest|tox|nox)(?= |$)/],
  ['test', /^(?:node|tsx|ts-node)(?: -\S+)*? --test(?= |$)/],
  ['test', /^(?:\S*\/)?python[\d.]* manage\.py test(?= |$)/],
  ['test', /^(?:go|cargo|dotnet|mix|deno|bun|swift|dart|flutter|rails|bin\/rails) test(?= |$)/],
  ['test', /^cargo nextest run(?= |$)/],
  ['test', /^(?:ctest|rspec|rake (?:test|spec)|composer (?:run )?test|(?:vendor\/bin\/)?(?:phpunit|pest))(?= |$)/],
  ['test', /^(?:\.\/)?(?:mvnw?|gradlew?)(?: -\S+)* :?(?:[\w:]*[tT]est|verify|check)(?= |$)/],
  ['types', /^(?:tsc|vue-tsc|svelte-check|mypy|pyright|cargo check)(?= |$)/],
  [
    'lint',
    /^(?:eslint|biome (?:check|lint|ci)|ruff check|flake8|pylint|rubocop|go vet|golangci-lint run|cargo clippy|xo|standard|stylelint|oxlint)(?= |$)/,
  ],
];

/** @param within the project in a folder below */
export function namedCommands(task: string, here: Project, within: (folder: string) => Project): FoundCheck[] {
  const found = new Map<string, FoundCheck>();
  for (const [, text] of task.replaceAll(/```[\s\S]*?(?:```|$)/g, '').matchAll(/`([^`\n]+)`/g)) {
    const command = text!.trim().replace(/^\$ /, '');
    const kind = kindOf(command, here, within);
    if (kind !== null && found.size < MOST_NAMED) found.set(command, { command, kind, file: null, folder: here.folder });
  }
  return [...found.values()];
}

function kindOf(text: string, here: Project, within: (folder: string) => Project): CheckKind | null {
  if (text.length > LONGEST || UNWANTED.test(text)) return null;
  const [, folder, command] = PLAIN.exec(text) ?? [];
  if (command === undefined || (folder ?? '').split('/').includes('..')) return null;
  const project = folder === undefined ? here : within(folder);
  return (
    kindOfScript(command, project) ??
    kindOfTarget(command, project) ??
    RUNNERS.find(([, pattern]) => pattern.test(unwrapped(command)))?.[0] ??
    null
  );
}

const unwrapped = (command: string) => command.replace(WRAPPER, '');

/** A script of the package counts as what it runs, and only where it is there. */
function kindOfScript(command: string, project: Project): CheckKind | null {
  const [, name] =
    /^(?:npm|pnpm|yarn|bun) (?:run(?:-script)? )?([\w:.-]+)(?= |$)/.exec(command.replace(/^npm (?:t|tst)(?= |$)/, 'npm test')) ?? [];
  if (name === undefined || command.startsWith('bun test') || /\b(?:build|compile|dist|fix|format)\b/.test(name)) return null;
  const scripts = packageScripts(project.textAbove('package.json'));
  const script = scripts[name];
  if (script === undefined || isPlaceholder(script)) return null;
  const whole = wholeScript(scripts, name);
  if (!isSafe(whole)) return null;
  const kinds = kindsIn(whole);
  if (kinds.has('test') || (kinds.size === 0 && /\b(?:test|tests|spec|unit|e2e)\b/.test(name))) return 'test';
  if (mends(whole)) return null;
  return (['types', 'lint'] as const).find((kind) => kinds.has(kind)) ?? null;
}

function kindOfTarget(command: string, project: Project): CheckKind | null {
  const target = /^g?make ([\w-]+)$/.exec(command)?.[1];
  if (target === undefined) return null;
  const file = ['GNUmakefile', 'makefile', 'Makefile'].find((name) => project.names.has(name));
  const recipe = file === undefined ? null : recipeOf(makeRules(project.text(file)), target);
  if (recipe === null || !isSafe(recipe) || mends(recipe)) return null;
  const kinds = kindsIn(recipe);
  if (kinds.has('test') || /test|check|spec/.test(target)) return 'test';
  return (['types', 'lint'] as const).find((kind) => kinds.has(kind)) ?? null;
}

/** What may stand behind a runner that runs everything. */
const WHOLE = /^(?:|-(?:q|v|vv|B|o|s)|--(?:run|workspace|all|offline|silent|verbose|quiet)|\.|\.\/\.\.\.|tests?\/?|discover)$/;

/** Whether a command runs all of the tests, and not some that it names. */
export function isWhole(command: string): boolean {
  const text = unwrapped(command.replace(/^cd \S+ && /, ''));
  const runner = RUNNERS.map(([, pattern]) => pattern.exec(text)?.[0]).find((begin) => begin !== undefined);
  const script = /^(?:(?:npm|pnpm|yarn|bun) (?:run(?:-script)? )?|g?make )[\w:.-]+/.exec(text)?.[0];
  const rest = text.slice((runner ?? script ?? text).length).trim();
  return rest.split(' ').every((word) => WHOLE.test(word));
}
