import * as vscode from 'vscode';
import { oneLine } from '../../mcp/escape-untrusted.ts';
import { writtenByPrograms } from '../../workspace/content-filters.ts';
import { placesOfGitDir } from '../../workspace/git-places.ts';
import { git } from '../../workspace/run-git.ts';
import { busy } from '../busy.ts';
import type { DelegationItem } from '../delegations/delegation-item.ts';
import { notify } from '../notify.ts';
import { offerActions } from '../offer-actions.ts';
import { withoutIcons } from '../text/without-links.ts';
import type { WindowContext } from '../window-context.ts';
import { gitRepository, gitSays } from './git-extension.ts';
import { mustBeThere } from './must-be-there.ts';

/** Switches the checkout to the branch of the work, to run and edit it there; nothing uncommitted is overwritten. */
export async function checkOut(window: WindowContext, delegation: DelegationItem): Promise<void> {
  const { t } = vscode.l10n;
  const branch = delegation.delivered!.branch;
  const root = window.worktreeOf(delegation);
  const before = window.headOf(delegation)?.branch ?? null;
  if (!(await switchTo(window, delegation, root, branch))) return;
  const back = before === null ? [] : [withoutIcons(t('Back to {0}', oneLine(before, 60)))];
  const text = t('{0} is checked out. Its work is merged or discarded from another branch.', branch);
  void notify.info(text, ...back).then((chosen) => (chosen && before !== null ? switchTo(window, delegation, root, before) : false));
}

async function switchTo(window: WindowContext, delegation: DelegationItem, root: string, branch: string): Promise<boolean> {
  const { t } = vscode.l10n;
  try {
    await busy(t('Checking out {0}…', branch), async () => {
      const there = await mustBeThere(root, branch);
      const repository = await gitRepository(root);
      if (repository) await repository.checkout(branch);
      else
        await git(['switch', '--quiet', branch], {
          cwd: root,
          user: there.user,
          writes: [...placesOfGitDir(there.gitDir), there.root],
          programs: writtenByPrograms(there),
        });
    });
    return true;
  } catch (error) {
    const text = t('{0} cannot be checked out: {1}', branch, gitSays(error));
    void offerActions('error', text, window.find(delegation.identity.id), ['openSourceControl', 'openWorktree']);
    return false;
  } finally {
    await window.refresh();
  }
}
