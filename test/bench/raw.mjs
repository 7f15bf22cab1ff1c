// The least that a Node loop can do: one request after the other, three tools, no sandbox, no journal. The yardstick of bench.ts.
import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import http from 'node:http';

const [baseUrl, key] = process.argv.slice(2);
const agent = new http.Agent({ keepAlive: true });
const string = { type: 'string' };
const tool = (name, properties) => ({
  type: 'function',
  function: { name, description: name, parameters: { type: 'object', properties, required: Object.keys(properties) } },
});
const edits = { type: 'array', items: { type: 'object', properties: { old_text: string, new_text: string } } };
const tools = [
  tool('read_file', { path: string }),
  tool('edit_file', { path: string, edits }),
  tool('run_command', { command: string }),
  tool('finish', { summary: string }),
];
const run = {
  read_file: ({ path }) => readFile(path, 'utf8'),
  edit_file: async ({ path, edits: [edit] }) => {
    await writeFile(
      path,
      (await readFile(path, 'utf8')).replace(edit.old_text, () => edit.new_text),
    );
    return 'ok';
  },
  run_command: ({ command }) =>
    new Promise((resolve) => {
      const child = spawn('/bin/bash', ['-c', command], { stdio: ['ignore', 'pipe', 'pipe'] });
      let out = '';
      child.stdout.on('data', (chunk) => {
        out += chunk;
      });
      child.on('close', (code) => resolve(`exit ${code}\n${out}`));
    }),
};
const head = Buffer.from(
  `{"model":"kimi-k2.6","stream":true,"stream_options":{"include_usage":true},"max_completion_tokens":32768,"thinking":{"type":"enabled","keep":"all"},"tools":${JSON.stringify(tools)},"messages":[`,
);
const sent = [];
const push = (message) => sent.push(Buffer.from((sent.length > 0 ? ',' : '') + JSON.stringify(message)));
const ask = () =>
  new Promise((resolve, reject) => {
    const body = Buffer.concat([head, ...sent, Buffer.from(']}')]);
    const request = http.request(
      `${baseUrl}/chat/completions`,
      {
        agent,
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${key}`, 'content-length': body.length },
      },
      (response) => {
        const message = { role: 'assistant', reasoning_content: '' };
        const calls = [];
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => {
          text += chunk;
          for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
            const line = text.slice(6, end);
            text = text.slice(end + 2);
            const delta = line === '[DONE]' ? null : JSON.parse(line).choices?.[0]?.delta;
            if (delta?.reasoning_content) message.reasoning_content += delta.reasoning_content;
            for (const part of delta?.tool_calls ?? []) {
              calls[part.index] ??= { id: '', type: 'function', function: { name: '', arguments: '' } };
              const call = calls[part.index];
              call.id ||= part.id ?? '';
              call.function.name ||= part.function?.name ?? '';
              call.function.arguments += part.function?.arguments ?? '';
            }
          }
        });
        response.on('end', () => resolve({ ...message, tool_calls: calls }));
      },
    );
    request.on('error', reject);
    request.end(body);
  });

push({ role: 'system', content: 'You are a coding agent.' });
push({ role: 'user', content: 'Keep the counters up to date.' });
for (;;) {
  const message = await ask();
  push(message);
  if (message.tool_calls.some((call) => call.function.name === 'finish')) break;
  for (const call of message.tool_calls)
    push({ role: 'tool', tool_call_id: call.id, content: String(await run[call.function.name](JSON.parse(call.function.arguments))) });
}
agent.destroy();
