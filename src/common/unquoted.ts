const QUOTES: readonly (readonly [string, string])[] = [
  ['"', '"'],
  ["'", "'"],
  ['`', '`'],
  ['“', '”'],
  ['‘', '’'],
];

/** A value without the quotes around it that came along from a shell, a JSON file or a text: `set KEY="value"` keeps them on Windows. */
export function unquoted(text: string): string {
  const value = text.trim();
  const isQuoted = QUOTES.some(([open, close]) => {
    const inside = value.slice(1, -1);
    return value.length >= 2 && value.startsWith(open) && value.endsWith(close) && !inside.includes(open) && !inside.includes(close);
  });
  return isQuoted ? value.slice(1, -1).trim() : value;
}
