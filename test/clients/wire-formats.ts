/** How the clients ask their models, as far as a text or one tool call for an answer needs it. */
import type { ServerResponse } from 'node:http';

export type Turn = { readonly text: string } | { readonly call: { readonly tool: string; readonly args: Record<string, unknown> } };

interface Format {
  readonly path: RegExp;
  /** The names of the tools that a request offers. */
  tools(body: Record<string, unknown>): readonly string[];
  /** The result of the last tool call when it is the last thing in the conversation, else null. */
  lastResult(body: Record<string, unknown>): string | null;
  write(response: ServerResponse, body: Record<string, unknown>, turn: Turn): void;
}

type Item = Record<string, unknown>;
const list = (value: unknown): Item[] => (Array.isArray(value) ? (value as Item[]) : []);
const nameOf = (tool: Item) => String(tool['name'] ?? '');
const USAGE = { input_tokens: 100, output_tokens: 20, total_tokens: 120 };
let count = 0;

function stream(response: ServerResponse, events: readonly (Item | string)[], named: boolean): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const event of events) {
    if (named && typeof event !== 'string') response.write(`event: ${event['type']}\n`);
    response.write(`data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`);
  }
  response.end();
}

/** All texts in a value, however it is nested; some clients hand a result on as the JSON that it came in. */
function textsIn(value: unknown): string {
  if (typeof value === 'string') return value.startsWith('{"content":') ? textsIn(JSON.parse(value)) : value;
  if (Array.isArray(value)) return value.map(textsIn).join('\n');
  return typeof value === 'object' && value !== null ? Object.values(value).map(textsIn).join('\n') : '';
}

const responses: Format = {
  path: /\/responses$/,
  tools: ({ tools }) =>
    list(tools).flatMap((tool) => [nameOf(tool), ...list(tool['tools']).map((inner) => `${nameOf(tool)}\0${nameOf(inner)}`)]),
  lastResult({ input }) {
    const last = list(input).at(-1);
    return last?.['type'] === 'function_call_output' ? textsIn(last['output']) : null;
  },
  write(response, _, turn) {
    const id = `resp_${++count}`;
    const message = { type: 'message', id: `msg_${count}`, role: 'assistant', content: [] as Item[] };
    if ('text' in turn) message.content.push({ type: 'output_text', text: turn.text, annotations: [] });
    const [space, name] = 'call' in turn ? turn.call.tool.split('\0') : [];
    const named = name === undefined ? { name: space } : { namespace: space, name };
    const call = 'call' in turn ? { type: 'function_call', id: `fc_${count}`, call_id: `call_${count}`, ...named } : {};
    const item = 'call' in turn ? { ...call, arguments: JSON.stringify(turn.call.args) } : message;
    const events = [
      { type: 'response.created', response: { id, object: 'response', status: 'in_progress', output: [] } },
      { type: 'response.output_item.done', output_index: 0, item },
      { type: 'response.completed', response: { id, object: 'response', status: 'completed', output: [item], usage: USAGE } },
    ];
    stream(response, events, true);
  },
};

const chat: Format = {
  path: /\/chat\/completions$/,
  tools: ({ tools }) => list(tools).map((tool) => nameOf(tool['function'] as Item)),
  lastResult({ messages }) {
    const last = list(messages).at(-1);
    return last?.['role'] === 'tool' ? textsIn(last['content']) : null;
  },
  write(response, body, turn) {
    const common = { id: `chatcmpl-${++count}`, created: Math.floor(Date.now() / 1000), model: body['model'] };
    const reason = 'call' in turn ? 'tool_calls' : 'stop';
    const call = 'call' in turn ? { name: turn.call.tool, arguments: JSON.stringify(turn.call.args) } : null;
    const message = call
      ? { role: 'assistant', content: null, tool_calls: [{ index: 0, id: `call_${count}`, type: 'function', function: call }] }
      : { role: 'assistant', content: 'text' in turn ? turn.text : '' };
    const usage = { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 };
    if (body['stream'] !== true) {
      const choices = [{ index: 0, message, finish_reason: reason }];
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ ...common, object: 'chat.completion', choices, usage }));
      return;
    }
    const chunk = { ...common, object: 'chat.completion.chunk' };
    const events = [
      { ...chunk, choices: [{ index: 0, delta: message, finish_reason: null }] },
      { ...chunk, choices: [{ index: 0, delta: {}, finish_reason: reason }] },
      { ...chunk, choices: [], usage },
      '[DONE]',
    ];
    stream(response, events, false);
  },
};

const gemini: Format = {
  path: /:(streamG|g)enerateContent$/,
  tools: ({ tools }) => list(tools).flatMap((tool) => list(tool['functionDeclarations']).map(nameOf)),
  lastResult({ contents }) {
    const parts = list(list(contents).at(-1)?.['parts']).flatMap((part) => part['functionResponse'] ?? []);
    return parts.length > 0 ? textsIn(parts) : null;
  },
  write(response, _, turn) {
    const part = 'call' in turn ? { functionCall: { name: turn.call.tool, args: turn.call.args } } : { text: turn.text };
    const candidates = [{ index: 0, content: { role: 'model', parts: [part] }, finishReason: 'STOP' }];
    const answer = { candidates, usageMetadata: { promptTokenCount: 100, candidatesTokenCount: 20, totalTokenCount: 120 } };
    if (response.req.url?.includes('stream')) stream(response, [answer], false);
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  },
};

const messages: Format = {
  path: /\/messages$/,
  tools: ({ tools }) => list(tools).map(nameOf),
  lastResult(body) {
    const content = list(list(body['messages']).at(-1)?.['content']);
    const result = content.findLast((block) => block['type'] === 'tool_result');
    return result ? textsIn(result['content']) : null;
  },
  write(response, { model }, turn) {
    const block =
      'call' in turn ? { type: 'tool_use', id: `toolu_${++count}`, name: turn.call.tool, input: {} } : { type: 'text', text: '' };
    const delta =
      'call' in turn ? { type: 'input_json_delta', partial_json: JSON.stringify(turn.call.args) } : { type: 'text_delta', text: turn.text };
    const usage = { input_tokens: 100, output_tokens: 20, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 };
    const message = {
      id: `msg_${++count}`,
      type: 'message',
      role: 'assistant',
      model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage,
    };
    const events = [
      { type: 'message_start', message },
      { type: 'content_block_start', index: 0, content_block: block },
      { type: 'content_block_delta', index: 0, delta },
      { type: 'content_block_stop', index: 0 },
      {
        type: 'message_delta',
        delta: { stop_reason: 'call' in turn ? 'tool_use' : 'end_turn', stop_sequence: null },
        usage: { output_tokens: 20 },
      },
      { type: 'message_stop' },
    ];
    stream(response, events, true);
  },
};

export const FORMATS: readonly Format[] = [responses, chat, gemini, messages];
