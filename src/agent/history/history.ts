import type { ChatMessage } from '../types.ts';

/**
 * The messages of an attempt, each serialized once. Between two rewrites they only grow: a request is the bytes of the one before it
 * plus what was appended since, so the provider's prefix cache can serve everything else, by construction.
 */
export class History {
  /** The request so far; grows by doubling, so that a step copies only what it appends. */
  #buffer: Buffer;
  #used: number;
  /** Where each message begins, the comma before it included. */
  readonly #starts: number[] = [];

  /** @param head everything before the first message (see `headJson`) */
  constructor(head: string) {
    this.#buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
    this.#used = 0;
    this.#write(head);
  }

  /** Bytes of a request without its tail. */
  get bytes(): number {
    return this.#used;
  }

  /** Messages, the system message not counted. */
  get length(): number {
    return this.#starts.length;
  }

  /** @param json a message as `serialize` gave it, or as a journal kept it */
  append(json: string): void {
    this.#starts.push(this.#used);
    this.#write(`,${json}`);
  }

  /** Puts other messages in the place of [from, to). What stands before keeps its bytes. */
  replace(from: number, to: number, insert: readonly string[]): void {
    const behind = this.messages().slice(to);
    this.#used = this.bytesBefore(from);
    this.#starts.length = from;
    for (const json of [...insert, ...behind]) this.append(json);
  }

  /** The messages as they were appended. */
  messages(): string[] {
    return this.#starts.map((start, i) => this.#buffer.toString('utf8', start + 1, this.bytesBefore(i + 1)));
  }

  /** Bytes of a request, without its tail, that holds only the first `count` messages. */
  bytesBefore(count: number): number {
    return this.#starts[count] ?? this.#used;
  }

  /** The whole request. It is a view that the next `append` or `body` overwrites behind the prefix: send it before. */
  body(tail: string): Buffer {
    const before = this.#used;
    this.#write(tail);
    const body = this.#buffer.subarray(0, this.#used);
    this.#used = before;
    return body;
  }

  /** A request with only the first `count` messages: a copy, for a request outside of the history. */
  bodyOf(count: number, tail: string): Buffer {
    return Buffer.concat([this.#buffer.subarray(0, this.bytesBefore(count)), Buffer.from(tail)]);
  }

  #write(text: string): void {
    const needed = this.#used + Buffer.byteLength(text);
    if (needed > this.#buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2));
      this.#buffer.copy(larger, 0, 0, this.#used);
      this.#buffer = larger;
    }
    this.#used += this.#buffer.write(text, this.#used);
  }
}

const FIRST_BYTES = 64 * 1024;

/** One message as it will be sent and journalled. Half surrogate pairs are replaced: servers refuse them as bad UTF-8. */
export function serialize(message: ChatMessage): string {
  return JSON.stringify(message, (_key, value) => (typeof value === 'string' ? wellFormed(value) : value));
}

function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}
