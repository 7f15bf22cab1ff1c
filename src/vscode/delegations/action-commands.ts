import type { Translate } from '../../messages/translate.ts';
import type { Action } from './delegation-item.ts';

/** A command of a delegation, by its name behind `claudeKimi.`, with what the delegation must allow, and its label. */
export type ActionCommand = readonly [Action, command: string, label: string];

/** In the order in which they are offered; the first that is possible stands out. */
export function actionCommands(t: Translate): readonly ActionCommand[] {
  return [
    ['cancel', 'cancel', t('Cancel')],
    ['review', 'reviewChanges', t('Review Changes')],
    ['resume', 'resume', t('Resume')],
    ['retry', 'retry', t('Retry with Feedback…')],
    ['merge', 'merge', t('Merge…')],
    ['apply', 'applyToWorkingTree', t('Apply to Working Tree')],
    ['undoMerge', 'undoMerge', t('Undo Merge')],
    ['commit', 'showCommit', t('Show Merge Commit')],
    ['pullRequest', 'createPullRequest', t('Create Pull Request…')],
    ['checkOut', 'checkOut', t('Check Out')],
    ['worktree', 'openWorktree', t('Open in Worktree in New Window…')],
    ['discard', 'discard', t('Discard…')],
    ['undo', 'undoDiscard', t('Undo Discard')],
    ['restore', 'restoreBranch', t('Restore Branch')],
    ['name', 'copyName', t('Copy Branch Name')],
  ];
}
