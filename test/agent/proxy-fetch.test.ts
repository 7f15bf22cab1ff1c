import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { createClient } from '../../src/agent/model/kimi-client.ts';
import { isExcepted, proxyFetch } from '../../src/agent/model/proxy-fetch.ts';
import { type ForwardProxy, startForwardProxy, startSocksProxy } from '../fakes/network.ts';
import { english } from '../messages/english.ts';

const FRAME = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: '.' }, finish_reason: 'stop' }] })}\n\n`;

describe('requests through a proxy', () => {
  let proxy: ForwardProxy;
  let server: http.Server;
  let connections = 0;
  let ended: Promise<void>;

  const start = async (answer: (response: http.ServerResponse) => void) => {
    connections = 0;
    proxy = await startForwardProxy();
    server = http.createServer((request, response) => {
      request.resume().on('end', () => answer(response));
    });
    server.on('connection', () => connections++);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    const proxied = await proxyFetch({ HTTP_PROXY: `http://127.0.0.1:${proxy.port}` });
    const fetchImpl = proxied.ok ? proxied.fetch : undefined;
    assert.ok(fetchImpl);
    return { url, fetchImpl };
  };
  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await proxy.close();
  });

  it('keep the connection when the client leaves at [DONE], before the end has come', async () => {
    const { url, fetchImpl } = await start((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(FRAME);
      response.write('data: [DONE]\n\n');
      ended = turns(10).then(() => {
        response.end();
        return turns(10);
      });
    });
    const client = await createClient({ baseUrl: url, apiKey: 'key', model: 'kimi-k2.6' }, 5000, fetchImpl);
    for (let i = 0; i < 3; i++) {
      assert.equal((await client.send(Buffer.from('{}'), new AbortController().signal)).kind, 'reply');
      await ended;
    }
    assert.ok(proxy.seen.length > 0);
    assert.equal(connections, 1);
  });

  it('follow no redirect', async () => {
    let asked = 0;
    const { url, fetchImpl } = await start((response) => {
      asked++;
      response.writeHead(307, { location: '/elsewhere' }).end();
    });
    const answer = await fetchImpl(url, { method: 'POST', headers: { authorization: 'Bearer key' }, body: Buffer.from('{}') });
    assert.equal(answer.status, 307);
    assert.equal(asked, 1);
  });

  it('end with their signal, in the middle of an answer too', async () => {
    let closed: Promise<unknown> | undefined;
    const { url, fetchImpl } = await start((response) => {
      closed = once(response, 'close');
      response.write('first');
    });
    const stop = new AbortController();
    const answer = await fetchImpl(url, { method: 'POST', headers: {}, body: Buffer.from('{}'), signal: stop.signal });
    await assert.rejects(async () => {
      for await (const _ of answer.body!) stop.abort();
    });
    await closed;
  });
});

