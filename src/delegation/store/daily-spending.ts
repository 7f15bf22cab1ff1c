/** What all attempts on this machine spend in a day: one small file a day that every process appends to, so that a daily budget holds for all. */
import { appendFileSync, closeSync, fstatSync, openSync, readSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { SharedBudget } from '../../agent/run-state.ts';
import { CURRENCIES, type Currency, convert } from '../../common/currency.ts';
import { parseJson } from '../../common/json-file.ts';
import { namesIn } from '../../common/list-names.ts';
import { makePrivateFolder } from '../../common/private-folder.ts';
import { message } from '../../messages/message.ts';

/**
 * `hold`: the most that a request under way can cost; a `cost` of the same delegation, or its next hold, takes its place. A process that
 * died leaves it behind, and it counts until its delegation goes on: the provider may have billed it.
 */
const lineSchema = z.union([
  z.object({ at: z.number(), by: z.string(), currency: z.enum(CURRENCIES), hold: z.number() }),
  z.object({ at: z.number(), by: z.string(), currency: z.enum(CURRENCIES), cost: z.number() }),
]);
type Line = z.infer<typeof lineSchema>;

/** Sums of the same amounts in another order differ by less. */
const ROUNDING = 1e-9;

/**
 * The spending of one delegation as a part of the day's, by the local calendar.
 * @param by whose requests these are; a delegation has one under way at most
 * @param budget for the day, in `currency`; null = none, then spending is only recorded
 */
export function openSpending(options: {
  stateDir: string;
  by: string;
  currency: Currency;
  budget: number | null;
  now(): number;
}): SharedBudget {
  const { by, currency, budget, now } = options;
  const folder = path.join(options.stateDir, 'spending');
  let day: Day | null = null;
  let fresh = true;

  function today(): Day {
    const name = dayOf(now());
    if (day?.name !== name) {
      makePrivateFolder(folder);
      day = new Day(name, path.join(folder, `${name}.jsonl`));
    }
    return day;
  }
  const write = (line: { hold: number } | { cost: number }) => today().append({ at: now(), by, currency, ...line });

  /**
   * A hold from before this one is of a process that died over its request. Where nobody knows better (`settle` comes first then), the
   * request counts with the most that it can have cost.
   */
  function settleOld(): void {
    if (!fresh) return;
    fresh = false;
    const old = today().holdOf(by);
    if (old) write({ cost: convert(old.amount, old.currency, currency) });
  }

  return {
    left: () => {
      settleOld();
      return budget === null ? Number.POSITIVE_INFINITY : budget - today().spent(currency, by);
    },
    // Without a budget too: when the process dies over the request, nothing else tells of it, and a budget may be set later in the day.
    hold(most) {
      settleOld();
      write({ hold: most });
      if (budget === null) return true;
      // Others may have appended since `left` was read. Who stands first in the file goes first; the next one gives way.
      if (today().spentUpTo(currency, by) <= budget + ROUNDING) return true;
      write({ cost: 0 });
      return false;
    },
    settle(cost) {
      fresh = false;
      write({ cost });
    },
    usedUp: () =>
      message('limit.budgetPerDay', {
        budget: String(budget),
        currency,
        day: dayOf(now()),
        spent: today().spent(currency, by).toFixed(4),
      }),
  };
}

/** What is known to be spent on all days, and what requests may have cost that nobody has settled yet. */
export function spentAltogether(stateDir: string, currency: Currency): { readonly settled: number; readonly held: number } {
  const folder = path.join(stateDir, 'spending');
  const names = namesIn(folder).filter((name) => name.endsWith('.jsonl'));
  const days = names.map((name) => new Day(name, path.join(folder, name)).sums(currency));
  return { settled: days.reduce((sum, { settled }) => sum + settled, 0), held: days.reduce((sum, { held }) => sum + held, 0) };
}

/** What all attempts on this machine have spent today. */
export function spentToday(stateDir: string, currency: Currency, at: number): number {
  const name = dayOf(at);
  return new Day(name, path.join(stateDir, 'spending', `${name}.jsonl`)).spent(currency, '');
}

interface Hold {
  readonly amount: number;
  readonly currency: Currency;
}

/** The file of one day, of which only what is new is read. */
class Day {
  readonly name: string;
  readonly #file: string;
  #read = 0;
  #rest = '';
  readonly #costs: Record<Currency, number> = { USD: 0, CNY: 0 };
  readonly #holds = new Map<string, Hold>();

  constructor(name: string, file: string) {
    this.name = name;
    this.#file = file;
  }

  append(line: Line): void {
    appendFileSync(this.#file, `${JSON.stringify(line)}\n`, { mode: 0o600 });
  }

  /** @param except whose hold does not count: who asks has none under way */
  spent(currency: Currency, except: string): number {
    this.#readOn();
    const others = [...this.#holds].filter(([by]) => by !== except).map(([, hold]) => hold);
    return this.#settled(currency) + sumOf(others, currency);
  }

  /** What is spent with the hold of `by` and those that stand before it in the file. */
  spentUpTo(currency: Currency, by: string): number {
    this.#readOn();
    const order = [...this.#holds];
    const own = order.findIndex(([name]) => name === by);
    const before = order.slice(0, own + 1).map(([, hold]) => hold);
    return this.#settled(currency) + sumOf(before, currency);
  }

  sums(currency: Currency): { settled: number; held: number } {
    this.#readOn();
    return { settled: this.#settled(currency), held: sumOf([...this.#holds.values()], currency) };
  }

  holdOf(by: string): Hold | undefined {
    this.#readOn();
    return this.#holds.get(by);
  }

  #settled(currency: Currency): number {
    return convert(this.#costs.USD, 'USD', currency) + convert(this.#costs.CNY, 'CNY', currency);
  }

  #readOn(): void {
    const lines = (this.#rest + this.#newText()).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const text of lines) {
      const line = parseJson(lineSchema, text);
      if (!line) continue;
      this.#holds.delete(line.by); // so that a new one stands at the end, as in the file
      if ('hold' in line) this.#holds.set(line.by, { amount: line.hold, currency: line.currency });
      else this.#costs[line.currency] += line.cost;
    }
  }

  #newText(): string {
    let fd: number;
    try {
      fd = openSync(this.#file, 'r');
    } catch {
      return ''; // nothing was spent yet
    }
    try {
      const bytes = Buffer.alloc(Math.max(0, fstatSync(fd).size - this.#read));
      const got = readSync(fd, bytes, 0, bytes.length, this.#read);
      this.#read += got;
      return bytes.toString('latin1', 0, got); // only ASCII is ever written
    } finally {
      closeSync(fd);
    }
  }
}

function sumOf(holds: readonly Hold[], currency: Currency): number {
  return holds.reduce((sum, hold) => sum + convert(hold.amount, hold.currency, currency), 0);
}

/** `2026-11-22`, where the user is. */
export function dayOf(at: number): string {
  const date = new Date(at);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
