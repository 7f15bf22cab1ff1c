import * as vscode from 'vscode';
import type { DelegationItem } from '../delegations/delegation-item.ts';
import { notify } from '../notify.ts';
import { linesText } from '../text/lines-text.ts';

/**
 * Asks before work goes anywhere: into a branch, the user's files, a remote.
 * Enter takes the first button: of work that failed, or that something speaks against, that is a look at it.
 * @returns one of the buttons; none also where the user has gone to look
 */
export async function askToTake(
  delegation: DelegationItem,
  question: string,
  lines: readonly string[],
  ...buttons: readonly string[]
): Promise<string | undefined> {
  const look = vscode.l10n.t('Review Changes');
  const asked = { modal: true, detail: linesText(lines) };
  if (!speaksAgainst(delegation)) return notify.info(question, asked, ...buttons);
  const chosen = await notify.warning(question, asked, look, ...buttons);
  if (chosen !== look) return chosen;
  await vscode.commands.executeCommand('claudeKimi.reviewChanges', delegation.identity.id);
  return undefined;
}

/** Failed, not proved, warned of, or not what was looked at. */
function speaksAgainst({ reviewable, result, tip }: DelegationItem): boolean {
  const warned = reviewable?.warnings.some(({ level }) => level === 'blocking') ?? false;
  return reviewable?.outcome !== 'ready' || warned || result !== reviewable || tip !== reviewable?.tip;
}
