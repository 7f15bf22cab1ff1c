/** What each failure of the API means: send again (when?), or stop with an outcome and a reason that helps. */

import { cutText } from '../../common/cut-text.ts';
import { type Message, message } from '../../messages/message.ts';
import { redactServerText } from '../redact-key.ts';
import type { AgentEnd } from '../types.ts';
import { isOverflow, type Limit, parseCap, parseDelay, parseLimit, unknownField } from './parse-error-text.ts';
import type { OptionalField } from './request-body.ts';

/** A failed request, free of any package's error classes. */
export interface ApiProblem {
  /** HTTP status; null when no answer came or the stream broke. */
  status: number | null;
  /** `error.type` and `error.code` of the body, or the system's code (`ECONNREFUSED`). */
  type: string;
  code: string;
  message: string;
  /** What went wrong in our words, where there are no others. */
  ours?: Message;
  /** Seconds from a `retry-after` header. */
  retryAfter: number | null;
}

export type StopOutcome = Extract<AgentEnd, { kind: 'stopped' }>['outcome'];

export type Failure =
  /** `rate` ends as rate_limited, `reach` as api_unreachable when it does not go away in time. */
  | { kind: 'retry'; cause: 'rate' | 'reach'; reason: Message; delayMs: number | null; maxTries: number; requestsPerMinute: number | null }
  /** `model`: what the server said, when it may be about the model. */
  | { kind: 'stop'; outcome: StopOutcome; reason: Message; model?: string }
  | { kind: 'overflow'; said: string; limit: Limit }
  /** The server does not know a field that a request can do without. */
  | { kind: 'field'; reason: Message; field: OptionalField }
  /** It allows no answer as long as was asked for, only one of `most` tokens. */
  | { kind: 'cap'; reason: Message; most: number };

export interface Endpoint {
  baseUrl: string;
  apiKey: string;
  model: string;
}

/** Enough for any wall-clock bound; it only keeps a clock that stands still from looping for ever. */
export const MANY_TRIES = 40;
/** Those of the answers 3xx that name an address at which the same request may be made. */
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** A host that refuses or has no address seldom appears within minutes: ask a few times, then say so. */
const FEW_TRIES = 5;

export function classifyError(problem: ApiProblem, endpoint: Endpoint): Failure {
  const whole = redactServerText(problem.message, endpoint.apiKey).trim();
  const said = cutText(whole, 300);
  const words = `${problem.type} ${problem.code} ${whole}`;
  const { status, type } = problem;
  if (/content_filter|high risk/i.test(words)) {
    return stop('content_refused', message('api.contentRefused', { said }));
  }
  if (/exceeded_current_quota|insufficient.{0,12}(quota|balance)|recharge|account.{0,120}suspended/i.test(words) || status === 402) {
    return stop('quota_exhausted', message('api.noQuota', { said }));
  }
  if (isOverflow(words) || status === 413) return { kind: 'overflow', said, limit: parseLimit(whole) };
  if (status === 429 || /rate_limit_reached|engine_overloaded/.test(type)) return classify429(problem, said, words);
  const notTheApi = explainOthers(problem, said, endpoint);
  if (notTheApi) return stop('api_unreachable', notTheApi);
  if (status === 401 || /invalid_authentication|incorrect_api_key/.test(type)) return stop('auth_failed', explain401(endpoint));
  if (status === 403)
    return { ...stop('auth_failed', message('api.forbidden', { endpoint: endpoint.baseUrl, model: endpoint.model, said })), model: said };
  if (status === 404) return { ...stop('auth_failed', explain404(endpoint, said)), model: said };
  if (status === null || status >= 500 || status === 408 || status === 409) return classifyReach(problem, said);
  return classifyRefusal(whole, message('api.refused', { endpoint: endpoint.baseUrl, status, said }));
}

