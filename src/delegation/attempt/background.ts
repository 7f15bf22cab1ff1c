import type { CheckRunner } from './check-runner.ts';
import type { Preparation } from './prepare-workspace.ts';

/** To connect and to write a request takes some turns of the event loop; processes that are started meanwhile would hold it up. */
const REQUEST_FIRST_MS = 10;

/** What runs while the model thinks, since no request needs it: the checkout, the checks on the base, a look at what the worker cannot see. */
export interface Background {
  /** A request leaves: the first one starts it, a moment later. */
  requestLeaves(): void;
  /** Whether a request was about to leave. */
  readonly isDue: boolean;
  /** Starts it now, unless it runs already. */
  start(): void;
  readonly isStarted: boolean;
  /** Waits for the checkout and the look, as far as they were started. @returns uncommitted paths that the worker does not see */
  settled(): Promise<readonly string[]>;
  /** Starts nothing any more, and waits for what runs but the checks. */
  close(): Promise<void>;
}

export function createBackground(parts: {
  preparation: Preparation;
  checks: Pick<CheckRunner, 'base'>;
  /** Each never rejects. */
  look(): Promise<readonly string[]>;
  pin(): Promise<void>;
}): Background {
  const { preparation, checks } = parts;
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<readonly string[]> | null = null;

  async function run(): Promise<readonly string[]> {
    // What goes wrong there is told by whoever waits for it.
    void preparation
      .begin()
      .then(checks.base)
      .catch(() => {});
    const [unseen] = await Promise.all([parts.look(), parts.pin()]);
    return unseen;
  }
  function start(): void {
    running ??= run();
  }
  async function settled(): Promise<readonly string[]> {
    const unseen = (await running) ?? [];
    await preparation.settled();
    return unseen;
  }

  return {
    requestLeaves() {
      timer ??= setTimeout(start, REQUEST_FIRST_MS);
    },
    get isDue() {
      return timer !== null;
    },
    start,
    get isStarted() {
      return running !== null;
    },
    settled,
    async close() {
      if (timer) clearTimeout(timer);
      await settled();
    },
  };
}
