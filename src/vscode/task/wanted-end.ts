import type { DelegationItem } from '../delegations/delegation-item.ts';

/**
 * Whether a message tells the end of a delegation that somebody else has started. What was cancelled, or decided about meanwhile, is no news.
 * @param wanted the setting claudeKimi.notifications
 */
export function isWantedEnd({ group, result, ending }: Pick<DelegationItem, 'group' | 'result' | 'ending'>, wanted: string): boolean {
  if (ending || result?.outcome === 'cancelled') return false;
  return wanted === 'all' || (wanted === 'failures' && group === 'attention');
}
