/** When the history should give way to a hand-over note: because the window is nearly full, or because it pays. */
import type { Price } from '../prices.ts';

/** From here on a compaction is due whatever it costs. Later, there would be no room left to write the note in. */
const FULL = 0.85;
/** Tokens that a note is expected to have. */
export const USUAL_NOTE = 1500;
/** Below so many tokens a long history costs little (at k2.6 prices 0.015 USD a step), and a note loses what the model still knows. */
const LEAST_INPUT = 96_000;
/** What a compaction must bring for each unit that it costs: a note is never as good as what it stands for, and files are read again. */
const WORTH = 3;
/** Below so many tokens nothing is left out: what is, has to be read again now and then. */
const LEAST_LEFT_OUT = 6_000;

export function isFull(input: number, window: number): boolean {
  return input >= FULL * window;
}

/**
 * Steps after which a compaction has paid for itself. It costs the note (its request is served from the cache), and the price
 * of a miss for everything behind the cut; it saves the price of a hit for what was dropped, at every step. Without the note that is
 * rewritten/dropped * (miss - hit)/hit, at k2.6 prices 4.9 * rewritten/dropped.
 * @param tokens input: of the whole history; dropped: of what gives way; rewritten: of the note and what is kept behind it
 */
export function stepsToPayBack(tokens: { input: number; dropped: number; rewritten: number }, price: Price): number {
  const once = tokens.rewritten * (price.miss - price.hit) + tokens.input * price.hit + USUAL_NOTE * price.out;
  return once / (tokens.dropped * price.hit);
}

/**
 * Whether money is saved by compacting now. How many steps are left is not known: as many as were made, is expected.
 * @param steps since the history was last rewritten, and at most left
 */
export function paysOff(
  tokens: { input: number; dropped: number; rewritten: number },
  steps: { done: number; left: number },
  price: Price,
): boolean {
  return tokens.input >= LEAST_INPUT && stepsToPayBack(tokens, price) * WORTH <= Math.min(steps.done, steps.left);
}

/**
 * The same for leaving out what is no longer needed, which costs no note: only that what stands behind the first change misses the cache
 * once.
 */
export function leavingOutPaysOff(
  tokens: { dropped: number; rewritten: number },
  steps: { done: number; left: number },
  price: Price,
): boolean {
  if (tokens.dropped < LEAST_LEFT_OUT) return false;
  const payBack = (tokens.rewritten * (price.miss - price.hit)) / (tokens.dropped * price.hit);
  return payBack * WORTH <= Math.min(steps.done, steps.left);
}
