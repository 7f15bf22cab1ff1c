import * as vscode from 'vscode';
import type { Ui } from '../../setup/ui.ts';
import { busy } from '../busy.ts';
import { notify } from '../notify.ts';
import { openWebPage, type WebPage } from '../page/web-page.ts';
import { type Asked, ask, inputBox, pickBox } from './quick-questions.ts';
import { SETUP_PAGE_COMMANDS } from './setup-page.ts';

/** The set-up's questions as VS Code puts them. */
export function createDialogs(version: string): Ui & vscode.Disposable {
  let page: WebPage | null = null;
  function openReport(again?: vscode.WebviewPanel): WebPage {
    const opened = openWebPage('kimiDelegateSetup', vscode.l10n.t('Check Setup'), SETUP_PAGE_COMMANDS, again);
    opened.panel.onDidDispose(() => {
      page = null;
    });
    return opened;
  }
  // After a reload it looks again: what it showed may not be true any more.
  const restoring = vscode.window.registerWebviewPanelSerializer('kimiDelegateSetup', {
    async deserializeWebviewPanel(panel) {
      page = openReport(panel);
      await vscode.commands.executeCommand('claudeKimi.checkSetup');
    },
  });
  const dialogs: Ui & vscode.Disposable = {
    pick: (question) => ask(pickBox(question), null),
    input: (question) => ask(inputBox(question), null),
    confirm: async ({ kind = 'info', message, detail, actions }) =>
      notify[kind](message, { modal: true, ...(detail && { detail: legible(detail) }) }, ...actions),
    notify: async (kind, message, actions = []) => notify[kind](message, ...actions),
    busy,
    async report(report) {
      const { setupPage } = await import('./setup-page.ts');
      page ??= openReport();
      page.show(setupPage(report, { t: vscode.l10n.t, version }));
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
      restoring.dispose();
      page?.dispose();
    },
    inStep(place) {
      let asked = false;
      let wentBack = false;
      const inPlace = <T>(question: Asked<T>): Promise<T | undefined> => {
        asked = true;
        return ask(question, { ...place, back: () => (wentBack = true) });
      };
      return {
        ...dialogs,
        pick: (question) => inPlace(pickBox(question)),
        input: (question) => inPlace(inputBox(question)),
        confirm(question) {
          asked = true;
          return dialogs.confirm(question);
        },
        hasAsked: () => asked,
        wentBack: () => wentBack,
      };
    },
  };
  return dialogs;
}

/** In the type of a dialog two underscores run together; a thin space keeps them apart. */
function legible(text: string): string {
  return text.replaceAll('__', '_\u2009_');
}
