/** What a command printed, as text: UTF-8, and lines that are none in the encoding that they all seem to have, as those of sources in GBK. */
import { isUtf8 } from 'node:buffer';
import { StringDecoder } from 'node:string_decoder';
import { BYTE_ENCODINGS, type ByteEncoding, decodeBytes } from '../common/byte-encodings.ts';
import { decodeText } from '../common/text-codec.ts';

/** A longer line is read as UTF-8. */
const LONGEST_LINE = 64 * 1024;
/** So much of the lines that are not UTF-8 tells their encoding. */
const SAMPLE_BYTES = 4096;
/** Fewer bytes beyond ASCII tell nothing. */
const LEAST_BYTES = 4;
/** A guess is made anew when there is so much more of them: some forty times at the most, whatever a command prints. */
const GROWTH = 1.25;

/** Works on any split of the input into chunks, in bounded memory. A line is handed on when its end is there. */
export class OutputDecoder {
  readonly #utf8 = new StringDecoder('utf8');
  #line: Buffer[] = [];
  #lineBytes = 0;
  #sample = Buffer.alloc(0);
  #judgedBytes = 0;
  #encoding: ByteEncoding | null = null;

  write(chunk: Uint8Array): string {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const end = bytes.lastIndexOf(0x0a) + 1;
    const whole = end > 0 ? this.#decodeLines(Buffer.concat([...this.#takeLine(), bytes.subarray(0, end)])) : '';
    if (end < bytes.length) {
      this.#line.push(Buffer.from(bytes.subarray(end))); // the chunk may be written over
      this.#lineBytes += bytes.length - end;
    }
    return this.#lineBytes > LONGEST_LINE ? whole + this.#utf8.write(Buffer.concat(this.#takeLine())) : whole;
  }

  end(): string {
    return this.#decodeLines(Buffer.concat(this.#takeLine())) + this.#utf8.end();
  }

  #takeLine(): Buffer[] {
    const line = this.#line;
    this.#line = [];
    this.#lineBytes = 0;
    return line;
  }

  #decodeLines(bytes: Buffer): string {
    if (isUtf8(bytes)) return this.#utf8.write(bytes);
    let text = '';
    for (let at = 0; at < bytes.length; ) {
      const next = bytes.indexOf(0x0a, at) + 1 || bytes.length;
      const line = bytes.subarray(at, next);
      text += isUtf8(line) || isCutUtf8(line) ? this.#utf8.write(line) : this.#decodeOther(line);
      at = next;
    }
    return text;
  }

  #decodeOther(line: Buffer): string {
    this.#judge(line);
    const text = this.#encoding === null || line.includes(0) ? null : decodeBytes(line, this.#encoding);
    // Control characters of eight bits begin sequences in which text would vanish
    return text === null || /[\x80-\x9f]/.test(text) ? this.#utf8.write(line) : text;
  }

  #judge(line: Buffer): void {
    if (this.#sample.length >= SAMPLE_BYTES) return;
    this.#sample = Buffer.concat([this.#sample, line.subarray(0, SAMPLE_BYTES)]);
    if (this.#sample.length < this.#judgedBytes * GROWTH) return;
    this.#judgedBytes = this.#sample.length;
    const isEnough = this.#sample.filter((byte) => byte >= 0x80).length >= LEAST_BYTES;
    const found = isEnough ? decodeText(this.#sample)?.encoding : null;
    this.#encoding = BYTE_ENCODINGS.find((one) => one === found) ?? null;
  }
}

/** Whether only its last character is not whole. */
function isCutUtf8(line: Buffer): boolean {
  const last = line.subarray(-3).findLastIndex((byte) => byte >= 0xc2);
  return last >= 0 && isUtf8(line.subarray(0, Math.max(0, line.length - 3) + last));
}
