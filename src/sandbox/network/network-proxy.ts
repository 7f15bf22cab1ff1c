/** The only way from a sandbox to the network: an HTTP CONNECT proxy that knows which hosts are allowed. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { isUsualHost } from '../../config.ts';
import type { Registry } from '../registries.ts';
import { type DialOptions, hostDialler } from './dial-host.ts';
import { type NetworkUse, networkMeter } from './network-use.ts';
import { hostName, isAllowedHost } from './public-address.ts';
import { openTunnel, type TunnelLimits } from './tunnel.ts';

/** Registries speak TLS; on any other port nothing says whom a client speaks to. */
const PORT = 443;
const MOST_HEADER_BYTES = 8192;
const HEADERS_MS = 10_000;
/** For a client to read why it was refused. */
const REFUSAL_MS = 5000;

export interface ProxyLimits extends TunnelLimits {
  /** Tunnels at a time, in a second and in all; package managers open 15 to 64 at a time. */
  readonly tunnels: number;
  readonly tunnelsPerSecond: number;
  readonly tunnelsInAll: number;
  /** Bytes of all tunnels together, from the sandbox and to it. */
  readonly sentBytes: number;
  readonly receivedBytes: number;
}

const USUAL_LIMITS: ProxyLimits = {
  helloMs: 10_000,
  idleMs: 120_000,
  tunnels: 256,
  tunnelsPerSecond: 200,
  tunnelsInAll: 20_000,
  sentBytes: 4 * 2 ** 20,
  receivedBytes: 16 * 2 ** 30,
};

export interface ProxyOptions extends DialOptions {
  /** Path of the socket to make, or null for a free port of the loopback device. */
  readonly socketPath: string | null;
  /** Exact names, or `*.example.org` for every name below it. */
  readonly allowedHosts: readonly string[];
  /** Those of the user's own settings; one that is allowed has its own port. */
  readonly registries?: readonly Registry[];
  readonly limits?: Partial<ProxyLimits>;
  /** Milliseconds that only grow. Default: the system's. */
  readonly now?: () => number;
}

export interface HostProxy {
  /** Where it listens: the path of its socket, or its port. */
  readonly address: string | number;
  /** Ends every connection, since the command that made them has ended; gives what was used since the last time. */
  endCommand(): NetworkUse;
  close(): Promise<void>;
}

/** Starts listening. Rejects when the socket can't be made. */
export async function startProxy(options: ProxyOptions): Promise<HostProxy> {
  const limits = { ...USUAL_LIMITS, ...options.limits };
  const meter = networkMeter();
  const dial = hostDialler(options);
  const open = new Set<Duplex>();
  const isTooOften = rateLimit(limits.tunnelsPerSecond, options.now ?? (() => performance.now()));
  let tunnels = 0;
  /** Those that came to nothing too: a name that is only looked up tells its name server something already. */
  let asked = 0;

  const overLimit = (): string | null => {
    if (meter.total.bytesOut > limits.sentBytes) return tooMuch('sent', limits.sentBytes);
    if (meter.total.bytesIn > limits.receivedBytes) return tooMuch('received', limits.receivedBytes);
    return null;
  };
  /** The host to speak to, or one line that says why not. */
  const wantedHost = (target: string): Target | string => {
    const wanted = parseTarget(target, options);
    if (typeof wanted === 'string') return wanted;
    const over = overLimit();
    if (over !== null) return over;
    if (tunnels >= limits.tunnels) return `${limits.tunnels} connections are open, the most at a time; use fewer.`;
    if (asked >= limits.tunnelsInAll) return `${limits.tunnelsInAll} connections were made, the most in all.`;
    return isTooOften() ? 'too many connections in a second; wait a little.' : wanted;
  };
  const refuse = (client: Duplex, why: string) => {
    meter.refused(printable(why));
    answerForbidden(client, why);
  };
  const onConnect = async (target: string, client: Duplex, first: Buffer) => {
    client.on('error', () => client.destroy());
    const wanted = wantedHost(target);
    if (typeof wanted === 'string') return refuse(client, wanted);
    const { host, port, inPrivate } = wanted;
    asked++;
    tunnels++;
    client.once('close', () => tunnels--);
    const server = await dial(host, port, inPrivate).catch(() => `${host} can't be reached.`);
    if (typeof server === 'string') return refuse(client, server);
    if (client.destroyed) return server.destroy();
    track(open, server);
    meter.connected(host);
    openTunnel(client, server, {
      host,
      limits,
      first,
      sent: (bytes) => {
        meter.sent(host, bytes);
        return overLimit();
      },
      received: (bytes) => {
        meter.received(host, bytes);
        return overLimit();
      },
      refused: meter.refused,
    });
  };

  const server = createServer({ maxHeaderSize: MOST_HEADER_BYTES, headersTimeout: HEADERS_MS, connectionsCheckingInterval: 2000 });
  server.maxConnections = limits.tunnels * 2;
  server.on('request', (_request, response) => {
    meter.refused(ONLY_TLS);
    response.writeHead(403, { 'content-type': 'text/plain', connection: 'close' }).end(`${ONLY_TLS}\n`);
  });
  server.on('connection', (socket: Socket) => track(open, socket));
  server.on('connect', (request: IncomingMessage, client: Duplex, first: Buffer) => void onConnect(request.url ?? '', client, first));
  await listen(server, options.socketPath);
  return {
    address: options.socketPath ?? (server.address() as AddressInfo).port,
    endCommand() {
      for (const stream of open) stream.destroy();
      return meter.take();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const stream of open) stream.destroy();
      }),
  };
}

