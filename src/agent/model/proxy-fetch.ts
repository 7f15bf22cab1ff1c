import { BlockList, isIP } from 'node:net';
import type { Dispatcher } from 'undici';
import { type Message, message } from '../../messages/message.ts';
import { type HttpResponse, httpResponse, type WholeRequest } from './http-response.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Variables that curl, npm and git read too; lower case wins, as it does there. A proxy for everything comes before that of the other protocol. */
const VARIABLES = {
  'https:': ['https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY', 'http_proxy', 'HTTP_PROXY'],
  'http:': ['http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY'],
} as const;

/** Whether the environment names a proxy. */
export function hasProxy(env: Env): boolean {
  return VARIABLES['https:'].some((name) => env[name]?.trim());
}

export type ProxyFetch = { readonly ok: true; readonly fetch: typeof fetch | undefined } | { readonly ok: false; readonly reason: Message };

/**
 * The same as `httpFetch` through the proxy that the environment names, or nothing when there is none. The package is loaded only where it
 * is needed.
 */
export async function proxyFetch(env: Env): Promise<ProxyFetch> {
  if (!hasProxy(env)) return { ok: true, fetch: undefined };
  const https = proxyOf(env, 'https:');
  const http = proxyOf(env, 'http:');
  for (const proxy of [https, http]) if (proxy && !proxy.ok) return proxy;
  const { Agent, ProxyAgent, request } = await import('./undici.ts');
  // The client's watchdog decides; undici's own patience of 300 s could end before it.
  const patience = { headersTimeout: 0, bodyTimeout: 0 };
  const direct = new Agent();
  const agents = new Map<string, Dispatcher>();
  const throughProxy = (uri: string) => {
    const agent = agents.get(uri) ?? new ProxyAgent({ uri });
    agents.set(uri, agent);
    return agent;
  };
  const dispatcherFor = (url: URL) => {
    const proxy = url.protocol === 'https:' ? https : http;
    return !proxy?.ok || isExcepted(url, env.no_proxy ?? env.NO_PROXY ?? '') ? direct : throughProxy(proxy.uri);
  };
  const through = async (url: string, { method = 'GET', headers, body, signal }: WholeRequest): Promise<HttpResponse> => {
    const dispatcher = dispatcherFor(new URL(url));
    const options = { ...patience, dispatcher, method: method as Dispatcher.HttpMethod, headers: { ...headers }, body, signal };
    const incoming = await request(url, options);
    return httpResponse(url, incoming.statusCode, incoming.statusText, new Headers(pairsOf(incoming.headers)), incoming.body);
  };
  return { ok: true, fetch: through as unknown as typeof fetch };
}

/** The proxy for a protocol, in the forms that curl takes: without a scheme it is an HTTP proxy; `socks5h` looks names up there. */
function proxyOf(env: Env, protocol: keyof typeof VARIABLES): { ok: true; uri: string } | { ok: false; reason: Message } | null {
  const name = VARIABLES[protocol].find((variable) => env[variable]?.trim());
  if (name === undefined) return null;
  const given = (env[name] ?? '').trim();
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(given) ? given : `http://${given}`;
  const url = URL.canParse(text.replace(/^socks5h:/i, 'socks5:')) ? new URL(text.replace(/^socks5h:/i, 'socks5:')) : null;
  if (url?.hostname && ['http:', 'https:', 'socks5:', 'socks:'].includes(url.protocol)) return { ok: true, uri: url.href };
  const shown = given.replace(/(^|:\/\/)[^/@]*@/, '$1(hidden)@');
  return { ok: false, reason: message('api.proxyVariable', { variable: name, value: shown }) };
}

/** Whether a list of exceptions names a host: a name (with all below it), `host:port`, an address, a range of addresses, or `*`. */
export function isExcepted({ hostname, port, protocol }: URL, exceptions: string): boolean {
  const host = hostname.replace(/^\[|\]$|\.$/g, '').toLowerCase();
  const at = port || (protocol === 'https:' ? '443' : '80');
  return exceptions.split(/[,\s]+/).some((entry) => {
    const [, bracketed, plain, ofPort, bare] = /^(?:\[(.+)\]|([^:]+))(?::(\d+))?$|^([^:]*:[^:]*:.*)$/.exec(entry.toLowerCase()) ?? [];
    const name = (bracketed ?? plain ?? bare ?? '').replace(/^\*?\.|\.$/g, '');
    if (name === '' || (ofPort !== undefined && ofPort !== at)) return false;
    return name === '*' || host === name || (isIP(host) ? isWithin(host, name) : host.endsWith(`.${name}`));
  });
}

/** `10.0.0.0/8`, `fd00::/8`, or the same address written otherwise. */
function isWithin(address: string, range: string): boolean {
  const [network = '', bits] = range.split('/');
  const kind = isIP(network);
  if (kind === 0 || kind !== isIP(address)) return false;
  const family = kind === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  const length = bits === undefined ? (kind === 4 ? 32 : 128) : Number(bits);
  if (!(length >= 0 && length <= (kind === 4 ? 32 : 128))) return false;
  list.addSubnet(network, length, family);
  return list.check(address, family);
}

function pairsOf(headers: Readonly<Record<string, string | string[] | undefined>>): [string, string][] {
  return Object.entries(headers).flatMap(([name, values]) => [values ?? []].flat().map((value): [string, string] => [name, value]));
}
