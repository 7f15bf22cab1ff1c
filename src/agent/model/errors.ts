/** What each failure of the API means: send again (when?), or stop with an outcome and a reason that helps. */

import { cutText } from '../../common/cut-text.ts';
import { redactServerText } from '../redact.ts';
import type { AgentEnd } from '../types.ts';
import type { OptionalField } from './dialect.ts';
import { isOverflow, type Limit, parseCap, parseDelay, parseLimit, unknownField } from './error-words.ts';

/** A failed request, free of any package's error classes. */
export interface ApiProblem {
  /** HTTP status; null when no answer came or the stream broke. */
  status: number | null;
  /** `error.type` and `error.code` of the body, or the system's code (`ECONNREFUSED`). */
  type: string;
  code: string;
  message: string;
  /** Seconds from a `retry-after` header. */
  retryAfter: number | null;
}

export type StopOutcome = Extract<AgentEnd, { kind: 'stopped' }>['outcome'];

export type Failure =
  /** `rate` ends as rate_limited, `reach` as api_unreachable when it does not go away in time. */
  | { kind: 'retry'; cause: 'rate' | 'reach'; reason: string; delayMs: number | null; maxTries: number; requestsPerMinute: number | null }
  | { kind: 'stop'; outcome: StopOutcome; reason: string }
  | { kind: 'overflow'; reason: string; limit: Limit }
  /** The server does not know a field that a request can do without. */
  | { kind: 'field'; reason: string; field: OptionalField }
  /** It allows no answer as long as was asked for, only one of `most` tokens. */
  | { kind: 'cap'; reason: string; most: number };

export interface Endpoint {
  baseUrl: string;
  apiKey: string;
  model: string;
}

/** Enough for any wall-clock bound; it only keeps a clock that stands still from looping for ever. */
export const MANY_TRIES = 40;
/** A host that refuses or has no address seldom appears within minutes: ask a few times, then say so. */
const FEW_TRIES = 5;

export function classify(problem: ApiProblem, endpoint: Endpoint): Failure {
  const whole = redactServerText(problem.message, endpoint.apiKey).trim();
  const said = cutText(whole, 300);
  const words = `${problem.type} ${problem.code} ${whole}`;
  const { status, type } = problem;
  if (/content_filter|high risk/i.test(words)) {
    return stop('content_refused', `The provider's content filter refused the request (${said}). Do this work without delegation.`);
  }
  if (/exceeded_current_quota|insufficient.{0,12}(quota|balance)|recharge|account.{0,120}suspended/i.test(words) || status === 402) {
    return stop(
      'quota_exhausted',
      `The Kimi account has no quota left (${said}). Top it up in the provider's console; retrying does not help.`,
    );
  }
  if (isOverflow(words) || status === 413) return { kind: 'overflow', reason: said, limit: parseLimit(whole) };
  if (status === 429 || /rate_limit_reached|engine_overloaded/.test(type)) return classify429(problem, said, words);
  const notTheApi = explainOthers(problem, said, endpoint);
  if (notTheApi) return stop('api_unreachable', notTheApi);
  if (status === 401 || /invalid_authentication|incorrect_api_key/.test(type)) return stop('auth_failed', explain401(endpoint));
  if (status === 403) {
    return stop(
      'auth_failed',
      `The endpoint ${endpoint.baseUrl} forbids this key to use ${endpoint.model} (${said}). Check the key's permissions and the model.`,
    );
  }
  if (status === 404) return stop('auth_failed', explain404(endpoint, said));
  if (status === null || status >= 500 || status === 408 || status === 409) return classifyReach(problem, said);
  return classifyRefusal(
    whole,
    `The endpoint ${endpoint.baseUrl} refused the request (${status}: ${said}). Check the base URL and the model; if both are right, report this as a fault of this program.`,
  );
}

/** Why it is not the API that answered, but a page, another address or a proxy; null when it is. */
function explainOthers({ status, type }: ApiProblem, said: string, { baseUrl }: Endpoint): string | null {
  if (type === 'web_page')
    return `The endpoint ${baseUrl} answered with a web page instead of an answer of the model. Check the base URL (it usually ends in /v1); in a network that asks for a login, log in there first.`;
  if (status !== null && status >= 300 && status < 400)
    return `The endpoint ${baseUrl} sends requests on to another address, and nothing is sent to one that you did not set. If it is right, set KIMI_BASE_URL to ${targetOf(said, baseUrl)} instead.`;
  if (status === 407 || said.includes('Proxy response (407)'))
    return 'The proxy asks for a password (407). Put it into HTTPS_PROXY: http://user:password@host:port, with special characters as %40 and the like.';
  return null;
}

