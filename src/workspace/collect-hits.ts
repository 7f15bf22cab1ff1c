/** Reads what `git grep -z -n --column` prints: a hit a line, of which no more is kept than is shown, and what must be known to show a part. */
import { StringDecoder } from 'node:string_decoder';

export interface GrepHit {
  readonly path: string;
  readonly line: number;
  /** The line; of a long one the part around the match, with `…` where something is missing. */
  readonly text: string;
  /** Of a part: itself, and what stands beside it in the line. A secret that the cut went through is known only by all of it. */
  readonly part?: { readonly before: string; readonly text: string; readonly behind: string };
}

export interface HitLimits {
  readonly limit: number;
  /** Files whose hits neither come nor count. */
  readonly leftOut?: ((path: string) => boolean) | undefined;
}

/** Of a line so much is shown, bytes: its beginning, or the part around a match that begins behind `MATCH_SHOWN`. */
const LINE_BYTES = 300;
const MATCH_SHOWN = 200;
const BYTES_BEFORE_MATCH = 100;
/** No value that is known as a secret is longer. */
const BESIDE_BYTES = 4096;

const NUL = 0;
const LF = 10;

/** Takes `path NUL line NUL column NUL text LF` in chunks. */
export class HitCollector {
  readonly #limits: HitLimits;
  #hits: GrepHit[] = [];
  /** What is complete of the hit that is being read: path, line, column. */
  #fields: string[] = [];
  #pieces: Buffer[] = [];
  #kept = 0;
  #skipped = 0;
  /** Bytes of the field that are not kept, and of those that are, how many stand before what is shown. */
  #toSkip = 0;
  #beside = 0;
  constructor(limits: HitLimits) {
    this.#limits = limits;
  }

  get hits(): readonly GrepHit[] {
    return this.#hits;
  }

  clear(): void {
    this.#hits = [];
    this.#fields = [];
    this.#beginField(0);
  }

  /** False when there are more hits than the limit. */
  take(chunk: Buffer): boolean {
    for (let at = 0; at < chunk.length; ) {
      const end = chunk.indexOf(this.#fields.length < 3 ? NUL : LF, at);
      this.#keep(chunk.subarray(at, end < 0 ? chunk.length : end));
      if (end < 0) break;
      if (!this.#endField()) return false;
      at = end + 1;
    }
    return true;
  }

  #keep(piece: Buffer): void {
    const skip = Math.min(piece.length, this.#toSkip - this.#skipped);
    this.#skipped += skip;
    const room = this.#fields.length < 3 ? Number.POSITIVE_INFINITY : this.#beside + LINE_BYTES + BESIDE_BYTES - this.#kept;
    const kept = piece.subarray(skip, skip + Math.min(room, piece.length));
    if (kept.length > 0) this.#pieces.push(kept);
    this.#kept += kept.length;
  }

  #endField(): boolean {
    const bytes = Buffer.concat(this.#pieces);
    if (this.#fields.length < 3) {
      this.#fields.push(bytes.toString('utf8'));
      const before = this.#fields.length < 3 ? 0 : Number(this.#fields[2]) - 1;
      this.#beginField(before > MATCH_SHOWN ? before - BYTES_BEFORE_MATCH : 0);
      return true;
    }
    const [path, line] = this.#fields as [string, string];
    if (!this.#limits.leftOut?.(path)) {
      if (this.#hits.length >= this.#limits.limit) return false;
      this.#hits.push({ path, line: Number(line), ...shownPart(bytes, this.#beside) });
    }
    this.#fields = [];
    this.#beginField(0);
    return true;
  }

  /** @param shownFrom how many bytes of it stand before what is shown */
  #beginField(shownFrom: number): void {
    this.#pieces = [];
    this.#kept = 0;
    this.#skipped = 0;
    this.#beside = Math.min(shownFrom, BESIDE_BYTES);
    this.#toSkip = shownFrom - this.#beside;
  }
}

/** The bytes as text, characters that are halved at a cut left out. */
function shownPart(bytes: Buffer, from: number): Pick<GrepHit, 'text' | 'part'> {
  const isCutBefore = from > 0;
  const isCutBehind = bytes.length > from + LINE_BYTES;
  if (!isCutBefore && !isCutBehind) return { text: bytes.toString('utf8') };
  let start = from;
  while (isCutBefore && start < from + 3 && isWithinCharacter(bytes[start])) start += 1;
  let end = Math.min(bytes.length, from + LINE_BYTES);
  while (isCutBehind && end > from + LINE_BYTES - 3 && isWithinCharacter(bytes[end])) end -= 1;
  const [before, text, behind] = [bytes.subarray(0, start), bytes.subarray(start, end), bytes.subarray(end)].map(wholeCharacters) as [
    string,
    string,
    string,
  ];
  return { text: `${isCutBefore ? '…' : ''}${text}${isCutBehind ? '…' : ''}`, part: { before, text, behind } };
}

const isWithinCharacter = (byte: number | undefined) => ((byte ?? 0) & 0xc0) === 0x80;
const wholeCharacters = (bytes: Buffer) => new StringDecoder('utf8').write(bytes);
