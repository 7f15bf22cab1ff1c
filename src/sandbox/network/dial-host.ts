/** Opens a connection to a named host: to the very addresses that were checked, or through the user's own proxy. */
import { lookup } from 'node:dns/promises';
import { connect, isIP, type Socket } from 'node:net';
import { isUsualHost } from '../../config.ts';
import { isPrivateAddress, isPublicAddress, ownNetworks } from './public-address.ts';

const CONNECT_TIMEOUT_MS = 15_000;
/** Before the next address is tried; Node's own 250 ms are too short between continents. */
const ATTEMPT_TIMEOUT_MS = 2000;
const RESOLVE_TIMEOUT_MS = 10_000;
/** The system's resolver blocks one of Node's four threads, which our own reading of files shares, until its answer is there. */
const MOST_LOOKUPS = 2;
const MOST_HEAD_BYTES = 16_384;

const OUT_OF_REACH = "which this sandbox can't reach.";
const BY_NAME = 'which is reached only where the user puts its full name into the setting allowedHosts, KIMI_ALLOWED_HOSTS.';

export interface DialOptions {
  /** The user's own proxy (`http://host:port`), or undefined to connect directly. */
  readonly upstream?: string | undefined;
  /** Addresses of a host name. Default: the system's resolver. */
  readonly resolve?: (host: string) => Promise<readonly string[]>;
  /** Opens a TCP connection to the first of the addresses that answers. Default: node:net. */
  readonly dial?: (addresses: readonly string[], port: number) => Socket;
}

/**
 * Gives a connected socket, or one line that says why not.
 * @param inPrivate whether the host may lie in a private network
 */
export type DialHost = (host: string, port: number, inPrivate?: boolean) => Promise<Socket | string>;

/** @param options.upstream names are then resolved by that proxy, and only names can be checked here */
export function hostDialler(options: DialOptions): DialHost {
  const dial = options.dial ?? dialTcp;
  const resolve = inTurn(options.resolve ?? resolveName);
  if (options.upstream) {
    const upstream = options.upstream;
    return (host, port) => dialUpstream(upstream, host, port, { dial, resolve });
  }
  return async (host, port, inPrivate = false) => {
    const addresses = await resolve(host).catch(() => null);
    if (!addresses) return `${host} can't be resolved: is this machine online?`;
    const isNeighbour = ownNetworks();
    const isOpen = (address: string) => isPublicAddress(address) && !isNeighbour(address);
    const open = addresses.filter((address) => isOpen(address) || (inPrivate && isPrivateAddress(address)));
    if (open.length > 0) return connected(dial(open, port), host);
    const couldBeNamed = !inPrivate && !isUsualHost(host) && addresses.some((address) => isPrivateAddress(address));
    return `${host} leads to a private address, ${couldBeNamed ? BY_NAME : OUT_OF_REACH}`;
  };
}

async function dialUpstream(
  given: string,
  host: string,
  port: number,
  { dial, resolve }: Required<Pick<DialOptions, 'dial' | 'resolve'>>,
): Promise<Socket | string> {
  const text = given.includes('://') ? given : `http://${given}`;
  if (!URL.canParse(text)) return 'the HTTPS_PROXY of the user is no URL.';
  const url = new URL(text);
  if (url.protocol !== 'http:') return 'the HTTPS_PROXY of the user is not an http:// proxy; only those are supported.';
  const name = url.hostname.replace(/^\[|\]$/g, '');
  const addresses = isIP(name) ? [name] : await resolve(name).catch(() => []);
  if (addresses.length === 0) return `the user's HTTPS_PROXY can't be reached: ${name} can't be resolved.`;
  const socket = await connected(dial(addresses, Number(url.port || 80)), "the user's HTTPS_PROXY");
  if (typeof socket === 'string') return socket;
  const login = url.username ? `${decoded(url.username)}:${decoded(url.password)}` : null;
  const authorization = login ? `Proxy-Authorization: Basic ${Buffer.from(login).toString('base64')}\r\n` : '';
  socket.write(`CONNECT ${host}:${port} HTTP/1.1\r\nHost: ${host}:${port}\r\n${authorization}\r\n`);
  const answer = await readHead(socket);
  if (/^HTTP\/1\.[01] 2\d\d\b/.test(answer)) return socket;
  socket.destroy();
  return `the user's HTTPS_PROXY refused ${host}: ${answer.split('\r\n')[0] || 'no answer'}`;
}

/** A percent sign of a password that nobody has encoded stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Reads up to the empty line; what follows it goes back into the stream. '' when there is none in time. */
function readHead(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let seen = Buffer.alloc(0);
    const done = (head: string) => {
      clearTimeout(timer);
      socket.off('data', take).off('close', fail);
      socket.pause();
      resolve(head);
    };
    const fail = () => done('');
    const take = (chunk: Buffer) => {
      seen = Buffer.concat([seen, chunk]);
      const end = seen.indexOf('\r\n\r\n');
      if (end < 0) return seen.length > MOST_HEAD_BYTES ? fail() : undefined;
      done(seen.subarray(0, end).toString('latin1'));
      if (seen.length > end + 4) socket.unshift(seen.subarray(end + 4));
    };
    const timer = setTimeout(fail, CONNECT_TIMEOUT_MS);
    socket.on('data', take).once('close', fail);
  });
}

function connected(socket: Socket, host: string): Promise<Socket | string> {
  return new Promise((resolve) => {
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => socket.destroy(new Error('no answer')));
    socket.once('connect', () => {
      socket.setTimeout(0).removeAllListeners('timeout');
      resolve(socket);
    });
    socket.once('error', (error) => resolve(`${host} can't be reached: ${error.message}`));
    socket.once('close', () => resolve(`${host} can't be reached: the connection was closed.`));
  });
}

/** Asks once for a name however many wait for it, and for few names at a time. */
function inTurn(resolve: NonNullable<DialOptions['resolve']>): NonNullable<DialOptions['resolve']> {
  const asked = new Map<string, Promise<readonly string[]>>();
  const waiting: (() => void)[] = [];
  let active = 0;
  const ask = async (host: string) => {
    if (active >= MOST_LOOKUPS) await new Promise<void>((go) => waiting.push(go));
    active++;
    try {
      return await resolve(host);
    } finally {
      active--;
      asked.delete(host);
      waiting.shift()?.();
    }
  };
  return (host) => {
    const answer = asked.get(host) ?? ask(host);
    asked.set(host, answer);
    return inTime(answer);
  };
}

async function inTime<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer')), RESOLVE_TIMEOUT_MS);
  });
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}

async function resolveName(host: string): Promise<string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

/** The addresses stand in for an answer of the name server, so that Node tries them side by side and asks nobody. */
function dialTcp(addresses: readonly string[], port: number): Socket {
  const known = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  return connect({
    host: 'checked',
    port,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: ATTEMPT_TIMEOUT_MS,
    lookup: (_host, _options, answer) => answer(null, known),
  });
}
