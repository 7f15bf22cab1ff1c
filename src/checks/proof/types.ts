/** Whether tests of an attempt prove anything: facts that a report tells beside its checks. */

/** By what tests fail on the base: by what they assert, or since they need what the change adds. */
export const FAIL_KINDS = ['assertion', 'load', 'mixed', 'unknown'] as const;
export type FailKind = (typeof FAIL_KINDS)[number];

/**
 * no_tests: the attempt changed none. in_source: they stand in files of code. no_check: no check that passes runs tests. not_run: its check
 * does not run the new ones. redefined: they pass only with what the attempt changed of the check. base_fails: the base fails already, and names do not tell what is new. no_counts: the output tells no numbers.
 * too_long: they take longer than there is time. stopped: by a limit, or cancelled. by_text: they fail on the result, too, where its code is only written otherwise. skipped: some of them do not run on the
 * result. by_data: they pass on the code of the base with the data of the result. by_chance: they do not say on the result, or on the base, what they said there before. cannot_run: they
 * could not be started.
 */
export const NO_RED_TO_GREEN = [
  'no_tests',
  'in_source',
  'no_check',
  'not_run',
  'redefined',
  'base_fails',
  'no_counts',
  'too_long',
  'stopped',
  'by_text',
  'by_data',
  'by_chance',
  'skipped',
  'cannot_run',
] as const;
export type NoRedToGreen = (typeof NO_RED_TO_GREEN)[number];

/** New and changed tests on the code of the base: where they fail there and pass on the result, they show what the change does. */
export interface RedToGreen {
  /** What was run. */
  readonly command: string;
  /** The test files that were put onto the base: tests and what they use. */
  readonly files: readonly string[];
  /** How many tests the result has more; null where numbers do not tell. */
  readonly newTests: number | null;
  /** How many fail on the base that did not fail there before; null where only the exit code tells that some do. */
  readonly failOnBase: number | null;
  /** null = none fails. */
  readonly how: FailKind | null;
  /** How many of the new ones pass on the result. */
  readonly pass: number | null;
  /** The check failed on the base for want of these new files of tests only: with them it passes there, whatever the work is. */
  readonly fixedByTests?: true | undefined;
}

/**
 * not_counted: single tests are not told in files of their kind. no_source: the tests import no source of the repository in a language whose
 * lines are changed here. not_executed: they run none of the lines that were tried. known: tests of the base notice the same faults.
 * nothing_taken: they take in nothing but what runs them. by_text: they fail where the code is only written otherwise. cannot_run: a fault kept
 * them from being tried. The others as above.
 */
export const NO_MUTANTS = [
  'no_tests',
  'not_counted',
  'no_check',
  'redefined',
  'no_source',
  'nothing_taken',
  'not_executed',
  'known',
  'by_text',
  'by_chance',
  'too_long',
  'stopped',
  'cannot_run',
] as const;
export type NoMutants = (typeof NO_MUTANTS)[number];

/** Small faults in lines that new tests run: good tests notice them. */
export interface Mutants {
  readonly command: string;
  /** Whether only the new tests were run, not all. */
  readonly alone: boolean;
  readonly tried: number;
  readonly caught: number;
  /** Those that no test noticed. */
  readonly survived: readonly { readonly file: string; readonly line: number; readonly from: string; readonly to: string }[];
  /** Set where there was no time for more. */
  readonly cut?: true | undefined;
}
