/**
 * A server with the provider's wire format whose answers somebody writes. A loop asks at `/v1`; whoever answers gets each request as text
 * from `/next`, and sends the answer to `/answer`. Tokens are counted from bytes, the same way for every loop.
 */
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { z } from 'zod';
import { commonPrefix } from '../../fakes/kimi/tokens.ts';
import { BYTES_PER_TOKEN } from './request-parts.ts';
import { type ChatRequest, showRequest } from './show-request.ts';

export const MODEL = 'kimi-k2.6';
export const KEY = 'sk-trial-0123456789abcdef';
const CACHED_BY = 256;
/** Clients take a longer silence for a dead server, and comments for none at all. */
const SIGN_OF_LIFE_MS = 10_000;

const answerSchema = z
  .strictObject({
    reasoning: z.string().default(''),
    content: z.string().default(''),
    calls: z
      .array(z.strictObject({ name: z.string().min(1), arguments: z.union([z.record(z.string(), z.unknown()), z.string()]) }))
      .default([]),
  })
  .refine(({ content, calls }) => content !== '' || calls.length > 0, { error: 'neither "content" nor "calls"' });

type Answer = z.infer<typeof answerSchema>;

/** A line of `log.jsonl`. */
export interface Exchange {
  readonly request: number;
  /** Milliseconds since the server began: the request, and its answer. */
  readonly asked: number;
  readonly answered: number;
  readonly input: number;
  readonly cached: number;
  readonly output: number;
  readonly calls: number;
}

interface Question {
  readonly number: number;
  readonly text: string;
  readonly asked: number;
  readonly input: number;
  readonly cached: number;
  readonly response: ServerResponse;
}

interface State {
  readonly folder: string;
  readonly began: number;
  readonly prompts: Buffer[];
  /** Messages that were shown so far. */
  shown: number;
  open: Question | null;
  readonly waiting: Set<ServerResponse>;
  /** What is said to whoever still waits for a request. */
  over: string | null;
}

export interface Endpoint {
  readonly url: string;
  /** Tells whoever answers that nothing more comes. */
  end(): void;
  close(): Promise<void>;
}

/** @param folder gets each request as it was shown (`requests/`), the first one as it came (`first.json`), `log.jsonl` and the answers (`answers.jsonl`) */
export async function startEndpoint(folder: string): Promise<Endpoint> {
  mkdirSync(path.join(folder, 'requests'), { recursive: true });
  const state: State = { folder, began: performance.now(), prompts: [], shown: 0, open: null, waiting: new Set(), over: null };
  const server = createServer((request, response) => {
    route(state, request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    end() {
      state.over = 'THE END. Nothing more is asked.\n';
      handOver(state);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function route(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await textOf(request);
  if (request.url === '/next') {
    state.waiting.add(response);
    response.on('close', () => state.waiting.delete(response));
    return handOver(state);
  }
  if (request.url === '/answer') return take(state, body, response);
  if (request.url?.endsWith('/models')) {
    return void response.end(JSON.stringify({ object: 'list', data: [{ id: MODEL, object: 'model', context_length: 262_144 }] }));
  }
  if (request.url?.endsWith('/chat/completions')) return ask(state, JSON.parse(body) as ChatRequest, response);
  response.writeHead(404).end(JSON.stringify({ error: { message: 'Not found', type: 'resource_not_found_error' } }));
}

function ask(state: State, request: ChatRequest, response: ServerResponse): void {
  const prompt = Buffer.from(JSON.stringify(request.tools ?? []) + JSON.stringify(request.messages));
  const known = Math.max(0, ...state.prompts.map((earlier) => commonPrefix(earlier, prompt)));
  state.prompts.push(prompt);
  const number = state.prompts.length;
  if (number === 1) writeFileSync(path.join(state.folder, 'first.json'), JSON.stringify(request));
  const input = tokens(prompt.length);
  const cached = Math.floor(known / BYTES_PER_TOKEN / CACHED_BY) * CACHED_BY;
  const text = showRequest(request, { number, shown: state.shown, tokens: input });
  state.shown = request.messages.length;
  writeFileSync(path.join(state.folder, 'requests', `${String(number).padStart(3, '0')}.txt`), text);

  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  const alive = setInterval(() => response.write(frame({ reasoning_content: ' ' })), SIGN_OF_LIFE_MS);
  response.on('close', () => {
    clearInterval(alive);
    if (state.open?.response === response) state.open = null; // the loop has given up waiting
  });
  response.on('finish', () => clearInterval(alive));
  state.open = { number, text, asked: since(state), input, cached, response };
  handOver(state);
}

function take(state: State, body: string, response: ServerResponse): void {
  const question = state.open;
  const answer = parseAnswer(body);
  if (!question) {
    response.writeHead(409).end(state.over ?? 'nothing is being asked; wait for the next request');
  } else if (typeof answer === 'string') {
    response.writeHead(400).end(answer);
  } else {
    state.open = null;
    const output = send(answer, question);
    const { number, asked, input, cached } = question;
    const exchange: Exchange = { request: number, asked, answered: since(state), input, cached, output, calls: answer.calls.length };
    appendFileSync(path.join(state.folder, 'log.jsonl'), `${JSON.stringify(exchange)}\n`);
    appendFileSync(path.join(state.folder, 'answers.jsonl'), `${JSON.stringify(answer)}\n`);
    response.end('sent');
  }
}

/** @returns the tokens of the answer */
function send({ reasoning, content, calls }: Answer, { number, input, cached, response }: Question): number {
  const frames = [frame({ role: 'assistant', content: '' })];
  if (reasoning !== '') frames.push(frame({ reasoning_content: reasoning }));
  if (content !== '') frames.push(frame({ content }));
  const sent = calls.map((call, index) => ({
    index,
    id: `functions.${call.name}:${number}${index}`,
    type: 'function',
    function: { name: call.name, arguments: typeof call.arguments === 'string' ? call.arguments : JSON.stringify(call.arguments) },
  }));
  for (const call of sent) frames.push(frame({ tool_calls: [call] }));
  const output = tokens(Buffer.byteLength(reasoning + content + sent.map(({ function: fn }) => fn.name + fn.arguments).join('')));
  const usage = { prompt_tokens: input, completion_tokens: output, total_tokens: input + output, cached_tokens: cached };
  frames.push(frame({}, { finish: calls.length > 0 ? 'tool_calls' : 'stop', usage }), 'data: [DONE]\n\n');
  response.end(frames.join(''));
  return output;
}

/** @returns why not, when it is none */
function parseAnswer(body: string): Answer | string {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (error) {
    return `not JSON: ${(error as Error).message}`;
  }
  const { data, error } = answerSchema.safeParse(value);
  return data ?? `not an answer: ${z.prettifyError(error!)}`;
}

function handOver(state: State): void {
  const text = state.open?.text ?? state.over;
  if (text === null || text === undefined) return;
  for (const response of state.waiting) response.end(text);
  state.waiting.clear();
}

function frame(delta: object, { finish = null, usage }: { finish?: string | null; usage?: object } = {}): string {
  const chunk = { id: 'chatcmpl-trial', object: 'chat.completion.chunk', created: 1_764_000_000, model: MODEL };
  return `data: ${JSON.stringify({ ...chunk, choices: [{ index: 0, delta, finish_reason: finish }], ...(usage && { usage }) })}\n\n`;
}

function tokens(bytes: number): number {
  return Math.ceil(bytes / BYTES_PER_TOKEN);
}

function since({ began }: State): number {
  return Math.round(performance.now() - began);
}
