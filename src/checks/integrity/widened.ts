/** Two versions of a line that differ in their numbers: whether the second allows much more. */

const NUMBER = /(?<![\w.])-?\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?/gi;
/** More is looser. */
const TOLERANCE =
  /toleranc|epsilon|\bdelta\b|\b(?:abs|rel|atol|rtol|abs_tol|rel_tol|eps)\s*=|closeTo\(|InDelta|InEpsilon|within\(|timeout/i;
/** Fewer digits are looser. */
const DIGITS = /toBeCloseTo\(|AlmostEqual\(|\bplaces\s*=|\bdecimal\s*=/;
const TIMES_LOOSER = 10;

export function widened(before: string, after: string): boolean {
  if (before === after) return false;
  if (before.replace(NUMBER, '#') !== after.replace(NUMBER, '#')) return false;
  const [old, now] = [numbersIn(before), numbersIn(after)];
  const changed = old.flatMap((value, at) => (value === now[at] ? [] : [{ value, now: now[at]! }]));
  if (DIGITS.test(before) && changed.length === 1 && old.length > 1) return changed[0]!.now < changed[0]!.value;
  if (!TOLERANCE.test(before)) return false;
  return changed.some((one) => Math.abs(one.now) >= TIMES_LOOSER * Math.abs(one.value) && one.value !== 0);
}

const numbersIn = (text: string): number[] => (text.match(NUMBER) ?? []).map((one) => Number(one.replaceAll('_', '')));
