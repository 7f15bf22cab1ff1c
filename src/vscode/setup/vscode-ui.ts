import * as vscode from 'vscode';
import type { Choice, Question, Ui } from './ui.ts';

/** What is over sooner needs no message: it would only flash. */
const QUIET_MS = 500;
/** VS Code shows a progress message at least 800 ms; the next question comes after it is gone, not beside it. */
const SHOWN_MS = 1000;
const SCHEME = 'kimi-delegate-page';

/** The set-up's questions as VS Code puts them. */
export function createUi(): Ui & vscode.Disposable {
  const pages = new Map<string, string>();
  const changed = new vscode.EventEmitter<vscode.Uri>();
  const provider = vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
    onDidChange: changed.event,
    provideTextDocumentContent: (uri) => pages.get(uri.path) ?? '',
  });
  const messages = {
    info: vscode.window.showInformationMessage,
    warning: vscode.window.showWarningMessage,
    error: vscode.window.showErrorMessage,
  };
  return {
    pick<T>({ title, placeholder, choices }: Question<T>) {
      const box = vscode.window.createQuickPick<Choice<T>>();
      Object.assign(box, { title, placeholder, ignoreFocusOut: true, matchOnDetail: true });
      box.items = choices;
      box.activeItems = choices.filter(({ current }) => current).slice(0, 1);
      return new Promise<T | undefined>((resolve) => {
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
    },
    async input({ title, prompt, placeholder, secret, check }) {
      // A text that is only begun is not called wrong before the user is done with it: an empty one says nothing.
      const validateInput = (value: string) => (value.trim() === '' ? null : check(value));
      for (;;) {
        const value = await vscode.window.showInputBox({
          title,
          prompt,
          placeHolder: placeholder,
          password: secret,
          ignoreFocusOut: true,
          validateInput,
        });
        if (value === undefined || check(value) === null) return value;
      }
    },
    confirm: async ({ kind = 'info', message, detail, actions }) =>
      messages[kind](message, { modal: true, ...(detail && { detail: legible(detail) }) }, ...actions),
    tell: async (kind, message, actions = []) => messages[kind](message, ...actions),
    async busy(title, work) {
      const working = work();
      const quick = await Promise.race([
        working.then(() => true),
        new Promise<false>((resolve) => setTimeout(() => resolve(false), QUIET_MS)),
      ]);
      if (quick) return working;
      const shown = new Promise((resolve) => setTimeout(resolve, SHOWN_MS));
      await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title }, () => working.catch(() => {}));
      await shown;
      return working;
    },
    async page(name, markdown) {
      const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${name}.md` });
      pages.set(uri.path, markdown);
      changed.fire(uri);
      await vscode.commands.executeCommand('markdown.showPreview', uri);
    },
    async chooseProgram(title) {
      const chosen = await vscode.window.showOpenDialog({ title, canSelectFiles: true, canSelectFolders: false, canSelectMany: false });
      return chosen?.[0]?.fsPath;
    },
    copy: async (text) => vscode.env.clipboard.writeText(text),
    open: async (url) => void (await vscode.env.openExternal(vscode.Uri.parse(url))),
    openSetting: async (name) => void (await vscode.commands.executeCommand('workbench.action.openSettings', name)),
    dispose() {
      provider.dispose();
      changed.dispose();
    },
  };
}

/** In the type of a dialog two underscores run together; a hair's breadth keeps them apart. */
function legible(text: string): string {
  return text.replaceAll('__', '_\u200a_');
}
