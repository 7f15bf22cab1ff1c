/**
 * Puts the deltas of a streamed answer together. Tolerant by experience: names after arguments, whole arguments in one
 * chunk, empty names, repeated ids, content as an array, usage in three places, a missing last frame: all have been seen.
 */

import type { TokenUsage, ToolCall } from '../types.ts';
import { RepetitionWatch } from './detect-repetition.ts';

export interface Reply {
  text: string;
  reasoning: string;
  /** Under which name the thinking came: vLLM takes it back only under its own. */
  reasoningField: 'reasoning_content' | 'reasoning';
  /** Calls that have a name, in order, with ids that are unique in this reply. Arguments as they came, perhaps not JSON. */
  calls: ToolCall[];
  /** Calls without a name: they cannot be run, but an answer with them is no end of the work. */
  droppedCalls: number;
  /** Characters of their arguments, where there are any: they were written all the same, and are billed. */
  droppedCharacters?: number;
  /** `null`: the stream broke off, so nothing in this reply can be trusted to be whole. */
  finishReason: string | null;
  usage: TokenUsage | null;
  /** The count that came cannot be true, so it is left out. */
  oddUsage?: true;
  /** Whether any chunk came at all. */
  started: boolean;
  /** The stream was given up because the answer only repeated itself; `finishReason` is `length` then. */
  ranAway?: true;
}

/** Reasons by which a server says that it gave up in mid-answer: vLLM and SGLang (abort), routers (error). */
const BROKEN_OFF = new Set(['abort', 'error']);

/** Arguments may hold honest data: tables, padding, zeros. */
const LEAST_REPEATED_ARGUMENTS = 16_000;

/** Characters of an answer, several times what any model says at the most: what goes on is looked through, kept and sent back. */
const MOST_CHARACTERS = 8_000_000;
/** Far more than any model asks for at a time. What comes after them is no answer any more. */
const MOST_CALLS = 1000;
/** So many characters are read in all to see whether arguments are complete: pieces that only look like an end could have all of them read at each. */
const MOST_READ = 20_000_000;

interface Draft {
  index: number | null;
  id: string;
  name: string;
  pieces: string[];
  /** Characters of them, and how many were read to see whether they are complete. */
  length: number;
  read: number;
}

type Fields = Record<string, unknown>;

export class ReplyAssembler {
  readonly #text: string[] = [];
  readonly #reasoning: string[] = [];
  #reasoningField: Reply['reasoningField'] = 'reasoning_content';
  readonly #drafts: Draft[] = [];
  #finishReason: string | null = null;
  #usage: TokenUsage | null = null;
  #started = false;
  #characters = 0;
  readonly #words = new RepetitionWatch();
  readonly #arguments = new RepetitionWatch(LEAST_REPEATED_ARGUMENTS);

  /** Whether the answer only repeats itself by now, or has no end, so that nothing good can follow. */
  get runsAway(): boolean {
    return this.#words.repeats || this.#arguments.repeats || this.#drafts.length >= MOST_CALLS || this.#characters > MOST_CHARACTERS;
  }

  get finished(): boolean {
    return this.#finishReason !== null;
  }

  /** @param chunk one parsed SSE frame, whatever the server put into it */
  add(chunk: unknown): void {
    if (!isFields(chunk)) return;
    this.#started = true;
    const choice = Array.isArray(chunk['choices']) ? chunk['choices'][0] : undefined;
    this.#usage = usageOf(chunk['usage'], this.#usage) ?? (isFields(choice) ? usageOf(choice['usage'], this.#usage) : null) ?? this.#usage;
    if (!isFields(choice)) return;
    const reason = choice['finish_reason'];
    if (typeof reason === 'string' && reason && !BROKEN_OFF.has(reason)) this.#finishReason = reason;
    const delta = choice['delta'] ?? choice['message'];
    if (isFields(delta)) this.#addDelta(delta);
  }

