import * as vscode from 'vscode';
import type { DelegationItem, GroupName } from '../delegations/delegation-item.ts';
import { ifShaped, objectOf, oneOf } from '../kept-shape.ts';
import { withoutLinks } from '../text/without-links.ts';
import type { WindowContext } from '../window-context.ts';
import { type Arrangement, DEFAULT_ARRANGEMENT } from './arrange.ts';
import { changedFileUri } from './file-decorations.ts';
import { repositoryNames } from './repository-names.ts';
import type { Row } from './rows.ts';
import { createStableRows } from './stable-rows.ts';

export const VIEW = 'claudeKimi.delegations';

export interface Tree extends vscode.Disposable {
  readonly view: vscode.TreeView<Row>;
  /** The groups with all that is in them, as they are drawn. */
  readonly rows: () => Promise<readonly Row[]>;
  /** What the rows are chosen by; empty = all are shown. */
  filter(): string;
  setFilter(words: string): void;
  /** How it is arranged, which outlives the window. */
  arrange(change: Partial<Arrangement>): void;
}

/** The view "Delegations". Rows are made by rows.ts; here they become tree items. */
export function createTree(window: WindowContext, memory: vscode.Memento): Tree {
  const changed = new vscode.EventEmitter<Row[] | undefined>();
  const keeper = createStableRows();
  let drawn = false;
  let filter = '';
  let arrangement = readArrangement(memory);
  /** Something changed that nobody saw. */
  let isStale = false;
  let made = new WeakMap<DelegationItem, Row>();
  let madeFor = '';
  tellArrangement(arrangement);

  const provider: vscode.TreeDataProvider<Row> = {
    onDidChangeTreeData: changed.event,
    getTreeItem: itemOf,
    getChildren: async (row) => (row ? [...row.children] : roots()),
    getParent: (row) => keeper.parentOf(row),
  };

  async function roots(): Promise<Row[]> {
    if (!vscode.workspace.isTrusted) return [];
    await window.ready;
    if (!drawn || isStale) keeper.update(await readRows());
    [drawn, isStale] = [true, false];
    return [...keeper.roots()];
  }

  async function readRows(): Promise<Row[]> {
    const [{ buildRows }, { whyLeaveAlone }] = await Promise.all([
      import('./rows.ts'),
      import('../../delegation/store/delegation-folder.ts'),
    ]);
    const several = arrangement.groupBy === 'state' && window.severalRepositories();
    // What the time of a row says depends on the day.
    const names = several ? repositoryNames(window.delegations().map(({ identity }) => identity.repository)) : new Map<string, string>();
    const of = JSON.stringify([[...names], arrangement.filesAs, new Date().toDateString()]);
    if (of !== madeFor) [made, madeFor] = [new WeakMap(), of];
    return buildRows(window.delegations(), {
      t: vscode.l10n.t,
      filter,
      arrangement,
      made,
      time: shortTimes(),
      unreadable: window.unreadable().map((folder) => ({ ...folder, newer: whyLeaveAlone(folder) })),
      repositoryName: ({ identity }) => names.get(identity.repository) ?? null,
    });
  }

  const view = vscode.window.createTreeView(VIEW, { treeDataProvider: provider, showCollapseAll: true, canSelectMany: true });
  const show = async () => {
    const badge = badgeOf(window.delegations());
    if (view.badge?.tooltip !== badge?.tooltip) view.badge = badge;
    sayFilter(view, filter);
    if (!drawn) {
      changed.fire(undefined);
      return;
    }
    if (!view.visible) {
      isStale = true;
      return;
    }
    isStale = false;
    const redraw = keeper.update(await readRows());
    if (redraw === 'all') changed.fire(undefined);
    else if (redraw.length > 0) changed.fire([...redraw]);
  };
  const disposables = [
    changed,
    view,
    window.onDidChange(() => void show()),
    view.onDidChangeVisibility(({ visible }) => visible && isStale && void show()),
    vscode.workspace.onDidGrantWorkspaceTrust(() => changed.fire(undefined)),
  ];
  return {
    view,
    rows: roots,
    filter: () => filter,
    setFilter(words) {
      filter = words.trim();
      void vscode.commands.executeCommand('setContext', 'claudeKimi.filtered', filter !== '');
      void show();
    },
    arrange(change) {
      arrangement = { ...arrangement, ...change };
      void memory.update(ARRANGEMENT, arrangement);
      tellArrangement(arrangement);
      void show();
    },
    dispose() {
      for (const disposable of disposables) disposable.dispose();
    },
  };
}

const ARRANGEMENT = 'claudeKimi.arrangement';
const isArrangement = objectOf<Arrangement>({
  groupBy: oneOf('state', 'repository'),
  sortBy: oneOf('newest', 'name', 'cost'),
  filesAs: oneOf('list', 'tree'),
});

function readArrangement(memory: vscode.Memento): Arrangement {
  return ifShaped(isArrangement, memory.get(ARRANGEMENT)) ?? DEFAULT_ARRANGEMENT;
}

/** Menus offer what it is not yet. */
function tellArrangement(arrangement: Arrangement): void {
  for (const [name, value] of Object.entries(arrangement)) void vscode.commands.executeCommand('setContext', `claudeKimi.${name}`, value);
}

/** To say the same again is a change to VS Code, which then holds back the next one, that of the rows, for 200 ms. */
function sayFilter(view: vscode.TreeView<Row>, filter: string): void {
  const said = filter && vscode.l10n.t('Only delegations with “{0}”', withoutLinks(filter));
  if ((view.message ?? '') !== said) view.message = said;
}

/** What waits for somebody; what ended badly is told first. */
function badgeOf(delegations: readonly DelegationItem[]): vscode.ViewBadge | undefined {
  const count = (name: GroupName) => delegations.filter(({ group }) => group === name).length;
  const [attention, ready] = [count('attention'), count('ready')];
  if (attention + ready === 0) return undefined;
  const tooltip = [
    ...(attention > 0 ? [vscode.l10n.t('Needs attention: {0}', attention)] : []),
    ...(ready > 0 ? [vscode.l10n.t('Ready to review: {0}', ready)] : []),
  ].join('\n');
  return { value: attention + ready, tooltip };
}

/** Formats are made once: to make one takes longer than to draw a row. */
function shortTimes(): (at: number) => string {
  const time = new Intl.DateTimeFormat(vscode.env.language, { hour: '2-digit', minute: '2-digit' });
  const day = new Intl.DateTimeFormat(vscode.env.language, { month: 'short', day: 'numeric' });
  return (at) => (new Date(at).toDateString() === new Date().toDateString() ? time : day).format(at);
}

function itemOf(row: Row): vscode.TreeItem {
  const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(row.label, row.children.length === 0 ? None : row.open ? Expanded : Collapsed);
  item.id = row.id;
  item.description = row.description;
  item.contextValue = row.contextValue;
  item.tooltip = row.tooltip ? new vscode.MarkdownString(row.tooltip) : '';
  item.accessibilityInformation = { label: [row.state, row.label, row.description].filter(Boolean).join(', ') };
  if (row.icon) item.iconPath = new vscode.ThemeIcon(row.icon.name, row.icon.color ? new vscode.ThemeColor(row.icon.color) : undefined);
  if (row.file) {
    item.iconPath = vscode.ThemeIcon.File;
    item.resourceUri = changedFileUri(row.file);
  }
  // Without the row: VS Code forgets what a click was to be given when the row is drawn again in that moment.
  if (row.click) item.command = { command: 'claudeKimi.openRow', title: vscode.l10n.t('Open') };
  return item;
}
