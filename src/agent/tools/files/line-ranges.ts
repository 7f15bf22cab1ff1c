/** Lines of a file as they are named behind its path: `src/app.ts:40-90,200-240`. */

/** From 1; `to` is null where no last line is named. */
export interface LineRange {
  readonly from: number;
  readonly to: number | null;
}

export interface WantedPlace {
  readonly path: string;
  readonly ranges: readonly LineRange[];
}

/** Behind each colon a list may begin, which is looked at to its end. */
const MOST_COLONS = 200;

/** Also `40..90`, `40–90`, `40-end`, and `40:5` as compilers tell a column. */
const RANGE = String.raw`L?\d+(?: {0,3}(?:-|–|\.\.)(?: {0,3}(?:L?\d+|end|\$))?|:\d+)?`;
const PLACE = new RegExp(String.raw`^(.+?)(?::|#)(${RANGE}(?: {0,3}[,;]\s{0,3}${RANGE})*):?$`);

/**
 * Ranges that overlap or touch become one.
 * @param open how many lines a range without an end has
 */
export function parsePlace(given: string, open: number): WantedPlace {
  const [, path, list] = given.split(/[:#]/, MOST_COLONS + 1).length > MOST_COLONS ? [] : (PLACE.exec(given.trim()) ?? []);
  if (path === undefined || list === undefined) return { path: given, ranges: [] };
  const ranges = list.split(/[,;]/).map(parseRange);
  return {
    path,
    ranges: merged(
      ranges.sort((a, b) => a.from - b.from || Number(b.to === null) - Number(a.to === null)),
      open,
    ),
  };
}

function parseRange(text: string): LineRange {
  const [one, other] = text
    .replace(/:\d+$|[L\s$]|end/g, '')
    .split(/-|–|\.\./)
    .map(Number);
  const first = Math.max(1, one!);
  if (!other) return { from: first, to: null };
  return { from: Math.max(1, Math.min(first, other)), to: Math.max(first, other) };
}

function merged(ranges: readonly LineRange[], open: number): LineRange[] {
  const result: LineRange[] = [];
  for (const range of ranges) {
    const last = result.at(-1);
    const end = last === undefined ? 0 : (last.to ?? last.from + open - 1);
    if (last === undefined || range.from > end + 1) result.push(range);
    else if (range.to === null)
      result[result.length - 1] = range.from === last.from ? range : { from: last.from, to: range.from + open - 1 };
    else if (range.to > end) result[result.length - 1] = { from: last.from, to: range.to };
  }
  return result;
}
