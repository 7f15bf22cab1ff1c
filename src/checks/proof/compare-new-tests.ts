/** What new tests say on the code of the base, beside what the same check says on the base and on the result. */
import { testsOf } from '../definition/judge-definition.ts';
import { isTestPath } from '../test-files.ts';
import type { CheckRun } from '../types.ts';
import type { FailKind, NoRedToGreen, RedToGreen } from './types.ts';

type Counts = NonNullable<CheckRun['counts']>;

export interface NewTestRuns {
  /** On the base as it is; null where it was not run. */
  readonly base: CheckRun | null;
  readonly result: CheckRun;
  /** With the code of the base and the tests of the result. */
  readonly mixed: CheckRun;
  /** All that it printed. */
  readonly output: string;
  /** How many tests are new, where that is not what the result has more than the base; null = not known. */
  readonly counted?: number | null;
}

type Finding = Pick<RedToGreen, 'newTests' | 'failOnBase' | 'how' | 'pass'> | { readonly notShown: NoRedToGreen };

/** The result passes: that is asked before. */
export function compareNewTests(runs: NewTestRuns): Finding {
  const { base, mixed, result } = runs;
  if (mixed.killed !== null) return { notShown: 'stopped' };
  if (mixed.exitCode === 126 || mixed.exitCode === 127) return { notShown: 'cannot_run' };
  const newTests = runs.counted === undefined ? growth(base, result) : runs.counted;
  const found = (failOnBase: number | null, how: FailKind | null): Finding => ({ newTests, failOnBase, how, pass: newTests });
  if (mixed.exitCode === 0) return found(0, null);
  const baseFails = base !== null && base.exitCode !== 0;
  const failing = failOnBase(runs, newTests);
  if (baseFails && failing === 0 && failsBySame(base, mixed) && passesMore(base, mixed, newTests)) return found(0, null);
  if (baseFails && (failing === null || failing === 0)) return { notShown: 'base_fails' };
  // It fails by something else than a test: a threshold, a linter in the same command.
  if (failing === 0) return { notShown: 'no_counts' };
  if (skipsSome(result, mixed)) return { notShown: 'skipped' };
  return found(failing, howTheyFail(runs));
}

/** What fails on the base and does not run on the result shows nothing. */
function skipsSome(result: CheckRun, mixed: CheckRun): boolean {
  const [all, now] = [counts(result), counts(mixed)];
  if (!all || !now) return false;
  return all.passed + all.failed < now.passed + now.failed || all.skipped > now.skipped;
}

/** Tests that run; null where it is no number of tests, as of a type checker. */
function counts(run: CheckRun | null): Counts | null {
  return run?.counts && testsOf(run) > 0 ? run.counts : null;
}

export function growth(base: CheckRun | null, result: CheckRun): number | null {
  const [before, now] = [counts(base), counts(result)];
  // A base without a single test prints no numbers, or 0.
  if (!now || (!before && base?.exitCode !== 0)) return null;
  return Math.max(0, now.passed + now.failed - (before ? before.passed + before.failed : 0));
}

function failOnBase({ base, result, mixed }: NewTestRuns, newTests: number | null): number | null {
  const [all, now] = [counts(result), counts(mixed)];
  const failedBefore = base && base.exitCode !== 0 ? (counts(base)?.failed ?? null) : 0;
  if (!now || failedBefore === null) return newNames(base, mixed);
  const more = now.failed - failedBefore;
  if (!all || newTests === null || now.passed + now.failed >= all.passed + all.failed) return Math.max(0, more);
  // Some are not counted, since their file did not load: all that do not pass count.
  const passedBefore = all.passed - newTests;
  return Math.max(more, Math.min(newTests, newTests - Math.max(0, now.passed - passedBefore)));
}

/** By exactly the tests that fail on the base, all of them named. */
function failsBySame(base: CheckRun, mixed: CheckRun): boolean {
  const all = [base, mixed].every(({ counts: numbers, failing }) => numbers !== null && failing.length === numbers.failed);
  return all && newNames(base, mixed) === 0;
}

const passesMore = (base: CheckRun, mixed: CheckRun, newTests: number | null) =>
  newTests !== null && (mixed.counts?.passed ?? 0) >= (base.counts?.passed ?? 0) + newTests;

function newNames(base: CheckRun | null, mixed: CheckRun): number | null {
  if (mixed.failing.length === 0 || !mixed.counts || testsOf(mixed) === 0) return null;
  const known = new Set(base?.failing);
  return mixed.failing.filter((name) => !known.has(name)).length;
}

