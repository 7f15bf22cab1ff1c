import * as vscode from 'vscode';
import type { DelegationItem } from '../delegations/delegation-item.ts';
import type { WindowContext } from '../window-context.ts';
import { COMMIT_SCHEME, type CommitFile, fileOf } from './commit-file-system.ts';
import type { LineComments } from './line-comments.ts';
import { reviewTitle } from './review-title.ts';

/** The delegation that the editor in front is about: its review, one of its files, or its page. */
export interface Front extends vscode.Disposable {
  delegation(): DelegationItem | undefined;
  update(): void;
}

/** Menus of the editor's title ask it by a context key, which holds what its delegation allows. */
const KEY = 'claudeKimi.front';

/** @param pageInFront the id of the delegation whose page is in front */
export function watchFront(window: WindowContext, comments: LineComments, pageInFront: () => string | undefined): Front {
  let told = '';

  function delegation(): DelegationItem | undefined {
    const page = pageInFront();
    if (page !== undefined) return window.find(page);
    const tab = vscode.window.tabGroups.activeTabGroup.activeTab;
    if (!tab) return undefined;
    const file = fileIn(tab.input);
    return window.delegations().find(({ identity, reviewable }) => {
      if (!reviewable) return false;
      // Two clones may hold the same commit.
      return file ? file.commit === reviewable.tip && file.gitDir === identity.commonDir : tab.label.startsWith(reviewTitle(reviewable));
    });
  }

  function update(): void {
    const shown = delegation();
    const commented = shown?.actions.has('retry') && comments.of(shown).length > 0 ? ['commented'] : [];
    const next = shown ? [shown.group, ...shown.actions, ...commented].join(' ') : '';
    if (next !== told) void vscode.commands.executeCommand('setContext', KEY, next);
    told = next;
  }

  const { tabGroups } = vscode.window;
  const watching = [
    tabGroups.onDidChangeTabs(update),
    tabGroups.onDidChangeTabGroups(update),
    window.onDidChange(update),
    comments.onDidChange(update),
  ];
  return {
    delegation,
    update,
    dispose() {
      for (const disposable of watching) disposable.dispose();
    },
  };
}

/** The side that came from Kimi. */
function fileIn(input: unknown): CommitFile | null {
  const uri = input instanceof vscode.TabInputTextDiff ? input.modified : input instanceof vscode.TabInputText ? input.uri : undefined;
  return uri?.scheme === COMMIT_SCHEME ? fileOf(uri) : null;
}
