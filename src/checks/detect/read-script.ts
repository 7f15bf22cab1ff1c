/** What a script or recipe would do as a check, as far as its words tell. */
import type { CheckKind } from '../types.ts';

/** Goes on until somebody ends it. */
const ENDLESS =
  /--watch(?:All)?(?!=false)\b|\b(?:tsc|vitest|mocha|ava|tap)\b[^&|;]* -w\b|\bvitest watch\b|\bnodemon\b|\bchokidar\b|\bwatchexec\b|\bng (?:serve|test(?![^&|;]*--(?:no-)?watch))|\bstorybook dev\b|\bvitest[^&|;]* --ui\b|\bcypress open\b|\b(?:npm|yarn|pnpm|bun)(?: run)? (?:start|dev|serve|watch)\b|\b(?:vite|next|nuxt|astro) (?:dev|preview|start)\b|\bwebpack(?:-dev-server| serve)\b/;
/** Reaches outside, for good: as a word, or a script by which it is done; not where a path of something else has that name. */
const EFFECTS =
  /(?<![-\w/.])(?:publish|deploy|release)\b(?![/.])|(?:^|[;&|(]\s*|\b(?:(?:ba|z)?sh|node|tsx|python3?)\s+)(?:[\w.-]*\/)*(?:publish|deploy|release)\b(?!\/)|\bsemantic-release\b|(?<![-\w/.])(?:docker|docker-compose|kubectl|helm|terraform|aws|gcloud|vercel|netlify|heroku|flyctl|wrangler|firebase|rsync|scp|ssh|sudo)\b(?![/.])|\bgit (?:push|commit|tag)\b/;
/** Would mend what it finds, and so find nothing. */
const MENDS = / --(?:fix|write|update(?:-?snapshots?)?|apply|unsafe|autofix|in-place)\b| -u\b/;

/** Nobody's command is longer; of a repository's that is nobody knows what it does, and some expressions would take minutes. */
const LONGEST = 4000;

export const isSafe = (script: string): boolean =>
  script.split(' && ').every((part) => part.length <= LONGEST && !ENDLESS.test(part) && !EFFECTS.test(part));
export const mends = (script: string): boolean => MENDS.test(` ${script}`);

const TESTS =
  /\b(?:vitest|jest|mocha|ava|tape|tap|jasmine|karma|cypress|playwright|uvu|qunit|japa|tsd|wtr|web-test-runner|react-scripts test|ng test|pytest|py\.test|unittest|nose2|tox|nox|ctest|rspec|phpunit|pest|minitest)\b|--test\b|\b(?:go|cargo|mix|bun|deno|dotnet|swift|rake|mvnw?|gradlew?) (?:\S+ )*?(?:test|verify)\b/;
const TYPES = /\b(?:tsc|vue-tsc|tsgo|svelte-check|flow|mypy|pyright|astro check)\b/;
const LINT =
  /\b(?:eslint|biome|xo|standard|prettier|stylelint|oxlint|tslint|ruff|flake8|pylint|black|rubocop|golangci-lint|clippy|phpstan|psalm|php-cs-fixer|knip|depcheck|publint|attw|cspell|markdownlint|dprint|sort-package-json)\b|\b(?:ng|next) lint\b|\bgo vet\b/;

/** Every kind that a script holds. */
export function kindsIn(script: string): Set<CheckKind> {
  const parts = script.split(' && ').map((part) => part.slice(0, LONGEST));
  const has = (words: RegExp) => parts.some((part) => words.test(part));
  return new Set([
    ...(has(TESTS) ? ['test' as const] : []),
    ...(has(TYPES) ? ['types' as const] : []),
    ...(has(LINT) ? ['lint' as const] : []),
  ]);
}

/** The script that says nothing: `npm init`'s, and what only pretends. */
export const isPlaceholder = (script: string): boolean =>
  /no tests? specified/i.test(script) || script.split(/&&|\|\||;/).every((part) => /^(?:true|:|exit \d+|echo\b.*|)$/.test(part.trim()));
