/** What programs make of a value that pass its bytes on as text: base64 and hexadecimal digits. */

/** Of one value; what a key of several kilobytes has beyond would only take time. */
const MOST_BYTES = 512;
/** Groups of four that stand for nine bytes: no two files share them by chance. They begin anew in each group, as lines are broken there. */
const WINDOW = 12;
const HEX_WINDOW = 24;

/**
 * In windows that overlap: what is around a value is encoded with its first and last bytes, and both encodings break lines where it pleases them.
 * @param value long and mixed, or its windows would be everybody's
 */
export function* encodedForms(value: string): Iterable<string> {
  const bytes = Buffer.from(value, 'utf8').subarray(0, MOST_BYTES);
  for (const skipped of [0, 1, 2]) {
    const whole = bytes.subarray(skipped, skipped + Math.floor((bytes.length - skipped) / 3) * 3).toString('base64');
    for (const text of new Set([whole, whole.replaceAll('+', '-').replaceAll('/', '_')])) yield* windows(text, WINDOW, 4);
  }
  const hex = bytes.toString('hex');
  for (const text of new Set([hex, hex.toUpperCase()])) yield* windows(text, HEX_WINDOW, 2);
}

function* windows(text: string, length: number, step: number): Iterable<string> {
  for (let at = 0; at + length <= text.length; at += step) yield text.slice(at, at + length);
}
