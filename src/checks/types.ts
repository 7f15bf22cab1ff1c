/** Checks are evidence: commands that we run, on the base and on the result. */

import type { Missing } from './find-missing.ts';

/** The end of a long output, in a file of the attempt. */
export interface KeptOutput {
  readonly file: string;
  /** Bytes before it that are left out. */
  readonly left: number;
}

export interface CheckRun {
  /** 0 = pass. null when it was killed (time, memory). 126/127: the command could not be started. */
  readonly exitCode: number | null;
  readonly killed: string | null;
  readonly durationMs: number;
  /** Test counts, where the output's format is known. */
  readonly counts: { readonly passed: number; readonly failed: number; readonly skipped: number } | null;
  /** Names of failing tests where the output tells them, at most 50. */
  readonly failing: readonly string[];
  /** The last lines of the output, at most 4,000 characters. */
  readonly tail: string;
  /** Where more of the output is kept than its tail, and how many bytes of its beginning are not. */
  readonly output?: KeptOutput | undefined;
  /** Whether this is the run of an installation: the check is nothing else, or got no further. It proves nothing when it passes. */
  readonly installs?: true;
  /** What it failed for want of. */
  readonly missing?: Missing;
  /** Sources and tests of the commit that were others behind it: what it said is said of them. */
  readonly rewrote?: readonly string[];
}

/**
 * same: it passes with the base's definition too. base_tests: with the tests of the base as well, while new ones need the new definition.
 * fails, stopped, not_run: it does not pass with it. fewer: it finds tests only as changed. hides: as changed, it runs fewer tests.
 * new: the base has no such check, so nothing was compared.
 */
export const DEFINITION_VERDICTS = ['same', 'base_tests', 'fails', 'stopped', 'not_run', 'fewer', 'hides', 'new'] as const;
export type DefinitionVerdict = (typeof DEFINITION_VERDICTS)[number];

export interface DefinitionCheck {
  /** The changed files that define or configure the check. */
  readonly files: readonly string[];
  /** Those of them of which only is not known that they do not. */
  readonly unknown?: readonly string[] | undefined;
  readonly verdict: DefinitionVerdict;
  /** With the base's definition. */
  readonly run: CheckRun | null;
}

/**
 * fail, do_not_load: on the work they do so, and did not on the base. fewer: fewer of them run. stopped, not_run: nothing shows that they pass.
 */
export const OLD_TESTS_VERDICTS = ['fail', 'do_not_load', 'fewer', 'stopped', 'not_run'] as const;

/** Tests of the base that the attempt changed, as they were, on its work, where they do not say what they said on the base. */
export interface OldTests {
  /** Those that speak against it, or all that were changed. */
  readonly files: readonly string[];
  readonly verdict: (typeof OLD_TESTS_VERDICTS)[number];
  /** Names of those that fail only here. */
  readonly failing: readonly string[];
  readonly run: CheckRun | null;
  /** Whether the task asks for their change. */
  readonly asked?: true | undefined;
  /** How many tests of the base went with what the task asks to remove, where it asks for that. */
  readonly removed?: number | undefined;
  /** Where the files are new ones, without which tests that were there do so. */
  readonly fresh?: true | undefined;
}

/** Who chose the checks: the call, the settings, the text of the task (and what was found besides), or nobody, so that they were looked for. */
export const CHECK_SOURCES = ['call', 'settings', 'task', 'found'] as const;
export type CheckSource = (typeof CHECK_SOURCES)[number];

/** What a check looks at. Only tests show that the work behaves; types and lint can only speak against it. */
export const CHECK_KINDS = ['test', 'types', 'lint'] as const;
export type CheckKind = (typeof CHECK_KINDS)[number];

/** A check that nobody gave: the task names its command, or the repository's files tell of it. */
export interface FoundCheck {
  readonly command: string;
  readonly kind: CheckKind;
  /** The file of the repository that tells of it; null = only the task does. */
  readonly file: string | null;
  /** Whether the task names it. */
  readonly inTask?: true | undefined;
  /** What it covers, relative to the root; '' = all. */
  readonly folder: string;
  /** The languages that it covers, by the endings of their files; absent = all. */
  readonly endings?: readonly string[] | undefined;
}

export interface CheckComparison {
  readonly command: string;
  /** null when the base was not (or could not be) run. */
  readonly base: CheckRun | null;
  readonly result: CheckRun | null;
  /**
   * pass: passes on the result. fixed: failed on the base, by itself, and passes now. regressed: the result fails in a way that the base did not.
   * still_failing: fails on both with nothing new. cannot_run: what the command needs is not there on either. installed: it
   * only installs, and did.
   */
  readonly verdict: 'pass' | 'fixed' | 'regressed' | 'still_failing' | 'cannot_run' | 'installed';
  /** Failures on the result that the base did not have; null when the output does not tell. */
  readonly newFailures: number | null;
  /** Where it failed once and did not when it ran again on the same files: on which side, and by which tests. */
  readonly flaky?: { readonly on: 'base' | 'result'; readonly failing: readonly string[] } | undefined;
  /** Where the attempt changed what defines or configures the check: what it says with the base's definition. */
  readonly definition?: DefinitionCheck | undefined;
  /** Where it passes only since the attempt changed tests of the base. */
  readonly oldTests?: OldTests | undefined;
  /** Where nobody gave it. Such a check is held against the work only where it could run on the base. */
  readonly found?: Omit<FoundCheck, 'command'> | undefined;
  /** Where it passes whatever the code is (`true`): it proves nothing, and the project's own checks run beside it. */
  readonly idle?: true | undefined;
}

/** The tests of one summary. */
export interface Counted {
  passed: number;
  failed: number;
  skipped: number;
}