describe('the variables that name a proxy', () => {
  /** The status of one request with these variables, and what each proxy saw. */
  async function asked(variables: (ports: { http: number; socks: number }) => Record<string, string>) {
    const [httpProxy, socks] = await Promise.all([startForwardProxy(), startSocksProxy()]);
    const server = http.createServer((_, response) => response.end('here'));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const proxied = await proxyFetch(variables({ http: httpProxy.port, socks: socks.port }));
    assert.ok(proxied.ok, proxied.ok ? '' : english(proxied.reason));
    const answer = await proxied.fetch!(`http://localhost:${port}/v1`, { method: 'POST', headers: {}, body: Buffer.from('{}') });
    for await (const _ of answer.body!);
    server.closeAllConnections();
    server.close();
    await Promise.all([httpProxy.close(), socks.close()]);
    return { status: answer.status, http: httpProxy.seen.length, socks: socks.seen.map((name) => name.replace(String(port), 'port')) };
  }
  const OVER_HTTP = { status: 200, http: 1, socks: [] };
  const OVER_SOCKS = { status: 200, http: 0, socks: ['localhost:port'] };
  const DIRECT = { status: 200, http: 0, socks: [] };

  const FORMS: readonly [string, (ports: { http: number; socks: number }) => Record<string, string>, object][] = [
    ['http_proxy=host:port', ({ http }) => ({ http_proxy: `127.0.0.1:${http}` }), OVER_HTTP],
    ['HTTP_PROXY=localhost:port', ({ http }) => ({ HTTP_PROXY: `localhost:${http}` }), OVER_HTTP],
    ['ALL_PROXY=http://host:port/', ({ http }) => ({ ALL_PROXY: `http://127.0.0.1:${http}/` }), OVER_HTTP],
    ['all_proxy=socks5h://host:port', ({ socks }) => ({ all_proxy: `socks5h://127.0.0.1:${socks}` }), OVER_SOCKS],
    ['ALL_PROXY=socks5://host:port', ({ socks }) => ({ ALL_PROXY: `socks5://127.0.0.1:${socks}` }), OVER_SOCKS],
    ['http_proxy=SOCKS5H://host:port', ({ socks }) => ({ http_proxy: `SOCKS5H://127.0.0.1:${socks}` }), OVER_SOCKS],
    ['lower case before upper case', ({ http }) => ({ http_proxy: `127.0.0.1:${http}`, HTTP_PROXY: 'http://127.0.0.1:1' }), OVER_HTTP],
    ['a NO_PROXY that names the host', ({ http }) => ({ http_proxy: `127.0.0.1:${http}`, NO_PROXY: 'x, localhost' }), DIRECT],
    ['empty ones', () => ({ https_proxy: 'http://127.0.0.1:1', http_proxy: ' ', no_proxy: '*' }), DIRECT],
  ];
  for (const [name, variables, meaning] of FORMS) it(name, async () => assert.deepEqual(await asked(variables), meaning));

  it('none, no fetch of its own', async () =>
    assert.deepEqual(await proxyFetch({ HTTPS_PROXY: '', no_proxy: 'x' }), { ok: true, fetch: undefined }));

  const BAD: readonly [string, string][] = [
    ['ALL_PROXY', 'socks4://127.0.0.1:1080'],
    ['https_proxy', 'ftp://proxy'],
    ['HTTPS_PROXY', 'http://'],
    ['http_proxy', 'http://proxy:port'],
    ['all_proxy', 'http://ann:geheim@proxy:port'],
  ];
  for (const [name, value] of BAD) {
    it(`${name}=${value} is told in a sentence that names it, without a password`, async () => {
      const proxied = await proxyFetch({ [name]: value });
      assert.ok(!proxied.ok);
      const said = english(proxied.reason);
      assert.ok(said.startsWith(`${name} is `), said);
      assert.match(said, /socks5h:\/\/host:port can\.$/);
      assert.doesNotMatch(said, /geheim/);
    });
  }
});

describe('the exceptions from a proxy', () => {
  const EXCEPTED: readonly [string, string, boolean][] = [
    ['https://api.moonshot.cn/v1', '*', true],
    ['https://api.moonshot.cn/v1', 'localhost,*', true],
    ['https://api.moonshot.cn/v1', 'moonshot.cn', true],
    ['https://api.moonshot.cn/v1', '.moonshot.cn', true],
    ['https://api.moonshot.cn/v1', '*.moonshot.cn', true],
    ['https://api.moonshot.cn/v1', 'API.Moonshot.CN.', true],
    ['https://api.moonshot.cn/v1', 'localhost 127.0.0.1 moonshot.cn', true],
    ['https://api.moonshot.cn/v1', 'api.moonshot.cn:443', true],
    ['https://api.moonshot.cn/v1', 'api.moonshot.cn:8443', false],
    ['https://api.moonshot.cn/v1', 'shot.cn', false],
    ['https://api.moonshot.cn/v1', 'api.moonshot.cn.evil.example', false],
    ['https://api.moonshot.cn/v1', '', false],
    ['http://10.1.2.3:8000/v1', '10.1.2.3', true],
    ['http://10.1.2.3:8000/v1', '10.0.0.0/8', true],
    ['http://10.1.2.3:8000/v1', '192.168.0.0/16', false],
    ['http://10.1.2.3:8000/v1', '2.3', false],
    ['http://10.1.2.3:8000/v1', '10.0.0.0/99', false],
    ['http://10.1.2.3:8000/v1', '10.0.0.0/x', false],
    ['http://[::1]:8000/v1', '::1', true],
    ['http://[::1]:8000/v1', '[::1]', true],
    ['http://[::1]:8000/v1', '[::1]:8000', true],
    ['http://[fd00::5]/v1', 'fd00::/8', true],
    ['http://[fd00::5]/v1', '10.0.0.0/8', false],
  ];
  for (const [url, list, excepted] of EXCEPTED) {
    it(`${url} with "${list}": ${excepted ? 'direct' : 'through it'}`, () => assert.equal(isExcepted(new URL(url), list), excepted));
  }
});

/** Lets the event loop go round so often: what stands in a loopback socket is read by then. */
async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}
