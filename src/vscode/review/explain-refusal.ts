import { cutText } from '../../common/cut-text.ts';
import { shellWord } from '../../common/shell-word.ts';
import type { ToolAnswer } from '../../mcp/tool-answer.ts';
import { type Message, message } from '../../messages/message.ts';
import { messageText, type Translate } from '../../messages/translate.ts';
import type { NextAction } from '../offer-actions.ts';

/** What a decision was about, as the dialog has named it. */
export interface Decision {
  readonly branch: string;
  /** The branch that is checked out, and its commit; null = not known, or none. */
  readonly into: { readonly branch: string; readonly commit: string } | null;
  /** Where the work began. */
  readonly base: string | null;
  /** Whether it is a merge that can stash what is in its way. */
  readonly mayStash?: boolean;
}

export interface Refusal {
  readonly text: string;
  /** What leads on from here. */
  readonly next: readonly NextAction[];
  /** Feedback with which a retry can begin. */
  readonly feedback?: string;
}

/** A refused merge, discard or restore in the words of the window; the server's own are written for Claude. */
export function explainRefusal({ text, data }: ToolAnswer, { branch, into, base, mayStash = false }: Decision, t: Translate): Refusal {
  const files = data?.files?.join(', ') ?? '';
  const target = into?.branch ?? 'HEAD';
  if (data?.reason?.code.startsWith('undoMerge.')) return staysMerged(data.reason, t);
  if (mayStash && data?.reason?.code === 'merge.uncommitted') return canStash(branch, files, t);
  switch (data?.reason?.code) {
    case 'merge.conflict':
      return {
        text: conflictText(branch, target, files, t),
        next: ['retry', 'reviewChanges'],
        ...(into && base && { feedback: conflictFeedback(into, base, files, t) }),
      };
    case 'merge.uncommitted':
    case 'merge.untracked':
      return {
        text: t('{0} of yours would be overwritten. Commit, stash or move it, then try again. Nothing was changed.', files),
        next: ['openSourceControl', 'merge'],
      };
    case 'merge.unfinished.merge':
    case 'merge.unfinished.rebase':
    case 'merge.unfinished.cherryPick':
    case 'merge.unfinished.revert':
      return {
        text: t('A merge, rebase or cherry-pick of yours is not finished. Finish or abort it, then try again. Nothing was changed.'),
        next: ['openSourceControl', 'merge'],
      };
    case 'merge.nothingNew':
      return { text: t('There is nothing to merge: {0} has these changes already.', target), next: ['discard'] };
    case 'merge.tipMoved':
    case 'discard.tipMoved':
    case 'branch.moved':
    case 'branch.movedSince':
      return {
        text: t('{0} was changed meanwhile. Look at it, then decide again. Nothing was changed.', branch),
        next: ['reviewChanges', 'merge'],
      };
    case 'merge.otherHead':
    case 'merge.headElsewhere':
      return { text: t('Another branch than {0} is checked out now. Nothing was changed.', target), next: ['merge'] };
    case 'merge.ownBranch':
    case 'branch.checkedOut':
      return { text: t('{0} is checked out. Switch to another branch first. Nothing was changed.', branch), next: [] };
    // Another window, or somebody in a terminal, was quicker.
    case 'merge.noBranch':
    case 'decide.unknown':
      return { text: t('This is not possible any more: the delegation changed meanwhile.'), next: [] };
    case 'decide.running':
      return { text: t('An attempt runs on {0}. Wait for its end, or cancel it first.', branch), next: ['cancel', 'showSteps'] };
    case 'merge.unresolved':
    case 'merge.overlooked':
      return { text: messageText(data.reason, t), next: ['openSourceControl', 'merge'] };
    case 'merge.filter':
    case 'merge.collision':
    case 'merge.checkFails':
      return { text: messageText(data.reason, t), next: ['retry', 'merge'], feedback: notMergedFeedback(data.reason, t) };
    case 'merge.locked':
    case 'merge.headMoved':
    case 'merge.changedMeanwhile':
    case 'merge.failed':
    case 'merge.broken':
    case 'merge.notSigned':
    case 'merge.cancelled':
    case 'merge.noChecks':
    case 'merge.checkNotRun':
    case 'merge.noTree':
      return { text: messageText(data.reason, t), next: ['merge'] };
    case 'merge.hookFails':
    case 'merge.hooksCannotRun':
    case 'merge.hookRewrites':
    case 'merge.hookEmptyMessage':
      return hooksRefused(data.reason, t);
    case 'merge.submodule':
    case 'merge.otherFileSystem':
    case 'merge.noFastForward':
    case 'merge.partOnly':
    case 'merge.notChanged':
    case 'merge.noHunk':
    case 'merge.partNew':
    case 'merge.partDeleted':
    case 'merge.partNoText':
    case 'merge.partSame':
      return { text: messageText(data.reason, t), next: ['reviewChanges', 'merge'] };
    default:
      return { text: data?.reason ? messageText(data.reason, t) : cutText(text, 500), next: ['showSteps'] };
  }
}

