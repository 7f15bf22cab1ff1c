/** The currencies that endpoints bill in. */
export const CURRENCIES = ['USD', 'CNY'] as const;
export type Currency = (typeof CURRENCIES)[number];

export const SIGN: Readonly<Record<Currency, string>> = { USD: '$', CNY: '¥' };

/** The budget of an attempt where nobody sets one. */
export const USUAL_BUDGET: Readonly<Record<Currency, number>> = { USD: 1, CNY: 7 };

/** What an endpoint bills in: CNY on the Chinese platform, else USD. */
export function currencyOf(baseUrl: string): Currency {
  return URL.canParse(baseUrl) && /(^|\.)moonshot\.cn$/.test(new URL(baseUrl).hostname) ? 'CNY' : 'USD';
}

/** Only for limits that several endpoints share: by the ratio of the usual budgets, no exchange rate of any day. */
export function convert(amount: number, from: Currency, to: Currency): number {
  return from === to ? amount : (amount * USUAL_BUDGET[to]) / USUAL_BUDGET[from];
}

/** `$0.0123`, `¥4.56`: small sums with all the digits that matter. */
export function exactMoney(amount: number, currency: Currency): string {
  return `${SIGN[currency]}${amount.toFixed(amount < 0.1 ? 4 : 2)}`;
}
