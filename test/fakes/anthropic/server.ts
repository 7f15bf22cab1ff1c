/** Plays the `/v1/messages` that Claude Code talks to: scripted turns over the SSE wire format, on a loopback port. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One answer of the model: text, and tools that it calls. */
export interface ClaudeTurn {
  text?: string;
  calls?: readonly { name: string; input: Record<string, unknown> }[];
}

export interface ClaudeRequest {
  model?: string;
  stream?: boolean;
  system?: string | { text: string }[];
  messages: { role: string; content: string | ContentBlock[] }[];
  tools?: { name: string; description?: string }[];
}

export interface ContentBlock {
  type: string;
  text?: string;
  content?: string | { type: string; text?: string }[];
  is_error?: boolean;
  tool_use_id?: string;
}

export interface ScriptedClaude {
  /** For ANTHROPIC_BASE_URL. */
  baseUrl: string;
  /** Every request for messages, in order of arrival. */
  requests: ClaudeRequest[];
  /** Those that no turn of the script was meant for: titles, classifiers and the like. */
  others: ClaudeRequest[];
  /** Resolves when so many requests have arrived. */
  arrived(count: number): Promise<void>;
  close(): Promise<void>;
}

/** @param script the answer to a request of the main conversation; null = this request belongs to something else */
export async function startClaudeApi(script: (request: ClaudeRequest) => ClaudeTurn | null): Promise<ScriptedClaude> {
  const requests: ClaudeRequest[] = [];
  const others: ClaudeRequest[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  const server = createServer((req, res) => {
    answer(req, res).catch((error: unknown) => {
      if (!res.headersSent) sendJson(res, 500, { type: 'error', error: { type: 'api_error', message: String(error) } });
      else res.destroy();
    });
  });

  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const body = await read(req);
    const path = (req.url ?? '').split('?')[0];
    if (req.method === 'POST' && path === '/v1/messages/count_tokens')
      return sendJson(res, 200, { input_tokens: Math.ceil(body.length / 4) });
    if (req.method !== 'POST' || path !== '/v1/messages')
      return sendJson(res, 404, { type: 'error', error: { type: 'not_found_error', message: 'Not found' } });
    const request = JSON.parse(body) as ClaudeRequest;
    requests.push(request);
    for (const { count, resolve } of waiting) if (requests.length >= count) resolve();
    let turn = script(request);
    if (turn === null) {
      others.push(request);
      turn = { text: 'ok' };
    }
    const message = messageOf(turn, request, requests.length);
    if (request.stream) stream(res, message);
    else sendJson(res, 200, message);
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    others,
    arrived: (count) => new Promise((resolve) => (requests.length >= count ? resolve() : waiting.push({ count, resolve }))),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

type Message = ReturnType<typeof messageOf>;

function messageOf(turn: ClaudeTurn, request: ClaudeRequest, number: number) {
  const content = [
    ...(turn.text ? [{ type: 'text' as const, text: turn.text }] : []),
    ...(turn.calls ?? []).map((call, index) => ({
      type: 'tool_use' as const,
      id: `toolu_${number}_${index}`,
      name: call.name,
      input: call.input,
    })),
  ];
  return {
    id: `msg_${number}`,
    type: 'message',
    role: 'assistant',
    model: request.model ?? 'claude-test',
    content,
    stop_reason: turn.calls?.length ? 'tool_use' : 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 100, output_tokens: 20, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 },
  };
}

function stream(res: ServerResponse, message: Message): void {
  res.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  const send = (type: string, data: object) => res.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
  send('message_start', { message: { ...message, content: [], stop_reason: null, usage: { ...message.usage, output_tokens: 1 } } });
  for (const [index, block] of message.content.entries()) {
    if (block.type === 'text') {
      send('content_block_start', { index, content_block: { type: 'text', text: '' } });
      send('content_block_delta', { index, delta: { type: 'text_delta', text: block.text } });
    } else {
      send('content_block_start', { index, content_block: { ...block, input: {} } });
      send('content_block_delta', { index, delta: { type: 'input_json_delta', partial_json: JSON.stringify(block.input) } });
    }
    send('content_block_stop', { index });
  }
  send('message_delta', {
    delta: { stop_reason: message.stop_reason, stop_sequence: null },
    usage: { output_tokens: message.usage.output_tokens },
  });
  send('message_stop', {});
  res.end();
}

/** Texts of the tool results after the last assistant message. */
export function lastResults(request: ClaudeRequest): { text: string; isError: boolean }[] {
  const last = request.messages.at(-1);
  if (!last || typeof last.content === 'string') return [];
  return last.content
    .filter((block) => block.type === 'tool_result')
    .map((block) => ({
      isError: block.is_error === true,
      text: typeof block.content === 'string' ? block.content : (block.content ?? []).map((part) => part.text ?? '').join(''),
    }));
}

/** The system prompt as one text. */
export function systemText({ system }: ClaudeRequest): string {
  return typeof system === 'string' ? system : (system ?? []).map(({ text }) => text).join('\n');
}

async function read(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function sendJson(res: ServerResponse, status: number, value: unknown): void {
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}
