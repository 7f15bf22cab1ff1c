import type { Action, DelegationItem } from './delegation-item.ts';

/**
 * Whether something can be asked for that was offered a moment ago. A merge on which something was built meanwhile is refused by the server,
 * which says by what and how its changes are taken out all the same; "not possible any more" says neither.
 */
export function mayAsk({ actions, disposition }: Pick<DelegationItem, 'actions' | 'disposition'>, action: Action): boolean {
  return actions.has(action) || (action === 'undoMerge' && disposition?.state === 'merged');
}
