/** Writes an answer as Moonshot streams it: server-sent events, deltas in fragments, the count at the end. No dependencies. */
import type { ServerResponse } from 'node:http';
import type { Fault } from './scenario.ts';

export interface Answer {
  model: string;
  reasoning: string;
  text: string;
  calls: readonly { id: string; name: string; args: string }[];
  usage: { input: number; cached: number; output: number };
  fault: Fault | null;
}

type Delta = Record<string, unknown>;

/** @returns whether the client was told the count; resolves when everything is written, or when the client has gone */
export async function streamAnswer(res: ServerResponse, answer: Answer): Promise<boolean> {
  const { fault } = answer;
  res.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
  const frames = deltasOf(answer).map((delta) => frame(answer, delta, null));
  if (fault === 'keep_alive_comments') res.write(': keep-alive\n\n');
  if (fault === 'reset_mid_stream' || fault === 'stall_mid_stream' || fault === 'truncated_frame' || fault === 'error_frame') {
    await breakOff(res, frames, fault);
    return false;
  }
  // In a few writes, as a network would deliver them, not one for each frame.
  for (let at = 0; at < frames.length; at += 8) res.write(frames.slice(at, at + 8).join(''));
  if (fault !== 'no_finish')
    res.write(frame(answer, {}, finishReason(answer), fault === 'usage_in_choice' ? { usage: usageJson(answer) } : {}));
  const sent = fault !== 'no_usage' && fault !== 'no_finish';
  if (sent && fault !== 'usage_in_choice')
    res.write(`data: ${JSON.stringify({ ...base(answer), choices: [], usage: usageJson(answer) })}\n\n`);
  res.end(fault === 'no_done' ? '' : 'data: [DONE]\n\n');
  return sent;
}

async function breakOff(res: ServerResponse, frames: readonly string[], fault: Fault): Promise<void> {
  const half = frames.slice(0, Math.max(1, Math.ceil(frames.length / 2))).join('');
  await new Promise<void>((resolve) => {
    // Only when the bytes have left: a reset throws away what is still queued.
    res.write(half, () => resolve());
    res.on('close', () => resolve());
  });
  if (fault === 'stall_mid_stream') return gone(res);
  if (fault === 'reset_mid_stream') res.socket?.resetAndDestroy();
  else if (fault === 'error_frame')
    res.end(
      'data: {"error":{"message":"The engine is currently overloaded, please try again later","type":"engine_overloaded_error"}}\n\n',
    );
  else res.end('data: {"id":"chatcmpl-x","choices":[{"index":0,"del');
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
  for (const [index, call] of calls.entries()) deltas.push(...callDeltas(index, call, fault));
  if (fault === 'empty_tool_name')
    deltas.push({ tool_calls: [{ index: calls.length, id: 'functions.:9', type: 'function', function: { name: '', arguments: '{}' } }] });
  return deltas;
}

function callDeltas(index: number, call: Answer['calls'][number], fault: Fault | null): Delta[] {
  const open = { index, id: call.id, type: 'function' };
  if (fault === 'whole_arguments') return [{ tool_calls: [{ ...open, function: { name: call.name, arguments: call.args } }] }];
  const fragments = pieces(call.args, 32).map((piece, at) => ({
    tool_calls: [{ index, ...(fault === 'fresh_ids' && { id: `${call.id}-${at}` }), function: { arguments: piece } }],
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
