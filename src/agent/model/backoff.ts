import type { Failure } from './classify-error.ts';

export interface RetryState {
  /** Requests of this step that failed so far, this one included. */
  tries: number;
  /** Time that went into failed tries and the waits between them (see `retryTime`), ms. */
  elapsedMs: number;
  /** The bound on that time, ms. */
  boundMs: number;
  /** A number in [0, 1). */
  random: number;
}

/**
 * Adds up the time that was spent in vain. A try counts for no longer than a silent one may take: an answer that broke off after ten
 * minutes of writing, or a machine that slept meanwhile, is no reason to give up. Waits count as they were meant, for the same reason.
 * @param stallMs after which a silent try is given up
 */
export function retryTime(stallMs: number): { failed(tryMs: number): void; waited(ms: number): void; ms(): number } {
  let sum = 0;
  return {
    failed: (tryMs) => {
      sum += Math.min(Math.max(0, tryMs), stallMs); // a clock that was set back must not take time away
    },
    waited: (ms) => {
      sum += ms;
    },
    ms: () => sum,
  };
}

const FIRST_DELAY_MS = 1000;
const LONGEST_DELAY_MS = 30_000;

/**
 * How long to wait before sending again, ms; null when it would pass the bound, so that no wait is begun in vain.
 * A delay that the server named is a floor (with up to a quarter added, so that many clients do not return together);
 * otherwise it doubles from one second, spread over a half to one and a half times.
 */
export function nextDelay(failure: Extract<Failure, { kind: 'retry' }>, state: RetryState): number | null {
  if (state.tries >= failure.maxTries) return null;
  const growing = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (state.tries - 1));
  const spread = growing * (0.5 + state.random);
  const delay = failure.delayMs === null ? spread : Math.max(failure.delayMs * (1 + state.random / 4), spread);
  return state.elapsedMs + delay > state.boundMs ? null : Math.round(delay);
}
