/**
 * Requests to the real proxy: it dials nothing but public addresses of allowed hosts, and those of companies for the hosts that are named,
 * and lets nothing through but TLS with that host.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createSecureContext, createServer as createTlsServer } from 'node:tls';
import fc from 'fast-check';
import { type HostProxy, startProxy } from '../../src/sandbox/network/network-proxy.ts';
import { helloMessage, inRecords, selfSigned, serverHello } from '../sandbox/network/client-hellos.ts';

const ALLOWED = ['good.example.org', '*.wild.example.org', '10.0.0.1', 'xn--bcher-kva.example.org'];
const SECONDS = 20;
const MOST_GROWTH_MIB = 150;

/** biome-ignore format: lists */
const PRIVATE = [
  '127.0.0.1', '0.0.0.0', '10.1.2.3', '169.254.169.254', '192.168.0.1', '172.16.0.1', '100.64.0.1', '198.18.0.1', '224.0.0.1', '255.255.255.255', '168.63.129.16',
  '::1', '::', 'fe80::1', 'fc00::1', 'ff02::1', '::ffff:10.0.0.1', '::ffff:8.8.8.8', '::7f00:1', '64:ff9b::7f00:1', '64:ff9b::a00:1', '2002:7f00:1::', '2001:0:1::1', '2001:db8::1',
  'fd00:ec2::254', '2606:4700::5efe:10.0.0.1', 'fe80::1%eth0', 'localhost', '', '1.2.3', '0x7f.1', '127.1', '2130706433',
];
/** Of the private ones those of company networks: a host that the user named, and no pattern, may lie there. */
const OF_COMPANIES = ['10.0.0.1', '10.1.2.3', '192.168.0.1', '172.16.0.1', '100.64.0.1', 'fc00::1'];
const NAMED = ALLOWED.filter((name) => name.endsWith('.org') && !name.startsWith('*'));
const PUBLIC = ['93.184.216.34', '8.8.8.8', '2606:4700::1', '64:ff9b::808:808'];
/** biome-ignore format: a list */
const HOSTS = [
  'good.example.org', 'good.example.org', 'GOOD.Example.ORG.', 'a.wild.example.org', 'wild.example.org', 'evil.example.org', 'good.example.org.evil.org', 'evilgood.example.org',
  'evil@good.example.org', 'good.example.org@evil.org', 'good.example.org#.evil.org', 'good.example.org/evil', 'good.example.org\\evil', 'good.example.org%00.evil', 'good.example.org\0',
  'good.example.org:443:443', '10.0.0.1', '[::1]', '::1', '[::ffff:10.0.0.1]', '[fe80::1%25eth0]', '0x7f000001', '127.1', '2130706433', '017700000001', 'localhost', '*.wild.example.org',
  'x'.repeat(70), `${'a.'.repeat(130)}wild.example.org`, 'ｇｏｏｄ.example.org', 'bücher.example.org', 'xn--bcher-kva.example.org', '..wild.example.org', '-.wild.example.org', '_a.wild.example.org', '', '.', '-', ' ',
];

const host = fc.oneof(
  { arbitrary: fc.constantFrom(...HOSTS), weight: 5 },
  { arbitrary: fc.string({ unit: 'binary', maxLength: 12 }), weight: 1 },
);
const port = fc.oneof(
  { arbitrary: fc.constant('443'), weight: 6 },
  fc.constantFrom('80', '0', '0443', '65979', '-443', '443 ', '', '4430', '+443', '4.43e2', '99999999999', '22'),
);
const headers = fc.array(
  fc.constantFrom(
    'Host: evil.org',
    'Host: good.example.org',
    'Content-Length: 5',
    'Transfer-Encoding: chunked',
    'X: y',
    ': ',
    'Host',
    `X: ${'z'.repeat(9000)}`,
    'Proxy-Authorization: Basic x',
    '\0: \0',
    ' folded',
    'Upgrade: h2c',
  ),
  { maxLength: 3 },
);
const connectTo = fc
  .tuple(host, port, headers, fc.constantFrom('HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', ''))
  .map(([to, at, more, version]) => `CONNECT ${to}:${at} ${version}\r\n${more.map((line) => `${line}\r\n`).join('')}\r\n`);
