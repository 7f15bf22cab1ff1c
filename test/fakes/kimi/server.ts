/**
 * A scripted Kimi on 127.0.0.1: the wire format and the rules of Moonshot's API, played scenarios, faults on demand,
 * and an own count of tokens to compare with. Needs nothing but Node.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ChatRequest, type Refusal, refuse } from './rules.ts';
import type { Fault, RequestRecord, RequestView, Scenario, Turn } from './scenario.ts';
import { bytesOf, PrefixCache, tokensOf } from './tokens.ts';
import { type Answer, gone, streamAnswer } from './wire.ts';

export interface KimiOptions {
  scenario: Scenario;
  /** The one key that is taken; default `sk-test-key`. */
  key?: string;
  models?: readonly string[];
  /** Tokens; default 262,144. */
  window?: number;
  /** Fields that this server does not know, and the longest answer that may be asked for: servers other than the platform differ there. */
  unknownFields?: readonly string[];
  longestAnswer?: number;
  /** The model's thinking time before each answer, ms; default 0. */
  thinkMs?: number | ((view: RequestView) => number);
  /** What the model waits for before an answer; null where it does not wait. */
  until?: (view: RequestView) => Promise<unknown> | null;
  /** Whether the cache has lost everything when this request comes. */
  cold?: (view: RequestView) => boolean;
  /** The account's balance, in the platform's currency. */
  balance?: number;
  /** What `GET /models` answers instead of the list: any JSON, or nothing at all until the client goes away. */
  listAnswer?: { status: number; body: unknown } | 'silent';
  /** Do not keep request bodies (long runs). */
  forgetBodies?: boolean;
}

export interface ScriptedKimi {
  /** With `/v1`. */
  baseUrl: string;
  /** Every chat request, in order of arrival. */
  requests: RequestRecord[];
  /** The requests for the list of models: how many chat requests had arrived before each, and whether the client went away unanswered. */
  lists: { after: number; gone: boolean }[];
  /** Resolves when so many chat requests have arrived. */
  arrived(count: number): Promise<void>;
  close(): Promise<void>;
}

const LARGEST_BODY = 8 * 1024 * 1024;

export const TEST_KEY = 'sk-test-key';

