import type { Action, DelegationItem } from './delegation-item.ts';

/**
 * What a button that asks nothing more is about, for a message that stands for as long as nobody closes it: by then another merge, discard or
 * attempt of the same branch may be the newest.
 * @returns null where a click asks first, or only shows
 */
export function asOffered(
  { disposition, lastAttempt }: Pick<DelegationItem, 'disposition' | 'lastAttempt'>,
  action: Action,
): string | null {
  switch (action) {
    case 'undoMerge':
      return JSON.stringify([disposition?.state, disposition?.commit, disposition?.at]);
    case 'undo':
    case 'restore':
      return JSON.stringify([disposition?.state, disposition?.tip, disposition?.at]);
    case 'resume':
    case 'cancel':
      return String(lastAttempt?.number);
    default:
      return null;
  }
}