const plain = fc
  .tuple(fc.constantFrom('GET', 'POST', 'OPTIONS', 'PRI', 'connect'), host, headers)
  .map(([method, to, more]) => `${method} http://${to}/ HTTP/1.1\r\n${more.map((line) => `${line}\r\n`).join('')}\r\n`);
const head = fc.oneof({ arbitrary: connectTo, weight: 8 }, plain, fc.string({ unit: 'binary', maxLength: 60 }));
const usual = fc.constant('CONNECT good.example.org:443 HTTP/1.1\r\nHost: good.example.org\r\n\r\n');

const name = fc.oneof(
  { arbitrary: fc.constant('good.example.org'), weight: 4 },
  fc.constantFrom(
    'evil.example.org',
    'GOOD.example.org',
    'good.example.org.',
    'good.example.org\0.evil',
    '',
    '10.0.0.1',
    'a.wild.example.org',
  ),
);
const named = fc.tuple(fc.constantFrom(0, 0, 0, 0, 1, 255), name).map(([kind, text]) => [kind, text] as const);
const extension = fc
  .tuple(fc.constantFrom(0, 16, 21, 42, 43, 51, 0xfe0d, 0xffce, 0x0a0a, 65_535), fc.uint8Array({ maxLength: 20 }))
  .map(([type, bytes]) => [type, Buffer.from(bytes)] as const);
const helloBytes = fc
  .record({
    names: fc.oneof({ arbitrary: fc.array(named, { minLength: 1, maxLength: 2 }), weight: 6 }, fc.constant(null)),
    more: fc.oneof({ arbitrary: fc.constant([]), weight: 3 }, fc.array(extension, { maxLength: 3 })),
    behind: fc.oneof({ arbitrary: fc.constant(Buffer.alloc(0)), weight: 4 }, fc.uint8Array({ maxLength: 30 }).map(Buffer.from)),
    size: fc.constantFrom(20_000, 20_000, 100, 7, 1),
  })
  .map(({ size, ...of }) => inRecords(helloMessage(of), size));
const changed = fc.tuple(helloBytes, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 })).map(([bytes, changes]) => {
  const copy = Buffer.from(bytes);
  for (const [at, value] of changes) copy[at % copy.length] = value;
  return copy;
});
const body = fc.oneof(
  { arbitrary: changed, weight: 6 },
  fc.tuple(changed, changed).map((both) => Buffer.concat(both)),
  fc.uint8Array({ maxLength: 100 }).map(Buffer.from),
  fc.constantFrom('GET / HTTP/1.1\r\nHost: evil\r\n\r\n', '', 'SSH-2.0-x\r\n').map((text) => Buffer.from(text)),
);

/** What a package manager says, in records of any size: it must get through whole. */
const right = fc.constantFrom(20_000, 100, 7, 1).map((size) => inRecords(helloMessage({ names: [[0, 'good.example.org']] }), size));
const rightRequest = fc.record({
  head: usual,
  body: right,
  cuts: fc.array(fc.nat(), { maxLength: 5 }),
  addresses: fc.constantFrom(PUBLIC, ['10.0.0.1', ...PUBLIC]),
  retry: fc.constant(false),
  isRight: fc.constant(true),
});
const request = fc.record({
  head: fc.oneof({ arbitrary: usual, weight: 1 }, { arbitrary: head, weight: 1 }),
  body,
  cuts: fc.array(fc.nat(), { maxLength: 5 }),
  addresses: fc.array(
    fc.oneof({ arbitrary: fc.constantFrom(...PUBLIC), weight: 1 }, { arbitrary: fc.constantFrom(...PRIVATE), weight: 1 }),
    { maxLength: 3 },
  ),
  retry: fc.boolean(),
  isRight: fc.constant(false),
});

