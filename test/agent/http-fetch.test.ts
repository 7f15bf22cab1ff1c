import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { httpFetch } from '../../src/agent/model/http-fetch.ts';

interface Served {
  url: string;
  server: http.Server;
  connections(): number;
}

describe('fetch of a whole request', () => {
  let served: Served;
  afterEach(() => {
    served.server.closeAllConnections();
    served.server.close();
  });

  it('sends the bytes as they are, with their length, and streams the answer', async () => {
    const bytes = Buffer.from('{"text":"é\\u0000"}');
    let seen: { body: Buffer; headers: http.IncomingHttpHeaders } | undefined;
    served = await serve(async (request, response) => {
      seen = { body: await bodyOf(request), headers: request.headers };
      response.writeHead(201, { 'x-one': 'a' });
      response.write('first');
      response.end(' last');
    });
    const answer = await ask(served.url, bytes);
    assert.deepEqual(seen?.body, bytes);
    assert.equal(seen?.headers['content-length'], String(bytes.length));
    assert.equal(seen?.headers['authorization'], 'Bearer key');
    assert.equal(seen?.headers['transfer-encoding'], undefined);
    assert.deepEqual([answer.status, answer.ok, answer.headers.get('X-One')], [201, true, 'a']);
    assert.equal(await answer.text(), 'first last');
  });

  it('follows no redirect: the key stays where it was sent', async () => {
    const asked: string[] = [];
    served = await serve(async (request, response) => {
      asked.push(request.url ?? '');
      await bodyOf(request);
      response.writeHead(307, { location: '/elsewhere' }).end();
    });
    const answer = await ask(served.url);
    assert.deepEqual([answer.status, answer.ok], [307, false]);
    assert.deepEqual(asked, ['/v1']);
  });

  it('keeps the connection for the next request', async () => {
    served = await serve(async (request, response) => {
      await bodyOf(request);
      response.end('x');
    });
    for (let i = 0; i < 3; i++) assert.equal(await (await ask(served.url)).text(), 'x');
    assert.equal(served.connections(), 1);
  });

  it('an abort after the answer leaves the connection alone', async () => {
    served = await serve(async (request, response) => {
      await bodyOf(request);
      response.end('x');
    });
    const first = new AbortController();
    await (await ask(served.url, Buffer.from('{}'), first.signal)).text();
    await new Promise((resolve) => setImmediate(resolve));
    first.abort();
    assert.equal(await (await ask(served.url)).text(), 'x');
    assert.equal(served.connections(), 1);
  });

  for (const when of ['before the headers', 'in the middle of the answer'] as const) {
    it(`an abort ${when} ends it, and the connection`, async () => {
      const stop = new AbortController();
      let closed: Promise<unknown> | undefined;
      served = await serve((_request, response) => {
        closed = once(response, 'close');
        if (when === 'before the headers') stop.abort();
        else response.write('first');
      });
      await assert.rejects(async () => {
        const answer = await ask(served.url, Buffer.from('{}'), stop.signal);
        for await (const _ of answer.body!) stop.abort();
      });
      await closed;
    });
  }

  it('an abort before it begins sends nothing', async () => {
    let asked = 0;
    served = await serve((_request, response) => {
      asked++;
      response.end();
    });
    await assert.rejects(ask(served.url, Buffer.from('{}'), AbortSignal.abort(new Error('stopped'))), /stopped/);
    assert.equal(asked, 0);
  });

  it("tells the system's code when nobody listens", async () => {
    served = await serve(() => {});
    served.server.close();
    await once(served.server, 'close');
    await assert.rejects(ask(served.url), { code: 'ECONNREFUSED' });
  });
});

async function serve(handle: (request: http.IncomingMessage, response: http.ServerResponse) => unknown): Promise<Served> {
  const server = http.createServer(handle);
  let connections = 0;
  server.on('connection', () => connections++);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, server, connections: () => connections };
}

function ask(url: string, body = Buffer.from('{}'), signal = new AbortController().signal): Promise<Response> {
  return httpFetch(url, { method: 'POST', headers: { authorization: 'Bearer key' }, body, signal });
}

async function bodyOf(request: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
