/** What new tests say on the code of the base, beside what the same check says on the base and on the result. */
import { testsOf } from '../definition/judge-definition.ts';
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
  if (baseFails && (failing === null || failing === 0)) return { notShown: 'base_fails' };
  // It fails by something else than a test: a threshold, a linter in the same command.
  if (failing === 0) return { notShown: 'no_counts' };
  return found(failing, howTheyFail(runs));
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

function newNames(base: CheckRun | null, mixed: CheckRun): number | null {
  if (mixed.failing.length === 0 || !mixed.counts || testsOf(mixed) === 0) return null;
  const known = new Set(base?.failing);
  return mixed.failing.filter((name) => !known.has(name)).length;
}

/** What tests print that need something which is not there, in the words of compilers, loaders and interpreters. */
const NOT_THERE: readonly RegExp[] = [
  /does not provide an export named|Cannot find (?:module|package) '|Failed to resolve import|Test suite failed to run/,
  /TypeError.{0,20}: .{0,200} is not a (?:function|constructor)|ReferenceError: .{0,100} is not defined/,
  /error TS\d+|No matching export|Could not resolve "/,
  /\b(?:ImportError|ModuleNotFoundError): |AttributeError: .{0,200}has no attribute|NameError: name |unexpected keyword argument|TypeError: .{0,100}takes \d+ positional/,
  /\[(?:build|setup) failed\]|: undefined: |error\[E\d+\]|could not compile `/,
  /COMPILATION ERROR|Compilation failed|cannot find symbol|compileTest\w+ FAILED|error CS\d+|unresolved reference/i,
  /NoMethodError|uninitialized constant|cannot load such file|Call to undefined |Class "[^"]{1,200}" not found|UndefinedFunctionError|undefined reference to/,
];

/** What tests print whose expectation is not met. */
const ASSERTED: readonly RegExp[] = [
  /Assertion(?:Failed)?Error|ERR_ASSERTION|ComparisonFailure|\bexpect\(|Received:|should (?:be|match|not be) |Difference/,
  /^E {3,}assert |DID NOT RAISE|^Failure:|Failure\/Error:|Failed asserting that|Assertion with |match \(=\) failed/m,
  /^ *--- FAIL: |panicked at|\bexpected:? .{0,200}\b(?:but )?(?:was|got|received)\b|: Failure$|Assert(?:ion)?\.\w+\(\) Failure/m,
];

function howTheyFail({ result, mixed, output }: NewTestRuns): FailKind {
  const [all, now] = [counts(result), counts(mixed)];
  const asserts = ASSERTED.some((pattern) => pattern.test(output));
  const isCut = all !== null && (now === null || now.passed + now.failed < all.passed + all.failed);
  const loads = NOT_THERE.some((pattern) => pattern.test(output)) || (isCut && !asserts);
  if (loads) return asserts ? 'mixed' : 'load';
  return asserts ? 'assertion' : 'unknown';
}