export async function fuzzRequests(count: number, seed: number): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), 'ckm-fuzz-'));
  const dialled: string[] = [];
  let [resolved, got, retry] = [[] as readonly string[], Buffer.alloc(0), false];
  const target = createServer((socket) => {
    socket
      .on('error', () => {})
      .on('data', (data) => {
        if (got.length === 0) socket.write(serverHello(retry));
        got = Buffer.concat([got, data]);
      });
  }).listen(0, '127.0.0.1');
  await once(target, 'listening');
  const reader = await nameReader(folder);
  const proxy: HostProxy = await startProxy({
    socketPath: path.join(folder, 'proxy.sock'),
    allowedHosts: ALLOWED,
    limits: { tunnelsPerSecond: 1e9, tunnelsInAll: 1e9, sentBytes: 1e12 },
    resolve: async () => resolved,
    dial: (addresses) => {
      dialled.push(...addresses);
      return connect((target.address() as AddressInfo).port, '127.0.0.1');
    },
  });
  let [tried, tunnels, passed] = [0, 0, 0];
  /** When half was done: what the first requests need is kept. */
  let half = 0;
  try {
    await fc.assert(
      fc.asyncProperty(fc.oneof({ arbitrary: request, weight: 9 }, rightRequest), async (one) => {
        [resolved, got, retry, dialled.length] = [one.addresses, Buffer.alloc(0), one.retry, 0];
        const answer = await exchange(String(proxy.address), Buffer.concat([Buffer.from(one.head), one.body]), one.cuts);
        const asked = /^CONNECT ([^ ]*):0*443[ \r]/.exec(one.head)?.[1]?.toLowerCase().replace(/\.$/, '') ?? null;
        const { hosts } = proxy.endCommand();
        const open = NAMED.includes(asked ?? '') ? [...PUBLIC, ...OF_COMPANIES] : PUBLIC;
        for (const address of dialled) assert.ok(open.includes(address), `${address} was dialled for ${asked}`);
        for (const { host: reached } of hosts)
          assert.ok(
            reached === asked && (reached === ALLOWED[0] || reached === ALLOWED[3] || /^[a-z0-9_.-]+\.wild\.example\.org$/.test(reached)),
            reached,
          );
        if (one.isRight) assert.ok(got.equals(one.body), 'the right request gets through');
        if (got.length > 0) {
          assert.equal(got[0], 22, 'only TLS passes');
          for (const said of await reader.names(got)) assert.equal(said.toLowerCase(), asked);
          passed++;
        }
        assert.ok(got.length === 0 || answer.startsWith('HTTP/1.1 200'), 'no bytes without a tunnel');
        tunnels += hosts.length;
        tried++;
        if (tried === Math.ceil(count / 2)) half = process.memoryUsage().rss;
      }),
      { seed, numRuns: count },
    );
    const growth = (process.memoryUsage().rss - half) / 2 ** 20;
    assert.ok(growth < MOST_GROWTH_MIB, `${growth} MiB more than at half time`);
    return `${tried} requests, ${tunnels} tunnels, ${passed} with bytes that passed, ${reader.read()} names that OpenSSL read in those, ${growth.toFixed(0)} MiB of growth in the second half`;
  } finally {
    await proxy.close();
    reader.close();
    target.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Sends it in pieces, and gives all that came back once the connection has ended. */
function exchange(socketPath: string, bytes: Buffer, cuts: readonly number[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const socket = connect(socketPath);
    const timer = setTimeout(() => reject(new Error(`no end within ${SECONDS} s`)), SECONDS * 1000);
    socket
      .on('error', () => {})
      .on('data', (data) => {
        said += data.toString('latin1');
      });
    socket.once('close', () => {
      clearTimeout(timer);
      resolve(said);
    });
    void sendInPieces(socket, bytes, cuts);
  });
}

async function sendInPieces(socket: Socket, bytes: Buffer, cuts: readonly number[]): Promise<void> {
  const ends = [...new Set([...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].sort((a, b) => a - b);
  let from = 0;
  for (const end of ends) {
    if (socket.destroyed) return;
    socket.write(bytes.subarray(from, end));
    from = end;
    await new Promise((next) => setImmediate(next));
  }
  socket.end();
}

/** What a real TLS library takes for the name that a client asks for. */
async function nameReader(folder: string) {
  const { key, cert } = selfSigned('good.example.org');
  const context = createSecureContext({ key, cert });
  let names: string[] = [];
  let read = 0;
  const server = createTlsServer({
    key,
    cert,
    SNICallback: (said, done) => {
      names.push(said);
      read++;
      done(null, context);
    },
  }).listen(path.join(folder, 'tls.sock'));
  server.on('tlsClientError', () => {});
  await once(server, 'listening');
  return {
    async names(bytes: Buffer): Promise<string[]> {
      names = [];
      await exchange(path.join(folder, 'tls.sock'), bytes, []);
      return names;
    },
    read: () => read,
    close: () => server.close(),
  };
}
