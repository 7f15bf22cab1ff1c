import { UNSAFE } from '../mcp/escape-untrusted.ts';

/**
 * A value as JSON that a terminal may show: what a terminal obeys, and what reorders or hides text, stands there as JSON's own escapes. Whoever
 * parses it gets the value as it is.
 */
export function jsonText(value: unknown, indent?: number): string {
  const escaped = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(value, null, indent).replace(UNSAFE, (char) => char.split('').map(escaped).join(''));
}
