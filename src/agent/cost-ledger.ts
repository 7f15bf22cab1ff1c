import { currencyOf } from '../common/currency.ts';
import { costOf, type Price, standInPrice } from './prices.ts';
import type { AgentTotals, TokenUsage } from './types.ts';

/** Bytes of JSON a token, on the careful side (English and code are nearer to 4, so this counts too many tokens). */
const BYTES_PER_TOKEN = 3.5;
/** Text of any script has more bytes than this a token; a smaller figure is a miscount. */
const LEAST_BYTES_PER_TOKEN = 1.5;
/** The least answer worth asking for. */
export const SMALL_OUTPUT = 1024;
/** Below this size the provider caches nothing, so a hit ratio of 0 says nothing. */
const CACHE_SPEAKS_ABOVE = 4096;

interface LastRequest {
  bytes: number;
  usage: TokenUsage;
}

/** Counts what an attempt uses, and tells beforehand whether the next request still fits the budget. */
export class Ledger {
  readonly totals: AgentTotals;
  readonly #price: Price | null;
  readonly #countingPrice: Price;
  readonly #budget: number | null;
  #last: LastRequest | null = null;
  /** Whether the provider's cache should still hold the last request. */
  #warm = false;
  #bytesPerToken = BYTES_PER_TOKEN;

  /**
   * @param budget in the currency of the endpoint; null = none. When the price is unknown, tokens count at k2.6 prices.
   * @param before what the attempt had used before a resume
   */
  constructor(baseUrl: string, price: Price | null, budget: number | null, before: AgentTotals | null) {
    this.#price = price;
    this.#countingPrice = price ?? standInPrice(baseUrl);
    this.#budget = budget;
    this.totals = before ? structuredClone(before) : emptyTotals(baseUrl, price !== null);
    if (price === null) this.totals.cost.amount = null;
  }

  get priceKnown(): boolean {
    return this.#price !== null;
  }

  /** Spent so far as the budget counts it, in the endpoint's currency. */
  get spent(): number {
    return this.totals.cost.amount ?? costOf(this.totals.usage, this.#countingPrice);
  }

  /** @returns the cost of this usage, null when the price is unknown */
  add(usage: TokenUsage): number | null {
    const cost = costOf(usage, this.#price);
    const { usage: sum, cost: total } = this.totals;
    sum.input += usage.input;
    sum.cached += usage.cached;
    sum.output += usage.output;
    total.amount = total.amount === null || cost === null ? null : total.amount + cost;
    return cost;
  }

  /** Remembers a request whose exact count is known; later estimates start from it. */
  calibrate(bytes: number, usage: TokenUsage): void {
    this.#last = { bytes, usage };
    this.#warm = true;
    if (usage.input > 0) this.#bytesPerToken = Math.min(this.#bytesPerToken, Math.max(LEAST_BYTES_PER_TOKEN, bytes / usage.input));
  }

  /** The same for a request of long ago, which no cache may be counted on to hold. */
  recall(bytes: number, usage: TokenUsage): void {
    this.calibrate(bytes, { ...usage, cached: 0 });
    this.#warm = false;
  }

  /** The history was rewritten: the last count says nothing about the next request, but for how large a token is. */
  forget(): void {
    this.#last = null;
    this.#warm = false;
  }

  /** Whether the cache served nothing although the request began like the one before, which had the size to be cached. */
  cacheMissed(usage: TokenUsage): boolean {
    return this.#warm && this.#last !== null && this.#last.usage.input > CACHE_SPEAKS_ABOVE && usage.cached === 0;
  }

  /** What a request of so many bytes will cost in input tokens, and how many of them the cache will probably serve. */
  estimateInput(bytes: number): TokenUsage {
    if (!this.#last) return { input: this.tokensOf(bytes), cached: 0, output: 0 };
    const { bytes: lastBytes, usage } = this.#last;
    if (bytes < lastBytes) {
      // A part of it was taken out, or only its beginning is sent; how its tokens are spread is not known, hence the tenth.
      const input = Math.min(usage.input, Math.ceil((usage.input * bytes * 1.1) / lastBytes));
      return { input, cached: Math.min(input, usage.cached), output: 0 };
    }
    const input = usage.input + this.tokensOf(bytes - lastBytes);
    return { input, cached: Math.min(input, usage.cached), output: 0 };
  }

  /** For an answer that broke off, or that came without a count: nobody said that the cache served any of it, so none is counted on. */
  estimateAnswer(bytes: number, answerBytes: number): TokenUsage {
    return { ...this.estimateInput(bytes), cached: 0, output: this.tokensOf(answerBytes) };
  }

  /** How many tokens so many bytes of JSON are, on the careful side. */
  tokensOf(bytes: number): number {
    return Math.ceil(bytes / this.#bytesPerToken);
  }

  /** What tokens cost here; those of kimi-k2.6 when the price of the model is unknown. */
  get price(): Price {
    return this.#countingPrice;
  }

  /** What the attempt's own budget leaves; Infinity without one. */
  get left(): number {
    return this.#budget === null ? Number.POSITIVE_INFINITY : this.#budget - this.spent;
  }

  /** The most that a request of so many bytes with so long an answer can cost: the cache may have lost it. */
  most(bytes: number, output: number): number {
    return costOf({ ...this.estimateInput(bytes), cached: 0, output }, this.#countingPrice);
  }

  /**
   * Output tokens that the budget leaves for a request of so many bytes, were none of it cached; Infinity without a budget, below 0
   * when not even the input fits.
   * @param sharedLeft what a budget that others share leaves
   */
  affordableOutput(bytes: number, sharedLeft: number = Number.POSITIVE_INFINITY): number {
    const left = Math.min(this.left, sharedLeft) - this.most(bytes, 0);
    return left === Number.POSITIVE_INFINITY ? left : Math.floor((left / this.#countingPrice.out) * 1e6);
  }
}

/** Totals of an attempt that has not begun. */
export function emptyTotals(baseUrl: string, priceKnown: boolean): AgentTotals {
  return {
    steps: 0,
    usage: { input: 0, cached: 0, output: 0 },
    cost: { amount: priceKnown ? 0 : null, currency: currencyOf(baseUrl) },
    retries: 0,
  };
}
