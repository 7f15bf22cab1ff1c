import * as vscode from 'vscode';
import { consentFor } from '../../broker/consent.ts';
import { notify } from '../notify.ts';
import { shownPath } from '../text/shown-path.ts';
import { askModal, readRepositories } from './ask-consent.ts';
import type { SetupStatus } from './setup-status.ts';

/**
 * Whether the window itself can hand over work of a repository: there is a key, and the user agreed that code is sent. What is missing is
 * said, and asked, before anything else is, so that nobody writes a task for nothing.
 */
export async function mayDelegate(setUp: SetupStatus, root: string): Promise<boolean> {
  const { t } = vscode.l10n;
  const source = await setUp.keySource();
  if (source === null) {
    const detail = t('There is no key of the Kimi platform yet. Setting up takes two minutes.');
    await offer(t('Kimi Delegate is not set up yet.'), detail, t('Set Up…'), 'claudeKimi.setUp');
    return false;
  }
  let consent = consentFor(readRepositories(), root);
  // A user who put a key of their own into a file has agreed by that, as servers take it too.
  if (consent === 'ask' && source === 'file') return true;
  if (consent === 'ask') consent = await askModal(root);
  else if (consent === 'denied') {
    const detail = t('The setting claudeKimi.repositories says so. You can change it, and then try again.');
    await offer(t('You decided that code of {0} is not sent to Kimi.', shownPath(root)), detail, t('Change…'), 'claudeKimi.choosePrivacy');
  }
  return consent === 'granted';
}

async function offer(message: string, detail: string, label: string, command: string): Promise<void> {
  const chosen = await notify.warning(message, { modal: true, detail }, label);
  if (chosen === label) void vscode.commands.executeCommand(command);
}