export async function startKimi(options: KimiOptions): Promise<ScriptedKimi> {
  const state: State = { options, requests: [], lists: [], cache: new PrefixCache(), accepted: 0, calls: 0, sent: new Map(), waiting: [] };
  const server = createServer((req, res) => {
    handle(state, req, res).catch((error: unknown) => {
      if (!res.headersSent) sendError(res, { status: 500, type: 'server_error', message: String(error) });
      else res.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests: state.requests,
    lists: state.lists,
    arrived: (count) =>
      new Promise((resolve) => {
        if (state.requests.length >= count) resolve();
        else state.waiting.push({ count, resolve });
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface State {
  options: KimiOptions;
  requests: RequestRecord[];
  lists: { after: number; gone: boolean }[];
  cache: PrefixCache;
  accepted: number;
  /** Counts the ids of tool calls. */
  calls: number;
  sent: Map<string, Set<string>>;
  waiting: { count: number; resolve: () => void }[];
}

async function handle(state: State, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const body = await readBody(req);
  const path = (req.url ?? '').split('?')[0];
  if (req.headers.authorization !== `Bearer ${state.options.key ?? TEST_KEY}`) {
    return sendError(res, { status: 401, type: 'invalid_authentication_error', message: 'Invalid Authentication' });
  }
  if (req.method === 'GET' && path === '/v1/models') return list(state, res);
  if (req.method === 'GET' && path === '/v1/users/me/balance') {
    const balance = state.options.balance ?? 100;
    return sendJson(res, 200, {
      code: 0,
      data: { available_balance: balance, voucher_balance: 0, cash_balance: balance },
      scode: '0x0',
      status: true,
    });
  }
  if (req.method === 'POST' && path === '/v1/tokenizers/estimate-token-count') {
    return sendJson(res, 200, {
      code: 0,
      data: { total_tokens: tokensOf(promptOf(JSON.parse(body.toString()) as ChatRequest).length) },
      status: true,
    });
  }
  if (req.method === 'POST' && path === '/v1/chat/completions') return chat(state, body, res);
  sendError(res, { status: 404, type: 'resource_not_found_error', message: 'Not found' });
}

function ownRule({ options }: State, request: ChatRequest): Refusal | null {
  const { unknownFields = [], longestAnswer = Number.POSITIVE_INFINITY } = options;
  const field = unknownFields.find((name) => name in request);
  const invalid = (message: string) => ({ status: 400, type: 'BadRequestError', message });
  if (field) return invalid(`[{'type': 'extra_forbidden', 'loc': ('body', '${field}'), 'msg': 'Extra inputs are not permitted'}]`);
  const asked = request.max_completion_tokens ?? 0;
  if (asked <= longestAnswer) return null;
  return invalid(`max_completion_tokens is too large: ${asked}. This model supports at most ${longestAnswer} completion tokens`);
}

async function list(state: State, res: ServerResponse): Promise<void> {
  const record = { after: state.requests.length, gone: false };
  state.lists.push(record);
  const { listAnswer } = state.options;
  if (listAnswer === 'silent') {
    await gone(res);
    record.gone = true;
  } else if (listAnswer) sendJson(res, listAnswer.status, listAnswer.body);
  else {
    const data = modelsOf(state).map((id) => ({ id, object: 'model', created: 0, owned_by: 'moonshot', context_length: windowOf(state) }));
    sendJson(res, 200, { object: 'list', data });
  }
}

async function chat(state: State, raw: Buffer, res: ServerResponse): Promise<void> {
  const record: RequestRecord = {
    at: performance.now(),
    body: state.options.forgetBodies ? Buffer.alloc(0) : raw,
    bytes: raw.length,
    status: 0,
    error: null,
    fault: null,
    usage: null,
    usageSent: false,
    thinking: 'enabled',
    maxOutput: 0,
  };
  state.requests.push(record);
  announce(state);
  const request = parse(raw);
  if (!request) return refuseWith(record, res, { status: 400, type: 'invalid_request_error', message: 'the body is not JSON' });
  record.thinking = request.thinking?.type === 'disabled' ? 'disabled' : 'enabled';
  record.maxOutput = request.max_completion_tokens ?? 0;
  const prompt = promptOf(request);
  const knowsThinking = !state.options.unknownFields?.includes('thinking');
  const input = tokensOf(prompt.length);
  const limits = { models: modelsOf(state), window: windowOf(state), tokens: input, bytes: prompt.length, knowsThinking };
  const refusal = ownRule(state, request) ?? refuse(request, limits, state.sent);
  if (refusal) return refuseWith(record, res, refusal);

  const view = viewOf(state, request);
  const turn = turnOf(state.options.scenario, view);
  state.accepted++;
  record.fault = turn.fault ?? null;
  const planned = refusalOf(turn.fault, request.model);
  if (planned) return refuseWith(record, res, planned);
  if (isFromProxy(turn.fault)) return answerAsProxy(record, res, turn.fault);
  if (turn.fault === 'reset_before_headers') return void res.socket?.resetAndDestroy();
  if (turn.fault === 'stall_before_headers') return gone(res);
  const { thinkMs = 0 } = state.options;
  const thinks = typeof thinkMs === 'function' ? thinkMs(view) : thinkMs;
  if (thinks > 0) await pause(thinks, res);
  const due = state.options.until?.(view);
  if (due) await Promise.race([due, once(res, 'close')]);

  const spoken = record.thinking === 'disabled' ? { ...turn, reasoning: '' } : turn;
  const answer = capped(answerOf(state, spoken, view, request.model), record.maxOutput);
  for (const { id } of answer.calls) state.sent.set(id, (state.sent.get(id) ?? new Set()).add(answer.reasoning));
  if (turn.fault === 'cold_cache' || state.options.cold?.(view)) state.cache = new PrefixCache();
  // Whoever does not ask for the count gets none.
  if (!request.stream_options?.include_usage) answer.fault ??= 'no_usage';
  answer.usage = { input, cached: state.cache.serve(prompt), output: outputTokens(answer) };
  record.status = 200;
  record.usage = answer.usage;
  record.usageSent = await streamAnswer(res, answer);
}

function answerOf(state: State, turn: Turn, view: RequestView, model: string): Answer {
  const calls = (turn.calls ?? []).map((call, position) => {
    const args = JSON.stringify(typeof call.args === 'function' ? call.args(view) : call.args);
    const id = turn.fault === 'repeated_ids' ? 'functions.tool:0' : `functions.${call.name}:${state.calls++}`;
    const isLast = position === turn.calls!.length - 1;
    return { id: call.id ?? id, name: call.name, args: isLast ? spoil(args, turn.fault) : args };
  });
  const usage = { input: 0, cached: 0, output: 0 };
  const answer = { model, reasoning: turn.reasoning ?? '', text: turn.text ?? '', calls, usage, fault: turn.fault ?? null };
  switch (turn.fault) {
    case 'markup_in_text':
      return { ...answer, text: answer.text + markupOf(calls), calls: [] };
    case 'markup_in_reasoning':
      return { ...answer, reasoning: answer.reasoning + markupOf(calls), calls: [] };
    case 'nameless_call':
      return { ...answer, calls: calls.slice(0, 1).map((call) => ({ ...call, name: '' })) };
    case 'empty_answer':
      return { ...answer, reasoning: '', text: '', calls: [] };
    default:
      return answer;
  }
}

/** Calls as the model writes them before the server makes calls of it. */
function markupOf(calls: Answer['calls']): string {
  const each = calls.map(({ id, args }) => `<|tool_call_begin|>${id}<|tool_call_argument_begin|>${args}<|tool_call_end|>`);
  return `<|tool_calls_section_begin|>${each.join('')}<|tool_calls_section_end|>`;
}

/** What is over the output cap is cut off, thinking counted first, as the model would have produced it. */
function capped(answer: Answer, maxOutput: number): Answer {
  if (outputTokens(answer) <= maxOutput) return answer;
  let left = bytesOf(maxOutput);
  const take = (text: string) => {
    const kept = Buffer.from(text)
      .subarray(0, Math.max(0, left))
      .toString()
      .replace(/\ufffd$/, '');
    left -= Buffer.byteLength(text);
    return kept;
  };
  const reasoning = take(answer.reasoning);
  const text = take(answer.text);
  const calls = answer.calls.map((call) => ({ ...call, name: take(call.name), args: take(call.args) })).filter(({ name }) => name !== '');
  return { ...answer, reasoning, text, calls, fault: 'length_cut' };
}

function spoil(args: string, fault: Fault | undefined): string {
  if (fault === 'length_cut') return args.slice(0, Math.floor(args.length / 2));
  return fault === 'broken_json' ? `${args.slice(0, -1)},, "unquoted: }` : args;
}

function outputTokens({ reasoning, text, calls }: Answer): number {
  return Math.max(1, tokensOf(Buffer.byteLength(reasoning + text + calls.map(({ name, args }) => name + args).join(''))));
}

function turnOf(scenario: Scenario, view: RequestView): Turn {
  if (typeof scenario === 'function') return scenario(view);
  return scenario[view.index] ?? { text: 'Done.' };
}

function viewOf(state: State, { messages }: ChatRequest): RequestView {
  const lastAssistant = messages.findLastIndex(({ role }) => role === 'assistant');
  const lastResults = messages.slice(lastAssistant + 1).filter(({ role }) => role === 'tool');
  return {
    index: state.accepted,
    step: messages.filter(({ role }) => role === 'assistant').length,
    messages,
    lastResults: lastResults.map(({ content }) => String(content)),
  };
}

function refusalOf(fault: Fault | undefined, model: string): Refusal | null {
  const limited = (message: string): Refusal => ({
    status: 429,
    type: 'rate_limit_reached_error',
    message: `Your account org-1 request reached ${message}`,
  });
  switch (fault) {
    case '429_rpm':
      return limited('max RPM: 3, please try again after 1 seconds');
    case '429_concurrency':
      return limited('max organization concurrency: 1, please try again after 1 seconds');
    case '429_tpm':
      return limited('organization TPM rate limit, current: 510000, limit: 500000');
    case '429_tpd':
      return limited('TPD rate limit, current: 1500001, limit: 1500000');
    case '429_quota':
      return {
        status: 429,
        type: 'exceeded_current_quota_error',
        message: 'You exceeded your current token quota, please check your account balance',
      };
    case '429_overloaded':
      return { status: 429, type: 'engine_overloaded_error', message: 'The engine is currently overloaded, please try again later' };
    case '400_content_filter':
      return { status: 400, type: 'content_filter', message: 'The request was rejected because it was considered high risk' };
    case '400_overflow':
      return {
        status: 400,
        type: 'invalid_request_error',
        message: `Invalid request: Your request exceeded model token limit: 262144 (requested: 300000)`,
      };
    case '401':
      return { status: 401, type: 'invalid_authentication_error', message: 'Invalid Authentication' };
    case '402':
      return { status: 402, type: 'insufficient_balance', message: 'Payment required' };
    case '404_model':
      return { status: 404, type: 'resource_not_found_error', message: `Not found the model ${model} or Permission denied` };
    case '408':
      return { status: 408, type: 'client_closed_request', message: 'Client closed request' };
    case '403':
      return { status: 403, type: 'permission_denied_error', message: `The API you are accessing is not open to ${model}` };
    case '500':
    case '502':
    case '503':
      return { status: Number(fault), type: 'server_error', message: 'Internal error' };
    default:
      return null;
  }
}

type FromProxy = '413' | '429_bare' | 'redirect' | 'web_page';

function isFromProxy(fault: Fault | undefined): fault is FromProxy {
  return fault === '413' || fault === '429_bare' || fault === 'redirect' || fault === 'web_page';
}

/** What does not come from the API itself, and has none of its forms. */
function answerAsProxy(record: RequestRecord, res: ServerResponse, fault: FromProxy): void {
  record.error = fault;
  record.status = { '413': 413, '429_bare': 429, redirect: 307, web_page: 200 }[fault];
  const html = { 'content-type': 'text/html; charset=utf-8' };
  if (fault === '413') res.writeHead(413, html).end('<html><h1>413 Request Entity Too Large</h1></html>');
  else if (fault === '429_bare') {
    const now = Date.now();
    const headers = { date: new Date(now).toUTCString(), 'retry-after': new Date(now + 7000).toUTCString() };
    res.writeHead(429, headers).end();
  } else if (fault === 'redirect') res.writeHead(307, { location: 'http://portal.example/login' }).end();
  else res.writeHead(200, html).end('<!doctype html><title>Log in</title><p>data: none</p>');
}

/** What is counted and cached: the tools and the messages, in that order. */
function promptOf({ tools, messages }: ChatRequest): Buffer {
  return Buffer.from(JSON.stringify(tools ?? []) + JSON.stringify(messages));
}

function refuseWith(record: RequestRecord, res: ServerResponse, refusal: Refusal): void {
  record.status = refusal.status;
  record.error = refusal.message;
  sendError(res, refusal);
}

function sendError(res: ServerResponse, { status, type, message }: Refusal): void {
  sendJson(res, status, { error: { message, type } });
}

function sendJson(res: ServerResponse, status: number, value: unknown): void {
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

async function readBody(req: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req) {
    size += (chunk as Buffer).length;
    if (size > LARGEST_BODY) throw new Error('the body is too large');
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

function parse(raw: Buffer): ChatRequest | null {
  try {
    return JSON.parse(raw.toString()) as ChatRequest;
  } catch {
    return null;
  }
}

function announce(state: State): void {
  const due = state.waiting.filter(({ count }) => state.requests.length >= count);
  state.waiting = state.waiting.filter(({ count }) => state.requests.length < count);
  for (const { resolve } of due) resolve();
}

function pause(ms: number, res: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    res.on('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function modelsOf(state: State): readonly string[] {
  return state.options.models ?? ['kimi-k2.6', 'kimi-k2.7-code'];
}

function windowOf(state: State): number {
  return state.options.window ?? 262_144;
}
