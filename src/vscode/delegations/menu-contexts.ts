import * as vscode from 'vscode';
import type { Walkthrough } from '../setup/walkthrough.ts';
import type { WindowContext } from '../window-context.ts';
import type { DelegationItem } from './delegation-item.ts';

/** What the palette and the walkthrough know of the delegations of a window: what any of them allows, and how far anybody has come. */
export function watchMenus(window: WindowContext, walkthrough: Walkthrough): vscode.Disposable {
  const shown = new Map<string, unknown>();
  const set = (name: string, value: unknown) => {
    if (shown.get(name) === value) return;
    shown.set(name, value);
    void vscode.commands.executeCommand('setContext', `claudeKimi.${name}`, value);
  };
  return window.onDidChange(() => {
    const delegations = window.delegations();
    set('can', possibleIn(delegations));
    const delegated = delegations.length > 0;
    set('delegated', delegated);
    walkthrough.tell({
      sandbox: delegations.some(({ result }) => result?.sandbox === 'on'),
      handOver: delegated,
      decide: delegations.some(({ ending }) => ending !== null),
    });
  });
}

/** The actions that at least one delegation allows, as words. */
function possibleIn(delegations: readonly DelegationItem[]): string {
  return [...new Set(delegations.flatMap(({ actions }) => [...actions]))].sort().join(' ');
}
