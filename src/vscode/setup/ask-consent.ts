import path from 'node:path';
import * as vscode from 'vscode';
import { consentFor, decisionFolder, decisionsIn, type Repositories, takesRefusalBack, withConsent } from '../../broker/consent.ts';
import type { Consent } from '../../broker/protocol.ts';
import { REGIONS } from '../../setup/kimi-account.ts';
import { notify } from '../notify.ts';
import { clientText } from '../text/client-text.ts';
import { shownPath } from '../text/shown-path.ts';
import { consentQuestion } from './consent-question.ts';

/**
 * Asks in front of everything: the user has just started the work, and waits for it.
 * @param folder in the repository, which the question names as a whole: for that the answer counts
 * @returns `ask` when the user left without an answer
 */
export async function askModal(folder: string): Promise<Consent> {
  const { t } = vscode.l10n;
  const root = decisionFolder(folder);
  const detail = t(
    'Kimi gets the task, the files that it reads, and the output of its commands; never the contents of .env files, private keys and files of credentials. Your answer is kept.',
  );
  const question = { root, host: endpointHost(), asked: readRepositories() };
  const message = t('May code of {0} be sent to {1}?', shownPath(root), question.host);
  return keep(question, await notify.warning(message, { modal: true, detail }, ...choices()));
}

/**
 * Asks without stopping the user, for a server that somebody else started. A message hides itself after some seconds, so an item in the status
 * bar stays as long as the question is open, and puts it in front when it is clicked. Closing the message means "not now".
 * @param folder in the repository, as above
 * @param client the program that wants to send code, as it calls itself
 */
export function askInStatusBar(folder: string, client: string): Promise<Consent> {
  const { t } = vscode.l10n;
  const root = decisionFolder(folder);
  const command = `claudeKimi.answerConsent.${++asked}`;
  const question = { root, host: endpointHost(), asked: readRepositories() };
  const who = clientText(client, t);
  const item = vscode.window.createStatusBarItem('claudeKimi.consent', vscode.StatusBarAlignment.Left, 1);
  item.name = t('Kimi Delegate: question');
  item.text = `$(question) ${t('Kimi: may {0} be sent?', shownPath(path.basename(root)))}`;
  item.tooltip = t('{0} wanted to hand over work. Click to answer; it counts from then on.', who);
  item.backgroundColor = new vscode.ThemeColor('statusBarItem.warningBackground');
  item.command = command;
  const message = t(
    '{0} wants to hand over work on {1} to Kimi. The files that the work needs would be sent to {2}. Allow it?',
    who,
    shownPath(root),
    question.host,
  );
  const inMessage = Promise.resolve(notify.warning(message, ...choices())).then((chosen) => keep(question, chosen));
  const asking = consentQuestion(inMessage);
  const answering = vscode.commands.registerCommand(command, () => asking.inFront(() => askModal(root)));
  item.show();
  return asking.answer.finally(() => {
    item.dispose();
    answering.dispose();
  });
}

let asked = 0;

/** What the user decided so far (setting claudeKimi.repositories). */
export function readRepositories(): Repositories {
  return decisionsIn(vscode.workspace.getConfiguration('claudeKimi').inspect('repositories')?.globalValue);
}

interface Asked {
  readonly root: string;
  /** Where the question said that code goes. */
  readonly host: string;
  /** What was decided when it was put. */
  readonly asked: Repositories;
}

/**
 * The decision is kept, so that a repository is asked about once. A yes is none for the address that is set by now, if that is another, and takes
 * no refusal back that came meanwhile.
 */
async function keep({ root, host, asked }: Asked, answer: string | undefined): Promise<Consent> {
  const { t } = vscode.l10n;
  const [, all, never] = choices();
  if (answer === undefined) return 'ask';
  if (answer !== never && host !== endpointHost()) {
    void notify.info(t('The address of Kimi was changed meanwhile. Nothing was allowed; try again.'));
    return 'ask';
  }
  const now = readRepositories();
  const decided = withConsent(now, answer === all ? '*' : root, answer === never ? 'deny' : 'allow');
  if (answer !== never && takesRefusalBack({ asked, now, after: decided }, [root])) {
    void notify.info(t('It was decided meanwhile that code is not sent. That stays; nothing was allowed.'));
    return consentFor(now, root);
  }
  await vscode.workspace.getConfiguration('claudeKimi').update('repositories', decided, vscode.ConfigurationTarget.Global);
  return consentFor(readRepositories(), root);
}

function choices(): [here: string, all: string, never: string] {
  const { t } = vscode.l10n;
  return [t('Allow for This Repository'), t('Allow for All'), t('Never Here')];
}

/** An empty setting is none: a server goes by the default then. */
function endpointHost(): string {
  const url = vscode.workspace.getConfiguration('claudeKimi').get('baseUrl', '').trim() || REGIONS[0];
  return URL.canParse(url) ? new URL(url).host : url;
}
