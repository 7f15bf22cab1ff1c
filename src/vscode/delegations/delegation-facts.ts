/** Small facts about delegations, for what loads when the window starts. */
import type { AttemptRecord } from '../feed/delegation-reader.ts';
import type { DelegationItem, GroupName } from './delegation-item.ts';

/** As the view lists them: what somebody waits for first. */
export const GROUPS: readonly GroupName[] = ['attention', 'running', 'ready', 'done'];

/** @param delegations newest first */
export function inOrder(delegations: readonly DelegationItem[]): DelegationItem[] {
  return GROUPS.flatMap((name) => delegations.filter(({ group }) => group === name));
}

/** The commit that an attempt was to go on from, where an attempt before it has left one. */
export function tipBeforeAttempt({ attempts }: DelegationItem, attempt: AttemptRecord): string | null {
  return attempts.findLast(({ number, result }) => number < attempt.number && result?.tip)?.result?.tip ?? null;
}

/** When it came to rest, ms since the epoch; 0 = not known. */
export function endOf({ result, lastAttempt }: Pick<DelegationItem, 'result' | 'lastAttempt'>): number {
  return result ? Math.max(Date.parse(result.endedAt), Date.parse(result.startedAt) + result.durationMs) : (lastAttempt?.lastAt ?? 0);
}
