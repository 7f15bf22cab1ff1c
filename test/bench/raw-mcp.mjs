// The least that an MCP server in Node can be: no packages, one tool.
import { createInterface } from 'node:readline';

const answers = {
  initialize: ({ protocolVersion }) => ({ protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'raw', version: '0' } }),
  'tools/list': () => ({ tools: [{ name: 'ping', description: 'Answer pong.', inputSchema: { type: 'object', properties: {} } }] }),
};
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id !== undefined) process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, result: answers[method](params) })}\n`);
});
