/** Looks at the checks on the base, while the model begins, for whether the work could be proved at all. */
import { missingForGood } from '../../checks/missing-notes.ts';
import type { CheckRun } from '../../checks/types.ts';
import { message } from '../../messages/message.ts';
import type { StopSignal } from './stop-signal.ts';

/** Later the work is nearly paid for, and unproved work is better than none. */
const MOST_REQUESTS = 3;

export interface Preflight {
  requestLeaves(): void;
  /** A check has run on the base. */
  add(command: string, run: CheckRun): void;
}

/**
 * Stops an attempt, once, where every check misses something that no installation by the worker can bring: the caller can have it mended,
 * or let it go on.
 * @param isFirst whether nobody was told before: an attempt that goes on, or a later one, does so as it is. Checks that nobody gave stop nothing
 * @param folders of the user's checkout: its root, and the one that the checks run in
 */
export function createPreflight(options: {
  readonly isFirst: boolean;
  readonly commands: readonly string[];
  readonly folders: readonly string[];
  readonly stop: StopSignal['stop'];
}): Preflight {
  const runs = new Map<string, CheckRun>();
  let requests = 0;
  return {
    requestLeaves() {
      requests++;
    },
    add(command, run) {
      runs.set(command, run);
      if (!options.isFirst || requests > MOST_REQUESTS || !options.commands.every((one) => runs.has(one))) return;
      const missing = missingForGood(runs, options.folders);
      if (missing.length > 0) options.stop({ outcome: 'checks_cannot_run', reason: message('end.checksCannotRun', { missing }) });
    },
  };
}
