import * as vscode from 'vscode';
import type { Translate } from '../../messages/translate.ts';
import { SUBJECTS, type Subject } from '../../setup/doctor/setup-report.ts';
import type { Choice, Question, Ui } from '../../setup/ui.ts';
import { busy } from '../busy.ts';
import { notify } from '../notify.ts';
import { commandLink, html, trustedHtml } from '../page/html.ts';
import { openWebPage, type WebPage } from '../page/web-page.ts';

/** The set-up's questions as VS Code puts them. */
export function createDialogs(): Ui & vscode.Disposable {
  const pages = new Map<string, WebPage>();
  return {
    pick,
    input,
    confirm: async ({ kind = 'info', message, detail, actions }) =>
      notify[kind](message, { modal: true, ...(detail && { detail: legible(detail) }) }, ...actions),
    notify: async (kind, message, actions = []) => notify[kind](message, ...actions),
    busy,
    async page(name, markdown, open) {
      const all = commandsFor(SUBJECTS, vscode.l10n.t).map(([command]) => `claudeKimi.${command}`);
      const page = pages.get(name) ?? openWebPage(name, all);
      pages.set(name, page);
      page.panel.onDidDispose(() => pages.delete(name));
      const links = commandsFor(open, vscode.l10n.t).map(
        ([command, label]) => html`<li>${commandLink(`claudeKimi.${command}`, [], label)}</li>`,
      );
      const rendered = await vscode.commands.executeCommand<string>('markdown.api.render', markdown);
      page.show(html`<nav><ul class="actions">${links}</ul></nav><div class="report">${trustedHtml(rendered)}</div>`);
      page.panel.reveal();
    },
    async chooseProgram(title) {
      const chosen = await vscode.window.showOpenDialog({ title, canSelectFiles: true, canSelectFolders: false, canSelectMany: false });
      return chosen?.[0]?.fsPath;
    },
    copy: async (text) => vscode.env.clipboard.writeText(text),
    open: async (url) => void (await vscode.env.openExternal(vscode.Uri.parse(url))),
    openSetting: async (name) => void (await vscode.commands.executeCommand('workbench.action.openSettings', name)),
    dispose() {
      for (const page of pages.values()) page.dispose();
    },
  };
}

function pick<T>({ title, placeholder, choices }: Question<T>): Promise<T | undefined> {
  const box = vscode.window.createQuickPick<Choice<T>>();
  Object.assign(box, { title, placeholder, ignoreFocusOut: true, matchOnDetail: true });
  box.items = choices;
  box.activeItems = choices.filter(({ current }) => current).slice(0, 1);
  return new Promise((resolve) => {
    box.onDidAccept(() => {
      resolve(box.activeItems[0]?.value);
      box.hide();
    });
    box.onDidHide(() => {
      resolve(undefined);
      box.dispose();
    });
    box.show();
  });
}

async function input({ title, prompt, placeholder, secret, check }: Parameters<Ui['input']>[0]): Promise<string | undefined> {
  // An unfinished text is not called wrong before the user is done with it: an empty one says nothing.
  const validateInput = (value: string) => (value.trim() === '' ? null : check(value));
  const options = { title, prompt, placeHolder: placeholder, password: secret, ignoreFocusOut: true, validateInput };
  for (;;) {
    const value = await vscode.window.showInputBox(options);
    if (value === undefined || check(value) === null) return value;
  }
}

/** The command that mends what a finding is about. */
function commandsFor(open: readonly Subject[], t: Translate): [command: string, label: string][] {
  const mends: readonly [readonly Subject[], string, string][] = [
    [['key', 'balance'], 'setApiKey', t('Set API Key…')],
    [['model'], 'chooseModel', t('Choose Model…')],
    [['sandbox'], 'trySandbox', t('Try Sandbox…')],
    [['consent'], 'choosePrivacy', t('What Is Sent Where…')],
    [['claude', 'connection', 'permissions', 'launcher'], 'connectClaude', t('Connect Claude Code')],
    [['rules'], 'editRules', t('Edit Delegation Rules…')],
  ];
  const fitting = mends.filter(([subjects]) => subjects.some((subject) => open.includes(subject)));
  return [...fitting.map(([, command, label]): [string, string] => [command, label]), ['checkSetup', t('Check Again')]];
}

/** In the type of a dialog two underscores run together; a thin space keeps them apart. */
function legible(text: string): string {
  return text.replaceAll('__', '_\u2009_');
}
