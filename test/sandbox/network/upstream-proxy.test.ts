import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type HostProxy, type ProxyOptions, startProxy } from '../../../src/sandbox/network/network-proxy.ts';
import { hello, named } from './client-hellos.ts';

const HOST = 'good.example.org';
const opened = 'HTTP/1.1 200 Connection established\r\n\r\n';

describe("proxy: through the user's own", () => {
  let folder: string;
  let proxy: HostProxy | undefined;
  let upstream: Server;
  let asked: string;
  const listen = async (answer: (socket: Socket, head: string) => void) => {
    asked = '';
    upstream = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', (data) => {
        asked = String(data);
        answer(socket, asked);
      });
    }).listen(0, '127.0.0.1');
    await once(upstream, 'listening');
    return (upstream.address() as AddressInfo).port;
  };
  const through = async (address: string, more: Partial<ProxyOptions> = {}) => {
    await proxy?.close();
    proxy = await startProxy({ socketPath: join(folder, 'proxy.sock'), allowedHosts: [HOST], upstream: address, ...more });
    return proxy;
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'proxy-test-'));
  });
  afterEach(async () => {
    upstream?.close();
    await proxy?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function tunnel(to: string, bytes: Buffer | string = ''): Promise<string> {
    const socket = connect(String(proxy?.address));
    socket.write(Buffer.concat([Buffer.from(`CONNECT ${to} HTTP/1.1\r\nHost: ${to}\r\n\r\n`), Buffer.from(bytes)]));
    return text(socket);
  }

  it('asks it for the host, and holds the same rules', async () => {
    const port = await listen((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.once('data', () => socket.end('from upstream'));
    });
    await through(`http://ann:pw@127.0.0.1:${port}`);
    assert.equal(await tunnel(`${HOST}:443`, hello(named(HOST))), `${opened}from upstream`);
    assert.match(asked, /^CONNECT good\.example\.org:443 HTTP\/1\.1\r\n[\s\S]*Proxy-Authorization: Basic YW5uOnB3\r\n/);
    asked = '';
    assert.match(await tunnel('evil.example.org:443'), /not an allowed host/);
    assert.match(await tunnel('169.254.169.254:443'), /is no host name/);
    assert.equal(asked, '');
    await tunnel(`${HOST}:443`, hello(named('evil.example.org')));
    assert.match(String(proxy?.endCommand().refused), /names another host/);
  });

  it('takes its address without a scheme', async () => {
    const port = await listen((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nhello'));
    await through(`127.0.0.1:${port}`);
    assert.equal(await tunnel(`${HOST}:443`), `${opened}hello`);
  });

  it('is found by its name, as those of companies are given, and its login is taken as it stands where it is written wrong', async () => {
    const port = await listen((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nhello'));
    await through(`http://ann:50%@localhost:${port}`);
    assert.equal(await tunnel(`${HOST}:443`), `${opened}hello`);
    assert.match(asked, /Basic YW5uOjUwJQ==\r\n/);
    await through('http://proxy.example.org:1', { resolve: () => Promise.reject(new Error('none')) });
    assert.match(await tunnel(`${HOST}:443`), /HTTPS_PROXY can't be reached: proxy\.example\.org can't be resolved/);
  });

  it('says what it said, and what it is not', async () => {
    await through(`http://127.0.0.1:${await listen((socket) => socket.end('HTTP/1.1 2000 Login\x1b[2J\r\n\r\n'))}`);
    assert.match(await tunnel(`${HOST}:443`), /403 the user's HTTPS_PROXY refused good\.example\.org: HTTP\/1\.1 2000 Login/);
    assert.match(String(proxy?.endCommand().refused), /Login\?\[2J$/);
    await through('socks5://127.0.0.1:1');
    assert.match(await tunnel(`${HOST}:443`), /is not an http:\/\/ proxy/);
    await through('http://[');
    assert.match(await tunnel(`${HOST}:443`), /is no URL/);
  });

  it('is given up when it closes or says nothing that ends', async () => {
    await through(`http://127.0.0.1:${await listen((socket) => socket.destroy())}`);
    assert.match(await tunnel(`${HOST}:443`), /refused good\.example\.org: no answer/);
    await through(`http://127.0.0.1:${await listen((socket) => socket.write('x'.repeat(20_000)))}`);
    assert.match(await tunnel(`${HOST}:443`), /refused good\.example\.org: no answer/);
  });
});
