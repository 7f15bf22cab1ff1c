import path from 'node:path';
import * as vscode from 'vscode';
import type { WindowContext } from '../window-context.ts';
import { changedFileUri } from './file-decorations.ts';
import type { Row } from './rows.ts';
import { createStableRows } from './stable-rows.ts';

export const VIEW = 'claudeKimi.delegations';

export interface Tree extends vscode.Disposable {
  readonly view: vscode.TreeView<Row>;
  /** The groups with all that is in them, as they are drawn. */
  readonly rows: () => Promise<readonly Row[]>;
}

/** The view "Delegations". Rows are made by rows.ts; here they become tree items. */
export function createTree(window: WindowContext): Tree {
  const changed = new vscode.EventEmitter<Row[] | undefined>();
  const keeper = createStableRows();
  let drawn = false;

  const provider: vscode.TreeDataProvider<Row> = {
    onDidChangeTreeData: changed.event,
    getTreeItem: itemOf,
    getChildren: async (row) => (row ? [...row.children] : roots()),
    getParent: (row) => keeper.parentOf(row),
  };

  async function roots(): Promise<Row[]> {
    if (!vscode.workspace.isTrusted) return [];
    await window.ready;
    if (!drawn) keeper.update(await readRows());
    drawn = true;
    return [...keeper.roots()];
  }

  async function readRows(): Promise<Row[]> {
    const [{ buildRows }, { whyLeaveAlone }] = await Promise.all([
      import('./rows.ts'),
      import('../../delegation/store/delegation-folder.ts'),
    ]);
    const several = window.severalRepositories();
    return buildRows(window.delegations(), {
      t: vscode.l10n.t,
      unreadable: window.unreadable().map((folder) => ({ ...folder, newer: whyLeaveAlone(folder) })),
      repositoryName: ({ identity }) => (several ? path.basename(identity.repository) : null),
    });
  }

  const view = vscode.window.createTreeView(VIEW, { treeDataProvider: provider, showCollapseAll: true });
  const show = async () => {
    const waiting = window.delegations().filter(({ group }) => group === 'ready').length;
    const badge = waiting > 0 ? { value: waiting, tooltip: vscode.l10n.t('Ready to review: {0}', waiting) } : undefined;
    if (view.badge?.value !== badge?.value) view.badge = badge;
    if (!drawn) {
      changed.fire(undefined);
      return;
    }
    const redraw = keeper.update(await readRows());
    if (redraw === 'all') changed.fire(undefined);
    else if (redraw.length > 0) changed.fire([...redraw]);
  };
  const disposables = [
    changed,
    view,
    window.onDidChange(() => void show()),
    vscode.workspace.onDidGrantWorkspaceTrust(() => changed.fire(undefined)),
  ];
  return {
    view,
    rows: roots,
    dispose() {
      for (const disposable of disposables) disposable.dispose();
    },
  };
}

function itemOf(row: Row): vscode.TreeItem {
  const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(row.label, row.children.length === 0 ? None : row.open ? Expanded : Collapsed);
  item.id = row.id;
  item.description = row.description;
  item.contextValue = row.contextValue;
  item.tooltip = row.tooltip ? new vscode.MarkdownString(row.tooltip) : '';
  item.accessibilityInformation = { label: [row.label, row.description].filter(Boolean).join(', ') };
  if (row.icon) item.iconPath = new vscode.ThemeIcon(row.icon.name, row.icon.color ? new vscode.ThemeColor(row.icon.color) : undefined);
  if (row.file) {
    item.iconPath = vscode.ThemeIcon.File;
    item.resourceUri = changedFileUri(row.file);
  }
  if (row.click?.kind === 'review')
    item.command = { command: 'claudeKimi.reviewChanges', title: vscode.l10n.t('Review Changes'), arguments: [row] };
  if (row.click?.kind === 'file')
    item.command = { command: 'claudeKimi.reviewFile', title: vscode.l10n.t('Review File'), arguments: [row] };
  return item;
}
