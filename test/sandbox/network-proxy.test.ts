import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type HostProxy, isAllowedHost, isPublicAddress, startProxy } from '../../src/sandbox/network-proxy.ts';

describe('proxy', () => {
  let folder: string;
  let target: Server;
  let proxy: HostProxy;
  let dialled: string[];

  const dial = (address: string, port: number): Socket => {
    dialled.push(`${address}:${port}`);
    return connect((target.address() as AddressInfo).port, '127.0.0.1');
  };
  const addresses: Record<string, string[]> = {
    'good.example.org': ['93.184.216.34'],
    'rebound.example.org': ['93.184.216.34', '127.0.0.1'],
    'metadata.example.org': ['169.254.169.254'],
  };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'proxy-test-'));
    dialled = [];
    target = createServer((socket) => socket.on('error', () => {}).once('data', (data) => socket.end(`echo ${data}`))).listen(
      0,
      '127.0.0.1',
    );
    await once(target, 'listening');
    proxy = await startProxy({
      socketPath: join(folder, 'proxy.sock'),
      allowedHosts: Object.keys(addresses).concat('*.below.example.org', 'unknown.example.org', '10.0.0.1'),
      resolve: async (host) => addresses[host] ?? Promise.reject(new Error('ENOTFOUND')),
      dial,
    });
  });

  afterEach(async () => {
    await proxy.close();
    target.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function tunnel(to: string, socketPath = proxy.socketPath): Promise<string> {
    const socket = connect(socketPath);
    socket.write(`CONNECT ${to} HTTP/1.1\r\nHost: ${to}\r\n\r\nhello`);
    return text(socket);
  }

  it('connects allowed hosts on 443 and 80, to the address that was resolved', async () => {
    assert.equal(await tunnel('good.example.org:443'), 'HTTP/1.1 200 Connection established\r\n\r\necho hello');
    await tunnel('GOOD.example.org.:80'.toLowerCase());
    assert.deepEqual(dialled, ['93.184.216.34:443', '93.184.216.34:80']);
  });

  const refused: readonly [string, RegExp][] = [
    ['evil.example.org:443', /403 evil\.example\.org is not an allowed host\. Reachable: good\.example\.org.*KIMI_ALLOWED_HOSTS/],
    ['good.example.org:22', /403 port 22 is closed/],
    ['10.0.0.1:443', /403 10\.0\.0\.1 is an address/],
    ['[::1]:443', /403 ::1 is an address/],
    ['2130706433:443', /403 2130706433 is an address/],
    ['169.254.169.254:80', /is an address/],
    ['metadata.example.org:80', /leads to a private address/],
    ['rebound.example.org:443', /leads to a private address/],
    ['unknown.example.org:443', /can't be resolved/],
    ['below.example.org:443', /not an allowed host/],
    ['good.example.org', /400|no host:port/],
  ];
  for (const [to, message] of refused) {
    it(`refuses ${to}`, async () => {
      assert.match(await tunnel(to), message);
      assert.deepEqual(dialled, []);
    });
  }

  it('refuses plain HTTP', async () => {
    const ask = request({ socketPath: proxy.socketPath, path: 'http://good.example.org/' }).end();
    const [response] = await once(ask, 'response');
    assert.equal(response.statusCode, 403);
    assert.match(await text(response), /Only https/);
  });

  it("goes through the user's own proxy", async () => {
    let asked = '';
    const upstream = createServer((socket) => {
      socket.once('data', (data) => {
        asked = String(data);
        socket.end('HTTP/1.1 200 OK\r\n\r\nfrom upstream');
      });
    }).listen(0, '127.0.0.1');
    await once(upstream, 'listening');
    const { port } = upstream.address() as AddressInfo;
    const second = await startProxy({
      socketPath: join(folder, 'second.sock'),
      allowedHosts: ['good.example.org'],
      upstream: `http://ann:pw@127.0.0.1:${port}`,
    });
    const answer = await tunnel('good.example.org:443', second.socketPath);
    const other = await tunnel('evil.example.org:443', second.socketPath);
    await second.close();
    upstream.close();
    assert.match(answer, /200 Connection established\r\n\r\nfrom upstream$/);
    assert.match(asked, /^CONNECT good\.example\.org:443 HTTP\/1\.1\r\n[\s\S]*Proxy-Authorization: Basic YW5uOnB3\r\n/);
    assert.match(other, /not an allowed host/);
  });

  it('knows public addresses', () => {
    for (const address of ['93.184.216.34', '8.8.8.8', '2606:4700::1111']) assert.equal(isPublicAddress(address), true, address);
    const others = [
      '127.0.0.1',
      '10.1.2.3',
      '172.31.0.1',
      '192.168.1.1',
      '169.254.169.254',
      '100.64.0.1',
      '0.0.0.0',
      '224.0.0.1',
      '::1',
      '::',
    ];
    others.push('fe80::1', 'fd00::1', '::ffff:10.0.0.1', '::ffff:127.0.0.1', '64:ff9b::7f00:1', 'name');
    for (const address of others) assert.equal(isPublicAddress(address), false, address);
  });

  it('knows names below a pattern', () => {
    assert.equal(isAllowedHost('a.b.Example.org', ['*.example.org']), true);
    assert.equal(isAllowedHost('example.org', ['*.example.org']), false);
    assert.equal(isAllowedHost('badexample.org', ['*.example.org']), false);
    assert.equal(isAllowedHost('x.example.org', ['example.org']), false);
  });
});
