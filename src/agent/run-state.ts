/** What the parts of the loop share while an attempt runs. */

import type { Clock } from '../common/clock.ts';
import type { Code, Message } from '../messages/message.ts';
import type { Ledger } from './cost-ledger.ts';
import { type History, serialize } from './history/history.ts';
import type { Resume } from './history/replay-history.ts';
import type { Guards } from './loop-guards.ts';
import type { ApiAccess, KimiClient } from './model/kimi-client.ts';
import type { OptionalField } from './model/request-body.ts';
import type { Price } from './prices.ts';
import { redactKey, withoutKey } from './redact-key.ts';
import type { SeenFiles } from './seen-files.ts';
import type { AgentEvent, ChatMessage, Sent, Tool, ToolContext } from './types.ts';

export interface AgentOptions {
  readonly api: ApiAccess & {
    /** The user's own price per million tokens, in the endpoint's currency. */
    readonly price?: Price;
    /** Tokens; default: by model, and for a model or server that the table does not know, what the server's list of models says. */
    readonly contextWindow?: number;
    /** Sent as `prompt_cache_key`. */
    readonly cacheKey?: string;
  };
  /** The fixed front of every request. On a resume the journalled bytes are sent, and these tools run. */
  readonly head: { readonly system: string; readonly tools: readonly Tool[] };
  /** An attempt that stopped half-way. */
  readonly resume?: Resume;
  /** Appended before the first request; on a resume only what is new since (usually nothing). */
  readonly firstMessages: readonly ChatMessage[];
  /** Files that they show: path -> bytes. */
  readonly firstFiles?: Readonly<Record<string, number>>;
  readonly context: Pick<ToolContext, 'workspace' | 'commandTimeoutMs'>;
  readonly limits: AgentLimits;
  readonly signal: AbortSignal;
  /** Called synchronously, before the act that it announces. */
  readonly emit: (event: AgentEvent) => void;
  readonly clock: Clock;
  /** A fetch that knows the proxy. */
  readonly fetch?: typeof fetch;
  /**
   * What came up outside since the last request, for the model to know. Asked before each request; every text is appended, and
   * journalled, as a message of its own that begins with `[note] `.
   */
  readonly inbox?: () => readonly string[];
  /** Whether the working tree differs from its base; without it, successful edits are taken as changes. */
  readonly hasChanges?: () => boolean | Promise<boolean>;
  /** A name of the working tree's state, which tells whether commands change anything; without it, each that runs is taken to. */
  readonly tree?: {
    /** What is known without looking; null = nothing just now. */
    peek(): string | null;
    /** Looks; asked seldom, and only while no tool runs. */
    look(): Promise<string>;
  };
}

export const DEFAULT_STALL_SECONDS = 120;

export interface AgentLimits {
  /** Model answers in all. */
  readonly maxSteps: number;
  /** Wall-clock time for all of it; `up` aborts when it is over. */
  readonly time?: { readonly minutes: number; readonly up: AbortSignal };
  /** In the currency of the endpoint; null = none. */
  readonly budget: number | null;
  /** A budget that other attempts share (a daily one). */
  readonly shared?: SharedBudget;
  /** Bound on the time that one request's failed tries and the waits between them take, s. Default 300. */
  readonly retrySeconds?: number;
  /** Without a frame for so long, a request is sent again, s. Default 120. */
  readonly stallSeconds?: number;
}

/** Amounts in the currency of the endpoint. */
export interface SharedBudget {
  /** What may still be spent now; requests that others have under way count with the most that they can cost. */
  left(): number;
  /** Before a request: the most that it can cost. False when others were quicker and it does not fit any more; nothing is held then. */
  hold(most: number): boolean;
  /** After it: what it did cost, 0 when nothing came. */
  settle(cost: number): void;
  /** The reason when nothing is left. */
  usedUp(): Message;
}

