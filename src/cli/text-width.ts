import measure from 'fast-string-truncated-width';

/** How many columns a text takes: Chinese characters take two, colours none. */
export function widthOf(text: string): number {
  return measure(text).width;
}

/** Cuts a text without colours to so many columns, with `…` where something is missing. */
export function cutToWidth(text: string, columns: number): string {
  const { index, truncated } = measure(text, { limit: Math.max(1, columns), ellipsis: '…' });
  if (!truncated) return text;
  let kept = text.slice(0, index);
  // Where Latin letters follow Chinese ones, the library cuts some columns too late.
  while (kept && widthOf(kept) >= columns) kept = kept.slice(0, [...CHARACTERS.segment(kept)].at(-1)!.index);
  return `${kept.trimEnd()}…`;
}

const CHARACTERS = new Intl.Segmenter();

export function padToWidth(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - widthOf(text)));
}
