import { pipeline, type Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';

/** What is looked at of an answer: as much of fetch's `Response` as a client of this API needs. */
export interface HttpResponse {
  readonly url: string;
  readonly status: number;
  readonly statusText: string;
  readonly ok: boolean;
  readonly headers: Headers;
  readonly body: AsyncIterable<Buffer> & { cancel(): Promise<void> };
  text(): Promise<string>;
  json(): Promise<unknown>;
}

/** A whole request. */
export interface WholeRequest {
  readonly method?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  readonly signal?: AbortSignal | null;
}

/** Behind the last frame of an answer comes its end, and then the connection is free for the next request. So long is waited for it. */
const LINGER_MS = 250;

/** None is asked for, but servers behind some proxies encode all the same. */
const DECODERS: Readonly<Record<string, () => NodeJS.ReadWriteStream & Readable>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/**
 * An answer around the stream that brings its body. A reader who leaves before the end, as those of events do at their last frame, does
 * not cost the connection: the end is waited for, a moment long.
 * @param incoming destroying it ends the connection
 */
export function httpResponse(url: string, status: number, statusText: string, headers: Headers, incoming: Readable): HttpResponse {
  const content = decoded(incoming, headers.get('content-encoding'));
  return {
    url,
    status,
    statusText,
    ok: status >= 200 && status < 300,
    headers,
    body: {
      [Symbol.asyncIterator]: () => piecesOf(content, incoming),
      cancel: async () => void incoming.destroy(),
    },
    text: () => text(content),
    json: async () => JSON.parse(await text(content)),
  };
}

function decoded(incoming: Readable, encoding: string | null): Readable {
  // Whoever reads hears of an error too; an answer that is left in the middle has no reader any more.
  incoming.on('error', () => {});
  const decoder = DECODERS[encoding?.toLowerCase() ?? ''];
  return decoder ? pipeline(incoming, decoder(), () => {}) : incoming;
}

function piecesOf(content: Readable, incoming: Readable): AsyncIterator<Buffer> {
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
