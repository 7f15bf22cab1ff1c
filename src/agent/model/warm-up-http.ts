import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createClient } from './kimi-client.ts';

const ANSWER = JSON.stringify({ choices: [{ index: 0, delta: { content: '.' }, finish_reason: 'stop' }] });
const LONGEST_MS = 2000;

/**
 * Sends one request through the real client to a server of our own on the loopback interface, so that the HTTP code is compiled
 * before the first request to the model. Nothing leaves the machine; the server takes one request and closes.
 */
export async function warmUpHttp(): Promise<void> {
  const server = createServer({ keepAlive: false }, (request, response) => {
    request.resume().on('end', () => {
      response.writeHead(200, { 'content-type': 'text/event-stream', connection: 'close' });
      response.end(`data: ${ANSWER}\n\ndata: [DONE]\n\n`);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  server.unref();
  try {
    const { port } = server.address() as AddressInfo;
    const client = await createClient({ baseUrl: `http://127.0.0.1:${port}/v1`, apiKey: 'none', model: 'none' }, LONGEST_MS);
    await client.send(Buffer.from('{}'), AbortSignal.timeout(LONGEST_MS));
  } finally {
    server.close();
  }
}
