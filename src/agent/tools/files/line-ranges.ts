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

const RANGE = String.raw`L?\d+(?:\s*-\s*L?\d*)?`;
const PLACE = new RegExp(String.raw`^(.+?)(?::|#)(${RANGE}(?:\s*,\s*${RANGE})*)$`);

/** Ranges that overlap or touch become one. */
export function parsePlace(given: string): WantedPlace {
  const [, path, list] = PLACE.exec(given.trim()) ?? [];
  if (path === undefined || list === undefined) return { path: given, ranges: [] };
  const ranges = list.split(',').map(parseRange);
  return { path, ranges: merged(ranges.sort((a, b) => a.from - b.from)) };
}

function parseRange(text: string): LineRange {
  const [from, to] = text.replace(/[L\s]/g, '').split('-');
  const first = Math.max(1, Number(from));
  return { from: first, to: to ? Math.max(first, Number(to)) : null };
}

function merged(ranges: readonly LineRange[]): LineRange[] {
  const result: LineRange[] = [];
  for (const range of ranges) {
    const last = result.at(-1);
    if (last === undefined || last.to === null || range.from > last.to + 1) result.push(range);
    else result[result.length - 1] = { from: last.from, to: range.to === null ? null : Math.max(last.to, range.to) };
  }
  return result;
}
