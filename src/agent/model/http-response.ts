import { pipeline, type Readable } from 'node:stream';
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

/**
 * Far more than any model says. What goes on for ever, or unfolds to that, would take all memory: a frame is kept until an empty line ends
 * it, however many lines it has, and read as one JSON, in which nothing can be interrupted.
 */
const MB = 2 ** 20;
const MOST_BYTES = { stream: 512 * MB, frame: 4 * MB, text: 4 * MB } as const;

/** None is asked for, but servers behind some proxies encode all the same. */
const DECODERS: ReadonlyMap<string, () => NodeJS.ReadWriteStream & Readable> = new Map([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
]);

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
    text: () => wholeText(content, incoming),
    json: async () => JSON.parse(await wholeText(content, incoming)),
  };
}

function decoded(incoming: Readable, encoding: string | null): Readable {
  // Whoever reads hears of an error too; an answer that is left in the middle has no reader any more.
  incoming.on('error', () => {});
  const decoder = DECODERS.get(encoding?.toLowerCase() ?? '');
  if (!decoder) return incoming;
  const content = pipeline(incoming, decoder(), () => {});
  // The same: an error that nobody hears would end all attempts.
  content.on('error', () => {});
  return content;
}

async function wholeText(content: Readable, incoming: Readable): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of content as AsyncIterable<Buffer>) {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes > MOST_BYTES.text) throw ended(content, incoming, tooLarge(MOST_BYTES.text));
  }
  return new TextDecoder().decode(Buffer.concat(pieces));
}

function tooLarge(bytes: number): Error {
  return Object.assign(new Error(`more than ${bytes / MB} MB`), { code: 'EMSGSIZE' });
}

function ended(content: Readable, incoming: Readable, why: Error): Error {
  content.destroy();
  incoming.destroy();
  return why;
}

/** Says where an answer, or one frame of it, is larger than any can be. */
function boundedAnswer(): (piece: Buffer) => Error | null {
  let bytes = 0;
  let frame = 0;
  let last = 0;
  return (piece) => {
    bytes += piece.length;
    const end = lastEmptyLine(piece, last);
    frame = end < 0 ? frame + piece.length : piece.length - end;
    last = piece.at(-1) ?? last;
    if (bytes > MOST_BYTES.stream) return tooLarge(MOST_BYTES.stream);
    return frame > MOST_BYTES.frame ? tooLarge(MOST_BYTES.frame) : null;
  };
}

/** What ends a line and cannot go on with the end that follows it: `\n` has no second half, `\r` only `\n`. */
const EMPTY_LINES = ['\n\n', '\n\r', '\r\r'];

/** Where the last frame ends that does in a piece; -1 = none does. @param before the byte in front of the piece */
function lastEmptyLine(piece: Buffer, before: number): number {
  const within = Math.max(...EMPTY_LINES.map((ends) => piece.lastIndexOf(ends, undefined, 'latin1')));
  if (within >= 0) return within + 2;
  return EMPTY_LINES.includes(String.fromCharCode(before, piece[0] ?? 0)) ? 1 : -1;
}

function piecesOf(content: Readable, incoming: Readable): AsyncIterator<Buffer> {
  const pieces = content.iterator({ destroyOnReturn: false });
  const look = boundedAnswer();
  return {
    next: async () => {
      const piece = await pieces.next();
      const why = piece.done ? null : look(piece.value);
      if (why === null) return piece;
      throw ended(content, incoming, why);
    },
    return: async () => {
      await pieces.return?.();
      content.resume();
      const late = setTimeout(() => incoming.destroy(), LINGER_MS).unref();
      incoming.once('close', () => clearTimeout(late));
      return { done: true, value: undefined };
    },
  };
}
