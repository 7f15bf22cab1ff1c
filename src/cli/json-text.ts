/**
 * A value as JSON that a terminal may show: what a terminal obeys, and what reorders or hides text, stands there as JSON's own escapes. Whoever
 * parses it gets the value as it is.
 */
export function jsonText(value: unknown, indent?: number): string {
  const escaped = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  const unsafe = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e0fff}]/gu;
  return JSON.stringify(value, null, indent).replace(unsafe, (char) => char.split('').map(escaped).join(''));
}
