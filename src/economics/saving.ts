/** What a delegation saved, against the model of Claude that asked for it. */
import { z } from 'zod';
import { type ClaudePrice, type ClaudeUsage, claudeCost, claudePriceOf, LONG_PROMPT, PRICES_OF, promptOf } from './claude-prices.ts';

/** Tokens of requests: read for the first time, read again in the same conversation, written. */
interface Tokens {
  readonly fresh: number;
  readonly again: number;
  readonly output: number;
}

/** The requests of a worker, as another model would have made them; failed and repeated ones are not among them. */
export interface Work {
  readonly short: Tokens;
  /** Of requests above `LONG_PROMPT`. */
  readonly long: Tokens;
  /** The input of the last request: any model finds that in its cache, whatever the endpoint of the worker says of its own. */
  readonly last: number;
}

const NO_TOKENS: Tokens = { fresh: 0, again: 0, output: 0 };
export const NO_WORK: Work = { short: NO_TOKENS, long: NO_TOKENS, last: 0 };

export function addRequest(work: Work, usage: { readonly input: number; readonly cached: number; readonly output: number }): Work {
  const again = Math.min(usage.input, Math.max(usage.cached, work.last));
  const tier = usage.input > LONG_PROMPT ? 'long' : 'short';
  const { fresh, again: before, output } = work[tier];
  return {
    ...work,
    [tier]: { fresh: fresh + usage.input - again, again: before + again, output: output + usage.output },
    last: usage.input,
  };
}

/** What one call to delegate has put into the context of the model that made it. */
export interface Caller {
  readonly model: string;
  /** Its requests from the user's message to the call, oldest first. */
  readonly requests: readonly ClaudeUsage[];
  /** What the server tells of itself (the tools that are always loaded, the instructions), in tokens. */
  readonly told: number;
  /** How many requests carried that since the call before this one; the first of a session also wrote it to the cache. */
  readonly carried: { readonly requests: number; readonly fromStart: boolean };
  /** The tokens of the report. */
  readonly report: number;
  /** How often it asked whether the work has ended. */
  readonly polls: number;
}

/** Amounts in USD. */
const callerCostSchema = z.object({
  /** Looking around and writing the task. */
  before: z.number(),
  /** What the server tells of itself. */
  told: z.number(),
  report: z.number(),
  waiting: z.number(),
});
export type CallerCost = z.infer<typeof callerCostSchema>;

/** Amounts in USD, of all attempts of the delegation up to this one. */
export const savingSchema = z.object({
  /** The model that they are compared with, as its session calls it and as people do. */
  model: z.string(),
  name: z.string(),
  /** When its prices were read. */
  prices: z.string(),
  /** What the worker cost; attempts that failed cost too. */
  worker: z.number(),
  /** What delegating cost in the context of the model that delegates. */
  caller: callerCostSchema,
  /**
   * What the tokens of the work would have cost at the prices of the model. `low`: each is paid once, without a cache, as if one request had
   * been enough. `high`: in as many requests as the worker made, each of which writes to the cache what is new and reads the rest from it.
   * The model would have read more in its own, longer context, and perhaps made fewer requests: nobody knows. Only attempts that brought
   * work to judge count: what failed, the model would not have paid for. 0 = there was none.
   */
  same: z.object({ low: z.number(), high: z.number() }),
});
export type Saving = z.infer<typeof savingSchema>;

/** One attempt of a delegation, as far as it has come. */
export interface AttemptCost {
  readonly work: Work;
  /** Whether it brought work to judge. */
  readonly delivered: boolean;
  /** USD; null = the price is not known. */
  readonly cost: number | null;
}

/**
 * @param caller null = this call was made by nobody whose usage is known: a person, another client
 * @param before what was saved up to the last attempt of which it is known, with the calls that it took
 * @returns null where the model or a price is not known
 */
export function savingOf(attempts: readonly AttemptCost[], caller: Caller | null, before: Saving | null): Saving | null {
  const model = caller?.model ?? before?.model ?? '';
  const price = claudePriceOf(model);
  if (!price || attempts.some(({ cost }) => cost === null)) return null;
  const delivered = attempts.filter((attempt) => attempt.delivered);
  const sum = <T>(all: readonly T[], amount: (one: T) => number) => all.reduce((total, one) => total + amount(one), 0);
  return {
    model,
    name: price.name,
    prices: PRICES_OF,
    worker: sum(attempts, ({ cost }) => cost ?? 0),
    caller: addCosts(caller ? callerCost(caller, price) : NO_COST, before?.caller ?? NO_COST),
    same: { low: sum(delivered, ({ work }) => onceCost(work, price)), high: sum(delivered, ({ work }) => sameRequestsCost(work, price)) },
  };
}

/** What is left of `same` when everything is paid; below 0 = Claude alone would have been cheaper. */
export function netOf({ same, worker, caller }: Saving): { low: number; high: number } {
  const paid = worker + callerSum(caller);
  return { low: same.low - paid, high: same.high - paid };
}

export const callerSum = ({ before, told, report, waiting }: CallerCost): number => before + told + report + waiting;

function onceCost({ short, long }: Work, price: ClaudePrice): number {
  return claudeCost({ input: short.fresh + long.fresh, output: short.output + long.output }, price, 0);
}

function sameRequestsCost({ short, long }: Work, price: ClaudePrice): number {
  const cost = ({ fresh, again, output }: Tokens, prompt: number) => claudeCost({ write5m: fresh, read: again, output }, price, prompt);
  return cost(short, 0) + cost(long, LONG_PROMPT + 1);
}

/**
 * The first request after the user's message would have been made in any case, so only its answer counts; those behind it were made to look
 * and to write the task, and count whole.
 */
function callerCost({ requests, told, carried, report, polls }: Caller, price: ClaudePrice): CallerCost {
  const [first, ...others] = requests;
  const last = requests.at(-1);
  const context = last ? promptOf(last) + last.output : 0;
  const write = (tokens: number) => (last && last.write1h > 0 ? { write1h: tokens } : { write5m: tokens });
  const own = first ? claudeCost({ output: first.output }, price, promptOf(first)) : 0;
  return {
    before: others.reduce((sum, usage) => sum + claudeCost(usage, price, promptOf(usage)), own),
    told: claudeCost({ read: told * carried.requests, ...(carried.fromStart && write(told)) }, price, context),
    report: claudeCost(write(report), price, context),
    waiting: claudeCost({ read: context * polls }, price, context),
  };
}

const NO_COST: CallerCost = { before: 0, told: 0, report: 0, waiting: 0 };

function addCosts(a: CallerCost, b: CallerCost): CallerCost {
  return { before: a.before + b.before, told: a.told + b.told, report: a.report + b.report, waiting: a.waiting + b.waiting };
}
