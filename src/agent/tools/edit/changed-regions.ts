/** Shows what a change left behind, so that the model need not read the file again. */

import { count } from '../../../common/count-noun.ts';
import { cutText } from '../../../common/cut-text.ts';
import type { AppliedEdits } from './apply-edits.ts';
import { indexLines, lineAt, lineText } from './line-index.ts';

const CONTEXT = 2;
const MOST_SHOWN = 40;
const MOST_OF_A_REGION = 12;

/** The changed places with a little around them, as numbered lines. */
export function showRegions(text: string, regions: AppliedEdits['regions']): string {
  const index = indexLines(text);
  const shown: string[] = [];
  let next = 0;
  for (const [at, region] of regions.entries()) {
    const first = Math.max(next, lineAt(index, region.start) - CONTEXT);
    const last = Math.min(index.starts.length - 1, lineAt(index, region.end) + CONTEXT);
    if (first > next && shown.length > 0) shown.push('...');
    for (let line = first; line <= last; line += 1) {
      if (line === index.starts.length - 1 && lineText(index, line) === '') continue;
      const hidden = last - first + 1 - MOST_OF_A_REGION;
      if (hidden > 1 && line === first + MOST_OF_A_REGION / 2) {
        shown.push(`... ${count(hidden, 'more line')} ...`);
        line += hidden;
      }
      shown.push(`${line + 1}\t${cutText(lineText(index, line), 200)}`);
    }
    next = last + 1;
    const left = regions.length - at - 1;
    if (shown.length >= MOST_SHOWN && left > 0) return [...shown, `... ${count(left, 'more place')} ...`].join('\n');
  }
  return shown.join('\n');
}
