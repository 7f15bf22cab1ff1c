import { hasProxy } from '../../agent/model/proxy-fetch.ts';
import type { WindowProxy } from './window-proxy.ts';

/** How a server is told of the proxy that is set in VS Code. As everywhere, what the environment says wins. */
export function proxyVariables(env: Readonly<Record<string, string | undefined>>, proxy: WindowProxy | null): Record<string, string> {
  if (!proxy || hasProxy(env)) return {};
  const except = proxy.except.length > 0 && env.NO_PROXY === undefined;
  return { HTTPS_PROXY: proxy.url, ...(except && { NO_PROXY: proxy.except.join(',') }) };
}
