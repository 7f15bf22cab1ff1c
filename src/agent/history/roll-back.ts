/** Takes steps that only repeated an earlier one out of the end of the history: a model that sees its circle goes on in it. */

import { message } from '../../messages/message.ts';
import { type CallKeys, callKey } from '../loop-guards.ts';
import { notice, type Run, sealed } from '../run-state.ts';
import type { ChatMessage, ToolCall } from '../types.ts';
import { type Exchange, exchangesOf, NOTE_PREFIX } from './exchanges.ts';
import { FAILED, withoutAdvice } from './replay-history.ts';

/** Fewer are not worth a rewrite. */
const LEAST_STEPS = 2;

/**
 * Goes back to the last good message: of the repeats at the end of the history the first stays, the others go, and a note says so.
 * Steps that changed a file stay in any case, since the files are not changed back. The beginning keeps its bytes, so it stays cached.
 * @returns whether anything was taken out
 */
export function rollBack(run: Run, repeated: CallKeys, reminder: string): boolean {
  const messages = run.history.messages().map((json) => JSON.parse(json) as ChatMessage);
  const repeats = repeatsAtTheEnd(run, messages, repeated);
  const first = repeats[0];
  if (!first || repeats.length < LEAST_STEPS) return false;
  const text = `${NOTE_PREFIX}${reminder} (${repeats.length} such steps were taken out of this conversation; the files are as they are.)`;
  const insert = [sealed(run, { role: 'user', content: text })];
  run.options.emit({ type: 'rolled_back', step: run.step, from: first.from, to: messages.length, insert });
  run.history.replace(first.from, messages.length, insert);
  run.toolContext.shown.clear();
  run.lookedAt = Math.min(run.lookedAt, run.history.bytes);
  notice(run, message('log.repeatsRemoved', { steps: repeats.length }));
  return true;
}

function repeatsAtTheEnd(run: Run, messages: readonly ChatMessage[], { keys, keepFirst }: CallKeys): Exchange[] {
  const exchanges = exchangesOf(messages);
  const repeats: Exchange[] = [];
  let end = messages.length;
  for (const exchange of exchanges.toReversed()) {
    if (exchange.to !== end || !onlyRepeats(run, exchange, keys)) break;
    repeats.unshift(exchange);
    end = exchange.from;
  }
  if (!keepFirst) return repeats;
  const known = new Set<string>();
  const at = repeats.findIndex((exchange) => {
    const own = callsOf(exchange).map(({ call, result }) => keyOf(call, result));
    const isRepeat = own.every((key) => known.has(key));
    for (const key of own) known.add(key);
    return isRepeat;
  });
  return at < 0 ? [] : repeats.slice(at);
}

function onlyRepeats(run: Run, exchange: Exchange, keys: ReadonlySet<string>): boolean {
  const calls = callsOf(exchange);
  const changesNothing = ({ call, result }: (typeof calls)[number]) =>
    run.tools.get(call.function.name)?.effect !== 'write' || result.startsWith(FAILED);
  return calls.length > 0 && calls.every((one) => changesNothing(one) && keys.has(keyOf(one.call, one.result)));
}

function callsOf({ answer, results }: Exchange): { call: ToolCall; result: string }[] {
  return (answer.tool_calls ?? []).map((call) => ({
    call,
    result: withoutAdvice(results.find((one) => one.tool_call_id === call.id)?.content ?? ''),
  }));
}

function keyOf(call: ToolCall, result: string): string {
  return callKey({ name: call.function.name, args: call.function.arguments, result });
}
