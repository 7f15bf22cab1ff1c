import { distance } from 'fastest-levenshtein';

/** Which of the known names may have been meant, the most likely first; those that hold the whole word count as near. */
export function nearest(word: string, known: readonly string[], most = 1): string[] {
  const wanted = word.toLowerCase();
  return known
    .map((name) => {
      const other = name.toLowerCase();
      const holds = wanted.length > 2 && other.includes(wanted);
      return { name, away: holds ? 1 : distance(wanted, other), near: holds || distance(wanted, other) <= Math.max(2, other.length / 3) };
    })
    .filter(({ near }) => near)
    .sort((a, b) => a.away - b.away)
    .slice(0, most)
    .map(({ name }) => name);
}
