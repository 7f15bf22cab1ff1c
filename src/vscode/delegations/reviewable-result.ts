import type { AttemptResult } from '../../delegation/result/result-schema.ts';

/** A result with a base and a tip, so that it can be reviewed. */
export type ReviewableResult = AttemptResult & { base: string; tip: string; change: NonNullable<AttemptResult['change']> };

/** As far as there is something to review. */
export function reviewableOf(result: AttemptResult | null): ReviewableResult | null {
  return result?.base && result.tip && result.change ? (result as ReviewableResult) : null;
}
