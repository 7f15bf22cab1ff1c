import { type Currency, currencyOf } from '../common/currency.ts';
import type { TokenUsage } from './types.ts';

/** Money per million tokens: input served from the provider's cache, other input, output (thinking included). */
export interface Price {
  readonly hit: number;
  readonly miss: number;
  readonly out: number;
}

type PriceList = Readonly<Record<string, Price>>;

/** As the provider's pricing pages gave them (platform.kimi.ai/docs/pricing/chat; last compared in November 2026). */
const USD: PriceList = {
  'kimi-k2.6': { hit: 0.16, miss: 0.95, out: 4 },
  'kimi-k2.7-code': { hit: 0.19, miss: 0.95, out: 4 },
  'kimi-k2.7-code-highspeed': { hit: 0.38, miss: 1.9, out: 8 },
  'kimi-k3': { hit: 0.3, miss: 3, out: 15 },
  'kimi-k3.1-pro': { hit: 0.2, miss: 2, out: 10 },
  'kimi-k3.1-pro-highspeed': { hit: 0.2, miss: 4, out: 20 },
};

/** The same of the Chinese pages (platform.kimi.com/docs/pricing/chat; copies of July to September 2026). K3.1 Pro came later: unknown. */
const CNY: PriceList = {
  'kimi-k2.6': { hit: 1.1, miss: 6.5, out: 27 },
  'kimi-k2.7-code': { hit: 1.3, miss: 6.5, out: 27 },
  'kimi-k2.7-code-highspeed': { hit: 2.6, miss: 13, out: 54 },
  'kimi-k3': { hit: 2, miss: 20, out: 100 },
};

const PRICES: Readonly<Record<Currency, PriceList>> = { USD, CNY };

const WINDOWS: Readonly<Record<string, number>> = {
  'kimi-k2.6': 262_144,
  'kimi-k2.7-code': 262_144,
  'kimi-k2.7-code-highspeed': 262_144,
  'kimi-k3': 1_048_576,
  'kimi-k3.1-pro': 1_048_576,
  'kimi-k3.1-pro-highspeed': 1_048_576,
};

/** The smallest window of the models above: safe for a model that the table does not know. */
const DEFAULT_WINDOW = 262_144;

/** Whether it is the platform itself, which takes more fields than other servers of the same models. */
export function isPlatform(baseUrl: string): boolean {
  return /(^|\.)moonshot\.(cn|ai)$/.test(hostOf(baseUrl));
}

/** The price of a model at an endpoint, or null when it is not known; `override` is the user's own setting. */
export function priceOf(model: string, baseUrl: string, override?: Price): Price | null {
  return override ?? PRICES[currencyOf(baseUrl)][model] ?? null;
}

/** What a budget counts with when the price of the model is unknown: the tokens, at the price of kimi-k2.6. */
export function standInPrice(baseUrl: string): Price {
  return PRICES[currencyOf(baseUrl)]['kimi-k2.6']!;
}

/** Cost of some tokens in the currency of the price; null when the price is unknown (never 0). */
export function costOf(usage: TokenUsage, price: Price): number;
export function costOf(usage: TokenUsage, price: Price | null): number | null;
export function costOf(usage: TokenUsage, price: Price | null): number | null {
  if (!price) return null;
  return ((usage.input - usage.cached) * price.miss + usage.cached * price.hit + usage.output * price.out) / 1e6;
}

/** Tokens that a request and its answer may have together. */
export function windowOf(model: string): number {
  return WINDOWS[model] ?? DEFAULT_WINDOW;
}

/** Whether that is sure: the platform serves its own models with the whole of it, other servers of them with what they have room for. */
export function isWindowKnown(model: string, baseUrl: string): boolean {
  return model in WINDOWS && isPlatform(baseUrl);
}

function hostOf(baseUrl: string): string {
  return URL.canParse(baseUrl) ? new URL(baseUrl).hostname : '';
}
