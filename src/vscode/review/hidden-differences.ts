/** What a diff of VS Code does not show: with `diffEditor.ignoreTrimWhitespace`, as it is by default, white space around a line, and ends of lines never. */
export type HiddenDifference = 'whiteSpace' | 'lineEnds';

const END = /\r\n|\r|\n/;

/** @returns what is different and hidden; white space only where a line is moved by it, none of empty lines */
export function hiddenDifferences(before: string, after: string): HiddenDifference[] {
  const [old, now] = [before.split(END), after.split(END)];
  const removed = without(old, now);
  const trimmed = new Set(removed.map((line) => line.trim()));
  trimmed.delete('');
  const isMoved = removed.length > 0 && without(now, old).some((line) => trimmed.has(line.trim()));
  return [...(isMoved ? ['whiteSpace' as const] : []), ...(haveOtherEnds(before, after) ? ['lineEnds' as const] : [])];
}

/** The lines of one that the other does not have, or not as often. */
function without(lines: readonly string[], others: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const line of others) counts.set(line, (counts.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const left = counts.get(line) ?? 0;
    if (left > 0) counts.set(line, left - 1);
    return left === 0;
  });
}

const KINDS = [/\r\n/, /\r(?!\n)/, /(?<!\r)\n/];

/** A text of one line has none, which is no difference. */
function haveOtherEnds(before: string, after: string): boolean {
  const [old, now] = [before, after].map((text) => KINDS.map((kind) => kind.test(text)));
  return [old, now].every((kinds) => kinds!.includes(true)) && String(old) !== String(now);
}
