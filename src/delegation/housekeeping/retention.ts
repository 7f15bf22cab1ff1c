/** Removes what is over and was kept long enough, so that state directory and hidden refs do not grow for ever. */
import path from 'node:path';
import { z } from 'zod';
import { readJson, writeJson } from '../../common/json-file.ts';
import { findLeftovers, type Leftover, removeLeftover } from './leftovers.ts';

const DAY = 86_400_000;
/** After a longer pause it cannot be told from a clock that was set wrong, and the next day is soon enough. */
const LONGEST_PAUSE = 30 * DAY;

const sweptSchema = z.object({ at: z.number() });

/**
 * Once a day. Never what holds work that is nowhere else, and nothing at a time that may not be the right one.
 * @param days how long what is over is kept; 0 = for ever
 * @returns what was removed
 */
export async function removeExpired(stateDir: string, days: number, now: () => number): Promise<readonly Leftover[]> {
  if (days === 0 || !isDue(stateDir, now())) return [];
  const removed: Leftover[] = [];
  for (const leftover of await findLeftovers(stateDir)) {
    const age = now() - Date.parse(leftover.lastAt);
    if (leftover.unmerged || age < days * DAY) continue;
    if (await removeLeftover(leftover, now).catch(() => false)) removed.push(leftover);
  }
  return removed;
}

function isDue(stateDir: string, now: number): boolean {
  const file = path.join(stateDir, 'last-removal.json');
  const since = now - (readJson(sweptSchema, file)?.at ?? Number.NEGATIVE_INFINITY);
  if (since >= 0 && since < DAY) return false;
  writeJson(file, { at: now });
  return since >= DAY && since <= LONGEST_PAUSE;
}