  reply(): Reply {
    const dropped = this.#drafts.filter((draft) => draft.name === '');
    const droppedCharacters = dropped.reduce((sum, { length }) => sum + length, 0);
    return {
      text: this.#text.join(''),
      reasoning: this.#reasoning.join(''),
      reasoningField: this.#reasoningField,
      calls: withUniqueIds(this.#drafts.filter((draft, at) => draft.name !== '' && !isEcho(draft, this.#drafts[at - 1]))),
      droppedCalls: dropped.length,
      ...(droppedCharacters > 0 && { droppedCharacters }),
      finishReason: this.#finishReason,
      usage: this.#usage,
      started: this.#started,
    };
  }

  #addDelta(delta: Fields): void {
    const text = textOf(delta['content']);
    const usual = textOf(delta['reasoning_content']);
    const reasoning = usual || textOf(delta['reasoning']);
    if (reasoning) this.#reasoningField = usual ? 'reasoning_content' : 'reasoning';
    push(this.#text, text);
    push(this.#reasoning, reasoning);
    this.#characters += reasoning.length + text.length;
    this.#words.add(reasoning + text);
    if (!Array.isArray(delta['tool_calls'])) return;
    for (const piece of delta['tool_calls']) if (isFields(piece) && this.#drafts.length < MOST_CALLS) this.#addCall(piece);
  }

  #addCall(delta: Fields): void {
    const index = typeof delta['index'] === 'number' ? delta['index'] : null;
    const id = typeof delta['id'] === 'string' ? delta['id'] : '';
    const fn = isFields(delta['function']) ? delta['function'] : {};
    const name = typeof fn['name'] === 'string' ? fn['name'] : '';
    const piece = typeof fn['arguments'] === 'string' ? fn['arguments'] : isFields(fn['arguments']) ? JSON.stringify(fn['arguments']) : '';
    const draft = this.#draftFor(index, id, name);
    draft.id ||= id;
    if (name !== draft.name) draft.name += name;
    // Some servers translate another API, which opens a call with an empty object.
    if (piece.startsWith('{') && draft.pieces.length <= 2 && draft.pieces.join('') === '{}') draft.pieces.length = 0;
    push(draft.pieces, piece);
    draft.length += piece.length;
    this.#characters += piece.length + name.length;
    this.#arguments.add(piece);
  }

  /** Deltas belong together by index; servers that send none are matched by id, else the last call goes on. */
  #draftFor(index: number | null, id: string, name: string): Draft {
    const found =
      index === null
        ? id
          ? this.#drafts.find((draft) => draft.id === id)
          : this.#drafts.at(-1)
        : this.#drafts.findLast((draft) => draft.index === index);
    if (found && !isNext(found, id, name)) return found;
    const draft: Draft = { index, id: '', name: '', pieces: [], length: 0, read: 0 };
    this.#drafts.push(draft);
    return draft;
  }
}

/**
 * Whether a piece at the place of this call begins another one: some servers give every call the index 0, or none, and no id.
 * A new id alone says nothing: some servers make one for each delta.
 */
function isNext(draft: Draft, id: string, name: string): boolean {
  const otherId = id !== '' && draft.id !== '' && id !== draft.id;
  if (!name || (id !== '' && id === draft.id) || (draft.name === '' && !otherId)) return false;
  if (draft.pieces.length === 0) return otherId && draft.name !== '' && draft.name !== name;
  draft.read += draft.length;
  return draft.read <= MOST_READ && isComplete(draft.pieces);
}

/** A server that repeats the name in each delta does so once more behind the arguments: that is no call. */
function isEcho({ id, name, pieces }: Draft, before: Draft | undefined): boolean {
  return id === '' && pieces.length === 0 && before?.name === name && before.pieces.length > 0;
}

/** An object, or the text of one: some servers encode arguments twice. */
function isComplete(pieces: readonly string[]): boolean {
  if (!/[}"]\s*$/.test(pieces.at(-1)!)) return false;
  try {
    const once: unknown = JSON.parse(pieces.join(''));
    return typeof once === 'object' || (typeof once === 'string' && isFields(JSON.parse(once)));
  } catch {
    return false;
  }
}

function withUniqueIds(drafts: readonly Draft[]): ToolCall[] {
  const taken = new Set<string>();
  return drafts.map((draft, position) => {
    let id = draft.id || `${draft.name}:${position}`;
    // With its place it is one of its own; a sign more each time would take longer with each.
    if (taken.has(id)) id += '_';
    if (taken.has(id)) id += `${position}`;
    while (taken.has(id)) id += '_';
    taken.add(id);
    return { id, type: 'function', function: { name: draft.name, arguments: draft.pieces.join('') } };
  });
}

/** Content is a string, or (some servers) a list of parts with texts. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map((part) => (typeof part === 'string' ? part : isFields(part) && typeof part['text'] === 'string' ? part['text'] : ''))
    .join('');
}

/**
 * Cached tokens stand in `cached_tokens`, or in `prompt_tokens_details.cached_tokens`.
 * @param before what an earlier frame said; it counts for what this one leaves out
 */
function usageOf(usage: unknown, before: TokenUsage | null): TokenUsage | null {
  if (!isFields(usage) || typeof usage['prompt_tokens'] !== 'number') return null;
  const details = isFields(usage['prompt_tokens_details']) ? usage['prompt_tokens_details'] : {};
  const input = usage['prompt_tokens'];
  return {
    input,
    // More than the input is no count to go by: it is told from a true one by `isPlausible`.
    cached: count(usage['cached_tokens'] ?? details['cached_tokens'] ?? before?.cached),
    output: count(usage['completion_tokens']),
  };
}

function count(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0;
}

function push(list: string[], piece: string): void {
  if (piece) list.push(piece);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
