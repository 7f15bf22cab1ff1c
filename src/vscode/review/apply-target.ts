import type { DelegationItem } from '../delegations/delegation-item.ts';
import type { CommitFile } from './commit-file-system.ts';

/**
 * The delegation whose lines an editor shows; null where they are not to be applied.
 * @param file what the editor shows
 * @param inFront what the whole of it is about: work that began on other work has that on its left side, which must not be applied in its place
 */
export function applyTarget(
  file: CommitFile | null,
  delegations: readonly DelegationItem[],
  inFront: DelegationItem | undefined,
): DelegationItem | null {
  const shown = delegations.find(({ identity, reviewable }) => file?.gitDir === identity.commonDir && file.commit === reviewable?.tip);
  if (!shown?.actions.has('apply') || (inFront && inFront.identity.id !== shown.identity.id)) return null;
  return shown;
}
