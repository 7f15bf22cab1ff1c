/** Where the lines of a text are. A line ends with LF or CRLF; text after the last line end (perhaps none) is the last line. */
export interface LineIndex {
  readonly text: string;
  /** Offset of each line's first character. */
  readonly starts: readonly number[];
  /** Offset behind each line's last character, before its line end. */
  readonly ends: readonly number[];
}

export function indexLines(text: string): LineIndex {
  const starts = [0];
  const ends: number[] = [];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) {
    ends.push(at > starts[starts.length - 1]! && text.charCodeAt(at - 1) === 13 ? at - 1 : at);
    starts.push(at + 1);
  }
  ends.push(text.length);
  return { text, starts, ends };
}

/** The line (from 0) that the offset is in. */
export function lineAt(index: LineIndex, offset: number): number {
  let low = 0;
  let high = index.starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (index.starts[middle]! <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

export function lineText(index: LineIndex, line: number): string {
  return index.text.slice(index.starts[line], index.ends[line]);
}

/** The line end behind a line: `\n`, `\r\n`, or '' at the end of the text. */
export function lineEnd(index: LineIndex, line: number): string {
  return index.text.slice(index.ends[line], index.starts[line + 1] ?? index.text.length);
}

/** How many lines a reader would count: a line end at the very end starts no new one. */
export function lineCount(index: LineIndex): number {
  const last = index.starts.length - 1;
  return index.starts[last] === index.text.length ? last : last + 1;
}

/** A piece of text as its lines and the line ends between them (one fewer). */
export function splitLines(text: string): { lines: string[]; ends: string[] } {
  const index = indexLines(text);
  const lines = index.starts.map((_, line) => lineText(index, line));
  return { lines, ends: lines.slice(1).map((_, line) => lineEnd(index, line)) };
}

/** Whether lines end with CR alone, as on old Macs: several, and none otherwise. */
export function hasCrLines(text: string): boolean {
  const first = text.indexOf('\r');
  return first !== -1 && text.includes('\r', first + 1) && !text.includes('\n');
}
