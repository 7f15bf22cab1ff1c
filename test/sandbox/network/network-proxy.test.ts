import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createServer as createTlsServer, connect as secure, type TlsOptions } from 'node:tls';
import { type HostProxy, type ProxyOptions, startProxy } from '../../../src/sandbox/network/network-proxy.ts';
import { until } from '../../until.ts';
import { hello, helloMessage, inRecords, named, selfSigned, serverHello } from './client-hellos.ts';

const HOST = 'good.example.org';

describe('proxy', () => {
  let folder: string;
  let target: Server;
  let proxy: HostProxy;
  let dialled: string[];
  /** What the server behind the proxy got. */
  let got: Buffer;
  let reached: Socket[];

  const addresses: Record<string, string[]> = {
    [HOST]: ['93.184.216.34'],
    'mixed.example.org': ['127.0.0.1', '93.184.216.34', '::1', '2606:4700::1'],
    'metadata.example.org': ['169.254.169.254'],
    'mapped.example.org': ['::ffff:10.0.0.1', '64:ff9b::7f00:1', '2002:7f00:1::'],
    'nobody.example.org': [],
  };
  const start = async (options: Partial<ProxyOptions> = {}) => {
    await proxy?.close();
    proxy = await startProxy({
      socketPath: join(folder, 'proxy.sock'),
      allowedHosts: Object.keys(addresses).concat('*.below.example.org', 'unknown.example.org', '10.0.0.1'),
      resolve: async (host) => addresses[host] ?? Promise.reject(new Error('ENOTFOUND')),
      dial: (list, port) => {
        dialled.push(`${list.join(' ')}:${port}`);
        return connect((target.address() as AddressInfo).port, '127.0.0.1');
      },
      ...options,
    });
  };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'proxy-test-'));
    dialled = [];
    got = Buffer.alloc(0);
    reached = [];
    target = createServer((socket) => {
      reached.push(socket);
      socket.on('error', () => {}).on('data', (data) => (got = Buffer.concat([got, data])));
    }).listen(0, '127.0.0.1');
    await once(target, 'listening');
    await start();
  });

  afterEach(async () => {
    await proxy.close();
    for (const socket of reached) socket.destroy();
    target.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Everything that comes back when the bytes are sent behind a CONNECT. */
  async function tunnel(to: string, bytes: Buffer | string = '', socketPath = String(proxy.address)): Promise<string> {
    const socket = connect(socketPath);
    socket.write(Buffer.concat([Buffer.from(`CONNECT ${to} HTTP/1.1\r\nHost: ${to}\r\n\r\n`), Buffer.from(bytes)]));
    return text(socket);
  }
  const answerWith = (...parts: (Buffer | string)[]) =>
    target.on('connection', (socket) => socket.once('data', () => socket.end(Buffer.concat(parts.map((part) => Buffer.from(part))))));
  const opened = 'HTTP/1.1 200 Connection established\r\n\r\n';

  it('connects allowed hosts on 443, to the address that was resolved', async () => {
    answerWith(serverHello(false), 'echo');
    assert.match(await tunnel(`${HOST}:443`, hello(named(HOST))), /^HTTP\/1\.1 200 [\s\S]*echo$/);
    await tunnel('GOOD.Example.org.:443', hello(named(HOST)));
    assert.deepEqual(dialled, ['93.184.216.34:443', '93.184.216.34:443']);
    const { hosts, refused } = proxy.endCommand();
    assert.deepEqual(refused, []);
    assert.deepEqual(hosts, [
      { host: HOST, connections: 2, bytesIn: 2 * (serverHello(false).length + 4), bytesOut: 2 * hello(named(HOST)).length },
    ]);
    assert.deepEqual(proxy.endCommand(), { hosts: [], refused: [] }, 'each command is told its own');
  });

  it('ends for a client that says all it has to say, and closes, before the server is there', async () => {
    target.removeAllListeners('connection');
    target.on('connection', (socket) => socket.on('error', () => {}).on('data', (data) => (got = Buffer.concat([got, data]))));
    for (const bytes of [hello(named(HOST)), Buffer.from([22])]) {
      got = Buffer.alloc(0);
      const socket = connect(String(proxy.address));
      socket.end(Buffer.concat([Buffer.from(`CONNECT ${HOST}:443 HTTP/1.1\r\n\r\n`), bytes]));
      assert.match(await text(socket), /^HTTP\/1\.1 200/);
      assert.equal(got.length, bytes.length > 1 ? bytes.length : 0, 'what was whole came through');
    }
  }).timeout(5000);

  it('dials only the public ones of mixed addresses', async () => {
    answerWith('x');
    await tunnel('mixed.example.org:443', hello(named('mixed.example.org')));
    assert.deepEqual(dialled, ['93.184.216.34 2606:4700::1:443']);
  });

  const refused: readonly [string, RegExp][] = [
    ['evil.example.org:443', /403 evil\.example\.org is not an allowed host .*KIMI_ALLOWED_HOSTS.* Reachable: good\.example\.org/],
    ...['22', '80', '8443', '0', '65536', '00443x', '-443'].map((port): [string, RegExp] => [
      `${HOST}:${port}`,
      /403 (port|.* is no host)/,
    ]),
    ...['10.0.0.1', '[::1]', '[::ffff:7f00:1]', '2130706433', '0x7f.1', '0177.0.0.1', '127.1', '169.254.169.254', '①②⑦.0.0.1'].map(
      (host): [string, RegExp] => [`${host}:443`, /403 .* is no host name; only named hosts|400/],
    ),
    ...['good\u3002example.org', `x@${HOST}`, `${HOST}/`, `${HOST}#`, `${HOST}%00`, 'localhost', `${HOST}:443`].map(
      (host): [string, RegExp] => [`${host}:443`, /403|400/],
    ),
    ['metadata.example.org:443', /leads to a private address/],
    ['mapped.example.org:443', /leads to a private address/],
    ['nobody.example.org:443', /leads to a private address/],
    ['unknown.example.org:443', /can't be resolved/],
    ['below.example.org:443', /not an allowed host/],
    [HOST, /400|no host:port/],
  ];
  for (const [to, message] of refused) {
    it(`refuses ${to}`, async () => {
      assert.match(await tunnel(to, hello(named(HOST))), message);
      assert.deepEqual(dialled, []);
    });
  }

  const wrongBegins: readonly [string, Buffer | string, RegExp][] = [
    ['another SNI', hello(named('evil.example.org')), /names another host \(SNI\)/],
    ['the SNI of another allowed host', hello(named('mixed.example.org')), /names another host/],
    ['no SNI', hello({ names: null }), /does not name its host/],
    ['an encrypted SNI', hello({ ...named(HOST), more: [[0xfe0d, Buffer.alloc(20)]] }), /hides the host that it names \(ECH\)/],
    ['plain HTTP', `GET / HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`, /is not TLS/],
    ['another proxy request', 'CONNECT evil.example.org:443 HTTP/1.1\r\n\r\n', /is not TLS/],
    ['anything', Buffer.from([0, 1, 2, 3]), /is not TLS/],
  ];
  for (const [what, bytes, why] of wrongBegins) {
    it(`lets nothing of ${what} through, and says why`, async () => {
      const answer = await tunnel(`${HOST}:443`, bytes);
      const rest = answer.slice(opened.length);
      assert.match(rest, /is not TLS/.test(String(why)) ? /^HTTP\/1\.1 403 Only TLS/ : /^\x15\x03\x03\x00\x02\x02p$/);
      await until('the end of the connection', () => reached.every((socket) => socket.destroyed || socket.readableEnded));
      assert.equal(got.length, 0);
      const [said] = proxy.endCommand().refused;
      assert.match(said ?? '', why);
    });
  }

  it('holds back a second hello for another host, however it is sent', async () => {
    const second = hello(named('evil.example.org'));
    answerWith(serverHello(true));
    await tunnel(`${HOST}:443`, Buffer.concat([hello(named(HOST)), second]));
    assert.deepEqual(got, hello(named(HOST)));
    assert.match(proxy.endCommand().refused.join(), /names another host/);
  });

  it('takes a hello in pieces of a byte', async () => {
    answerWith(serverHello(false));
    const bytes = inRecords(helloMessage(named(HOST)), 7);
    const socket = connect(String(proxy.address)).setNoDelay(true);
    socket.write(`CONNECT ${HOST}:443 HTTP/1.1\r\n\r\n`);
    await once(socket, 'data');
    for (const byte of bytes) await new Promise((resolve) => socket.write(Buffer.from([byte]), resolve));
    await text(socket);
    assert.deepEqual(got, bytes);
  });

  it('refuses plain HTTP', async () => {
    for (const path of [`http://${HOST}/`, '/', `https://${HOST}/`]) {
      const ask = request({ socketPath: String(proxy.address), path }).end();
      const [response] = await once(ask, 'response');
      assert.equal(response.statusCode, 403);
      assert.match(await text(response), /Only https/);
    }
    assert.deepEqual(proxy.endCommand().refused, ['Only https:// addresses can be reached from this sandbox.']);
  });

  describe('with real TLS', () => {
    const ours = selfSigned(HOST);
    async function meet(
      server: TlsOptions,
      client: { servername?: string; ecdhCurve?: string; maxVersion?: 'TLSv1.2' } = {},
    ): Promise<string> {
      target.close();
      target = createTlsServer({ ...ours, ...server }, (socket) => {
        socket.on('error', () => {});
        socket.end(`served ${socket.servername}`);
      }).listen(0, '127.0.0.1');
      await once(target, 'listening');
      const socket = connect(String(proxy.address));
      socket.write(`CONNECT ${HOST}:443 HTTP/1.1\r\n\r\n`);
      await once(socket, 'data');
      try {
        return await text(secure({ socket, servername: HOST, rejectUnauthorized: false, ...client }));
      } catch (error) {
        return String(error);
      }
    }

    it('1.3', async () => assert.equal(await meet({}), `served ${HOST}`));
    it('1.2', async () => assert.equal(await meet({ maxVersion: 'TLSv1.2' }, { maxVersion: 'TLSv1.2' }), `served ${HOST}`));
    it('with a second hello', async () =>
      assert.equal(await meet({ ecdhCurve: 'P-384' }, { ecdhCurve: 'X25519:P-384' }), `served ${HOST}`));
    it('for another host, and the client is told', async () => {
      assert.match(await meet({}, { servername: 'evil.example.org' }), /unrecognized.name/i);
      assert.match(await meet({}, { servername: '' }), /unrecognized.name/i);
    });
  });

  describe('bounds', () => {
    const ask = (bytes: Buffer | string = '') => tunnel(`${HOST}:443`, bytes);

    it('what is sent and received in all, over all connections', async () => {
      for (const way of ['sentBytes', 'receivedBytes'] as const) {
        await start({ limits: { [way]: 2 ** 20 } });
        got = Buffer.alloc(0);
        const load = Buffer.alloc(600 * 1024);
        const serve = (socket: Socket) => {
          socket.once('data', () => socket.write(serverHello(false)));
          if (way === 'receivedBytes') socket.once('data', () => socket.end(load));
        };
        target.on('connection', serve);
        const use = async () => {
          const socket = connect(String(proxy.address));
          socket.write(Buffer.concat([Buffer.from(`CONNECT ${HOST}:443 HTTP/1.1\r\n\r\n`), hello(named(HOST))]));
          let answered = 0;
          socket
            .on('error', () => {})
            .on('data', (data) => {
              answered += data.length;
              if (way === 'sentBytes' && answered > opened.length && !socket.writableEnded) socket.end(load);
            });
          await new Promise((resolve) => socket.on('close', resolve));
          return answered;
        };
        await use();
        assert.deepEqual(proxy.endCommand().refused, []);
        const second = await use();
        assert.match(
          proxy.endCommand().refused.join(),
          /commands have (sent|received) more than 1 MB, the most that they may in one attempt/,
        );
        if (way === 'sentBytes') assert.ok(got.length <= 2 ** 20, `${got.length}`);
        else assert.ok(second < load.length);
        assert.match(await ask(hello(named(HOST))), /403 commands have/, 'nothing more afterwards');
        target.off('connection', serve);
      }
    });

    it('the time until a client says whom it wants', async () => {
      await start({ limits: { helloMs: 50 } });
      assert.equal(await ask(), opened);
      assert.equal(await ask(hello(named(HOST)).subarray(0, 20)), opened);
      assert.equal(got.length, 0);
      assert.match(proxy.endCommand().refused.join(), /nothing was said to good\.example\.org in time/);
    });

    it('the time in which nothing passes', async () => {
      await start({ limits: { idleMs: 50 } });
      target.on('connection', (socket) => socket.once('data', () => socket.write(serverHello(false))));
      assert.ok((await ask(hello(named(HOST)))).startsWith(opened));
    });

    it('connections at a time, and frees their places', async () => {
      await start({ limits: { tunnels: 2 } });
      const held = [connect(String(proxy.address)), connect(String(proxy.address))];
      for (const socket of held) {
        socket.write(`CONNECT ${HOST}:443 HTTP/1.1\r\n\r\n`);
        await once(socket, 'data');
      }
      assert.match(await ask(), /403 2 connections are open/);
      for (const socket of held) socket.destroy();
      answerWith('x');
      await until('a free place', async () => (await ask(hello(named(HOST)))).startsWith(opened));
    });

    it('connections in a second and in all', async () => {
      let now = 0;
      await start({ limits: { tunnelsPerSecond: 3, tunnelsInAll: 5 }, now: () => now });
      answerWith('x');
      const answers = async (count: number) => {
        const lines: string[] = [];
        for (let i = 0; i < count; i++) lines.push((await ask(hello(named(HOST)))).split('\r\n')[0]!);
        return lines;
      };
      assert.deepEqual(await answers(4), [
        ...Array(3).fill('HTTP/1.1 200 Connection established'),
        'HTTP/1.1 403 too many connections in a second; wait a little.',
      ]);
      now = 1000;
      assert.match((await answers(3)).at(-1)!, /403 5 connections were made, the most in all/);
    });

    it('the size of headers, and of what is sent before an answer', async () => {
      const long = connect(String(proxy.address));
      long.write(`CONNECT ${HOST}:443 HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`);
      assert.match(await text(long), /^HTTP\/1\.1 431/);
      await ask(Buffer.concat([hello(named(HOST)), Buffer.alloc(100_000)]));
      assert.match(proxy.endCommand().refused.join(), /does not begin with one whole ClientHello/);
      assert.equal(dialled.length, 1);
    });

    it('names that are asked for at a time; many that want the same one wait together', async () => {
      let asked = 0;
      const answers: ((list: string[]) => void)[] = [];
      await start({
        allowedHosts: ['*.below.example.org', HOST],
        resolve: () => {
          asked++;
          return new Promise((resolve) => answers.push(resolve));
        },
      });
      answerWith('x');
      const same = [1, 2, 3].map(() => ask(hello(named(HOST))));
      const others = [1, 2, 3, 4].map((number) => tunnel(`h${number}.below.example.org:443`));
      await until('two questions', () => asked === 2);
      for (let answered = 0; answered < 5; answered++) {
        await until('a question', () => answers.length > answered);
        assert.ok(asked - answered <= 2);
        answers[answered]!(answered === 0 ? ['93.184.216.34'] : []);
      }
      assert.ok((await Promise.all(same)).every((answer) => answer.startsWith(opened)));
      assert.match((await Promise.all(others)).join(), /private address/);
      assert.equal(asked, 5);
    });

    it('connections to the end of their command', async () => {
      target.on('connection', (socket) => socket.once('data', () => socket.write(serverHello(false))));
      const socket = connect(String(proxy.address));
      socket.write(Buffer.concat([Buffer.from(`CONNECT ${HOST}:443 HTTP/1.1\r\n\r\n`), hello(named(HOST))]));
      await until('the tunnel', () => got.length > 0);
      assert.equal(proxy.endCommand().hosts[0]?.connections, 1);
      await text(socket);
      await until('the end at the server', () => reached[0]!.destroyed || reached[0]!.readableEnded);
    });
  });
});