/** The base URL that a redirect points to; what follows a `?` may be a secret. */
function targetOf(location: string, baseUrl: string): string {
  if (!URL.canParse(location, baseUrl)) return location;
  const { origin, pathname } = new URL(location, baseUrl);
  return origin + pathname.replace(/\/chat\/completions$/, '');
}

/** A request that is not taken as it is, but perhaps in another form. */
function classifyRefusal(said: string, reason: string): Failure {
  const field = unknownField(said);
  if (field) return { kind: 'field', reason, field };
  const most = parseCap(said);
  return most === null ? stop('api_unreachable', reason) : { kind: 'cap', reason, most };
}

function classify429(problem: ApiProblem, said: string, words: string): Failure {
  if (/\bTPD\b/.test(said)) {
    return stop('rate_limited', `The account's daily token limit is used up (${said}). Try again tomorrow or raise the account's tier.`);
  }
  const perMinute = /RPM:?\s*(\d+)/i.exec(said)?.[1];
  const kind = /overloaded/i.test(words) ? 'The provider is overloaded' : 'The provider limits the rate';
  return {
    kind: 'retry',
    cause: 'rate',
    reason: `${kind} (${said})`,
    delayMs: parseDelay(said) ?? seconds(problem.retryAfter),
    maxTries: MANY_TRIES,
    requestsPerMinute: perMinute ? Number(perMinute) : null,
  };
}

function classifyReach(problem: ApiProblem, said: string): Failure {
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/i.test(problem.code)) {
    return stop(
      'api_unreachable',
      `The endpoint's certificate is not trusted (${problem.code}). Behind a company proxy, set NODE_EXTRA_CA_CERTS to its CA file.`,
    );
  }
  if (/invalid header value|ByteString/i.test(said)) {
    return stop(
      'auth_failed',
      'The Kimi key holds characters that no key has (a line break, a quote, a letter of another script). Enter it again.',
    );
  }
  const fewer = /ENOTFOUND|ECONNREFUSED|EAI_NONAME|EPROTO|ERR_SSL/.test(problem.code);
  const what = problem.status ? `The provider answered ${problem.status}` : 'The connection failed';
  return {
    kind: 'retry',
    cause: 'reach',
    reason: `${what} (${[problem.code, said].filter(Boolean).join(': ')})`,
    delayMs: seconds(problem.retryAfter),
    maxTries: fewer ? FEW_TRIES : MANY_TRIES,
    requestsPerMinute: null,
  };
}

/** Keys of the two platforms are not interchangeable, and subscription keys belong to a third endpoint. */
function explain401({ baseUrl, apiKey }: Endpoint): string {
  if (apiKey.startsWith('sk-kimi-')) {
    return `${baseUrl} refused the key: a key that begins with "sk-kimi-" is a Kimi subscription key, which the open platform does not take and whose own endpoint refuses general agents. Create a platform key at platform.moonshot.cn or platform.moonshot.ai.`;
  }
  const other = baseUrl.includes('moonshot.cn')
    ? 'https://api.moonshot.ai/v1'
    : baseUrl.includes('moonshot.ai')
      ? 'https://api.moonshot.cn/v1'
      : null;
  const hint = other ? ` A key of the other platform is refused here: if it is one, set KIMI_BASE_URL to ${other}.` : '';
  return `${baseUrl} refused the key (401). Check that it is complete and not revoked.${hint}`;
}

/** A model that was retired answers like one that never was. */
function explain404({ baseUrl, model }: Endpoint, said: string): string {
  const what = `The endpoint ${baseUrl} does not know this address or the model ${model} for this key (${said}).`;
  if (/model/i.test(said.replaceAll(model, '')))
    return `${what} It may be retired, or open only after a top-up: set KIMI_MODEL to one that the provider's console lists.`;
  return /\/v\d+$/.test(baseUrl)
    ? `${what} Check the base URL and the model.`
    : `${what} Check the base URL: most end in /v1 (${baseUrl}/v1).`;
}

function seconds(value: number | null): number | null {
  return value === null ? null : value * 1000;
}

function stop(outcome: StopOutcome, reason: string): Failure {
  return { kind: 'stop', outcome, reason };
}
