/** Writes an answer as Moonshot streams it: server-sent events, deltas in fragments, the count at the end. No dependencies. */
import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { Fault } from './scenario.ts';
import { tokensOf } from './tokens.ts';

export interface Answer {
  model: string;
  reasoning: string;
  text: string;
  calls: readonly { id: string; name: string; args: string }[];
  usage: { input: number; cached: number; output: number };
  fault: Fault | null;
}

type Delta = Record<string, unknown>;

/**
 * An answer that is broken off is counted as far as it was written.
 * @returns whether the client was told the count; resolves when everything is written, or when the client has gone
 */
export async function streamAnswer(res: ServerResponse, answer: Answer): Promise<boolean> {
  const { fault } = answer;
  if (fault === 'whole_json') return sendWhole(res, answer);
  const encoding = fault === 'gzip' ? { 'content-encoding': 'gzip' } : {};
  res.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache', ...encoding });
  const deltas = deltasOf(answer);
  if (fault === 'keep_alive_comments') res.write(': keep-alive\n\n');
  if (isBreak(fault)) {
    const half = deltas.slice(0, Math.max(1, Math.ceil(deltas.length / 2)));
    answer.usage.output = Math.max(1, tokensOf(Buffer.byteLength(half.map(textIn).join(''))));
    await breakOff(res, half.map((delta) => frame(answer, delta, null)).join(''), fault);
    return false;
  }
  const frames = deltas.map((delta) => frame(answer, delta, null));
  const sent = fault !== 'no_usage' && fault !== 'no_finish';
  const inChoice = fault === 'usage_in_choice' || fault === 'usage_twice' ? { usage: usageJson(answer) } : {};
  if (fault !== 'no_finish') frames.push(frame(answer, {}, finishReason(answer), inChoice));
  if (sent && fault !== 'usage_in_choice') frames.push(usageFrame(answer));
  if (fault !== 'no_done') frames.push('data: [DONE]\n\n');
  for (const piece of written(frames, fault)) res.write(piece);
  res.end();
  return sent;
}

/** In a few writes, as a network would deliver them, not one for each frame. */
function written(frames: readonly string[], fault: Fault | null): (string | Buffer)[] {
  const all = Buffer.from(frames.join(''));
  if (fault === 'gzip') return [gzipSync(all)];
  if (fault === 'crlf') return [all.toString().replaceAll('\n', '\r\n')];
  if (fault === 'split_bytes') return cut(all, 7);
  const writes: string[] = [];
  for (let at = 0; at < frames.length; at += 8) writes.push(frames.slice(at, at + 8).join(''));
  return writes;
}

function cut(bytes: Buffer, size: number): Buffer[] {
  const list: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) list.push(bytes.subarray(at, at + size));
  return list;
}

function usageFrame(answer: Answer): string {
  const { cached_tokens, ...rest } = usageJson(answer);
  const usage = answer.fault === 'usage_twice' ? rest : { ...rest, ...(cached_tokens !== undefined && { cached_tokens }) };
  return `data: ${JSON.stringify({ ...base(answer), choices: [], usage })}\n\n`;
}

function sendWhole(res: ServerResponse, answer: Answer): boolean {
  const { reasoning, text, calls } = answer;
  const message = {
    role: 'assistant',
    content: text,
    ...(reasoning && { reasoning_content: reasoning }),
    ...(calls.length > 0 && {
      tool_calls: calls.map(({ id, name, args }) => ({ id, type: 'function', function: { name, arguments: args } })),
    }),
  };
  const choices = [{ index: 0, message, finish_reason: finishReason(answer) }];
  const body = { ...base(answer), object: 'chat.completion', choices, usage: usageJson(answer) };
  res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body, null, 1));
  return true;
}

const STREAM_BREAKS = [
  'reset_mid_stream',
  'stall_mid_stream',
  'stall_with_comments',
  'truncated_frame',
  'error_frame',
  'error_frame_code',
  'quota_frame',
  'abort_finish',
] as const satisfies readonly Fault[];
type StreamBreak = (typeof STREAM_BREAKS)[number];

function isBreak(fault: Fault | null): fault is StreamBreak {
  return STREAM_BREAKS.some((known) => known === fault);
}

const LAST_FRAMES: Partial<Record<StreamBreak, string>> = {
  truncated_frame: 'data: {"id":"chatcmpl-x","choices":[{"index":0,"del',
  error_frame:
    'data: {"error":{"message":"The engine is currently overloaded, please try again later","type":"engine_overloaded_error"}}\n\n',
  error_frame_code: 'data: {"error":{"message":"Upstream error","code":502}}\n\n',
  quota_frame:
    'data: {"error":{"message":"You exceeded your current token quota, please check your account balance","type":"exceeded_current_quota_error"}}\n\n',
  abort_finish: 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"abort"}]}\n\ndata: [DONE]\n\n',
};