export interface Run {
  readonly options: AgentOptions;
  readonly client: KimiClient;
  readonly history: History;
  readonly ledger: Ledger;
  readonly guards: Guards;
  readonly tools: ReadonlyMap<string, Tool>;
  readonly toolContext: ToolContext & { readonly seen: SeenFiles };
  /** Input and output cap together, tokens: by setting, table or list of models; smaller once an overflow error said so. */
  windowTokens: number;
  /** Whether the list of models is still to be asked for it, its answer awaited (or here, not looked at yet), or no news can be expected. */
  windowNews: 'ask' | 'asked' | 'none' | { readonly listed: number };
  /** The same for the bytes of all messages. */
  byteLimit: number;
  /** Tokens of the longest answer that the server allows. */
  longestAnswer: number;
  /** Fields that the server refused; requests go without them. */
  readonly refused: Set<OptionalField>;
  /** The step in flight; the one that the next answer completes. */
  step: number;
  /** Answers in a row that were cut at the output cap. */
  cuts: number;
  /** Answers in a row that held nothing to act on: neither text nor a call, or a call that was lost on its way. */
  empties: number;
  /** Whether the last answer was cut because the window left no more room for it. */
  crowded: boolean;
  /** The step in which the history was last compacted, or something in it left out; 0 = never. */
  rewrittenAt: number;
  /** Bytes of the history when it was last looked at for what can be left out. */
  lookedAt: number;
  /** Characters that the journal has got of this attempt. */
  journalled: number;
  /** Whether a plain stop was sent back once already. */
  bounced: boolean;
  /** When the last answer was complete, ms since the epoch; null = this run had none yet. */
  answeredAt: number | null;
  /** Notices that come once and came. */
  readonly said: Set<Code>;
}

/** Characters in the journal of an attempt, far more than any work takes: it lies on the user's disk, and whoever asks for a status reads it. */
export const MOST_JOURNALLED = 64 * 2 ** 20;
/** What an event takes besides its longest text. */
const USUAL_EVENT = 300;

export function sizeInJournal(event: AgentEvent): number {
  const texts = event.type === 'message' ? [event.json] : 'insert' in event ? event.insert : [];
  return texts.reduce((sum, text) => sum + text.length, USUAL_EVENT);
}

/** Journals a message, then makes it part of the history. Neither the key nor what is never sent gets into either. */
export function append(run: Run, message: ChatMessage, carries: Pick<Sent, 'by' | 'files'> = { by: 'note' }): void {
  const json = sealed(run, message);
  const withheld = run.toolContext.workspace.neverSend.takeWithheld();
  const isOwn = message.role === 'assistant' || message.role === 'system';
  const sent = isOwn ? {} : { sent: { ...carries, bytes: Buffer.byteLength(message.content), ...(withheld && { withheld }) } };
  run.options.emit({ type: 'message', step: run.step, role: message.role, json, ...sent });
  run.history.append(json);
}

/** A message of a journal: with the bytes that it was sent with, unless something in it is never sent by now. */
export function resealed(run: Run, json: string): string {
  const message = JSON.parse(json) as ChatMessage;
  const isAsBefore = message.role === 'assistant' || run.toolContext.workspace.neverSend.mask(message.content) === message.content;
  return isAsBefore ? json : sealed(run, message);
}

/**
 * The one way from a message to bytes that are sent: nothing gets past it into the history. The model's own words are sent back as they
 * came, since the provider has them.
 */
export function sealed(run: Run, message: ChatMessage): string {
  const { neverSend } = run.toolContext.workspace;
  const masked = message.role === 'assistant' ? message : { ...message, content: neverSend.mask(message.content) };
  return redactKey(serialize(masked), run.options.api.apiKey);
}

/**
 * Behind a rewrite that took out what the model had read: the count of the last request says nothing any more, a file must be read again
 * before it is overwritten, and the history grows from its new size.
 */
export function afterRewrite(run: Run): void {
  run.ledger.forget();
  run.toolContext.seen.clear();
  run.toolContext.shown.clear();
  run.rewrittenAt = run.step;
  run.lookedAt = run.history.bytes;
}

export function notice(run: Run, text: Message): void {
  run.options.emit({ type: 'notice', step: run.step, text: withoutKey(text, run.options.api.apiKey) });
}

export function noticeOnce(run: Run, text: Message): void {
  if (run.said.has(text.code)) return;
  run.said.add(text.code);
  notice(run, text);
}
