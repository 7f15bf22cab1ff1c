/** Sends one request and counts it, whatever became of it. */

import { costOf } from '../prices.ts';
import type { Run } from '../run-state.ts';
import type { TokenUsage } from '../types.ts';
import type { Reply } from './assemble-reply.ts';
import type { Sent } from './kimi-client.ts';
import { isPlausible } from './plausible-usage.ts';

export interface SendResult {
  readonly sent: Sent;
  /** What it is counted as: exactly where the provider gave its count, else by size; null = it produced nothing. */
  readonly usage: TokenUsage | null;
  readonly cost: number | null;
  readonly ms: number;
}

/**
 * Announces the request, sends it, and adds it to the ledger. The caller journals the count as `reply` or `spent`.
 * @param maxOutput the output cap in the body, tokens
 * @returns null when it was not sent: others have just taken what a shared budget had left
 */
export async function sendRequest(run: Run, body: Buffer, maxOutput: number): Promise<SendResult | null> {
  const { clock, signal, emit, limits } = run.options;
  const { ledger } = run;
  const bytes = body.length;
  if (limits.shared?.hold(ledger.most(bytes, maxOutput)) === false) return null;
  emit({ type: 'request', step: run.step, bytes });
  const sentAt = clock.now();
  const sent = await run.client.send(body, signal);
  const reply = sent.kind === 'reply' ? sent.reply : sent.partial.started ? sent.partial : null;
  if (reply?.usage && !isPlausible(reply.usage, { request: bytes, answer: sizeOf(reply), maxOutput })) {
    reply.usage = null;
    reply.oddUsage = true;
  }
  const usage = reply && (reply.usage ?? ledger.estimateAnswer(bytes, sizeOf(reply)));
  limits.shared?.settle(usage ? costOf(usage, ledger.price) : 0);
  return { sent, usage, cost: usage && ledger.add(usage), ms: clock.now() - sentAt };
}

/** Journals a request that made no step. The provider bills what a broken answer produced, and never tells how much that was. */
export function recordSpending(run: Run, { usage, cost }: SendResult): void {
  if (usage) run.options.emit({ type: 'spent', step: run.step, usage, cost });
}

function sizeOf({ text, reasoning, calls, droppedCharacters = 0 }: Reply): number {
  const args = calls.reduce((sum, call) => sum + call.function.name.length + Buffer.byteLength(call.function.arguments), 0);
  return Buffer.byteLength(text) + Buffer.byteLength(reasoning) + args + droppedCharacters;
}
