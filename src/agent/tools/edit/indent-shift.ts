/** Finds the one rule that turns the indentation a model wrote into the indentation that the file has. */

/** Turns the indentation of one line; `null` when the rule cannot be applied to it. */
export type Shift = (indent: string) => string | null;

/**
 * @param written indentations of the non-blank lines of old_text
 * @param found indentations of the same lines in the file
 * @param wanted indentations of the non-blank lines of new_text, all of which the rule must be able to turn
 * @returns `null` when the lines are not shifted uniformly
 */
export function findShift(written: readonly string[], found: readonly string[], wanted: readonly string[]): Shift | null {
  const candidates = [addedPrefix(written, found), removedPrefix(written, found), ...conversions(written, found, wanted)];
  const fits = (shift: Shift) =>
    written.every((indent, i) => shift(indent) === found[i]) && wanted.every((indent) => shift(indent) !== null);
  return candidates.find((shift) => shift !== null && fits(shift) && !mixes(shift, found, wanted)) ?? null;
}

export function indentOf(line: string): string {
  return /^[ \t]*/.exec(line)![0];
}

function addedPrefix(written: readonly string[], found: readonly string[]): Shift | null {
  const extra = found[0]!.length - written[0]!.length;
  if (extra < 0) return null;
  const prefix = found[0]!.slice(0, extra);
  return (indent) => prefix + indent;
}

function removedPrefix(written: readonly string[], found: readonly string[]): Shift | null {
  const extra = written[0]!.length - found[0]!.length;
  if (extra <= 0) return null;
  const prefix = written[0]!.slice(0, extra);
  return (indent) => (indent.startsWith(prefix) ? indent.slice(extra) : null);
}

/** Tabs against spaces: equal columns first, then columns that differ by a constant. */
function conversions(written: readonly string[], found: readonly string[], wanted: readonly string[]): Shift[] {
  const inTabs = found.some((indent) => indent.includes('\t'));
  const widths = tabWidths([...written, ...wanted, ...found]);
  const shifts = widths.map((width) => {
    const distance = columns(found[0]!, width) - columns(written[0]!, width);
    const shift: Shift = (indent) => render(columns(indent, width) + distance, width, inTabs);
    return { distance, shift };
  });
  return shifts.sort((a, b) => Number(a.distance !== 0) - Number(b.distance !== 0)).map((one) => one.shift);
}

/** Likely tab widths, the step that the space indentations themselves show first. */
function tabWidths(indents: readonly string[]): number[] {
  const spaces = indents.filter((indent) => indent !== '' && !indent.includes('\t')).map((indent) => indent.length);
  const step = spaces.reduce(greatestCommonDivisor, 0);
  return [...new Set([step, 4, 2, 8, 3])].filter((width) => width >= 2 && width <= 8);
}

/** A rule that would put spaces behind tabs (or tabs behind spaces) in a file that does not, is not the file's own. */
function mixes(shift: Shift, found: readonly string[], wanted: readonly string[]): boolean {
  const mixed = (indent: string) => indent.includes(' ') && indent.includes('\t');
  if (found.some(mixed)) return false;
  const inTabs = found.some((indent) => indent.includes('\t'));
  const inSpaces = found.some((indent) => indent.includes(' '));
  return wanted.some((indent) => {
    const turned = shift(indent) ?? '';
    return (inTabs && turned.includes(' ')) || (inSpaces && turned.includes('\t'));
  });
}

function columns(indent: string, tabWidth: number): number {
  let column = 0;
  for (const character of indent) column = character === '\t' ? (Math.floor(column / tabWidth) + 1) * tabWidth : column + 1;
  return column;
}

function render(column: number, tabWidth: number, inTabs: boolean): string | null {
  if (column < 0) return null;
  if (!inTabs) return ' '.repeat(column);
  return '\t'.repeat(Math.floor(column / tabWidth)) + ' '.repeat(column % tabWidth);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