const ONLY_TLS = 'Only https:// addresses can be reached from this sandbox.';

interface Target {
  readonly host: string;
  readonly port: number;
  /** Whether the user named this very host, so that it may lie in a private network: companies have their registries there. */
  readonly inPrivate: boolean;
}

function parseTarget(
  target: string,
  { allowedHosts, registries = [] }: Pick<ProxyOptions, 'allowedHosts' | 'registries'>,
): Target | string {
  const parsed = /^(.+):(\d{1,5})$/.exec(target);
  if (!parsed) return `${printable(target)} is no host:port.`;
  const shown = printable(parsed[1]!);
  const host = hostName(parsed[1]!);
  if (host === null) return `${shown} is no host name; only named hosts can be reached from this sandbox.`;
  const port = Number(parsed[2]);
  const own = registries.filter((registry) => registry.host === host);
  const isNamed = allowedHosts.some((entry) => entry.toLowerCase() === host) && (own.length > 0 || !isUsualHost(host));
  if (port !== PORT && !own.some((registry) => registry.port === port))
    return `port ${parsed[2]} is closed; only ${PORT} (https) can be reached from this sandbox.`;
  if (isAllowedHost(host, allowedHosts)) return { host, port, inPrivate: isNamed };
  const how = `the user can add ${shown} to the setting allowedHosts, KIMI_ALLOWED_HOSTS`;
  if (own[0]) return `${shown} is a registry of ${printable(own[0].from)}, but not an allowed host: ${how}.`;
  return `${shown} is not an allowed host (${how}). Reachable: ${allowedHosts.join(', ')}.`;
}

function tooMuch(what: 'sent' | 'received', bytes: number): string {
  return `commands have ${what} more than ${Math.round(bytes / 2 ** 20)} MB, the most that they may in one attempt.`;
}

function rateLimit(perSecond: number, now: () => number): () => boolean {
  let second = 0;
  let count = 0;
  return () => {
    const current = Math.floor(now() / 1000);
    if (current !== second) [second, count] = [current, 0];
    return ++count > perSecond;
  };
}

function answerForbidden(client: Duplex, why: string): void {
  const text = printable(why);
  const body = `Refused: ${text}\n`;
  // Many clients show only the status line, so it stands there as well.
  client
    .resume()
    .end(
      `HTTP/1.1 403 ${text}\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    );
  setTimeout(() => client.destroy(), REFUSAL_MS).unref();
}

function track(open: Set<Duplex>, stream: Duplex): void {
  open.add(stream);
  stream.once('close', () => open.delete(stream));
}

function listen(server: Server, socketPath: string | null): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(socketPath === null ? { host: '127.0.0.1', port: 0 } : { path: socketPath }, () => {
      server.unref();
      resolve();
    });
  });
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 1000);
}
