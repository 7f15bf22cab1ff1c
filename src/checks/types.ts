/** Checks are evidence: commands that we run, on the base and on the result. */

import type { Missing } from './find-missing.ts';

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
  /** Whether this is the run of an installation: the check is nothing else, or got no further. It proves nothing when it passes. */
  readonly installs?: true;
  /** What it failed for want of. */
  readonly missing?: Missing;
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
}
