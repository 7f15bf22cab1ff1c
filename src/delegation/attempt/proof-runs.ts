/** How commands run that prove something of tests: as the checks of the result do, in the sandbox, on a clean working tree. */
import type { CheckComparison, CheckRun } from '../../checks/types.ts';
import type { ChangedFile, PrivateGit } from '../../workspace/types.ts';
import type { Runs } from './base-runs.ts';
import type { Lot } from './by-lot.ts';

/** All proofs of an attempt together take no longer. */
export const PROOF_MS = 120_000;
/** No runner has started in less. */
export const LEAST_MS = 1000;

export interface ProofCommands {
  /** The files that they run on. */
  readonly tree: string;
  /** One after the other; what the last one says counts. */
  readonly commands: readonly string[];
  /** Said in the journal. */
  readonly how: string;
  readonly timeoutMs: number;
}

export interface ProofRun {
  readonly run: CheckRun;
  /** All that it printed. */
  readonly output: string;
  /** Whether those before it ended well: what they build may be missing otherwise. */
  readonly isPrepared: boolean;
}

export interface ProofRuns {
  /** Where trees are made. */
  readonly git: PrivateGit;
  /** null = it could not be run, or was cancelled. */
  run(commands: ProofCommands): Promise<ProofRun | null>;
}

export interface ProofParts {
  readonly runs: ProofRuns;
  readonly comparisons: readonly CheckComparison[];
  readonly files: readonly ChangedFile[];
  readonly base: string;
  /** The commit of the attempt. */
  readonly result: string;
  /** Where checks begin, relative to the root. */
  readonly folder: string;
  /** Of the checks. */
  readonly timeoutMs: number;
  /** When all proofs together must have ended, ms since the epoch. */
  readonly until: number;
  now(): number;
  /** Draws the order of runs; only tests say what it draws. */
  readonly lot?: Lot | undefined;
}

/** A check that ran on the result, of whose tests it is known which ones fail there: none, or those that fail on the base. */
export type TestCheck = CheckComparison & { readonly result: NonNullable<CheckComparison['result']> };

/** With who reads what each prints. */
export type WatchedCommands = ProofCommands & { onOutput(text: string): void };

export function createProofRuns(git: PrivateGit, runAll: (commands: WatchedCommands) => Promise<Runs>): ProofRuns {
  return {
    git,
    async run(commands) {
      let output = '';
      const onOutput = (text: string) => {
        output = text;
      };
      const all = await runAll({ ...commands, onOutput });
      const run = all.at(-1) ?? null;
      const isPrepared = all.slice(0, -1).every((one) => !one || one.exitCode === 0);
      return run && run.killed !== 'cancelled' ? { run, output, isPrepared } : null;
    },
  };
}
