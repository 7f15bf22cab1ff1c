import type { CheckRun } from '../../checks/types.ts';

/** null = it could not be run. */
export type Runs = readonly (CheckRun | null)[];

export interface BaseRuns {
  /** Begins them, or waits for those that have begun. */
  beside(): Promise<void>;
  /** What counts. */
  alone(): Promise<Runs>;
  /** Whether what failed has failed twice. */
  readonly ranTwice: boolean;
  /** Never rejects. */
  ended(): Promise<void>;
}

/**
 * A command that takes the machine for itself would make a check fail on the base, and so let the result look like a fix: where something
 * failed beside a command of the attempt, it is run again, alone. What passed beside one passes. Those before a failed one run again with it,
 * since it may need what they build.
 * @param run runs the first so many checks
 * @param watchCommands begins to watch; what it returns tells whether a command has run since
 */
export function createBaseRuns(run: (count?: number) => Promise<Runs>, watchCommands: () => () => boolean): BaseRuns {
  let runs: Promise<Runs> | null = null;
  let wasBeside = false;
  let ranTwice = false;
  const runBeside = async () => {
    const sawCommand = watchCommands();
    const found = await run();
    wasBeside = sawCommand();
    return found;
  };
  return {
    async beside() {
      runs ??= runBeside();
      await runs;
    },
    async alone() {
      runs ??= run();
      const found = await runs;
      const failed = found.findLastIndex((one) => one !== null && one.exitCode !== 0);
      if (!wasBeside || failed < 0) return found;
      const again = await run(failed + 1);
      ranTwice = true;
      return [...again, ...found.slice(failed + 1)];
    },
    get ranTwice() {
      return ranTwice;
    },
    async ended() {
      await runs?.catch(() => {});
    },
  };
}
