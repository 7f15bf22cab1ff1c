/**
 * All places where `needle` stands in `haystack`, in order, overlapping ones included.
 * Knuth-Morris-Pratt, because a file of equal lines would make the plain way quadratic.
 * @param most stop after so many
 */
export function findSequence(haystack: readonly string[], needle: readonly string[], most: number): number[] {
  const found: number[] = [];
  if (needle.length === 0) return found;
  const fallback = borders(needle);
  let matched = 0;
  for (let at = 0; at < haystack.length; at += 1) {
    while (matched > 0 && haystack[at] !== needle[matched]) matched = fallback[matched - 1]!;
    if (haystack[at] === needle[matched]) matched += 1;
    if (matched < needle.length) continue;
    found.push(at - needle.length + 1);
    if (found.length >= most) return found;
    matched = fallback[matched - 1]!;
  }
  return found;
}

function borders(needle: readonly string[]): number[] {
  const lengths = [0];
  let length = 0;
  for (let at = 1; at < needle.length; at += 1) {
    while (length > 0 && needle[at] !== needle[length]) length = lengths[length - 1]!;
    if (needle[at] === needle[length]) length += 1;
    lengths.push(length);
  }
  return lengths;
}
