/** Characters that look like a plain one and that models and editors exchange for it: quotes, dashes, blanks. */

const PLAIN: Readonly<Record<string, string>> = {
  "'": '‘’‚‛′ʼ',
  '"': '“”„‟″«»',
  '-': '‐‑‒–—―−',
  ' ': '\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000',
};

const TABLE = new Map(Object.entries(PLAIN).flatMap(([plain, others]) => [...others].map((other) => [other, plain] as const)));
const ANY = new RegExp(`[${[...TABLE.keys()].join('')}]`, 'g');

/** The text with plain characters; every offset stays. */
export function plainCharacters(text: string): string {
  return text.replace(ANY, (character) => TABLE.get(character)!);
}

/** Also with each accent joined to its letter, as models write it; offsets change. */
export function composed(line: string): string {
  return plainCharacters(line.normalize('NFC'));
}
