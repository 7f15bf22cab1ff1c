import type { Dispatcher } from 'undici';
import { type HttpResponse, httpResponse, type WholeRequest } from './http-response.ts';

/** Variables that curl, npm and git read too; lower case wins, as it does there. */
const PROXY_VARIABLES = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY'];

/** Whether the environment names a proxy. */
export function hasProxy(env: Readonly<Record<string, string | undefined>>): boolean {
  return PROXY_VARIABLES.some((name) => env[name]);
}

/**
 * The same as `httpFetch` through the proxy that HTTPS_PROXY, HTTP_PROXY and NO_PROXY name, or undefined when none is set.
 * The package is loaded only where it is needed.
 */
export async function proxyFetch(env: Readonly<Record<string, string | undefined>>): Promise<typeof fetch | undefined> {
  if (!hasProxy(env)) return undefined;
  const { EnvHttpProxyAgent, request } = await import('undici');
  const all = env.all_proxy ?? env.ALL_PROXY;
  const dispatcher = new EnvHttpProxyAgent({
    httpProxy: env.http_proxy ?? env.HTTP_PROXY ?? all,
    httpsProxy: env.https_proxy ?? env.HTTPS_PROXY ?? all,
    noProxy: env.no_proxy ?? env.NO_PROXY,
    // The client's watchdog decides; undici's own patience of 300 s could end before it.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const through = async (url: string, { method = 'GET', headers, body, signal }: WholeRequest): Promise<HttpResponse> => {
    const incoming = await request(url, { dispatcher, method: method as Dispatcher.HttpMethod, headers: { ...headers }, body, signal });
    return httpResponse(url, incoming.statusCode, incoming.statusText, new Headers(pairsOf(incoming.headers)), incoming.body);
  };
  return through as unknown as typeof fetch;
}

function pairsOf(headers: Readonly<Record<string, string | string[] | undefined>>): [string, string][] {
  return Object.entries(headers).flatMap(([name, values]) => [values ?? []].flat().map((value): [string, string] => [name, value]));
}