/** What tests print that need something which is not there, in the words of compilers and loaders. */
const NOT_THERE: readonly RegExp[] = [
  /does not provide an export named|Cannot find (?:module|package) '|Failed to resolve import|Test suite failed to run/,
  /error TS\d+|No matching export|Could not resolve "/,
  /\b(?:ImportError|ModuleNotFoundError): /,
  /\[(?:build|setup) failed\]|: undefined: |error\[E\d+\]|could not compile `/,
  /COMPILATION ERROR|Compilation failed|cannot find symbol|compileTest\w+ FAILED|error CS\d+|unresolved reference/i,
  /uninitialized constant|cannot load such file|Class "[^"]{1,200}" not found|undefined reference to/,
];
/** The same while a test runs. In a source it is a fault of that, in a test the want of what it calls. */
const NOT_DEFINED =
  /(?:TypeError.{0,20}: |Error message: {1,9}").{0,200} is not (?:a (?:function|constructor)|defined)|^ *error: '.{0,200} is not (?:a (?:function|constructor)|defined)'|ReferenceError: .{0,100} is not defined|AttributeError: .{0,200}has no attribute|NameError: name |unexpected keyword argument|TypeError: .{0,100}takes \d+ positional|NoMethodError|Call to undefined |UndefinedFunctionError/gm;
/** Of some thousand the first ones tell enough. */
const MOST_LOOKED_AT = 50;

/** Whether something that tests need was not there, by what they print. */
export function lacksSomething(output: string): boolean {
  if (NOT_THERE.some((pattern) => pattern.test(output))) return true;
  return [...output.matchAll(NOT_DEFINED)].slice(0, MOST_LOOKED_AT).some(({ index, 0: found }) => {
    const at = placeOf(output.slice(Math.max(0, index - 600), index), output.slice(index + found.length, index + found.length + 600));
    return at === null || isTestPath(at);
  });
}

/** The file that an error comes from: behind its name in JavaScript (in TAP of Node 20 without "at") and pytest, before it in tracebacks of Python. */
function placeOf(before: string, after: string): string | null {
  const pytest = /^\s{0,200}\n{1,3}(\S{1,300}\.py):\d+: /m.exec(after)?.[1];
  const script = /^ {1,12}(?:at (?:.{0,200}\()?|[^\s(][^(\n]{0,200} \()(?:file:\/\/)?(\/[^:()\n]{1,300}):\d+/m.exec(after)?.[1];
  const python = [...before.matchAll(/File "([^"\n]{1,300})", line/g)].at(-1)?.[1];
  return pytest ?? script ?? python ?? null;
}

/** What tests print whose expectation is not met. */
const ASSERTED: readonly RegExp[] = [
  /Assertion(?:Failed)?Error|ERR_ASSERTION|ComparisonFailure|\bexpect\(|Received:|should (?:be|match|not be) |Difference/,
  /^E {3,}assert |DID NOT RAISE|^Failure:|^ {0,12}Failure\/Error:\n[ \t]{0,12}\n {0,12}(?:[Ee]xpected|RSpec::)|Failed asserting that|Assertion with |match \(=\) failed/m,
  /^ *--- FAIL: |panicked at|\bexpected:? .{0,200}\b(?:but )?(?:was|got|received)\b|: Failure$|Assert(?:ion)?\.\w+\(\) Failure/m,
];

/**
 * Lines of a test that a runner prints beside its failure: what it would have asked, whatever it failed by. Frames of Jest, Vitest, Bun
 * and Pest, what Deno, Node, Python, RSpec and pytest show of a source.
 */
const REPEATED: readonly RegExp[] = [
  /^() {0,12}[>➜→]? {0,8}\d{0,8} ?[|▕│].*$/gm,
  // Above the mark that points into it.
  /^().*\n[ \t~]{0,500}\^[ \t~^]{0,500}$/gm,
  /^( {2,8}File "[^"\n]{1,300}", line \d+.*\n) {4,12}\S.*$/gm,
  /^( {0,12}Failure\/Error:).*(?:\n {1,12}\S.*){0,12}$/gm,
];
const OF_PYTEST = /^E {3,}\S/m;
const REPEATED_BY_PYTEST = /^(?: {4}|> ).*$/gm;
/** An expectation that nothing is thrown is not met where what is called is not there. */
const NOT_THROWN = /Got unwanted exception|\.not\.toThrow|\bto not throw\b|^Exception raised:/m;

function withoutRepeated(output: string): string {
  const rest = REPEATED.reduce((text, lines) => text.replace(lines, '$1'), output);
  return OF_PYTEST.test(output) ? rest.replace(REPEATED_BY_PYTEST, '') : rest;
}

function howTheyFail({ base, result, mixed, output }: NewTestRuns): FailKind {
  const [all, now] = [counts(result), counts(mixed)];
  const said = withoutRepeated(output);
  const asserts = ASSERTED.some((pattern) => pattern.test(said));
  const isCut = all !== null && (now === null || now.passed + now.failed < all.passed + all.failed);
  const loads = lacksSomething(output) || (isCut && !asserts);
  // Where tests fail on the base as it is, what is asserted may be theirs.
  if (loads) return asserts && !NOT_THROWN.test(said) && (base === null || base.exitCode === 0) ? 'mixed' : 'load';
  return asserts ? 'assertion' : 'unknown';
}
