import * as vscode from 'vscode';
import type { DelegationItem } from '../delegations/delegation-item.ts';
import type { WindowContext } from '../window-context.ts';

/**
 * Where a question is about: named where the window shows several repositories, in which branches may be called the same, or several working
 * trees of this one, and where that is another one than the one in which the work began.
 * @param root the working tree in which it acts, chosen before: which folders are open may have changed since
 */
export function whereTexts(
  window: Pick<WindowContext, 'severalRepositories' | 'repositories' | 'worktreeOf'>,
  delegation: DelegationItem,
  root = window.worktreeOf(delegation),
): string[] {
  const { commonDir, repository } = delegation.identity;
  const open = new Set(window.repositories().flatMap((one) => (one.commonDir === commonDir ? [one.root] : [])));
  const isOther = open.size > 1 || !open.has(root) || root !== repository;
  return isOther || window.severalRepositories() ? [vscode.l10n.t('In {0}', root)] : [];
}
