import http from 'node:http';
import https from 'node:https';
import { pipeline, type Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';

/** Below the five seconds after which usual servers close an idle connection: a request that meets the closing would fail. */
const idle = { keepAlive: true, timeout: 4000 };
const httpAgent = new http.Agent(idle);
const httpsAgent = new https.Agent(idle);

/** Behind the last frame of an answer comes its end, and then the connection is free for the next request. So long is waited for it. */
const LINGER_MS = 250;

/** None is asked for, but servers behind some proxies encode all the same. */
const DECODERS: Readonly<Record<string, () => NodeJS.ReadWriteStream & Readable>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

interface WholeRequest {
  readonly method?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  readonly signal?: AbortSignal | null;
}

/** What is looked at of an answer. */
interface Answer {
  readonly url: string;
  readonly status: number;
  readonly statusText: string;
  readonly ok: boolean;
  readonly headers: Headers;
  readonly body: AsyncIterable<Buffer> & { cancel(): Promise<void> };
  text(): Promise<string>;
  json(): Promise<unknown>;
}

/**
 * As much of `fetch` as a client of this API needs: the body of a request is a Buffer, the body of an answer an iterable of Buffers.
 * The global one copies the request twice on its way and wraps the answer in web streams: at 250 KB a third of what a step costs, and
 * garbage to collect. Nor does this one follow redirects, which nobody who holds a key should do.
 * Rejects with the system's error (`code`: ECONNREFUSED ...) or the reason of the signal. The connection is kept for the next request,
 * also when the reader of a stream leaves after its last frame.
 */
export const httpFetch = ((url: string, { method, headers, body, signal }: WholeRequest) =>
  new Promise<Answer>((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const options = { method, headers: body ? { ...headers, 'content-length': body.length } : headers };
    const sent = url.startsWith('https:')
      ? https.request(url, { ...options, agent: httpsAgent })
      : http.request(url, { ...options, agent: httpAgent });
    let answer: http.IncomingMessage | null = null;
    const stop = () => (answer ? answer.destroy() : sent.destroy(signal?.reason));
    signal?.addEventListener('abort', stop, { once: true });
    sent.on('response', (incoming) => {
      answer = incoming;
      resolve(answerOf(url, incoming));
    });
    sent.on('error', reject);
    // From here on the connection may serve another request, which this signal must not end.
    sent.on('close', () => signal?.removeEventListener('abort', stop));
    sent.end(body);
  })) as unknown as typeof fetch;

function answerOf(url: string, incoming: http.IncomingMessage): Answer {
  const status = incoming.statusCode ?? 0;
  const content = decoded(incoming);
  return {
    url,
    status,
    statusText: incoming.statusMessage ?? '',
    ok: status >= 200 && status < 300,
    headers: new Headers(pairsOf(incoming.rawHeaders)),
    body: {
      [Symbol.asyncIterator]: () => piecesOf(content, incoming),
      cancel: async () => void incoming.destroy(),
    },
    text: () => text(content),
    json: async () => JSON.parse(await text(content)),
  };
}

function decoded(incoming: http.IncomingMessage): Readable {
  // Whoever reads hears of an error too; an answer that is left in the middle has no reader any more.
  incoming.on('error', () => {});
  const decoder = DECODERS[incoming.headers['content-encoding']?.toLowerCase() ?? ''];
  return decoder ? pipeline(incoming, decoder(), () => {}) : incoming;
}

function piecesOf(content: Readable, incoming: http.IncomingMessage): AsyncIterator<Buffer> {
  const pieces = content.iterator({ destroyOnReturn: false });
  return {
    next: () => pieces.next(),
    return: async () => {
      await pieces.return?.();
      content.resume();
      const late = setTimeout(() => incoming.destroy(), LINGER_MS).unref();
      incoming.once('close', () => clearTimeout(late));
      return { done: true, value: undefined };
    },
  };
}

function pairsOf(raw: readonly string[]): [string, string][] {
  return raw.flatMap((name, at) => (at % 2 === 0 ? [[name, raw[at + 1] ?? ''] as [string, string]] : []));
}
