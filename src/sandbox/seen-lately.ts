/** Sandboxes of one attempt begin within seconds of each other, one for each check, and what the machine has is not looked through for each anew. */

/** So old an answer may be. A sandbox that lives long looks again by itself. */
const LATELY_MS = 5_000;
const MOST_ANSWERS = 200;
/** Answers of a look before this one count no more. */
let newest = 0;

/** From now on everything is looked at anew: what was seen turned out to be gone. */
export function forgetSeen(): void {
  newest++;
}

/**
 * The same look, which gives its last answer again for some seconds.
 * @param look its arguments must be such that JSON tells them apart
 */
export function seenLately<A extends readonly unknown[], R>(look: (...about: A) => R): (...about: A) => R {
  const seen = new Map<string, { readonly at: number; readonly look: number; readonly answer: R }>();
  return (...about) => {
    const key = JSON.stringify(about);
    const known = seen.get(key);
    if (known?.look === newest && performance.now() - known.at < LATELY_MS) return known.answer;
    const answer = look(...about);
    if (seen.size >= MOST_ANSWERS) seen.clear();
    seen.set(key, { at: performance.now(), look: newest, answer });
    return answer;
  };
}
