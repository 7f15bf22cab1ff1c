/** Of longer ones nobody means what is here; what begins many classes and ends none is slow to read. */
const LONGEST = 300;

/** A class of signs, as in `[a-c]` or `[[:digit:]x]`. */
const CLASS = /\[[!^]?\]?(?:\[:\w+:\]|\\.|[^\]\\])*\]/g;

/**
 * A pattern that keeps files back, and what it says where somebody meant it otherwise than we match it: with escapes and named classes, as in a
 * `.gitignore` (`a\ b`, `\[id\]`, `[[:digit:]]`), where we take a backslash for the separator of Windows; or as a plain path with brackets in it, as
 * frameworks have them (`app/[id]/keys.ts`). What has to stand there exactly then stands for any one sign: rather too much than nothing.
 */
export function patternReadings(pattern: string): string[] {
  if (pattern.startsWith('!') || pattern.length > LONGEST) return [pattern];
  const known = pattern.replace(CLASS, (signs) => (/\[:|\\/.test(signs) ? '?' : signs)).replace(/\*{3,}/g, '**');
  const unescaped = known.replace(/\\(.?)/gs, (_, sign: string) => (sign === '' ? ' ' : /[*?[\]\\!]/.test(sign) ? '?' : sign));
  const plain = pattern.replace(/(^|[^\\])\[/g, '$1?');
  return [...new Set([pattern, unescaped, plain])];
}
