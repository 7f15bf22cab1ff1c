/** What a command printed, made readable and small: control sequences removed, head and tail kept. */
import { OutputDecoder } from './decode-output.ts';

/** Characters kept from the start and from the end of a long output; up to their sum, everything is kept. */
export const HEAD_CHARS = 16 * 1024;
export const TAIL_CHARS = 24 * 1024;

/** A line longer than this is handed on in pieces, so that one huge line costs no memory. */
const LONGEST_LINE = 64 * 1024;
/** Terminals give up on an escape sequence that never ends, and so do we: text must not vanish behind a stray ESC. */
const LONGEST_CSI = 64;
const LONGEST_STRING = 2048;

/** Everything but tab, newline and printable text: C0, DEL and C1. */
const SPECIAL = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;

type EscapeState = 'text' | 'escape' | 'intermediate' | 'csi' | 'string' | 'stringEscape';

/**
 * Turns the bytes of a terminal into plain text: escape sequences (colours, titles, links) and control characters
 * go, `\r\n` becomes `\n`, and a line that was drawn over with `\r` keeps its last state only. Works on any split of
 * the input into chunks, in bounded memory.
 */
export class OutputCleaner {
  readonly #decoder = new OutputDecoder();
  #state: EscapeState = 'text';
  #sequenceLength = 0;
  /** In pieces, of which only the last is touched when backspaces come: copying a long line for each of them would take minutes. */
  #line: string[] = [];
  #lineLength = 0;
  #returned = false;

  /** Returns the text that is certain by now; the current line is held back, since `\r` may still replace it. */
  push(chunk: Uint8Array): string {
    return this.#clean(this.#decoder.write(chunk));
  }

  /** Returns what was held back. */
  end(): string {
    return this.#clean(this.#decoder.end()) + this.#takeLine();
  }

  #takeLine(): string {
    const line = this.#line.join('');
    this.#line = [];
    this.#lineLength = 0;
    return line;
  }

  #extendLine(text: string): void {
    if (text === '') return;
    this.#line.push(text);
    this.#lineLength += text.length;
  }

  #eraseCharacter(): void {
    const last = this.#line.pop();
    if (last === undefined) return;
    this.#lineLength--;
    if (last.length > 1) this.#line.push(last.slice(0, -1));
  }

  #clean(text: string): string {
    let out = '';
    let at = 0;
    while (at < text.length) {
      if (this.#state !== 'text') {
        if (this.#insideSequence(text.charCodeAt(at))) at++;
        continue;
      }
      SPECIAL.lastIndex = at;
      const found = SPECIAL.exec(text);
      const stop = found ? found.index : text.length;
      if (stop > at) out += this.#append(text.slice(at, stop));
      if (!found) break;
      out += this.#control(text.charCodeAt(stop));
      at = stop + 1;
    }
    return out;
  }

  #append(text: string): string {
    if (this.#returned) {
      this.#returned = false;
      if (!text.startsWith('\n')) this.#takeLine();
    }
    const lastBreak = text.lastIndexOf('\n');
    let out = '';
    if (lastBreak >= 0) {
      out = this.#takeLine() + text.slice(0, lastBreak + 1);
      this.#extendLine(text.slice(lastBreak + 1));
    } else {
      this.#extendLine(text);
    }
    return this.#lineLength > LONGEST_LINE ? out + this.#takeLine() : out;
  }

  #control(code: number): string {
    if (code === 0x0d) this.#returned = true;
    else if (code === 0x08) this.#eraseCharacter();
    else if (code === 0x1b) this.#enter('escape');
    else if (code === 0x9b) this.#enter('csi');
    else if (code === 0x90 || code === 0x98 || (code >= 0x9d && code <= 0x9f)) this.#enter('string');
    return '';
  }

  #enter(state: EscapeState): void {
    this.#state = state;
    this.#sequenceLength = 0;
  }

  /** Takes one character of an escape sequence; false when the character does not belong to it and must be read as text. */
  #insideSequence(code: number): boolean {
    this.#sequenceLength++;
    switch (this.#state) {
      case 'escape':
        if (code === 0x5b) this.#enter('csi');
        else if (code === 0x5d || code === 0x50 || code === 0x58 || code === 0x5e || code === 0x5f) this.#enter('string');
        else if (code >= 0x20 && code <= 0x2f) this.#enter('intermediate');
        else return this.#leave(code >= 0x30 && code <= 0x7e);
        return true;
      case 'intermediate':
        if (code >= 0x20 && code <= 0x2f && this.#sequenceLength < LONGEST_CSI) return true;
        return this.#leave(code >= 0x30 && code <= 0x7e);
      case 'csi':
        if (code >= 0x20 && code <= 0x3f && this.#sequenceLength < LONGEST_CSI) return true;
        return this.#leave(code >= 0x40 && code <= 0x7e);
      case 'string':
        if (code === 0x07 || code === 0x9c) return this.#leave(true);
        if (code === 0x1b) this.#state = 'stringEscape';
        else if (code === 0x0a || this.#sequenceLength > LONGEST_STRING) return this.#leave(false);
        return true;
      case 'stringEscape':
        if (code === 0x5c) return this.#leave(true);
        this.#enter('escape');
        return false;
      case 'text':
        return false;
    }
  }

  #leave(consumed: boolean): boolean {
    this.#state = 'text';
    return consumed;
  }
}

/** Keeps the start and the end of a text that comes in pieces; lengths in UTF-16 code units, never half a surrogate pair. */
export class HeadAndTail {
  readonly #headChars: number;
  readonly #tailChars: number;
  #start = '';
  #rest: string[] = [];
  #restLength = 0;
  #long = false;

  constructor(headChars = HEAD_CHARS, tailChars = TAIL_CHARS) {
    this.#headChars = headChars;
    this.#tailChars = tailChars;
  }

  add(text: string): void {
    const room = this.#headChars + this.#tailChars - this.#start.length;
    if (text.length <= room) {
      this.#start += text;
      return;
    }
    this.#start += text.slice(0, room);
    this.#long = true;
    this.#keep(text.slice(room));
  }

  /** `tail` is empty when `head` is everything. */
  result(): { head: string; tail: string } {
    if (!this.#long) return { head: this.#start, tail: '' };
    const all = this.#start + this.#rest.join('');
    return { head: withoutHalfPairAtEnd(this.#start.slice(0, this.#headChars)), tail: lastChars(all, this.#tailChars) };
  }

  #keep(text: string): void {
    this.#rest.push(text.length > this.#tailChars ? text.slice(-this.#tailChars) : text);
    this.#restLength += this.#rest.at(-1)!.length;
    if (this.#restLength < 4 * this.#tailChars) return;
    const kept = this.#rest.join('').slice(-this.#tailChars);
    this.#rest = [kept];
    this.#restLength = kept.length;
  }
}

/** The last `count` characters of a text, one less where the cut would halve a surrogate pair. */
export function lastChars(text: string, count: number): string {
  const cut = text.slice(-count);
  const first = cut.charCodeAt(0);
  return first >= 0xdc00 && first <= 0xdfff ? cut.slice(1) : cut;
}

function withoutHalfPairAtEnd(text: string): string {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last <= 0xdbff ? text.slice(0, -1) : text;
}

/** Cleans a text that is there as a whole. */
export function cleanOutput(bytes: Uint8Array): string {
  const cleaner = new OutputCleaner();
  return cleaner.push(bytes) + cleaner.end();
}
