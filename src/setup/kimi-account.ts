import { z } from 'zod';
import { boundedJson } from '../common/bounded-json.ts';
import { type Currency, currencyOf, SIGN } from '../common/currency.ts';
import type { Translate } from '../messages/translate.ts';

/** The two platforms of Moonshot. A key works with one of them only. */
export const REGIONS = ['https://api.moonshot.cn/v1', 'https://api.moonshot.ai/v1'] as const;

const ANSWER_MS = 15_000;
/** Keys of the Kimi subscriptions; their own endpoint takes no other programs than the provider's. */
const SUBSCRIPTION = 'sk-kimi-';

export interface Account {
  readonly baseUrl: string;
  readonly models: readonly string[];
  /** null: the endpoint does not say. */
  readonly balance: number | null;
  readonly currency: Currency;
}

export type KeyCheck =
  | { readonly kind: 'works'; readonly account: Account }
  /** The key is good, but for the other platform. */
  | { readonly kind: 'other_region'; readonly account: Account }
  | { readonly kind: 'subscription' }
  /** The endpoint (and every other that was asked) refused it. */
  | { readonly kind: 'refused' }
  | { readonly kind: 'unreachable'; readonly why: string };

const NO_KIMI = 'not a Kimi endpoint';
const SILENT = 'no answer in time';

/** Why an endpoint is not reachable, in the language of `t`; codes of the system are the same in each. */
export function whyText(why: string, t: Translate): string {
  if (why === NO_KIMI) return t('not a Kimi endpoint');
  return why === SILENT ? t('no answer in time') : why;
}

export interface CheckOptions {
  readonly fetch: typeof fetch;
  /** Platforms that know each other's keys not. Default: Moonshot's two. */
  readonly regions?: readonly string[];
  readonly signal?: AbortSignal;
}

/** Whether a text can be a key at all; a sentence that says what is wrong, or null. */
export function malformed(key: string): 'empty' | 'blank' | 'subscription' | null {
  if (key === '') return 'empty';
  if (key.startsWith(SUBSCRIPTION)) return 'subscription';
  return /^[\x21-\x7e]{8,512}$/.test(key) ? null : 'blank';
}

/**
 * Asks the endpoint whether it takes the key. Where that is one of the two platforms and does not, the other one is asked; the key goes
 * nowhere else, and nothing is switched.
 */
export async function checkKey(key: string, baseUrl: string, options: CheckOptions): Promise<KeyCheck> {
  if (malformed(key) === 'subscription') return { kind: 'subscription' };
  const regions = options.regions ?? REGIONS;
  const others = regions.includes(baseUrl) ? regions.filter((region) => region !== baseUrl) : [];
  const own = await askModels(key, baseUrl, options);
  if (own.kind === 'works') return { kind: 'works', account: await accountOf(key, baseUrl, own.models, options) };
  for (const other of others) {
    const answer = await askModels(key, other, options);
    if (answer.kind === 'works') return { kind: 'other_region', account: await accountOf(key, other, answer.models, options) };
  }
  return own;
}

type ModelsAnswer = { kind: 'works'; models: string[] } | { kind: 'refused' } | { kind: 'unreachable'; why: string };

const modelsSchema = z.object({ data: z.array(z.object({ id: z.string() })) });
const balanceSchema = z.object({ data: z.object({ available_balance: z.number() }) });

/** A list that is longer is none to choose from. */
const MOST_MODELS = 2000;

/** What no model is called is listed nowhere: whoever answers could write into a terminal with it, or fill a list. */
const isName = (id: string) => /^[^\p{C}\p{Zl}\p{Zp}]{1,200}$/u.test(id);

async function askModels(key: string, baseUrl: string, options: CheckOptions): Promise<ModelsAnswer> {
  try {
    const response = await get(key, `${baseUrl}/models`, options);
    if (response.status === 401 || response.status === 403) return { kind: 'refused' };
    if (!response.ok) return { kind: 'unreachable', why: `HTTP ${response.status}` };
    return {
      kind: 'works',
      models: modelsSchema
        .parse(await boundedJson(response))
        .data.map(({ id }) => id)
        .filter(isName)
        .slice(0, MOST_MODELS),
    };
  } catch (error) {
    return {
      kind: 'unreachable',
      why: error instanceof z.ZodError || error instanceof SyntaxError ? NO_KIMI : reasonOf(error),
    };
  }
}

async function accountOf(key: string, baseUrl: string, models: readonly string[], options: CheckOptions): Promise<Account> {
  const balance = await get(key, `${baseUrl}/users/me/balance`, options)
    .then(async (response) => (response.ok ? balanceSchema.parse(await boundedJson(response)).data.available_balance : null))
    .catch(() => null);
  return { baseUrl, models, balance, currency: currencyOf(baseUrl) };
}

function get(key: string, url: string, { fetch, signal }: CheckOptions): Promise<Response> {
  const time = AbortSignal.timeout(ANSWER_MS);
  return fetch(url, {
    headers: { authorization: `Bearer ${key}` },
    redirect: 'error',
    signal: signal ? AbortSignal.any([signal, time]) : time,
  });
}

/** fetch says only "fetch failed"; the cause has the system's code. */
function reasonOf(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return SILENT;
  let message = String(error);
  for (let at: unknown = error; at instanceof Error; at = at.cause)
    message = 'code' in at && typeof at.code === 'string' ? at.code : at.message || message;
  return message;
}

/** `¥49.58` */
export function amount({ balance, currency }: Pick<Account, 'balance' | 'currency'>): string | null {
  return balance === null ? null : `${SIGN[currency]}${balance.toFixed(2)}`;
}
