import { setTimeout } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { Choice, Question, Ui } from '../../setup/ui.ts';
import { notify } from '../notify.ts';

/** What is over sooner needs no message: it would only flash. */
const QUIET_MS = 500;
/** VS Code shows a progress message at least 800 ms; the next question comes after it is gone. */
const SHOWN_MS = 1000;

/** The set-up's questions as VS Code puts them. */
export function createDialogs(): Ui & vscode.Disposable {
  const pages = new Map<string, vscode.WebviewPanel>();
  return {
    pick,
    input,
    confirm: async ({ kind = 'info', message, detail, actions }) =>
      notify[kind](message, { modal: true, ...(detail && { detail: legible(detail) }) }, ...actions),
    notify: async (kind, message, actions = []) => notify[kind](message, ...actions),
    busy,
    async page(name, markdown) {
      const page = pages.get(name) ?? vscode.window.createWebviewPanel('kimiDelegatePage', name, vscode.ViewColumn.Active);
      pages.set(name, page);
      page.onDidDispose(() => pages.delete(name));
      page.webview.html = pageAround(await vscode.commands.executeCommand<string>('markdown.api.render', markdown));
      page.reveal();
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

async function busy<T>(title: string, work: () => Promise<T>): Promise<T> {
  const working = work();
  const quick = await Promise.race([working.then(() => true), setTimeout(QUIET_MS, false)]);
  if (quick) return working;
  const shown = setTimeout(SHOWN_MS);
  await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title }, () => working.catch(() => {}));
  await shown;
  return working;
}

/** No script, nothing from elsewhere; colours and type are those of the window. */
function pageAround(content: string): string {
  return `<!DOCTYPE html>
<html><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>
body { max-width: 76em; padding: 0.5em 2em 2em; line-height: 1.5; }
h1 { font-size: 1.7em; font-weight: 600; } h2 { font-size: 1.25em; font-weight: 600; margin-top: 2em; }
table { border-collapse: collapse; width: 100%; margin: 1em 0; }
th, td { text-align: left; vertical-align: top; padding: 0.4em 1.2em 0.4em 0; overflow-wrap: anywhere; }
td { border-top: 1px solid var(--vscode-panel-border, #8884); }
table:first-of-type td:nth-child(-n + 2) { white-space: nowrap; }
h2 ~ table { table-layout: fixed; }
h2 ~ table th:nth-child(1) { width: 28%; } h2 ~ table th:nth-child(2) { width: 44%; }
</style></head><body>${content}</body></html>`;
}

/** In the type of a dialog two underscores run together; a thin space keeps them apart. */
function legible(text: string): string {
  return text.replaceAll('__', '_\u2009_');
}
