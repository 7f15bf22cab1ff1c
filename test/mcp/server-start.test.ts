import assert from 'node:assert/strict';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { createMcpServer } from '../../src/mcp/mcp-server.ts';

const CLIENT = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '0' } };

/** A server with its client's end, and what happened in order: `answer 1`, `ready`. */
async function connected(listWithinMs: number) {
  const happened: string[] = [];
  const [client, transport] = InMemoryTransport.createLinkedPair();
  const waiting: (() => void)[] = [];
  const note = (what: string) => {
    happened.push(what);
    for (const look of waiting) look();
  };
  const until = (what: string) =>
    new Promise<void>((resolve) => {
      const look = () => happened.includes(what) && resolve();
      waiting.push(look);
      look();
    });
  client.onmessage = (message) => 'id' in message && note(`answer ${message.id}`);
  const server = createMcpServer({
    version: '0',
    disclosure: 'silent',
    handle: async () => ({ text: 'done' }),
    onReady: () => note('ready'),
    listWithinMs,
  });
  await server.connect(transport);
  await client.send({ jsonrpc: '2.0', id: 1, method: 'initialize', params: CLIENT });
  await client.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
  return { happened, until, client, close: () => server.close() };
}

describe('start of the server', () => {
  it('makes ready what calls need when the client has its list of tools, and not before', async () => {
    const { happened, until, client, close } = await connected(60_000);
    await until('answer 1');
    await client.send({ jsonrpc: '2.0', id: 2, method: 'tools/list' });
    await until('ready');
    assert.deepEqual(happened, ['answer 1', 'answer 2', 'ready']);
    await client.send({ jsonrpc: '2.0', id: 3, method: 'tools/list' });
    await until('answer 3');
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(happened, ['answer 1', 'answer 2', 'ready', 'answer 3'], 'once is enough');
    await close();
  });

  it('does so without a list, for a client that asks for none', async () => {
    const { happened, until, close } = await connected(1);
    await until('ready');
    assert.deepEqual(happened, ['answer 1', 'ready']);
    await close();
  });

  it('answers a call with an outcome when the program cannot be loaded any more', async () => {
    const [client, transport] = InMemoryTransport.createLinkedPair();
    const answers = new Map<unknown, { result?: { content: { text: string }[] } }>();
    const answered = new Promise<void>((resolve) => {
      client.onmessage = (message) => {
        if ('id' in message) answers.set(message.id, message as never);
        if (answers.has(2)) resolve();
      };
    });
    const server = createMcpServer({
      version: '0',
      disclosure: 'silent',
      handle: async () => {
        throw new Error("Cannot find module './calls.js'\nRequire stack: ...");
      },
      onReady: () => {},
    });
    await server.connect(transport);
    await client.send({ jsonrpc: '2.0', id: 1, method: 'initialize', params: CLIENT });
    await client.send({ jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'get_delegation', arguments: {} } });
    await answered;
    assert.equal(
      answers.get(2)?.result?.content[0]?.text,
      [
        'outcome: environment_broken   fallback_needed: true',
        "reason: this server could not be loaded, as after an update: Cannot find module './calls.js'",
        'next: do it yourself; the user must restart the client',
      ].join('\n'),
    );
    await server.close();
  });
});
