/** Replaces the older part of the history by a hand-over note. System prompt, tools, task, feedback and the last steps stay as they are. */

import { message } from '../../messages/message.ts';
import { SMALL_OUTPUT } from '../cost-ledger.ts';
import { hasLeakedCall } from '../leaked-calls.ts';
import { nextDelay, retryTime } from '../model/backoff.ts';
import { classifyError } from '../model/classify-error.ts';
import { tailJson, thinkingOf } from '../model/request-body.ts';
import { recordSpending, sendRequest } from '../model/send-request.ts';
import { afterRewrite, DEFAULT_STALL_SECONDS, notice, type Run, sealed } from '../run-state.ts';
import type { ChatMessage } from '../types.ts';
import { MARGIN, TAIL_BYTES } from './answer-cap.ts';
import { NOTE_REQUEST, noteIn, noteMessage, recordNote } from './compaction-note.ts';
import { type Exchange, exchangesOf, isFromCaller } from './exchanges.ts';
import { serialize } from './history.ts';

export type Why = 'window' | 'cost' | 'overflow';

/** Tokens. A model that always thinks needs room for that too. */
const NOTE_CAP = { usual: 4096, thinking: 12_288 } as const;
/** The last steps stay as they are up to so many tokens: what is kept must be read again at full price. */
const KEPT_STEPS = 12_000;
const NOTE_TRIES = 3;
const NOTE_RETRY_MS = 60_000;
/** A shorter answer is no note. */
const LEAST_NOTE = 40;

/** What a compaction would do. Positions in the history. */
interface Plan {
  readonly from: number;
  readonly to: number;
  /** Words of the caller from in between: they stay. */
  readonly kept: readonly string[];
  /** What follows the note, when it could not stay as it is; null = everything from `to` on. */
  readonly shortened: readonly string[] | null;
  /** Bytes that will be saved, the note not counted. */
  readonly saved: number;
  readonly exchanges: readonly Exchange[];
  /** The note of an earlier compaction, which this one replaces. */
  readonly earlier: string | null;
}

/** @returns false when there is nothing worth cutting (the history is as it was), or when the attempt was cancelled */
export async function compact(run: Run, why: Why): Promise<boolean> {
  const plan = planFor(run, why);
  const { history, options } = run;
  const windowBytes = (history.bytes * run.windowTokens) / run.ledger.estimateInput(history.bytes).input;
  const least = { window: 0.1 * windowBytes, cost: 0.5 * history.bytes, overflow: 0 }[why];
  if (!plan || plan.saved - NOTE_CAP.usual <= least) return false;

  const note = await writeNote(run, plan);
  if (options.signal.aborted) return false;
  const noteJson = sealed(run, noteMessage(note.text));
  const to = plan.shortened ? history.length : plan.to;
  const insert = [...plan.kept, noteJson, ...(plan.shortened ?? [])];
  const before = history.bytes;
  options.emit({ type: 'compacted', step: run.step - 1, why, by: note.by, from: plan.from, to, insert });
  history.replace(plan.from, to, insert);
  afterRewrite(run);
  notice(run, message('log.compacted', { why: message(`log.compacted.${why}`), before, after: history.bytes }));
  return true;
}

function planFor(run: Run, why: Why): Plan | null {
  const { history, ledger, windowTokens } = run;
  const jsons = history.messages();
  const messages = jsons.map((json) => JSON.parse(json) as ChatMessage);
  const from = messages.findIndex((message) => !isFromCaller(message));
  const exchanges = exchangesOf(messages);
  const last = exchanges.at(-1);
  if (!last) return null;

  const bytesPerToken = history.bytes / ledger.estimateInput(history.bytes).input;
  const bytesOf = (start: number, end: number) => history.bytesBefore(end) - history.bytesBefore(start);
  const free = 0.85 * windowTokens * bytesPerToken - history.bytesBefore(from) - NOTE_CAP.usual * bytesPerToken;
  // A server that refused the history without a limit that is known takes perhaps much less than it should.
  const room = Math.min(KEPT_STEPS * bytesPerToken, free / 2, why === 'overflow' ? history.bytes / 4 : Number.POSITIVE_INFINITY);
  const first = exchanges.find((exchange) => exchange.from >= from && bytesOf(exchange.from, messages.length) <= room) ?? last;
  const fits = first !== last || bytesOf(last.from, messages.length) <= Math.min(0.3 * windowTokens * bytesPerToken, 0.8 * free);
  const shortened = fits ? null : shorten(messages, jsons, last.from, Math.max(0, room));
  const kept = jsons.slice(from, first.from).filter((_, i) => isFromCaller(messages[from + i]!));
  const saved =
    history.bytes - history.bytesBefore(from) - size(kept) - (shortened ? size(shortened) : bytesOf(first.from, messages.length));
  const earlier = messages.slice(from, first.from).map(noteIn).findLast(Boolean) ?? null;
  return { from, to: first.from, kept, shortened, saved, exchanges, earlier };
}

const size = (jsons: readonly string[]) => jsons.reduce((sum, json) => sum + Buffer.byteLength(json) + 1, 0);

