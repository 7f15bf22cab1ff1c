/** Variables that curl, npm and git read too; lower case wins, as it does there. */
const PROXY_VARIABLES = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY'];

/** Whether the environment names a proxy. */
export function hasProxy(env: Readonly<Record<string, string | undefined>>): boolean {
  return PROXY_VARIABLES.some((name) => env[name]);
}

/**
 * A fetch that honours HTTPS_PROXY, HTTP_PROXY and NO_PROXY, or undefined when no proxy is set: Node's own fetch ignores them.
 * The package is loaded only where it is needed.
 */
export async function proxyFetch(env: Readonly<Record<string, string | undefined>>): Promise<typeof fetch | undefined> {
  if (!hasProxy(env)) return undefined;
  const { EnvHttpProxyAgent, fetch: undiciFetch } = await import('undici');
  const all = env.all_proxy ?? env.ALL_PROXY;
  const dispatcher = new EnvHttpProxyAgent({
    httpProxy: env.http_proxy ?? env.HTTP_PROXY ?? all,
    httpsProxy: env.https_proxy ?? env.HTTPS_PROXY ?? all,
    noProxy: env.no_proxy ?? env.NO_PROXY,
  });
  return ((input: string | URL, init?: object) => undiciFetch(input, { ...init, dispatcher })) as unknown as typeof fetch;
}
