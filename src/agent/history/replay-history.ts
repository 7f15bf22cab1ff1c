/** Reads an attempt back from its journal, so that it goes on with the same messages, byte for byte. */
import type { Guards } from '../loop-guards.ts';
import type { AgentEvent, AgentTotals, ChatMessage, TokenUsage, Tool, ToolCall } from '../types.ts';

/** An attempt that stopped half-way, as its journal tells it. */
export interface Resume {
  readonly head: Extract<AgentEvent, { type: 'head' }>;
  /** Serialized messages exactly as they were sent, in order, the system message not among them. */
  readonly messages: readonly string[];
  /** Every message that was ever in the history, those that a rewrite took out included: what the guards saw. */
  readonly transcript: readonly string[];
  /** The last step that the messages tell of. */
  readonly step: number;
  readonly totals: AgentTotals;
  /** The last request of which the provider's count is known; it tells how full the window is. */
  readonly measured: Measured | null;
  /** What the model knows of files: path -> hash. */
  readonly seen: ReadonlyMap<string, string>;
  /** The request that was under way when the process died: the provider may bill it, and nobody was told how much. */
  readonly lost: LostRequest | null;
}

export interface LostRequest {
  readonly step: number;
  readonly bytes: number;
}

export interface Measured {
  readonly bytes: number;
  readonly usage: TokenUsage;
}

/** The events that make the history and what else is known. */
export type HistoryEvent = Extract<AgentEvent, { type: 'message' | 'compacted' | 'rolled_back' | 'request' | 'reply' | 'tool_end' }>;

export function isHistoryEvent(event: { type: string }): event is HistoryEvent {
  return ['message', 'compacted', 'rolled_back', 'request', 'reply', 'tool_end'].includes(event.type);
}

/** The history as these events leave it. */
export function foldHistory(events: Iterable<HistoryEvent>): Pick<Resume, 'messages' | 'transcript' | 'measured' | 'seen'> {
  const messages: string[] = [];
  const transcript: string[] = [];
  let measured: Measured | null = null;
  let bytes = 0;
  const seen = new Map<string, string>();
  for (const event of events) {
    if (event.type === 'message') {
      messages.push(event.json);
      transcript.push(event.json);
    } else if (event.type === 'tool_end') {
      for (const [path, hash] of Object.entries(event.seen ?? {})) seen.set(path, hash);
    } else if (event.type === 'request') bytes = event.bytes;
    else if (event.type === 'reply') measured = event.usage ? { bytes, usage: event.usage } : measured;
    else {
      messages.splice(event.from, event.to - event.from, ...event.insert);
      measured = null;
      if (event.type === 'compacted') seen.clear();
    }
  }
  return { messages, transcript, measured, seen };
}

/**
 * Whether an API takes these messages: the task first, each result behind the call that it answers, no call but the last ones without one.
 * They are not when the journal has lost a line in their middle, as a disk can.
 */
export function isWhole(messages: readonly string[]): boolean {
  let calls = new Set<string>();
  let open = new Set<string>();
  for (const [index, json] of messages.entries()) {
    const message = JSON.parse(json) as ChatMessage;
    if (index === 0 && message.role !== 'user') return false;
    if (message.role === 'tool') {
      if (!calls.has(message.tool_call_id)) return false;
      open.delete(message.tool_call_id);
      continue;
    }
    if (open.size > 0) return false;
    calls = new Set(message.role === 'assistant' ? message.tool_calls?.map(({ id }) => id) : []);
    open = new Set(calls);
  }
  return true;
}

/** How the result of a change that failed begins, and of a command that never ran, so that a replay can tell them from others. */
export const FAILED = 'error: ';

/** What a call that the journal has no result for is answered with. */
export const INTERRUPTED =
  'error: this call was interrupted before it gave a result (the attempt was stopped and is continued now). It may have had effects: look before you repeat it.';

/**
 * The messages that must be appended before the next request may leave: results for calls that have none (the API
 * refuses a history with an unanswered call), and a prompt when the model had the last word.
 */
export function missingMessages(messages: readonly string[]): ChatMessage[] {
  const answered = new Set<string>();
  for (let i = messages.length - 1; i >= 0; i--) {
    const message = JSON.parse(messages[i]!) as ChatMessage;
    if (message.role === 'tool') answered.add(message.tool_call_id);
    else if (message.role !== 'assistant') return [];
    else if (!message.tool_calls)
      return [{ role: 'user', content: '[note] You were interrupted here. Go on; call finish when the work is complete.' }];
    else
      return message.tool_calls
        .filter((call) => !answered.has(call.id))
        .map((call) => ({ role: 'tool', tool_call_id: call.id, content: INTERRUPTED }));
  }
  return [];
}

/** Lets the guards see what they saw before the interruption, so that a circle is not begun anew by a resume. */
export function replayGuards(guards: Guards, messages: readonly string[], tools: ReadonlyMap<string, Tool>): void {
  let open: ToolCall[] = [];
  for (const json of messages) {
    const message = JSON.parse(json) as ChatMessage;
    if (message.role === 'assistant') {
      open = message.tool_calls ?? [];
      guards.beginStep(undefined);
    }
    if (message.role !== 'tool') continue;
    const call = open.find(({ id }) => id === message.tool_call_id);
    if (!call) continue;
    const { name, arguments: args } = call.function;
    const result = withoutAdvice(message.content);
    guards.observe({ name, args, result, ok: !result.startsWith(FAILED), effect: tools.get(name)?.effect ?? null });
  }
}

/** A tool's own words, without what the loop appended to them. */
export function withoutAdvice(content: string): string {
  const at = content.search(/\n\n\[(reminder|note)\] /);
  return at < 0 ? content : content.slice(0, at);
}
