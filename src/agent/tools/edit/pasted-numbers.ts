/** Recognizes the line numbers of read_file (and of `cat -n`) that a model pasted along with the text. */

const NUMBERED = /^ *(\d+)(?:\t|→|\|)/;

/**
 * The lines without their numbers, or `null` when they are not numbered: every line (but an empty last one)
 * must carry a number, each one higher than the number before.
 */
export function withoutNumbers(lines: readonly string[]): string[] | null {
  const body = lines.at(-1) === '' ? lines.slice(0, -1) : lines;
  if (body.length === 0) return null;
  let expected: number | null = null;
  for (const line of body) {
    const match = NUMBERED.exec(line);
    if (match === null) return null;
    const number = Number(match[1]);
    if (expected !== null && number !== expected) return null;
    expected = number + 1;
  }
  return lines.map((line) => line.replace(NUMBERED, ''));
}

/** In a text that has such lines itself (a table), numbers in front of others may be meant. */
export function hasNumberedLine(text: string): boolean {
  return new RegExp(NUMBERED.source, 'm').test(text);
}

/** As above for the replacement, whose numbers need not be in order; `mixed` when only some lines carry one. */
export function replacementWithoutNumbers(lines: readonly string[]): string[] | 'mixed' {
  const numbered = lines.filter((line) => NUMBERED.test(line)).length;
  const blank = lines.filter((line) => line.trim() === '').length;
  if (numbered === 0) return [...lines];
  if (numbered + blank < lines.length) return 'mixed';
  return lines.map((line) => line.replace(NUMBERED, ''));
}
