import * as vscode from 'vscode';
import { findLeftovers, removeLeftover } from '../../delegation/housekeeping/leftovers.ts';
import { oneLine } from '../../mcp/escape-untrusted.ts';
import { ErrorWithReason } from '../../messages/error-with-reason.ts';
import { messageText } from '../../messages/translate.ts';
import { notify } from '../notify.ts';
import type { WindowContext } from '../window-context.ts';

/** Takes what is over off the list, and off the disk: as `clean` does in a terminal, for what this window shows. */
export async function clearDone(window: WindowContext): Promise<void> {
  const { t } = vscode.l10n;
  await window.refresh();
  const done = new Set(window.delegations().flatMap(({ group, identity }) => (group === 'done' ? [identity.id] : [])));
  // Work that is on no branch, and about which nobody decided, lies nowhere else.
  const leftovers = (await findLeftovers(window.stateDir)).filter(({ files, unmerged }) => done.has(files.id) && !unmerged);
  if (leftovers.length === 0) {
    void notify.info(t('There is no delegation that is merged or discarded.'));
    return;
  }
  const button = t('Clear');
  const detail = t('Their steps and costs are removed, and Undo Discard cannot bring them back. Branches and what was merged stay.');
  const question =
    leftovers.length === 1 ? t('Clear 1 delegation that is over?') : t('Clear {0} delegations that are over?', leftovers.length);
  if ((await notify.warning(question, { modal: true, detail }, button)) !== button) return;
  let left = 0;
  const odd = new Set<string>();
  for (const leftover of leftovers) {
    try {
      if (!(await removeLeftover(leftover, Date.now))) left++;
    } catch (error) {
      odd.add(error instanceof ErrorWithReason ? messageText(error.reason, t) : String(error));
    }
  }
  await window.refresh();
  if (odd.size > 0) void notify.warning(t('Some delegations could not be cleared: {0}', oneLine([...odd].join(' '), 1000)));
  if (left > 0) void notify.info(t('Delegations that stay, as somebody has taken them up again: {0}.', left));
}