const conflictText = (branch: string, target: string, files: string, t: Translate) =>
  t(
    '{0} and {1} both changed {2}, in ways that conflict. Nothing was changed. Let Kimi rework it, or merge it by hand: git merge {3}',
    branch,
    target,
    files,
    shellWord(branch),
  );

function canStash(branch: string, files: string, t: Translate): Refusal {
  const text = t('You have uncommitted changes in {0}, which {1} changes too. Nothing was changed.', files, branch);
  return { text, next: ['stashAndMerge', 'openSourceControl'] };
}

function staysMerged(reason: Message, t: Translate): Refusal {
  return {
    text: messageText(reason, t),
    next: ['openSourceControl', ...(reason.code === 'undoMerge.inTheWay' ? ['undoMerge' as const] : [])],
  };
}

/** Without the ways on that the terminal and Claude have. */
function hooksRefused({ code, args }: Message, t: Translate): Refusal {
  const told = (name: string) => messageText(message('text', { text: args[name] ?? '' }), t);
  switch (code) {
    case 'merge.hookFails': {
      const [hook, how, said] = [told('hook'), told('how'), told('said')];
      return {
        text: t('Your hook {0} ran in the sandbox on the merged files and says no ({1}): {2} Nothing was changed.', hook, how, said),
        next: ['retry', 'mergeWithoutHooks'],
        feedback: t('The git hook {0} says no to your work ({1}): {2} Correct it on the branch.', hook, how, said),
      };
    }
    case 'merge.hookRewrites':
      return {
        text: t(
          'Your hooks would rewrite {0}, and what was reviewed is what is merged. Nothing was changed. Apply it and commit it yourself, or merge without hooks.',
          told('files'),
        ),
        next: ['applyToWorkingTree', 'mergeWithoutHooks'],
      };
    case 'merge.hooksCannotRun':
      return { text: t('Your hooks cannot run: {0} Nothing was changed.', told('why')), next: ['merge', 'mergeWithoutHooks'] };
    default:
      return { text: t('Your hooks left no commit message. Nothing was changed.'), next: ['merge', 'mergeWithoutHooks'] };
  }
}

/** Kimi's copy has the objects of the repository, so it can look at what the other side did. */
function conflictFeedback(into: { branch: string; commit: string }, base: string, files: string, t: Translate): string {
  const [from, to] = [base.slice(0, 12), into.commit.slice(0, 12)];
  return t(
    'Your work conflicts with what is on {0} now, in {1}. "git diff {2} {3}" shows what was done there since. Rework yours so that it merges with it and nothing of either is lost.',
    into.branch,
    files,
    from,
    to,
  );
}

/** The branch itself may have to change: a pointer without an object, names that differ by case only. */
function notMergedFeedback(reason: Message, t: Translate): string {
  return t('Your work could not be merged: {0} Correct it on the branch.', messageText(reason, t));
}
