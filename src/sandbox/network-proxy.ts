/** The only way from a sandbox to the network: an HTTP CONNECT proxy on a Unix socket that knows which hosts are allowed. */
import { lookup } from 'node:dns/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { BlockList, connect, isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

const PORTS = new Set([443, 80]);
const CONNECT_TIMEOUT_MS = 15_000;

/** Addresses that no public host has: this machine, private networks, cloud metadata, multicast and reserved ranges. */
const NOT_PUBLIC = notPublic();

export interface ProxyOptions {
  /** Path of the socket to make. */
  readonly socketPath: string;
  /** Exact names, or `*.example.org` for every name below it. */
  readonly allowedHosts: readonly string[];
  /** The user's own proxy (`http://host:port`), or undefined to connect directly. */
  readonly upstream?: string | undefined;
  /** Addresses of a host name. Default: the system's resolver. */
  readonly resolve?: (host: string) => Promise<readonly string[]>;
  /** Opens a TCP connection to an address. Default: node:net. */
  readonly dial?: (address: string, port: number) => Socket;
}

export interface HostProxy {
  readonly socketPath: string;
  close(): Promise<void>;
}

/** Starts listening. Rejects when the socket can't be made. */
export async function startProxy(options: ProxyOptions): Promise<HostProxy> {
  const open = new Set<Duplex>();
  const server = createServer((_request, response) => {
    response.writeHead(403, { 'content-type': 'text/plain', connection: 'close' });
    response.end('Only https:// addresses can be reached from this sandbox.\n');
  });
  server.on('connection', (socket) => track(open, socket));
  server.on('connect', (request: IncomingMessage, client: Duplex, first: Buffer) => {
    client.on('error', () => client.destroy());
    void openTunnel(request.url ?? '', options).then((tunnel) => {
      if (typeof tunnel === 'string') return refuse(client, tunnel);
      track(open, tunnel);
      joinStreams(client, tunnel, first);
    });
  });
  await listen(server, options.socketPath);
  return {
    socketPath: options.socketPath,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const stream of open) stream.destroy();
      }),
  };
}

/** Whether a name stands in the list (exactly, or below a `*.` entry). Case does not matter. */
export function isAllowedHost(host: string, allowedHosts: readonly string[]): boolean {
  const name = host.toLowerCase();
  return allowedHosts.some((entry) => {
    const pattern = entry.toLowerCase();
    return pattern.startsWith('*.') ? name.endsWith(pattern.slice(1)) && name.length > pattern.length - 1 : name === pattern;
  });
}

/** Whether an address belongs to a host of the public internet. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 0) return false;
  return !NOT_PUBLIC.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

/** A connected socket, or one line that says why not. */
async function openTunnel(target: string, options: ProxyOptions): Promise<Socket | string> {
  const parsed = /^\[?([^\]]+?)\]?:(\d+)$/.exec(target);
  if (!parsed) return `${printable(target)} is no host:port.`;
  const host = parsed[1]!.replace(/\.$/, '');
  const port = Number(parsed[2]);
  if (isIP(host) !== 0 || !/[a-z]/i.test(host))
    return `${printable(host)} is an address; only named hosts can be reached from this sandbox.`;
  if (!PORTS.has(port)) return `port ${port} is closed; only 443 and 80 can be reached from this sandbox.`;
  if (!isAllowedHost(host, options.allowedHosts)) {
    return `${printable(host)} is not an allowed host. Reachable: ${options.allowedHosts.join(', ')} (the user can add hosts with the setting allowedHosts, KIMI_ALLOWED_HOSTS).`;
  }
  if (options.upstream) return dialUpstream(options.upstream, host, port, options);
  return dialDirectly(host, port, options);
}

/** Resolves once and connects to that very address, so that a second answer of the name server can't lead elsewhere. */
async function dialDirectly(host: string, port: number, options: ProxyOptions): Promise<Socket | string> {
  let addresses: readonly string[];
  try {
    addresses = await (options.resolve ?? resolveName)(host);
  } catch {
    return `${printable(host)} can't be resolved: is this machine online?`;
  }
  const address = addresses[0];
  if (!address || !addresses.every(isPublicAddress))
    return `${printable(host)} leads to a private address, which this sandbox can't reach.`;
  return connected((options.dial ?? dialTcp)(address, port), host);
}

