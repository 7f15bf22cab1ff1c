import { exactMoney } from '../../common/currency.ts';
import type { Outcome } from '../../delegation/result/outcomes.ts';
import type { AttemptResult } from '../../delegation/result/result-schema.ts';
import * as text from '../../delegation/result/result-text.ts';
import { messageText, type Translate } from '../../messages/translate.ts';

/** An outcome in two or three words, for rows. */
export const outcomeText = (outcome: Outcome, t: Translate): string => messageText(text.outcomeText(outcome), t);

export const costText = (cost: AttemptResult['cost'], t: Translate): string => messageText(text.costText(cost), t);

export function filesText(change: NonNullable<AttemptResult['change']>, t: Translate): string {
  return change.files.length === 1 ? t('1 file') : t('{0} files', change.files.length);
}

export function stepsText(steps: number, t: Translate): string {
  return steps === 1 ? t('1 step') : t('{0} steps', steps);
}

/** What the checks came to on the result; empty when none were run. */
export function checksText(checks: AttemptResult['checks'], t: Translate): string {
  const said = text.checksText(checks);
  return said ? messageText(said, t) : '';
}

export const checkRunText = (run: AttemptResult['checks'][number]['result'], t: Translate): string =>
  messageText(text.checkRunText(run), t);

/** To a hundredth of a cent where it is little. */
export const exactCost = (cost: AttemptResult['cost'], t: Translate): string =>
  cost.amount === null ? costText(cost, t) : exactMoney(cost.amount, cost.currency);
