/** Tells where a change is, and shows what stands there now where that is not plain from the edit. */

import { cutText } from '../../../common/cut-text.ts';
import type { Region } from './apply-edits.ts';
import { indexLines, type LineIndex, lineAt, lineCount, lineText } from './line-index.ts';

const CONTEXT = 2;
const MOST_NAMED = 12;
const LONGEST_LINE = 200;

/** `line 4`, `lines 4-9 and 20`. */
export function namePlaces(text: string, regions: readonly Region[]): string {
  const index = indexLines(text);
  const places = regions.map((region) => {
    const [first, last] = linesOf(index, region);
    return first === last ? `${first + 1}` : `${first + 1}-${last + 1}`;
  });
  const named = [...new Set(places)];
  const shown = named.slice(0, MOST_NAMED);
  const rest = named.length > shown.length ? [`${named.length - shown.length} more places`] : [];
  const words = [...shown, ...rest];
  const list = words.length > 1 ? `${words.slice(0, -1).join(', ')} and ${words.at(-1)}` : words.join('');
  return `${words.length === 1 && !list.includes('-') ? 'line' : 'lines'} ${list}`;
}

/** The places that hold something new to the model, whole, with a little around them. */
export function showRegions(text: string, regions: readonly Region[]): string {
  const index = indexLines(text);
  const end = lineCount(index) - 1;
  const pieces: [first: number, last: number][] = [];
  for (const region of regions.filter(({ isNews }) => isNews)) {
    const [first, last] = linesOf(index, region);
    const before = pieces.at(-1);
    if (before !== undefined && first - CONTEXT <= before[1] + 1) before[1] = Math.min(end, last + CONTEXT);
    else pieces.push([Math.max(0, first - CONTEXT), Math.min(end, last + CONTEXT)]);
  }
  return pieces.map(([first, last]) => showLines(index, first, last)).join('\n');
}

function showLines(index: LineIndex, first: number, last: number): string {
  const lines = Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => cutText(lineText(index, first + at), LONGEST_LINE));
  return [`[lines ${first + 1}-${last + 1} now]`, ...lines].join('\n');
}

/** From 0; a region that ends with its line's end does not reach into the next one. */
function linesOf(index: LineIndex, { start, end }: Region): [first: number, last: number] {
  const first = lineAt(index, start);
  const last = lineAt(index, end);
  return [first, last > first && index.starts[last] === end ? last - 1 : last];
}
