import type { Message } from '../../messages/message.ts';
import { messageText, type Translate } from '../../messages/translate.ts';

export interface Told {
  /** Sentences that stand behind the window's own. */
  readonly notes: readonly string[];
  /** Whether something did not happen that the user counts on. */
  readonly isWarning: boolean;
}

/**
 * What a merge says besides that it is made: what of hooks, where the branch is, and the command that takes it back.
 * @param canUndo whether a button does that
 */
export function explainSuccess(reason: Message | null | undefined, t: Translate, { canUndo = false } = {}): Told {
  const told = reason ? parts(reason) : [];
  return {
    notes: told.flatMap((part) => noteOf(part, canUndo, t)),
    isWarning: told.some(({ code }) => ['merge.hooksNotRun', 'merge.stashKept', 'merge.stashOnly'].includes(code)),
  };
}

/** What a merge that was tried would put aside meanwhile. */
export function stashTexts(reason: Message | null, t: Translate): string[] {
  return (reason ? parts(reason) : []).filter(({ code }) => code === 'merge.wouldStash').map((part) => messageText(part, t));
}

/** The sentences of a text of several. */
function parts(reason: Message): Message[] {
  if (reason.code !== 'sentences.two') return [reason];
  return [reason.args.first, reason.args.rest].flatMap((part) => (isMessage(part) ? parts(part) : []));
}

function noteOf({ code, args }: Message, canUndo: boolean, t: Translate): string[] {
  switch (code) {
    case 'merge.done': {
      const stays = whereItStays(args.branch, t);
      if (canUndo) return stays === null ? [] : [stays];
      const back = `git reset --keep ${String(args.before)}`;
      return [stays === null ? t('To take it back: {0}', back) : t('{0}. To take it back: {1}', stays, back)];
    }
    case 'merge.doneBefore': {
      const stays = whereItStays(args.branch, t);
      return stays === null ? [] : [stays];
    }
    case 'merge.applied':
      return [t('To take it back: {0}', String(args.undo))];
    default:
      return code.startsWith('merge.') ? [messageText({ code, args }, t)] : [];
  }
}

/** null = put aside, as the view shows */
function whereItStays(branch: Message['args'][string] | undefined, t: Translate): string | null {
  return isMessage(branch) && branch.code !== 'merge.branchAside' ? messageText(branch, t).replace(/[.。]$/, '') : null;
}

function isMessage(argument: Message['args'][string] | undefined): argument is Message {
  return typeof argument === 'object' && 'code' in argument;
}
