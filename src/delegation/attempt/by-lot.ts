/**
 * What a test says once on each of two trees may be what the clock says: it knows when it was written, how long it takes, and in which order it is run.
 * In an order that is drawn by lot only what tells the trees apart says the same again.
 */
import { randomInt } from 'node:crypto';

export type Lot = () => boolean;
const byLot: Lot = () => randomInt(2) === 1;

/** More where they are short. */
const ROUNDS: readonly (readonly [upToMs: number, rounds: number])[] = [
  [5000, 3],
  [20_000, 2],
  [Number.POSITIVE_INFINITY, 1],
];

/**
 * @param fault, right whether a run says again what it said on that tree; else why there is no answer
 * @param runMs how long one takes
 * @returns null where all say so
 */
export async function saysAgain<T extends string>(
  { fault, right }: { fault(): Promise<boolean | T>; right(): Promise<boolean | T> },
  runMs: number,
  lot: Lot = byLot,
): Promise<T | 'by_chance' | null> {
  const rounds = ROUNDS.find(([upTo]) => runMs <= upTo)?.[1] ?? 1;
  for (let round = 0; round < rounds; round++) {
    const said = await (lot() ? fault() : right());
    if (said !== true) return said === false ? 'by_chance' : said;
  }
  return null;
}
