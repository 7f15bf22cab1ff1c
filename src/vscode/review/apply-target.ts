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
  // Whoever added commits to the branch has moved its lines.
  if (shown?.tip !== file?.commit) return null;
  if (!shown?.actions.has('apply') || (inFront && inFront.identity.id !== shown.identity.id)) return null;
  return shown;
}

/**
 * What git counts as the line that an editor shows under a number: an editor begins one behind each carriage return, and git does not, so a
 * comment that holds some would have other lines taken than those that are selected.
 */
export function gitLine(text: string): (shown: number) => number {
  const starts = [1];
  let line = 1;
  for (const [end] of text.matchAll(/\r\n|\n|\r/g)) {
    if (end !== '\r') line++;
    starts.push(line);
  }
  return (shown) => starts[shown - 1] ?? line;
}
