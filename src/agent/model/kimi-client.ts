/** The only door to the `openai` package. It streams one request whose bytes are ours, and says how that went. */
import { type Message, message } from '../../messages/message.ts';
import { type Reply, ReplyAssembler } from './assemble-reply.ts';
import type { ApiProblem } from './classify-error.ts';
import { httpFetch } from './http-fetch.ts';

export interface ApiAccess {
  /** With the version path: `https://api.moonshot.cn/v1`. */
  baseUrl: string;
  apiKey: string;
  model: string;
  /** Where the model's name comes from, for whoever has to change it; default: KIMI_MODEL. */
  modelSetting?: string;
}

export type Sent =
  | { kind: 'reply'; reply: Reply }
  /** The caller's signal aborted. */
  | { kind: 'cancelled'; partial: Reply }
  | { kind: 'problem'; problem: ApiProblem; partial: Reply };

export interface KimiClient {
  /** @param body a whole request, JSON in UTF-8. Never throws for what a network or a server can do. */
  send(body: Buffer, signal: AbortSignal): Promise<Sent>;
}

type Package = typeof import('openai');
let loading: Promise<Package> | undefined;

/** Loads the package (about 0.1 s) before it is needed. */
export async function preload(): Promise<void> {
  loading ??= import('openai');
  await loading;
}

/** Once an answer says that it is finished, only a count can follow: so long is waited for it. */
const AFTER_FINISH_MS = 5000;
/** The package's own timeout ends at the headers; the watchdog here covers the whole stream, so the former is out of the way. */
const NO_TIMEOUT_MS = 24 * 3600 * 1000;

/**
 * @param stallMs without a frame for so long, a request is given up (to be sent again)
 * @param fetchImpl a fetch that knows the proxy; default: a direct one
 */
export async function createClient(access: ApiAccess, stallMs: number, fetchImpl: typeof fetch = httpFetch): Promise<KimiClient> {
  loading ??= import('openai');
  const openai = await loading;
  let bytes: Buffer | undefined;
  const headers = {
    authorization: `Bearer ${access.apiKey}`,
    'content-type': 'application/json',
    accept: 'text/event-stream',
    'user-agent': 'claude-kimi-mcp',
  };
  const client = new openai.OpenAI({
    apiKey: access.apiKey,
    // Explicit, since the package else takes them from OPENAI_BASE_URL, OPENAI_ORG_ID and OPENAI_PROJECT_ID.
    baseURL: access.baseUrl,
    organization: null,
    project: null,
    adminAPIKey: null,
    webhookSecret: null,
    // It retries an exhausted quota; what to send again is decided in classify-error.ts.
    maxRetries: 0,
    timeout: NO_TIMEOUT_MS,
    // OPENAI_LOG=debug would write to stdout, which belongs to the protocol.
    logLevel: 'off',
    // Our bytes instead of the package's serialization: the prefix stays identical, and nothing is serialized twice. Our
    // headers too: OPENAI_CUSTOM_HEADERS in the environment could else send another service's credentials along.
    // A redirect is not followed, by whatever fetch: source code goes to the address that the user set, and to no other.
    fetch: (url, init) =>
      fetchImpl(url as string, { ...(init as RequestInit), headers, redirect: 'manual', body: bytes as unknown as RequestInit['body'] }),
  });

  async function send(body: Buffer, signal: AbortSignal): Promise<Sent> {
    const assembler = new ReplyAssembler();
    const attempt = new AbortController();
    let stalled = false;
    const onStall = () => {
      stalled = true;
      attempt.abort();
    };
    const onAbort = () => attempt.abort();
    let watchdog = setTimeout(onStall, stallMs);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) attempt.abort();
    let problem: ApiProblem | null = null;
    try {
      bytes = body;
      const { data: stream, response } = await client.chat.completions
        .create({ model: access.model, messages: [], stream: true }, { signal: attempt.signal })
        .withResponse();
      for await (const chunk of framesOf(response, stream, openai)) {
        const wasFinished = assembler.finished;
        assembler.add(chunk);
        if (assembler.finished && !wasFinished) {
          clearTimeout(watchdog);
          watchdog = setTimeout(onStall, Math.min(stallMs, AFTER_FINISH_MS));
        } else watchdog.refresh();
        // Leaving the iteration closes the connection, and the server stops to write (and to bill).
        if (assembler.runsAway && !assembler.finished) break;
      }
    } catch (error) {
      problem = problemOf(error, openai);
    } finally {
      clearTimeout(watchdog);
      signal.removeEventListener('abort', onAbort);
    }
    const reply = assembler.reply();
    // An abort in mid-stream ends the iteration silently: the signals decide, then the finish reason, then the error.
    if (signal.aborted) return { kind: 'cancelled', partial: reply };
    if (assembler.finished) return { kind: 'reply', reply };
    if (assembler.runsAway) return { kind: 'reply', reply: { ...reply, finishReason: 'length', ranAway: true } };
    if (stalled) return { kind: 'problem', problem: broken(message('api.noData', { seconds: stallMs / 1000 })), partial: reply };
    return { kind: 'problem', problem: problem ?? broken(message('api.answerBrokeOff')), partial: reply };
  }

  return { send };
}

