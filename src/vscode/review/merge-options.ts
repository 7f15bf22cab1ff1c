import * as vscode from 'vscode';
import { oneLine } from '../../mcp/escape-untrusted.ts';
import type { DelegationItem } from '../delegations/delegation-item.ts';
import { withoutIcons } from '../text/without-links.ts';

/** What a merge does besides; each is off until the user asks for it. */
export interface MergeOptions {
  /** The user's git hooks do not run. */
  readonly skipHooks?: boolean;
  /** The checks of the work run on the merged files before anything moves. */
  readonly check?: boolean;
  /** Uncommitted changes in the way are stashed meanwhile. */
  readonly autostash?: boolean;
}

/** In a question: a line break in one would write lines of its own into it. */
const checksOf = ({ reviewable }: DelegationItem) => reviewable?.checks.map(({ command }) => oneLine(command, 100)).join(', ') ?? '';

/** @returns undefined where the user has left */
export async function chooseMergeOptions(delegation: DelegationItem, given: MergeOptions): Promise<MergeOptions | undefined> {
  const { t } = vscode.l10n;
  const checks = checksOf(delegation);
  type Item = vscode.QuickPickItem & { readonly option: keyof MergeOptions };
  const items: Item[] = [
    ...(checks === ''
      ? []
      : [
          {
            option: 'check' as const,
            label: t('Check the merged files first'),
            description: withoutIcons(checks),
            detail: t('Nothing moves when one fails that passes now.'),
          },
        ]),
    { option: 'skipHooks', label: t('Leave out my git hooks'), description: 'git commit --no-verify' },
    {
      option: 'autostash',
      label: t('Stash my uncommitted changes that are in the way'),
      description: 'git merge --autostash',
      detail: t('They come back after the merge.'),
    },
  ];
  const picked = await vscode.window.showQuickPick(
    items.map((item) => ({ ...item, picked: given[item.option] === true })),
    { canPickMany: true, title: t('Options of the Merge'), placeHolder: t('The question comes again after this') },
  );
  return picked && Object.fromEntries(picked.map(({ option }) => [option, true]));
}

/** What is different by them, for the question. */
export function mergeOptionTexts(delegation: DelegationItem, { skipHooks, check }: MergeOptions): string[] {
  const { t } = vscode.l10n;
  return [
    ...(check ? [t('First {0} runs on the merged files; nothing moves when one fails that passes now.', checksOf(delegation))] : []),
    ...(skipHooks ? [t('Your hooks do not run.')] : []),
  ];
}
