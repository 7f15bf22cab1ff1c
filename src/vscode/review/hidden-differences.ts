/** What a diff of VS Code does not show: with `diffEditor.ignoreTrimWhitespace`, as it is by default, white space around a line, and ends of lines never. */
export type HiddenDifference = 'whiteSpace' | 'lineEnds';

const END = /\r\n|\r|\n/;

/** As VS Code finds it, by what stands at the beginning: one further down hides nothing from a diff. */
const isBinary = (text: string) => text.slice(0, 512).includes('\0');

/** @returns what is different and hidden in texts; white space only where a line is moved by it, none of empty lines */
export function hiddenDifferences(before: string, after: string): HiddenDifference[] {
  if (isBinary(before) || isBinary(after)) return [];
  const [old, now] = [before.split(END), after.split(END)];
  const removed = without(old, now);
  const trimmed = new Set(removed.map((line) => line.trim()));
  trimmed.delete('');
  const isMoved = removed.length > 0 && without(now, old).some((line) => trimmed.has(line.trim()));
  return [
    ...(isMoved || isSwapped(old, now) ? ['whiteSpace' as const] : []),
    ...(haveOtherEnds(before, after) ? ['lineEnds' as const] : []),
  ];
}

/** So many pairs of lines are compared, for which it takes some ms. */
const MOST_PAIRS = 1_000_000;

/** Whether lines that an editor takes for the same differ, where as many are moved in as out: by how a diff puts both sides together. */
function isSwapped(old: readonly string[], now: readonly string[]): boolean {
  const isSame = (a: number, b: number) => old[a]?.trim() === now[b]?.trim();
  const isHidden = (a: number, b: number) => old[a] !== now[b] && old[a]!.trim() !== '';
  let start = 0;
  const shorter = Math.min(old.length, now.length);
  for (; start < shorter && isSame(start, start); start++) if (isHidden(start, start)) return true;
  let [a, b] = [old.length, now.length];
  for (; a > start && b > start && isSame(a - 1, b - 1); a--, b--) if (isHidden(a - 1, b - 1)) return true;
  const [left, right] = [old.slice(start, a), now.slice(start, b)];
  return left.length * right.length > MOST_PAIRS ? haveOtherOrder(left, right) : isSwappedWithin(left, right);
}

function isSwappedWithin(left: readonly string[], right: readonly string[]): boolean {
  const [old, now] = [left, right].map((lines) => lines.map((line) => line.trim())) as [string[], string[]];
  const width = now.length + 1;
  /** How many lines both have in common from these two on. */
  const common = new Uint32Array((old.length + 1) * width);
  for (let a = old.length - 1; a >= 0; a--)
    for (let b = now.length - 1; b >= 0; b--)
      common[a * width + b] =
        old[a] === now[b] ? common[(a + 1) * width + b + 1]! + 1 : Math.max(common[(a + 1) * width + b]!, common[a * width + b + 1]!);
  for (let [a, b] = [0, 0]; a < old.length && b < now.length; ) {
    if (old[a] === now[b]) {
      if (left[a] !== right[b] && old[a] !== '') return true;
      a++;
      b++;
    } else if (common[(a + 1) * width + b]! >= common[a * width + b + 1]!) a++;
    else b++;
  }
  return false;
}

/** What is too long for that: rather told where lines were only moved. */
function haveOtherOrder(left: readonly string[], right: readonly string[]): boolean {
  const [old, now] = [left, right].map(byWords) as [Map<string, string[]>, Map<string, string[]>];
  return [...old].some(([words, lines]) => {
    const others = now.get(words) ?? [];
    return lines.length === others.length && lines.some((line, index) => line !== others[index]);
  });
}

function byWords(lines: readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const line of lines) {
    const words = line.trim();
    if (words === '') continue;
    const same = found.get(words);
    if (same) same.push(line);
    else found.set(words, [line]);
  }
  return found;
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