class WebPage extends Error {}

/** The frames of an answer, also where a server or a proxy in between sends something else than a stream. */
async function* framesOf(response: Response, stream: AsyncIterable<unknown>, openai: Package): AsyncIterable<unknown> {
  const type = response.headers.get('content-type') ?? '';
  if (/^text\/html\b/i.test(type)) {
    await response.body?.cancel();
    throw new WebPage();
  }
  if (!/^application\/json\b/i.test(type)) return yield* stream;
  const whole = (await response.json()) as { error?: object } | null;
  if (whole?.error) throw new openai.APIError(undefined, whole.error, undefined, response.headers);
  yield whole;
}

function broken(ours: Message): ApiProblem {
  return { status: null, type: '', code: '', message: '', ours, retryAfter: null };
}

function problemOf(error: unknown, openai: Package): ApiProblem {
  if (error instanceof WebPage) return { status: null, type: 'web_page', code: '', message: '', retryAfter: null };
  if (error instanceof openai.APIConnectionError) return brokenBy(error, message('api.connectionError'));
  if (!(error instanceof openai.APIError)) return brokenBy(error, message('api.streamBroke'));
  const body = (error.error ?? {}) as { message?: unknown; type?: unknown; code?: unknown };
  const location = error.status && error.status < 400 ? error.headers?.get('location') : null;
  return {
    status: error.status ?? statusIn(body.code),
    type: text(body.type ?? error.type),
    code: text(body.code ?? error.code),
    message: location || text(body.message) || error.message,
    retryAfter: retryAfterOf(error.headers),
  };
}

/** Errors within a stream have no status of their own; some servers name one as the code. */
function statusIn(code: unknown): number | null {
  return typeof code === 'number' && code >= 400 && code <= 599 ? code : null;
}

/** What the package stumbles over in a frame that is none, in words that say nothing to anybody. */
const OF_PACKAGE = /^(Cannot (read|set) propert|Cannot use 'in' operator)|is not (a function|iterable)/;

/** Walks down to the system's code (`ECONNRESET`), which fetch hides in the cause of the cause. */
function brokenBy(error: unknown, fallback: Message): ApiProblem {
  let code = '';
  let said = '';
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if (!OF_PACKAGE.test(at.message)) said = at.message || said;
    if ('code' in at && typeof at.code === 'string') code = at.code;
  }
  return { ...(!said && !code && { ours: fallback }), status: null, type: '', code, message: said, retryAfter: null };
}

/** Seconds, or a time: that counts from the one at which the server says the answer was made, so that our clock does not matter. */
function retryAfterOf(headers: Headers | undefined): number | null {
  const header = headers?.get('retry-after');
  if (!header) return null;
  const seconds = Number.isNaN(Number(header)) ? (Date.parse(header) - Date.parse(headers?.get('date') ?? '')) / 1000 : Number(header);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : null;
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
