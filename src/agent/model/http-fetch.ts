import http from 'node:http';
import https from 'node:https';
import { type HttpResponse, httpResponse, type WholeRequest } from './http-response.ts';

/** Below the five seconds after which usual servers close an idle connection: a request that meets the closing would fail. */
const idle = { keepAlive: true, timeout: 4000 };
const httpAgent = new http.Agent(idle);
const httpsAgent = new https.Agent(idle);

const NO_ANSWER = Object.assign(new Error('the connection was closed without an answer'), { code: 'ECONNRESET' });

/**
 * As much of `fetch` as a client of this API needs: the body of a request is a Buffer, the body of an answer an iterable of Buffers.
 * The global one copies the request twice on its way and wraps the answer in web streams: at 250 KB a third of what a step costs, and
 * garbage to collect. Nor does this one follow redirects, which nobody who holds a key should do.
 * Rejects with the system's error (`code`: ECONNREFUSED ...) or the reason of the signal. The connection is kept for the next request.
 * It ends with its connection, whatever came over that: an answer that asks for another protocol is none, and Node tells of no error then.
 */
export const httpFetch = ((url: string, { method, headers, body, signal }: WholeRequest) =>
  new Promise<HttpResponse>((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const options = { method, headers: body ? { ...headers, 'content-length': body.length } : headers };
    const sent = url.startsWith('https:')
      ? https.request(url, { ...options, agent: httpsAgent })
      : http.request(url, { ...options, agent: httpAgent });
    let answer: http.IncomingMessage | null = null;
    const stop = () => {
      if (answer) answer.destroy();
      else sent.destroy(signal?.reason);
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', stop, { once: true });
    sent.on('response', (incoming) => {
      answer = incoming;
      try {
        const headers = new Headers(pairsOf(incoming.rawHeaders));
        resolve(httpResponse(url, incoming.statusCode ?? 0, incoming.statusMessage ?? '', headers, incoming));
      } catch (error) {
        // Thrown from here it would end the process.
        incoming.destroy();
        reject(error);
      }
    });
    sent.on('error', reject);
    // From here on the connection may serve another request, which this signal must not end.
    sent.on('close', () => {
      signal?.removeEventListener('abort', stop);
      reject(NO_ANSWER);
    });
    sent.end(body);
  })) as unknown as typeof fetch;

function pairsOf(raw: readonly string[]): [string, string][] {
  return raw.flatMap((name, at) => (at % 2 === 0 ? [[name, raw[at + 1] ?? ''] as [string, string]] : []));
}
