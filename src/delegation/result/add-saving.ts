import { convert } from '../../common/currency.ts';
import { readJson } from '../../common/json-file.ts';
import { type AttemptCost, type Saving, savingOf } from '../../economics/saving.ts';
import type { AttemptInput } from '../attempt/attempt-input.ts';
import { addToTally, EMPTY_TALLY, type Tally, totalsOf } from '../journal/tally.ts';
import { readAttemptJournal, resultFile, type StoredAttempt } from '../store/delegation-folder.ts';
import { OUTCOME_RULES } from './outcomes.ts';
import { type AttemptResult, resultSchema } from './result-schema.ts';

/**
 * Adds what all attempts of the delegation saved up to this one. Nobody's call fails for it: what cannot be found out is left out.
 * @param tally of this attempt
 */
export async function withSaving(input: AttemptInput, result: AttemptResult, tally: Tally): Promise<AttemptResult> {
  const { earlier } = input.before;
  try {
    const caller = (await input.call.context.caller?.(result).catch(() => null)) ?? null;
    const before = savingBefore(earlier, input.record.folder);
    if (!caller && !before) return result;
    const saving = savingOf([...earlier.map(storedCost), costOfAttempt(tally, result)], caller, before);
    return saving ? { ...result, saving } : result;
  } catch {
    return result;
  }
}

function storedCost(attempt: StoredAttempt): AttemptCost {
  return costOfAttempt(readAttemptJournal(attempt).reduce(addToTally, EMPTY_TALLY), attempt.result);
}

function costOfAttempt(tally: Tally, result: AttemptResult | null): AttemptCost {
  const { amount, currency } = result?.cost ?? totalsOf(tally).cost;
  return {
    work: tally.work,
    delivered: result !== null && OUTCOME_RULES[result.outcome].kind === 'reviewable',
    cost: amount === null ? null : convert(amount, currency, 'USD'),
  };
}

/** Each result tells of all calls up to its own; before a resume, the attempt itself had one. */
function savingBefore(earlier: readonly StoredAttempt[], ownFolder: string): Saving | null {
  const own = readJson(resultSchema, resultFile(ownFolder))?.saving;
  return own ?? earlier.findLast(({ result }) => result?.saving)?.result?.saving ?? null;
}
