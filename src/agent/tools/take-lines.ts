/** Takes a range of lines out of a stream of text, so that no file is too big to be looked at. */
import { cutText } from '../../common/cut-text.ts';

export interface WindowLimits {
  /** First line wanted, from 1. */
  readonly offset: number;
  /** Most lines. */
  readonly limit: number;
  /** Most bytes of what is shown (the first line is always taken). */
  readonly maxBytes: number;
  /** Longer lines are cut, characters. */
  readonly maxLine: number;
  /** Stop looking for the range, or counting what follows it, after so many characters. */
  readonly maxScan: number;
}

export interface LineWindow {
  /** The lines, without line ends. */
  readonly lines: readonly string[];
  /** How many of them were cut. */
  readonly cut: number;
  /** Lines in all, or those counted until `maxScan`. */
  readonly total: number;
  /** Whether `total` is all there is. */
  readonly complete: boolean;
}

export async function takeLines(chunks: AsyncIterable<string> | Iterable<string>, limits: WindowLimits): Promise<LineWindow> {
  const lines: string[] = [];
  let cut = 0;
  let bytes = 0;
  let scanned = 0;
  let finished = 0;
  let current = '';
  let pending = false;
  let full = false;
  const wanted = () => !full && finished + 1 >= limits.offset && lines.length < limits.limit;
  const extend = (piece: string) => {
    if (wanted() && current.length <= limits.maxLine) current += piece.slice(0, limits.maxLine + 2 - current.length);
  };
  const endLine = () => {
    if (wanted()) {
      const line = cutText(current.endsWith('\r') ? current.slice(0, -1) : current, limits.maxLine);
      bytes += Buffer.byteLength(line) + 8;
      full = lines.length > 0 && bytes > limits.maxBytes;
      if (!full) {
        lines.push(line);
        if (current.length > limits.maxLine) cut += 1;
      }
    }
    finished += 1;
    current = '';
  };

  let complete = true;
  for await (const text of chunks) {
    let from = 0;
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', from)) {
      extend(text.slice(from, at));
      endLine();
      from = at + 1;
    }
    extend(text.slice(from));
    if (text !== '') pending = from < text.length;
    scanned += text.length;
    if (scanned >= limits.maxScan) {
      complete = false;
      break;
    }
  }
  if (complete && pending) endLine();
  return { lines, cut, total: finished, complete };
}
