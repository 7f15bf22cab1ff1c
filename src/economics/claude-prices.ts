/** When the prices were compared with those that Claude Code itself counts with. */
export const PRICES_OF = '2026-11';

/** USD per million tokens, by what is done with them. The cache keeps what is written for 5 minutes, or for an hour. */
interface ClassPrices {
  readonly input: number;
  readonly output: number;
  readonly write5m: number;
  readonly write1h: number;
  readonly read: number;
}

export interface ClaudePrice extends ClassPrices {
  /** As people call the model. */
  readonly name: string;
  /** What a request costs whose prompt is longer than `LONG_PROMPT`, where that is another price. */
  readonly long?: ClassPrices;
}

/** Tokens of one request. */
export interface ClaudeUsage {
  readonly input: number;
  readonly output: number;
  readonly write5m: number;
  readonly write1h: number;
  readonly read: number;
}

/** From so many tokens of prompt on, some models bill a request by other prices. */
export const LONG_PROMPT = 100_000;

/** Writing costs 1.25 times the input for 5 minutes, twice for an hour; that holds for every model. */
function prices(input: number, output: number, read: number): ClassPrices {
  return { input, output, write5m: input * 1.25, write1h: input * 2, read };
}

/** As the catalogue of models in Claude Code 2.1.330 and 2.1.332 gives them, by the name of the model in a session file. */
const PRICES: Readonly<Record<string, ClaudePrice>> = {
  'claude-fable-5': { name: 'Fable 5', ...prices(10, 50, 1) },
  'claude-fable-5-1': { name: 'Fable 5.1', ...prices(10, 50, 0.25) },
  'claude-fable-5-2': { name: 'Fable 5.2', ...prices(8, 40, 0.2) },
  'claude-opus-4-5': { name: 'Opus 4.5', ...prices(5, 25, 0.5) },
  'claude-opus-4-6': { name: 'Opus 4.6', ...prices(5, 25, 0.5) },
  'claude-opus-4-7': { name: 'Opus 4.7', ...prices(5, 25, 0.5) },
  'claude-opus-4-8': { name: 'Opus 4.8', ...prices(5, 25, 0.5) },
  'claude-opus-5': { name: 'Opus 5', ...prices(5, 25, 0.5) },
  'claude-opus-5-5': { name: 'Opus 5.5', ...prices(4, 20, 0.2) },
  'claude-sonnet-4-5': { name: 'Sonnet 4.5', ...prices(3, 15, 0.3) },
  'claude-sonnet-4-6': { name: 'Sonnet 4.6', ...prices(3, 15, 0.3) },
  'claude-sonnet-5': { name: 'Sonnet 5', ...prices(2, 10, 0.2) },
  'claude-sonnet-5-5': { name: 'Sonnet 5.5', ...prices(2, 10, 0.1) },
  'claude-haiku-4-5': { name: 'Haiku 4.5', ...prices(1, 5, 0.1) },
  'claude-haiku-5-5': { name: 'Haiku 5.5', ...prices(0.1, 0.5, 0.01), long: prices(0.5, 2.5, 0.05) },
};

/** @returns null for a model that the table does not know: nothing is guessed then */
export function claudePriceOf(model: string): ClaudePrice | null {
  const name = model.replace(/-\d{8}$/, ''); // the day of a version
  return Object.hasOwn(PRICES, name) ? (PRICES[name] ?? null) : null;
}

export const promptOf = ({ input, write5m, write1h, read }: ClaudeUsage): number => input + write5m + write1h + read;

/**
 * What tokens cost, USD.
 * @param prompt of the request that they belong to
 */
export function claudeCost(usage: Partial<ClaudeUsage>, price: ClaudePrice, prompt: number): number {
  const tier = (prompt > LONG_PROMPT && price.long) || price;
  const classes = ['input', 'output', 'write5m', 'write1h', 'read'] as const;
  return classes.reduce((sum, name) => sum + (usage[name] ?? 0) * tier[name], 0) / 1e6;
}
