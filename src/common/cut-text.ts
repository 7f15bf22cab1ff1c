/** Cuts to `max` characters (UTF-16 units) with `…` where something is missing, never inside a surrogate pair. */
export function cutText(text: string, max: number): string {
  if (text.length <= max) return text;
  return `${text.slice(0, Math.max(0, max - 1)).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** Of a line without an end so much goes: no secret that is known is longer. */
const HALF_LINE = 4096;

/**
 * The beginning or the end of a longer text without the line that the cut went through: it may hold half a secret, which nobody would
 * know as one.
 */
export function wholeLines(text: string, part: 'head' | 'tail'): string {
  if (part === 'head') {
    const end = text.lastIndexOf('\n');
    return end >= 0 && text.length - end <= HALF_LINE ? text.slice(0, end) : text.slice(0, -HALF_LINE);
  }
  const start = text.indexOf('\n');
  return start >= 0 && start <= HALF_LINE ? text.slice(start + 1) : text.slice(HALF_LINE);
}