/** The last exchange with its results cut to a size; without it when even its calls are too long. The loop's own words behind it stay. */
function shorten(messages: readonly ChatMessage[], jsons: readonly string[], from: number, room: number): string[] {
  const results = messages.slice(from).filter((message) => message.role === 'tool').length;
  const share = (room - Buffer.byteLength(jsons[from]!)) / Math.max(1, results);
  if (share < 500) return jsons.slice(from).filter((_, i) => messages[from + i]!.role === 'user');
  return messages.slice(from).map((message, i) => {
    const json = jsons[from + i]!;
    if (message.role !== 'tool' || Buffer.byteLength(json) <= share) return json;
    // Halved, since quotes and line breaks take two bytes in JSON.
    const bytes = Buffer.from(message.content);
    const part = Math.floor(share / 4);
    const text = `${bytes.subarray(0, part)}\n... ${bytes.length - 2 * part} bytes left out to make room; look at the part that you need ...\n${bytes.subarray(-part)}`;
    return serialize({ ...message, content: text.replaceAll('\ufffd', '') });
  });
}

/** By the model where that works; the record fills in what the model did not see, or all of it. */
async function writeNote(run: Run, plan: Plan): Promise<{ text: string; by: 'model' | 'record' }> {
  const dropped = plan.exchanges.filter(({ from }) => from >= plan.from && (plan.shortened !== null || from < plan.to));
  const asked = await askForNote(run, plan);
  if (!asked) return { text: recordNote(dropped, run.tools, plan.earlier), by: 'record' };
  const unseen = dropped.filter(({ from }) => from >= asked.upTo);
  return { text: unseen.length > 0 ? `${asked.text}\n\n${recordNote(unseen, run.tools, null)}` : asked.text, by: 'model' };
}

/** One request outside of the history: what there is (or as much of its start as leaves room for an answer) and the request for a note. */
async function askForNote(run: Run, plan: Plan): Promise<{ text: string; upTo: number } | null> {
  const { api, clock, signal, emit, limits } = run.options;
  const request = `,${serialize({ role: 'user', content: NOTE_REQUEST })}`;
  const retrying = retryTime((limits.stallSeconds ?? DEFAULT_STALL_SECONDS) * 1000);
  for (let tries = 1; tries <= NOTE_TRIES && !signal.aborted; tries++) {
    // Anew for each try: a budget that others share may have shrunk during the wait.
    const fitting = roomFor(run, plan, Buffer.byteLength(request));
    if (!fitting) return null;
    const { upTo, maxOutput } = fitting;
    const sendResult = await sendRequest(
      run,
      run.history.bodyOf(upTo, request + tailJson(api.model, maxOutput, 'note', api.cacheKey, run.refused)),
      maxOutput,
    );
    if (!sendResult) return null;
    recordSpending(run, sendResult);
    const { sent } = sendResult;
    if (sent.kind === 'reply') {
      const text = sent.reply.text.trim();
      const whole = sent.reply.finishReason !== 'content_filter' && !sent.reply.ranAway;
      const usable = text.length >= LEAST_NOTE && whole && !hasLeakedCall(text, run.tools.keys());
      return usable ? { text, upTo } : null;
    }
    if (sent.kind === 'cancelled') return null;
    // What cannot be mended by asking again will be told by the next step's own request.
    const failure = classifyError(sent.problem, api);
    if (failure.kind !== 'retry') return null;
    retrying.failed(sendResult.ms);
    const delayMs = nextDelay(failure, { tries, elapsedMs: retrying.ms(), boundMs: NOTE_RETRY_MS, random: clock.random() });
    if (delayMs === null) return null;
    run.ledger.totals.retries++;
    emit({ type: 'retry', step: run.step, reason: failure.reason, delayMs, tries });
    await clock.sleep(delayMs, signal);
    retrying.waited(delayMs);
  }
  return null;
}

/** The longest beginning of the history, up to an exchange, that fits the window and the budget together with a note. */
function roomFor(run: Run, plan: Plan, requestBytes: number): { upTo: number; maxOutput: number } | null {
  const { history, ledger, options } = run;
  const thinking = thinkingOf(options.api.model, run.refused);
  const cap = thinking === 'always' || thinking === 'implied' ? NOTE_CAP.thinking : NOTE_CAP.usual;
  const ends = [history.length, ...plan.exchanges.map(({ from }) => from).filter((from) => from > plan.from)].sort((a, b) => b - a);
  for (const upTo of ends) {
    const bytes = history.bytesBefore(upTo) + requestBytes;
    const left = run.windowTokens - ledger.estimateInput(bytes).input - MARGIN;
    if (left < SMALL_OUTPUT || bytes > run.byteLimit - 1024) continue;
    const maxOutput = Math.min(cap, left, run.longestAnswer, ledger.affordableOutput(bytes + TAIL_BYTES, options.limits.shared?.left()));
    return maxOutput < SMALL_OUTPUT ? null : { upTo, maxOutput };
  }
  return null;
}
