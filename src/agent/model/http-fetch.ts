import http from 'node:http';
import https from 'node:https';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

/** Below the five seconds after which usual servers close an idle connection: a request that meets the closing would fail. */
const idle = { keepAlive: true, timeout: 4000 };
const httpAgent = new http.Agent(idle);
const httpsAgent = new https.Agent(idle);

interface WholeRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly signal: AbortSignal;
}

/** What the client looks at of an answer. */
interface Answer {
  readonly url: string;
  readonly status: number;
  readonly statusText: string;
  readonly ok: boolean;
  readonly headers: Headers;
  readonly body: Readable;
  text(): Promise<string>;
  json(): Promise<unknown>;
}

/**
 * A `fetch` of one whole request, as far as the client needs one: the body is a Buffer, and the body of the answer a Node stream.
 * The global one copies the request twice on its way and wraps the answer in web streams: at 250 KB a third of what a step costs, and
 * garbage to collect. Nor does this one follow redirects, which nobody who holds a key should do.
 * Rejects with the system's error (`code`: ECONNREFUSED ...) or the reason of the signal. The connection is kept for the next request.
 */
export const httpFetch = ((url: string, init: WholeRequest) =>
  new Promise<Answer>((resolve, reject) => {
    const { method, headers, body, signal } = init;
    if (signal.aborted) return reject(signal.reason);
    const options = { method, headers: { ...headers, 'content-length': body.length } };
    const sent = url.startsWith('https:')
      ? https.request(url, { ...options, agent: httpsAgent })
      : http.request(url, { ...options, agent: httpAgent });
    let answer: http.IncomingMessage | null = null;
    const stop = () => (answer ? answer.destroy() : sent.destroy(signal.reason));
    signal.addEventListener('abort', stop, { once: true });
    sent.on('response', (incoming) => {
      answer = incoming;
      resolve(answerOf(url, incoming));
    });
    sent.on('error', reject);
    // From here on the connection may serve another request, which this signal must not end.
    sent.on('close', () => signal.removeEventListener('abort', stop));
    sent.end(body);
  })) as unknown as typeof fetch;

function answerOf(url: string, incoming: http.IncomingMessage): Answer {
  const status = incoming.statusCode ?? 0;
  // Whoever reads the body hears of it too; an answer that is left in the middle has no reader any more.
  incoming.on('error', () => {});
  return {
    url,
    status,
    statusText: incoming.statusMessage ?? '',
    ok: status >= 200 && status < 300,
    headers: new Headers(pairsOf(incoming.rawHeaders)),
    body: incoming,
    text: () => text(incoming),
    json: async () => JSON.parse(await text(incoming)),
  };
}

function pairsOf(raw: readonly string[]): [string, string][] {
  return raw.flatMap((name, at) => (at % 2 === 0 ? [[name, raw[at + 1] ?? ''] as [string, string]] : []));
}
