import type { Translate } from '../../messages/translate.ts';
import type { DelegationItem } from '../delegations/delegation-item.ts';
import { outcomeAndVerdict } from './verdict.ts';

/** How a delegation ended, for a message; where its server was killed, there is no result. */
export function endWords({ result, lastAttempt }: Pick<DelegationItem, 'result' | 'lastAttempt'>, t: Translate): string {
  return result ? outcomeAndVerdict(result, t) : t('Interrupted after step {0}. The work so far is kept.', lastAttempt?.step ?? 0);
}
