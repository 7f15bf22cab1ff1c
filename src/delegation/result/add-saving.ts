import { convert } from '../../common/currency.ts';
import { readJson } from '../../common/json-file.ts';
import { type AttemptCost, type CallerCost, savingOf } from '../../economics/saving.ts';
import type { AttemptInput } from '../attempt/attempt-input.ts';
import { addToTally, EMPTY_TALLY, type Tally, totalsOf } from '../journal/tally.ts';
import { readAttemptJournal, readAttempts, resultFile, type StoredAttempt } from '../store/delegation-folder.ts';
import { OUTCOME_RULES } from './outcomes.ts';
import { type AttemptResult, resultSchema } from './result-schema.ts';

/**
 * Adds what all attempts of the delegation saved up to this one. Nobody's call fails for it: what cannot be found out is left out.
 * @param tally of this attempt
 */
export async function withSaving(input: AttemptInput, result: AttemptResult, tally: Tally): Promise<AttemptResult> {
  const { context, folder } = input.call;
  try {
    const caller = await context.caller?.(result);
    if (!caller) return result;
    const others = readAttempts(folder).filter((attempt) => attempt.folder !== input.record.folder);
    const costs = [...others.map(storedCost), costOfAttempt(tally, result)];
    const saving = savingOf(costs, caller, earlierCalls(others, input.record.folder));
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
function earlierCalls(others: readonly StoredAttempt[], ownFolder: string): CallerCost | null {
  const results = [
    ...others.map((attempt) => readJson(resultSchema, resultFile(attempt.folder))),
    readJson(resultSchema, resultFile(ownFolder)),
  ];
  return results.findLast((result) => result?.saving)?.saving?.caller ?? null;
}
