import * as vscode from 'vscode';
import { shellWord } from '../../common/shell-word.ts';
import { oneLine } from '../../mcp/escape-untrusted.ts';
import { busy } from '../busy.ts';
import type { DelegationItem } from '../delegations/delegation-item.ts';
import { notify } from '../notify.ts';
import { offerActions } from '../offer-actions.ts';
import { askToTake } from '../review/ask-to-take.ts';
import { decisionSummary } from '../review/decision-summary.ts';
import { current, isStill } from '../review/merge-discard.ts';
import { whereTexts } from '../review/where-text.ts';
import { withoutIcons } from '../text/without-links.ts';
import type { WindowContext } from '../window-context.ts';
import { comparePage, repositoryPage } from './compare-page.ts';
import { gitRepository, gitSays } from './git-extension.ts';
import { mustBeThere } from './must-be-there.ts';
import { isPlanStill, type PushPlan, planPush, pushedRef, type Remote, readRemotes, shownUrl } from './remotes.ts';

const GITHUB = 'GitHub.vscode-pull-request-github';

/** Pushes the branch of the work and leads to where a pull request of it is written: GitHub's extension, or else the page of the remote. */
export async function createPullRequest(window: WindowContext, shown: DelegationItem): Promise<void> {
  const { t } = vscode.l10n;
  const delegation = await current(window, shown, 'pullRequest');
  if (!delegation?.delivered) return;
  const { branch } = delegation.delivered;
  const root = window.worktreeOf(delegation);
  const remotes = await readRemotes(root);
  if (remotes.length === 0) {
    const text = t(
      'This repository has no remote to which {0} could be pushed. Add one (git remote add origin <url>), or merge it here.',
      branch,
    );
    return offerActions('info', text, delegation, ['merge', 'openSourceControl']);
  }
  const remote = await chooseRemote(remotes);
  if (!remote) return;
  const repository = await gitRepository(root);
  if (!repository) {
    void notify.error(
      t(
        'The Git extension of VS Code is off or has this repository closed: it pushes with your credentials. Push it yourself: git push -u {0} {1}',
        shellWord(remote.name),
        shellWord(pushedRef(branch)),
      ),
    );
    return;
  }
  const plan = await planPush(root, remote);
  const where = plan.addresses.map(shownUrl).join(', ');
  const button = t('Push');
  const detail = [
    ...whereTexts(window, delegation, root),
    ...decisionSummary(delegation),
    '',
    t('The branch goes to {0}. The pull request itself you write there.', where),
    ...(plan.besides.length === 0 ? [] : [t('⚠ Git’s configuration has more done by a push: {0}', oneLine(plan.besides.join(', '), 500))]),
  ];
  const question = t('Push {0} to {1} and create a pull request?', branch, remote.name);
  if ((await askToTake(delegation, question, detail, button)) !== button || !(await isStill(window, delegation, 'pullRequest'))) return;
  if (!(await isPlanStill(root, remote, plan))) {
    void notify.info(t('Nothing was pushed: the address of {0}, or what goes along, changed meanwhile.', remote.name));
    return;
  }
  try {
    await busy(t('Pushing {0} to {1}…', branch, remote.name), async () => {
      await mustBeThere(root, branch);
      await repository.push(remote.name, pushedRef(branch), true);
    });
  } catch (error) {
    void offerActions('error', t('{0} was not pushed: {1}', branch, gitSays(error)), delegation, ['openSourceControl']);
    return;
  }
  await openRequest(root, branch, remote.name, plan);
}

/** The remote's own address may lead to another host than the one that was pushed to, which knows nothing of it. */
async function openRequest(root: string, branch: string, remote: string, { addresses, written }: PushPlan): Promise<void> {
  const { t } = vscode.l10n;
  const there = written.find((address) => comparePage(address, branch) !== null);
  if (there && repositoryPage(there)?.host === 'github.com' && vscode.extensions.getExtension(GITHUB)) {
    try {
      await vscode.commands.executeCommand('pr.create', { repoPath: root, compareBranch: branch });
      return;
    } catch {
      // Nobody is signed in, or its command has another name by now: the page of the remote needs neither.
    }
  }
  const page = there ? comparePage(there, branch) : null;
  if (page === null) {
    const where = addresses.map(shownUrl).join(', ');
    void notify.info(t('{0} was pushed to {1}. Where a pull request is written there is not known here.', branch, where));
    return;
  }
  const open = t('Create Pull Request…');
  void notify.info(t('{0} was pushed to {1}.', branch, remote), open).then((chosen) => (chosen ? openPage(page) : false));
  await openPage(page);
}

const openPage = (page: string) => vscode.env.openExternal(vscode.Uri.parse(page, true));

async function chooseRemote(remotes: readonly Remote[]): Promise<Remote | undefined> {
  if (remotes.length === 1) return remotes[0];
  const items = remotes.map((remote) => ({
    label: withoutIcons(oneLine(remote.name, 100)),
    description: withoutIcons(shownUrl(remote.url)),
    remote,
  }));
  const chosen = await vscode.window.showQuickPick(items, { placeHolder: vscode.l10n.t('To which remote?') });
  return chosen?.remote;
}
