import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { createClient } from '../../src/agent/model/kimi-client.ts';
import { proxyFetch } from '../../src/agent/model/proxy-fetch.ts';
import { type ForwardProxy, startForwardProxy } from '../fakes/network.ts';

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
    const fetchImpl = await proxyFetch({ HTTP_PROXY: `http://127.0.0.1:${proxy.port}` });
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

/** Lets the event loop go round so often: what stands in a loopback socket is read by then. */
async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}
