import * as vscode from 'vscode';
import type { SetupReport } from '../../setup/doctor/setup-report.ts';
import { openWebPage, type WebPage } from '../page/web-page.ts';
import { lookAgain } from './look-again.ts';
import { SETUP_PAGE_COMMANDS, setupPage } from './setup-page.ts';

/** The page of Check Setup; while it is open it follows what the user changes. */
export interface ReportPage extends vscode.Disposable {
  show(report: SetupReport): void;
  /** A step of the set-up has changed something. */
  changed(): void;
}

/** @param examine looks at the set-up, without a word */
export function createReportPage(version: string, examine: () => Promise<SetupReport>, log: vscode.LogOutputChannel): ReportPage {
  let page: WebPage | null = null;

  function open(again?: vscode.WebviewPanel): WebPage {
    const opened = openWebPage('kimiDelegateSetup', vscode.l10n.t('Check Setup'), SETUP_PAGE_COMMANDS, again);
    opened.panel.onDidDispose(() => {
      page = null;
    });
    opened.panel.onDidChangeViewState(() => following.seen());
    return opened;
  }

  const draw = (report: SetupReport) => page?.show(setupPage(report, { t: vscode.l10n.t, version }));
  const following = lookAgain({
    isSeen: () => page?.panel.visible === true,
    look: async () => draw(await examine()),
    onFault: (error) => log.warn(String(error)),
  });
  const changed = () => {
    if (page) following.changed();
  };
  const watching = vscode.Disposable.from(
    vscode.workspace.onDidChangeConfiguration((event) => event.affectsConfiguration('claudeKimi') && changed()),
    vscode.workspace.onDidChangeWorkspaceFolders(changed),
    vscode.workspace.onDidGrantWorkspaceTrust(changed),
    // After a reload it looks again: what it showed may not be true any more.
    vscode.window.registerWebviewPanelSerializer('kimiDelegateSetup', {
      async deserializeWebviewPanel(panel) {
        page = open(panel);
        await vscode.commands.executeCommand('claudeKimi.checkSetup');
      },
    }),
  );
  return {
    show(report) {
      page ??= open();
      draw(report);
      page.panel.reveal();
    },
    changed,
    dispose() {
      watching.dispose();
      page?.dispose();
    },
  };
}
