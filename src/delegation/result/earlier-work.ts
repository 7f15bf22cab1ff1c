import { message } from '../../messages/message.ts';
import { readChange } from '../../workspace/read-change.ts';
import type { ObjectSource } from '../../workspace/types.ts';
import type { AttemptState } from '../journal/fold-journal.ts';
import type { StartEvent } from '../journal/journal.ts';
import { keptChange } from './blank-result.ts';
import { outOfScope, pathsOf } from './out-of-scope.ts';
import type { AttemptResult } from './result-schema.ts';

/**
 * An attempt that delivers nothing takes nothing away: its result tells what the branch holds from before, so that a reader finds it.
 * @param source where the commits are
 */
export async function withEarlierWork(
  result: AttemptResult,
  { start, resumed }: { start: StartEvent; resumed: AttemptState | null },
  source: ObjectSource,
): Promise<AttemptResult> {
  const tip = start.expected;
  if (result.tip || result.keptAt || tip === null) return result;
  const fromBefore = start.parent === tip && start.base !== tip;
  if (!fromBefore && !resumed?.tally.tips.includes(tip)) return result;
  const change = await readChange(source, start.base, tip).catch(() => null);
  if (!change) return result;
  const text = message('warning.nothingNew', { branch: result.branch });
  return {
    ...result,
    tip,
    change: keptChange(change),
    outOfScope: outOfScope(result, pathsOf(change.files)),
    warnings: [...result.warnings, { level: 'note', text }],
  };
}
