/**
 * Takes secrets out of a text that leaves the loop (reasons, notices, tool output).
 * The key itself is always replaced; in texts that a server wrote, anything that looks like a key is too, since a
 * server may echo a key in part or in another form, or the id of one (`ak-`).
 */
export function redactKey(text: string, apiKey: string): string {
  return apiKey.length >= 6 && text.includes(apiKey) ? text.replaceAll(apiKey, '[key]') : text;
}

export function redactServerText(text: string, apiKey: string): string {
  return redactKey(text, apiKey).replace(/\b[as]k-[A-Za-z0-9_*.-]{6,}/g, '[key]');
}

/** The same with the key replaced wherever a text holds it. */
export function withoutKey<T>(value: T, apiKey: string): T {
  if (typeof value === 'string') return redactKey(value, apiKey) as T;
  if (Array.isArray(value)) return value.map((item) => withoutKey(item, apiKey)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withoutKey(item, apiKey)])) as T;
}
