import measure from 'fast-string-truncated-width';

/** How many columns a text takes: Chinese characters take two, colours none. */
export function widthOf(text: string): number {
  return measure(text).width;
}

/** Cuts a text without colours to so many columns, with `…` where something is missing. */
export function cutToWidth(text: string, columns: number): string {
  const { index, truncated } = measure(text, { limit: Math.max(1, columns), ellipsis: '…' });
  return truncated ? `${text.slice(0, index).trimEnd()}…` : text;
}

export function padToWidth(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - widthOf(text)));
}
