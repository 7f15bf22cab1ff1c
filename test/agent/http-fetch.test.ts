import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { httpFetch } from '../../src/agent/model/http-fetch.ts';
import { createClient } from '../../src/agent/model/kimi-client.ts';

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

  it('ends an answer that is larger than any can be: one line of it, a whole one, one that unfolds', async () => {
    const mb = Buffer.alloc(2 ** 20, 'x');
    const bomb = gzipSync(Buffer.alloc(64 * 2 ** 20, 'x'));
    let sent = 0;
    served = await serve(async (request, response) => {
      await bodyOf(request);
      if (request.url === '/gzip') return response.writeHead(400, { 'content-encoding': 'gzip' }).end(bomb);
      const more = () => {
        while (!response.destroyed && response.write(mb)) sent++;
      };
      response.on('drain', more);
      more();
    });
    const read = async (body: AsyncIterable<Buffer>) => {
      for await (const _ of body);
    };
    const [stream, whole, unfolded] = [await ask(served.url), await ask(served.url), await ask(served.url.replace(/\/v1$/, '/gzip'))];
    await assert.rejects(read(stream.body as unknown as AsyncIterable<Buffer>), { code: 'EMSGSIZE' });
    await assert.rejects(whole.text(), { code: 'EMSGSIZE' });
    await assert.rejects(unfolded.json(), { code: 'EMSGSIZE' });
    assert.ok(sent < 200, `${sent} MB were sent`);
  });

  for (const [what, line, isEnded] of [
    ['lines without an empty one', 'data: {},\n', false],
    ['lines that end in two characters', 'data: {},\r\n', false],
    ['frames', 'data: {}\n\n', true],
    ['frames by carriage returns', 'data: {}\r\r', true],
    ['frames by two characters', 'data: {}\r\n\r\n', true],
    ['frames by both', 'data: {}\n\r\n', true],
  ] as const)
    it(`${isEnded ? 'reads on, where an answer has' : 'ends an answer of'} more than 4 MB of ${what}`, async () => {
      const size = 8 * 2 ** 20;
      served = await serve(async (request, response) => {
        await bodyOf(request);
        response.end(line.repeat(size / line.length));
      });
      let bytes = 0;
      const read = async () => {
        for await (const piece of (await ask(served.url)).body as unknown as AsyncIterable<Buffer>) bytes += piece.length;
      };
      if (isEnded) await read();
      else await assert.rejects(read(), { code: 'EMSGSIZE' });
      assert.equal(bytes > size - 100, isEnded, `${bytes} bytes were read`);
    });

  it('keeps the connection for the next request', async () => {
    served = await serve(async (request, response) => {
      await bodyOf(request);
      response.end('x');
    });
    for (let i = 0; i < 3; i++) assert.equal(await (await ask(served.url)).text(), 'x');
    assert.equal(served.connections(), 1);
  });

  it('keeps it too when the reader stops at the last frame, before the end has come', async () => {
    let ended = Promise.resolve();
    served = await serve(async (request, response) => {
      await bodyOf(request);
      response.write('data: [DONE]');
      ended = turns(5).then(() => {
        response.end();
        return turns(5);
      });
    });
    for (let i = 0; i < 3; i++) {
      for await (const _ of (await ask(served.url)).body!) break;
      await ended;
    }
    assert.equal(served.connections(), 1);
  });

  it('keeps it under the client, which leaves at [DONE]', async () => {
    let ended = Promise.resolve();
    served = await serve(async (request, response) => {
      await bodyOf(request);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: '.' }, finish_reason: 'stop' }] })}\n\n`);
      response.write('data: [DONE]\n\n');
      ended = turns(5).then(() => {
        response.end();
        return turns(5);
      });
    });
    const client = await createClient({ baseUrl: served.url, apiKey: 'key', model: 'kimi-k2.6' }, 5000);
    for (let i = 0; i < 3; i++) {
      assert.equal((await client.send(Buffer.from('{}'), new AbortController().signal)).kind, 'reply');
      await ended;
    }
    assert.equal(served.connections(), 1);
  });

  it('gives up the connection when the end does not come soon', async () => {
    let closed: Promise<unknown> | undefined;
    served = await serve(async (request, response) => {
      await bodyOf(request);
      closed = once(response, 'close');
      response.write('data: [DONE]');
    });
    for await (const _ of (await ask(served.url)).body!) break;
    await closed;
  });

  for (const [encoding, encode] of [
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ] as const) {
    it(`reads an answer in ${encoding}, whole or piece by piece`, async () => {
      served = await serve(async (request, response) => {
        await bodyOf(request);
        response.writeHead(200, { 'content-encoding': encoding });
        for (const byte of encode('first last')) response.write(Buffer.of(byte));
        response.end();
      });
      assert.equal(await (await ask(served.url)).text(), 'first last');
      const pieces: Buffer[] = [];
      for await (const piece of (await ask(served.url)).body!) pieces.push(piece as Buffer);
      assert.equal(Buffer.concat(pieces).toString(), 'first last');
    });
  }

  it('an encoding that nobody knows is none, whatever its name means to objects', async () => {
    const names = ['constructor', '__proto__', 'toString', 'zstd'];
    served = await serve(async (request, response) => {
      await bodyOf(request);
      response.writeHead(200, { 'content-encoding': names.shift()! }).end('as it is');
    });
    while (names.length > 0) assert.equal(await (await ask(served.url)).text(), 'as it is');
  });

  it('an answer that says gzip and is not rejects', async () => {
    served = await serve(async (request, response) => {
      await bodyOf(request);
      response.writeHead(200, { 'content-encoding': 'gzip' }).end('plain text');
    });
    const answer = await ask(served.url);
    await assert.rejects(async () => {
      for await (const _ of answer.body!);
    });
  });

  it('a compressed answer that is damaged behind what was read ends nothing else', async () => {
    const frame = 'data: {"choices":[{"index":0,"delta":{"content":"ok"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';
    const packed = gzipSync(frame + ': x\n'.repeat(100_000));
    packed.fill(7, packed.length - 60);
    served = await serve(async (request, response) => {
      await bodyOf(request);
      response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' });
      response.end(packed);
    });
    const uncaught: unknown[] = [];
    const others = process.rawListeners('uncaughtException') as ((error: Error) => void)[];
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', (error) => uncaught.push(error));
    try {
      const client = await createClient({ baseUrl: served.url, apiKey: 'key', model: 'm' }, 5000);
      const sent = await client.send(Buffer.from('{}'), new AbortController().signal);
      assert.equal(sent.kind, 'reply');
      await new Promise((resolve) => setTimeout(resolve, 300)); // as long as the end of an answer is waited for
    } finally {
      process.removeAllListeners('uncaughtException');
      for (const other of others) process.on('uncaughtException', other);
    }
    assert.deepEqual(uncaught, []);
  });

  it('cancel closes what is left of an answer', async () => {
    let closed: Promise<unknown> | undefined;
    served = await serve((_request, response) => {
      closed = once(response, 'close');
      response.write('first');
    });
    await (await ask(served.url)).body!.cancel();
    await closed;
  });

  it('asks without a body', async () => {
    served = await serve((request, response) => response.end(JSON.stringify([request.method, request.headers['content-length'] ?? null])));
    const answer = await httpFetch(served.url, { headers: { authorization: 'Bearer key' } });
    assert.deepEqual(await answer.json(), ['GET', null]);
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

  for (const [what, head] of [
    ['asks for another protocol', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'],
    ['is early hints alone', 'HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n'],
    ['is nothing', ''],
  ] as const)
    it(`an answer that ${what} rejects when its connection is closed`, async () => {
      served = await serve(async (request) => {
        await bodyOf(request);
        request.socket.end(head);
      });
      await assert.rejects(ask(served.url), { code: 'ECONNRESET' });
    });

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

/** Lets the event loop go round so often: what stands in a loopback socket is read by then. */
async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}

async function bodyOf(request: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