/** What the model wrote in it. */
function textIn(delta: Delta): string {
  const {
    reasoning_content = '',
    content = '',
    tool_calls = [],
  } = delta as {
    reasoning_content?: string;
    content?: string | { text: string }[];
    tool_calls?: { function: { name?: string; arguments?: string } }[];
  };
  const text = typeof content === 'string' ? content : content.map((part) => part.text).join('');
  return reasoning_content + text + tool_calls.map(({ function: fn }) => (fn.name ?? '') + (fn.arguments ?? '')).join('');
}

async function breakOff(res: ServerResponse, half: string, fault: StreamBreak): Promise<void> {
  await new Promise<void>((resolve) => {
    // Only when the bytes have left: a reset throws away what is still queued.
    res.write(half, () => resolve());
    res.on('close', () => resolve());
  });
  if (fault === 'stall_mid_stream') return gone(res);
  if (fault === 'stall_with_comments') return comment(res);
  if (fault === 'reset_mid_stream') res.socket?.resetAndDestroy();
  else res.end(LAST_FRAMES[fault]);
}

async function comment(res: ServerResponse): Promise<void> {
  const timer = setInterval(() => res.write(': still here\n\n'), 20);
  await gone(res);
  clearInterval(timer);
}

/** Resolves when the client has closed the connection. */
export function gone(res: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    if (res.destroyed) resolve();
    else res.on('close', () => resolve());
  });
}

function deltasOf({ reasoning, text, calls, fault }: Answer): Delta[] {
  const deltas: Delta[] = [{ role: 'assistant', content: '' }];
  for (const piece of pieces(reasoning, 24)) deltas.push({ reasoning_content: piece });
  for (const piece of pieces(text, 24)) deltas.push({ content: fault === 'content_array' ? [{ type: 'text', text: piece }] : piece });
  if (fault === 'calls_in_one_delta') {
    deltas.push({
      tool_calls: calls.map((call, index) => ({
        index,
        id: call.id,
        type: 'function',
        function: { name: call.name, arguments: call.args },
      })),
    });
    return deltas;
  }
  const each = calls.map((call, index) => callDeltas(index, call, fault));
  if (fault === 'interleaved_calls') deltas.push(...takingTurns(each));
  else deltas.push(...each.flat());
  if (fault === 'empty_tool_name')
    deltas.push({ tool_calls: [{ index: calls.length, id: 'functions.:9', type: 'function', function: { name: '', arguments: '{}' } }] });
  return deltas;
}

function takingTurns(lists: readonly Delta[][]): Delta[] {
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, at) => lists.flatMap((list) => list[at] ?? [])).flat() as Delta[];
}

function callDeltas(index: number, call: Answer['calls'][number], fault: Fault | null): Delta[] {
  const at = fault === 'calls_without_index' ? {} : { index };
  const open = { ...at, id: call.id, type: 'function' };
  if (fault === 'whole_arguments') return [{ tool_calls: [{ ...open, function: { name: call.name, arguments: call.args } }] }];
  const fragments = pieces(call.args, 32).map((piece, number) => ({
    tool_calls: [{ ...at, ...(fault === 'fresh_ids' && { id: `${call.id}-${number}` }), function: { arguments: piece } }],
  }));
  const named = { tool_calls: [{ ...open, function: { name: call.name, arguments: '' } }] };
  if (fault === 'name_after_arguments')
    return [
      { tool_calls: [{ ...open, function: { arguments: '' } }] },
      ...fragments,
      { tool_calls: [{ index, function: { name: call.name } }] },
    ];
  return [named, ...fragments];
}

function pieces(text: string, size: number): string[] {
  const list: string[] = [];
  for (let at = 0; at < text.length; at += size) list.push(text.slice(at, at + size));
  return list;
}

function finishReason({ calls, fault }: Answer): string {
  if (fault === 'length_cut') return 'length';
  if (fault === 'content_filter_finish') return 'content_filter';
  if (fault === 'stop_with_calls') return 'stop';
  return calls.length > 0 || fault === 'empty_tool_name' ? 'tool_calls' : 'stop';
}

function base({ model }: Answer): Record<string, unknown> {
  return { id: 'chatcmpl-scripted', object: 'chat.completion.chunk', created: 1_764_000_000, model };
}

function frame(answer: Answer, delta: Delta, finish: string | null, extra: Record<string, unknown> = {}): string {
  return `data: ${JSON.stringify({ ...base(answer), choices: [{ index: 0, delta, finish_reason: finish, ...extra }] })}\n\n`;
}

function usageJson({ usage, fault }: Answer): Record<string, unknown> {
  const count = { prompt_tokens: usage.input, completion_tokens: usage.output, total_tokens: usage.input + usage.output };
  return fault === 'usage_in_details'
    ? { ...count, prompt_tokens_details: { cached_tokens: usage.cached } }
    : { ...count, cached_tokens: usage.cached };
}
