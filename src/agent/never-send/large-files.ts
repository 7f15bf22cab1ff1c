/**
 * What withheld files hold that are too large, or too many, to learn each of their values: their lines and the words that look secret, as marks
 * in fields of bits. What they do not hold is taken for one of these once in a million.
 */
import { setImmediate } from 'node:timers/promises';
import type { FoundValue } from './find-values.ts';
import { LEAST_LINE, LONGEST, looksSecret, partsOfLine, secretsNamed, WORD } from './secret-values.ts';

/** Looked at without a pause; a word that is cut there is in the next piece too. */
const PIECE = 256 * 1024;
const OVERLAP = 4096;
const BITS_A_BYTE = 4;
const MARKS = 6;
/** What is shown is looked up in each field, so there are few. */
const LEAST_FIELD = 16 * 2 ** 20;
/** Of a line that is shown: behind a number, a name or a sign. */
const MOST_STARTS = 8;
/** Behind names such as `password`, of a file; these are known wherever they stand. */
const MOST_NAMED = 20_000;

const IS_LINE = 1;
const IS_WORD = 2;
const IS_PART = 3;

export class LargeFiles {
  readonly #fields: Field[] = [];

  /** @param named takes the values behind names such as `password` */
  async learn(path: string, bytes: Buffer, named: (value: string) => void): Promise<void> {
    const field = this.#fieldFor(path, bytes.length);
    const wide = wideEncoding(bytes);
    const decode = decoderFor(bytes, wide);
    let left = MOST_NAMED;
    for (let at = 0; at < bytes.length; ) {
      const line = wide === null ? lineEnd(bytes, at) : null;
      const end = line ?? Math.min(bytes.length, at + PIECE);
      const text = decode(bytes.subarray(at, end));
      for (const line of text.split(/\r?\n|\r/)) {
        if (isLine(line.trim())) field.mark(line.trim(), IS_LINE);
        if (line.length > LONGEST) for (const part of partsOfLine(line)) field.mark(part.text, IS_PART);
      }
      for (const [word] of text.matchAll(WORD)) if (/\d/.test(word) && /[A-Za-z]/.test(word)) field.mark(word, IS_WORD);
      for (const value of left > 0 ? secretsNamed(text) : []) {
        if (left-- <= 0) break;
        named(value);
      }
      at = line !== null || end === bytes.length ? end : end - OVERLAP;
      await setImmediate();
    }
  }

  /** Whole lines to their ends, and words. */
  find(text: string): FoundValue[] {
    if (this.#fields.length === 0) return [];
    const found: FoundValue[] = [];
    let start = 0;
    for (const raw of text.split('\n')) {
      const line = raw.trimEnd();
      const whole = this.#lineIn(line);
      if (whole !== null) found.push({ start: start + whole.at, end: start + line.length, from: whole.from });
      else found.push(...this.#withinLine(line, start));
      start += raw.length + 1;
    }
    return found;
  }

  *#withinLine(line: string, start: number): Iterable<FoundValue> {
    for (const { 0: word, index } of line.matchAll(WORD)) {
      const from = looksSecret(word) ? this.#from(word, IS_WORD) : null;
      if (from !== null) yield { start: start + index, end: start + index + word.length, from };
    }
    for (const { text, at } of partsOfLine(line)) {
      const from = this.#from(text, IS_PART);
      if (from !== null) yield { start: start + at, end: start + at + text.length, from };
    }
  }

  #fieldFor(path: string, bytes: number): Field {
    const last = this.#fields.at(-1);
    if (last?.take(bytes)) return last;
    const made = new Field(path, Math.max(bytes, this.#fields.length === 0 ? 1 : LEAST_FIELD));
    made.take(bytes);
    this.#fields.push(made);
    return made;
  }

  /** Where a line of a file begins in one that is shown, to the end of that. */
  #lineIn(line: string): { at: number; from: string } | null {
    let tried = 0;
    for (let at = 0; at < line.length && tried < MOST_STARTS; at++) {
      if (/\s/.test(line[at]!) || (at > 0 && /[\w.$-]/.test(line[at - 1]!))) continue;
      tried++;
      const from = isLine(line.slice(at)) ? this.#from(line.slice(at), IS_LINE) : null;
      if (from !== null) return { at, from };
    }
    return null;
  }

  #from(text: string, kind: number): string | null {
    return this.#fields.find((field) => field.has(text, kind))?.name ?? null;
  }
}

class Field {
  readonly #path: string;
  readonly #bits: Uint32Array;
  readonly #shift: number;
  #files = 0;
  #left: number;

  constructor(path: string, bytes: number) {
    const power = Math.min(31, Math.max(20, Math.ceil(Math.log2(bytes * BITS_A_BYTE))));
    this.#path = path;
    this.#bits = new Uint32Array(2 ** (power - 5));
    this.#shift = 32 - power;
    this.#left = 2 ** power / BITS_A_BYTE;
  }

  get name(): string {
    return this.#files === 1 ? this.#path : `${this.#path} or ${this.#files - 1} more`;
  }

  /** Whether a file of so many bytes has room. */
  take(bytes: number): boolean {
    if (bytes > this.#left) return false;
    this.#left -= bytes;
    this.#files++;
    return true;
  }

  mark(text: string, kind: number): void {
    for (const place of this.#places(text, kind)) this.#bits[place >>> 5]! |= 1 << (place & 31);
  }

  has(text: string, kind: number): boolean {
    return this.#places(text, kind).every((place) => (this.#bits[place >>> 5]! & (1 << (place & 31))) !== 0);
  }

  #places(text: string, kind: number): number[] {
    let one = 0x811c9dc5 ^ kind;
    let two = 0x9747b28c + kind;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      one = Math.imul(one ^ code, 0x01000193);
      two = Math.imul((two ^ code) + (two << 5), 0x5bd1e995);
      two ^= two >>> 15;
    }
    one = Math.imul(one ^ (one >>> 16), 0x85ebca6b);
    one ^= one >>> 13;
    return Array.from({ length: MARKS }, (_, turn) => (Math.imul(one + Math.imul(turn, two | 1), 0x9e3779b1) >>> 0) >>> this.#shift);
  }
}

const NEW_LINE = 10;

/** Such as are known of smaller files. */
function isLine(line: string): boolean {
  if (line.length < LEAST_LINE || line.length > LONGEST || /^(#|\/\/|;|-----(BEGIN|END) )/.test(line)) return false;
  return line.length >= 16 || /[\w"']\s*[=:]/.test(line);
}

/** Behind the last line of a piece; null = there is none, or it is the last piece. */
function lineEnd(bytes: Buffer, at: number): number | null {
  if (bytes.length - at <= PIECE) return null;
  const newLine = bytes.lastIndexOf(NEW_LINE, at + PIECE - 1);
  return newLine > at + OVERLAP ? newLine + 1 : null;
}

function wideEncoding(bytes: Buffer): 'utf-16le' | 'utf-16be' | null {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  return bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : null;
}

function decoderFor(bytes: Buffer, wide: 'utf-16le' | 'utf-16be' | null): (piece: Buffer) => string {
  if (wide !== null) return (piece) => new TextDecoder(wide).decode(piece);
  if (!bytes.subarray(0, PIECE).includes(0)) return (piece) => piece.toString('utf8');
  // No text: what a program that prints it would show of it.
  return (piece) => (piece.toString('latin1').match(/[\x20-\x7e]{12,}/g) ?? []).join('\n');
}
