import { cutText } from '../../common/cut-text.ts';
import { OUTCOME_RULES, type Outcome } from '../../delegation/result/outcomes.ts';
import { messageText, type Translate } from '../../messages/translate.ts';
import { endOf } from '../delegations/delegation-facts.ts';
import type { DelegationItem } from '../delegations/delegation-item.ts';
import { outcomeText } from '../text/translated-result.ts';

/** What the status bar shows; null = nothing. */
export interface StatusItem {
  readonly text: string;
  readonly tooltip: string;
  readonly warning: boolean;
  /** What a click does: it leads to where the matter is seen, or mended. */
  readonly command: 'view' | 'setUp' | 'checkSetup';
}

/** When things were last seen to work, ms since the epoch: a failure before that is no news any more. */
export interface SeenWorking {
  /** Kimi took the key, and there is money. */
  readonly key: number;
  /** Check Setup found nothing to mend. */
  readonly everything: number;
  /** A command ran in the sandbox, or the user chose to do without. */
  readonly sandbox: number;
}

/**
 * The status bar is quiet unless there is something to know: work that runs, a set-up that is broken (the fallback to Claude would
 * hide it for weeks), an end that nobody has seen yet, or a set-up that is missing.
 * @param seenUntil what ended before this time was seen, ms since the epoch
 */
export function statusItem(options: {
  delegations: readonly DelegationItem[];
  setUp: boolean;
  seenUntil: number;
  working: SeenWorking;
  t: Translate;
}): StatusItem | null {
  const { delegations, setUp, seenUntil, working, t } = options;
  const running = delegations.filter(({ group }) => group === 'running');
  if (running.length > 0) {
    const text = runningText(running, t);
    return { text: `$(loading~spin) ${text}`, tooltip: t('Delegated work is running. Click to watch.'), warning: false, command: 'view' };
  }
  const newest = delegations.filter(({ result }) => result).sort((a, b) => endOf(b) - endOf(a))[0];
  if (newest?.result && newest.group === 'attention' && isBroken(newest.result.outcome, endOf(newest), working)) {
    const { outcome, reason } = newest.result;
    const why = `${outcomeText(outcome, t)}: ${reason ? messageText(reason, t) : ''}`;
    const tooltip = `${cutText(why, 500)}\n\n${t('Click to check the set-up.')}`;
    return { text: `$(warning) ${t('Kimi does not work')}`, tooltip, warning: true, command: 'checkSetup' };
  }
  const unseen = delegations.filter((delegation) => delegation.group === 'attention' && endOf(delegation) > seenUntil).length;
  if (unseen > 0) {
    const text = unseen === 1 ? t('Kimi: 1 needs attention') : t('Kimi: {0} need attention', unseen);
    return { text: `$(warning) ${text}`, tooltip: t('Delegated work did not end well. Click to look.'), warning: false, command: 'view' };
  }
  const waiting = delegations.filter((delegation) => delegation.group === 'ready' && endOf(delegation) > seenUntil).length;
  if (waiting > 0) {
    return {
      text: `$(git-pull-request) ${t('Kimi: {0} to review', waiting)}`,
      tooltip: t('Delegated work is ready to review. Click to look.'),
      warning: false,
      command: 'view',
    };
  }
  return setUp
    ? null
    : { text: `$(gear) ${t('Kimi: not set up')}`, tooltip: t('Click to set up Kimi Delegate.'), warning: false, command: 'setUp' };
}

/** Whether it will come again until somebody mends the set-up, and nothing was seen to work since. */
function isBroken(outcome: Outcome, endedAt: number, working: SeenWorking): boolean {
  const { userMends } = OUTCOME_RULES[outcome];
  return userMends !== null && endedAt > Math.max(working.everything, userMends === 'account' ? working.key : 0);
}

/** How far the only one is; of several, how many they are. */
function runningText([first, ...others]: readonly DelegationItem[], t: Translate): string {
  const { step, start } = first?.lastAttempt ?? {};
  return others.length === 0 && step && start ? t('Kimi: step {0}/{1}', step, start.maxSteps) : t('Kimi: {0} running', others.length + 1);
}
