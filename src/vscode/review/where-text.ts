import * as vscode from 'vscode';
import type { DelegationItem } from '../delegations/delegation-item.ts';
import type { WindowContext } from '../window-context.ts';

/** Which repository a question is about, where the window shows several: branches of both may be called the same. */
export function whereTexts(window: Pick<WindowContext, 'severalRepositories'>, { identity }: Pick<DelegationItem, 'identity'>): string[] {
  return window.severalRepositories() ? [vscode.l10n.t('In {0}', identity.repository)] : [];
}
