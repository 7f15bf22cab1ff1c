import * as vscode from 'vscode';
import type { Ui } from '../../setup/ui.ts';
import { busy } from '../busy.ts';
import { notify } from '../notify.ts';
import { type Asked, ask, inputBox, pickBox } from './quick-questions.ts';
import type { ReportPage } from './report-page.ts';

/** The set-up's questions as VS Code puts them. */
export function createDialogs(page: Pick<ReportPage, 'show'>): Ui {
  const dialogs: Ui = {
    pick: (question) => ask(pickBox(question), null),
    input: (question) => ask(inputBox(question), null),
    confirm: async ({ kind = 'info', message, detail, actions }) =>
      notify[kind](message, { modal: true, ...(detail && { detail: legible(detail) }) }, ...actions),
    notify: async (kind, message, actions = []) => notify[kind](message, ...actions),
    busy,
    report: async (report) => page.show(report),
    async chooseProgram(title) {
      const chosen = await vscode.window.showOpenDialog({ title, canSelectFiles: true, canSelectFolders: false, canSelectMany: false });
      return chosen?.[0]?.fsPath;
    },
    copy: async (text) => vscode.env.clipboard.writeText(text),
    open: async (url) => void (await vscode.env.openExternal(vscode.Uri.parse(url))),
    openSetting: async (name) => void (await vscode.commands.executeCommand('workbench.action.openSettings', name)),
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
