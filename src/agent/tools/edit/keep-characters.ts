/** Keeps the characters of the file where an edit wrote look-alikes of them and changed nothing. */

/** Of longer lines the parts are not worth their time. */
const LONGEST = 20_000;

const segmenter = new Intl.Segmenter('und', { granularity: 'grapheme' });

/**
 * `It's one` -> `It's two` on `It’s one`: `It’s two`. An accent that stands behind its letter is one character with it, as is a syllable of Hangul.
 * @param original the line of the file, which `old` was taken for
 */
export function keepCharacters(original: string, old: string, fresh: string): string {
  if (original === old || original.length + fresh.length > LONGEST) return fresh;
  const [kept, before, after] = [graphemes(original), graphemes(old), graphemes(fresh)] as const;
  if (kept.length !== before.length) return fresh;
  const most = Math.min(before.length, after.length);
  let head = 0;
  while (head < most && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < most - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail += 1;
  return [...kept.slice(0, head), ...after.slice(head, after.length - tail), ...kept.slice(kept.length - tail)].join('');
}

function graphemes(text: string): string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}
