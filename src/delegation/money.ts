/** Amounts of endpoints that bill in different currencies, seen together. */
export type Currency = 'USD' | 'CNY';

/** The ratio of the default budgets. */
const CNY_PER_USD = 7;

/** Only for limits that several endpoints share: no exchange rate of any day. */
export function convert(amount: number, from: Currency, to: Currency): number {
  if (from === to) return amount;
  return from === 'USD' ? amount * CNY_PER_USD : amount / CNY_PER_USD;
}