/** Why it is not the API that answered, but a page, another address or a proxy; null when it is. */
function explainOthers({ status, type }: ApiProblem, said: string, { baseUrl }: Endpoint): Message | null {
  if (type === 'web_page') return message('api.webPage', { endpoint: baseUrl });
  if (status !== null && REDIRECTS.has(status)) return message('api.redirect', { endpoint: baseUrl, target: targetOf(said, baseUrl) });
  if (status === 407 || said.includes('Proxy response (407)')) return message('api.proxyPassword');
  return null;
}

/** The base URL that a redirect points to; what follows a `?` may be a secret. */
function targetOf(location: string, baseUrl: string): string {
  if (!URL.canParse(location, baseUrl)) return location;
  const { origin, pathname } = new URL(location, baseUrl);
  return origin + pathname.replace(/\/chat\/completions$/, '');
}

/** A request that is not taken as it is, but perhaps in another form. */
function classifyRefusal(said: string, reason: Message): Failure {
  const field = unknownField(said);
  if (field) return { kind: 'field', reason, field };
  const most = parseCap(said);
  return most === null ? stop('api_unreachable', reason) : { kind: 'cap', reason, most };
}

function classify429(problem: ApiProblem, said: string, words: string): Failure {
  if (/\bTPD\b/.test(said)) {
    return stop('rate_limited', message('api.dailyTokens', { said }));
  }
  const perMinute = /RPM:?\s*(\d+)/i.exec(said)?.[1];
  return {
    kind: 'retry',
    cause: 'rate',
    reason: message(/overloaded/i.test(words) ? 'api.overloaded' : 'api.rateLimited', { said }),
    delayMs: parseDelay(said) ?? seconds(problem.retryAfter),
    maxTries: MANY_TRIES,
    requestsPerMinute: perMinute ? Number(perMinute) : null,
  };
}

function classifyReach(problem: ApiProblem, said: string): Failure {
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/i.test(problem.code)) {
    return stop('api_unreachable', message('api.certificate', { code: problem.code }));
  }
  if (/invalid header value|ByteString/i.test(said)) {
    return stop('auth_failed', message('api.keyCharacters'));
  }
  const fewer = /ENOTFOUND|ECONNREFUSED|EAI_NONAME|EPROTO|ERR_SSL/.test(problem.code);
  const what = { said: problem.ours ?? [problem.code, said].filter(Boolean).join(': ') };
  return {
    kind: 'retry',
    cause: 'reach',
    reason: problem.status ? message('api.answered', { ...what, status: problem.status }) : message('api.connectionFailed', what),
    delayMs: seconds(problem.retryAfter),
    maxTries: fewer ? FEW_TRIES : MANY_TRIES,
    requestsPerMinute: null,
  };
}

/** Keys of the two platforms are not interchangeable, and subscription keys belong to a third endpoint. */
function explain401({ baseUrl, apiKey }: Endpoint): Message {
  if (apiKey.startsWith('sk-kimi-')) return message('api.subscriptionKey', { endpoint: baseUrl });
  const other = baseUrl.includes('moonshot.cn')
    ? 'https://api.moonshot.ai/v1'
    : baseUrl.includes('moonshot.ai')
      ? 'https://api.moonshot.cn/v1'
      : null;
  return other ? message('api.keyOfOtherPlatform', { endpoint: baseUrl, other }) : message('api.keyRefused', { endpoint: baseUrl });
}

/** A model that was retired answers like one that never was. */
function explain404({ baseUrl, model }: Endpoint, said: string): Message {
  const what = { endpoint: baseUrl, model, said };
  if (/model/i.test(said.replaceAll(model, ''))) return message('api.modelGone', what);
  return /\/v\d+$/.test(baseUrl)
    ? message('api.notFound', what)
    : message('api.notFoundNoVersion', { ...what, suggestion: `${baseUrl}/v1` });
}

function seconds(value: number | null): number | null {
  return value === null ? null : value * 1000;
}

function stop(outcome: StopOutcome, reason: Message): Extract<Failure, { kind: 'stop' }> {
  return { kind: 'stop', outcome, reason };
}
