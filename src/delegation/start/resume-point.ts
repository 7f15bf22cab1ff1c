/** Where an attempt that stopped half-way can go on, when a machine that went down took some of it along. */
import type { Currency } from '../../common/currency.ts';
import { type Message, message } from '../../messages/message.ts';
import { isWhole, removeDamaged } from '../../workspace/damaged-objects.ts';
import { treeOf } from '../../workspace/read-objects.ts';
import type { ObjectSource, Repository } from '../../workspace/types.ts';
import { type AttemptState, foldAttempt } from '../journal/fold-journal.ts';
import type { StartEvent } from '../journal/journal.ts';
import { type DelegationFolder, readAttemptJournal, type StoredAttempt } from '../store/delegation-folder.ts';

/**
 * The last checkpoint of which nothing was lost (see workspace/damaged-objects.ts), with the messages up to it.
 * @param currency to count in
 * @returns null when the journal does not even tell how the attempt began
 */
export async function resumePoint(folder: DelegationFolder, attempt: StoredAttempt, currency: Currency): Promise<AttemptState | null> {
  const lines = readAttemptJournal(attempt);
  const source = { gitDir: folder.git };
  const lost = new Set<string>();
  for (;;) {
    const state = foldAttempt(lines, currency, lost);
    if (!state?.tree || (await isWhole(source, state.tree, state.start.parent))) return state;
    if (lost.size === 0) removeDamaged(source);
    lost.add(state.tree);
  }
}

/**
 * Why an attempt cannot go on at all, or null: what it began with is gone. Uncommitted changes that a base was made of are in the
 * private git dir only.
 */
export async function whyNoBase(
  repository: Repository,
  folder: DelegationFolder,
  { parent }: Pick<StartEvent, 'parent'>,
  branch: string,
): Promise<Message | null> {
  const isThere = (source: ObjectSource) =>
    treeOf(source, parent).then(
      () => true,
      () => false,
    );
  if (parent === repository.head.commit || (await isThere(repository)) || (await isThere({ gitDir: folder.git }))) return null;
  return message('call.baseGone', { commit: parent.slice(0, 7), branch });
}
