import { parseEnv } from 'node:util';

/**
 * The variables in the text of a `.env`. Behind a name with nothing but blanks Node takes the whole next line for the value, and does not see the
 * variable there: it may be a refusal.
 */
export function readEnv(text: string): Readonly<Record<string, string>> {
  // Some editors begin a file with a mark.
  return parseEnv(text.replace(/^\ufeff/, '').replace(/=[ \t]+$/gm, '=')) as Record<string, string>;
}
