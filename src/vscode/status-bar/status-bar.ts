import * as vscode from 'vscode';
import { errorText } from '../../common/caught-error.ts';
import { isNumber } from '../kept-shape.ts';
import { VIEW } from '../tree/tree.ts';
import type { WindowContext } from '../window-context.ts';
import type { SeenWorking } from './status-item.ts';

const SEEN = 'claudeKimi.seenUntil';
/** Not written at each step of a running attempt. */
const SEEN_STEP_MS = 5000;

/** The item in the status bar; hidden while there is nothing to know. A click leads on; to open the view counts as seen. */
export function createStatusBar(options: {
  window: WindowContext;
  view: vscode.TreeView<unknown>;
  memory: vscode.Memento;
  isSetUp: () => boolean;
  working: () => SeenWorking;
}): { update(): void; dispose(): void } {
  const { window, view, memory } = options;
  const item = vscode.window.createStatusBarItem('claudeKimi.status', vscode.StatusBarAlignment.Left, 0);
  item.name = 'Kimi Delegate';

  const kept = memory.get(SEEN);
  // A clock that was ahead would hide whatever comes until then.
  let seen = isNumber(kept) ? Math.min(kept, Date.now()) : 0;
  let closed = false;

  function update(): void {
    if (view.visible && Math.abs(Date.now() - seen) > SEEN_STEP_MS) {
      seen = Date.now();
      void memory.update(SEEN, seen);
    }
    void draw().catch((error) => window.log.warn(errorText(error)));
  }

  /** Of everything as it is when the words are there: they are loaded behind the start of the window. */
  async function draw(): Promise<void> {
    const { statusItem } = await import('./status-item.ts');
    if (closed) return;
    const seenUntil = view.visible ? Date.now() : seen;
    const usable = vscode.workspace.isTrusted && window.repositories().length > 0;
    const delegations = window.delegations();
    const shown = usable
      ? statusItem({ delegations, setUp: options.isSetUp(), seenUntil, working: options.working(), t: vscode.l10n.t })
      : null;
    if (!shown) {
      item.hide();
      return;
    }
    item.text = shown.text;
    item.tooltip = shown.tooltip;
    item.command = shown.command === 'view' ? `${VIEW}.focus` : `claudeKimi.${shown.command}`;
    item.backgroundColor = shown.warning ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
    item.show();
  }

  const disposables = [
    item,
    window.onDidChange(update),
    view.onDidChangeVisibility(update),
    vscode.workspace.onDidGrantWorkspaceTrust(update),
  ];
  return {
    update,
    dispose() {
      closed = true;
      for (const disposable of disposables) disposable.dispose();
    },
  };
}