async function dialUpstream(upstream: string, host: string, port: number, options: ProxyOptions): Promise<Socket | string> {
  if (!URL.canParse(upstream)) return 'the HTTPS_PROXY of the user is no URL.';
  const url = new URL(upstream);
  if (url.protocol !== 'http:') return 'the HTTPS_PROXY of the user is not an http:// proxy; only those are supported.';
  const socket = await connected((options.dial ?? dialTcp)(url.hostname, Number(url.port || 80)), url.hostname);
  if (typeof socket === 'string') return socket;
  const login = url.username ? `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}` : null;
  const authorization = login ? `Proxy-Authorization: Basic ${Buffer.from(login).toString('base64')}\r\n` : '';
  socket.write(`CONNECT ${host}:${port} HTTP/1.1\r\nHost: ${host}:${port}\r\n${authorization}\r\n`);
  const answer = await readHead(socket);
  if (/^HTTP\/1\.[01] 2\d\d/.test(answer)) return socket;
  socket.destroy();
  return `the user's HTTPS_PROXY refused ${printable(host)}: ${printable(answer.split('\r\n')[0] ?? '')}`;
}

/** Reads up to the empty line; what follows it goes back into the stream. '' when the connection ends first. */
function readHead(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let seen = Buffer.alloc(0);
    const done = (head: string) => {
      socket.off('data', take).off('close', fail);
      socket.pause();
      resolve(head);
    };
    const fail = () => done('');
    const take = (chunk: Buffer) => {
      seen = Buffer.concat([seen, chunk]);
      const end = seen.indexOf('\r\n\r\n');
      if (end < 0) return seen.length > 16_384 ? fail() : undefined;
      done(seen.subarray(0, end).toString('latin1'));
      if (seen.length > end + 4) socket.unshift(seen.subarray(end + 4));
    };
    socket.on('data', take).once('close', fail);
  });
}

function connected(socket: Socket, host: string): Promise<Socket | string> {
  return new Promise((resolve) => {
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => socket.destroy(new Error('no answer')));
    socket.once('connect', () => {
      socket.setTimeout(0);
      resolve(socket);
    });
    socket.once('error', (error) => resolve(`${printable(host)} can't be reached: ${error.message}`));
  });
}

function joinStreams(client: Duplex, tunnel: Socket, first: Buffer): void {
  tunnel.on('error', () => client.destroy());
  client.on('close', () => tunnel.destroy());
  tunnel.on('close', () => client.destroy());
  client.write('HTTP/1.1 200 Connection established\r\n\r\n');
  tunnel.write(first);
  client.pipe(tunnel);
  tunnel.pipe(client);
}

function refuse(client: Duplex, why: string): void {
  const body = `Refused: ${why}\n`;
  // Many clients show only the status line, so it stands there as well.
  client.end(
    `HTTP/1.1 403 ${why}\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

function track(open: Set<Duplex>, stream: Duplex): void {
  open.add(stream);
  stream.once('close', () => open.delete(stream));
}

function listen(server: Server, socketPath: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(socketPath, () => {
      server.unref();
      resolve();
    });
  });
}

async function resolveName(host: string): Promise<string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

function dialTcp(address: string, port: number): Socket {
  return connect({ host: address, port });
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 200);
}

function notPublic(): BlockList {
  const list = new BlockList();
  const v4: [string, number][] = [
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['127.0.0.0', 8],
    ['169.254.0.0', 16],
    ['172.16.0.0', 12],
    ['192.0.0.0', 24],
    ['192.168.0.0', 16],
    ['198.18.0.0', 15],
    ['224.0.0.0', 3],
  ];
  const v6: [string, number][] = [
    ['::', 96],
    ['64:ff9b:1::', 48],
    ['fc00::', 7],
    ['fe80::', 10],
    ['fec0::', 10],
    ['ff00::', 8],
  ];
  for (const [net, prefix] of v4) {
    list.addSubnet(net, prefix, 'ipv4');
    // NAT64 and 6to4 forms of the same networks.
    list.addSubnet(`64:ff9b::${net}`, 96 + prefix, 'ipv6');
  }
  for (const [net, prefix] of v6) list.addSubnet(net, prefix, 'ipv6');
  return list;
}
