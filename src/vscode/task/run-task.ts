import * as vscode from 'vscode';
import type { StepActivity } from '../../delegation/journal/activity.ts';
import { OUTCOME_RULES, type Outcome } from '../../delegation/result/outcomes.ts';
import { sizeText } from '../../delegation/result/result-text.ts';
import type { AnswerData } from '../../mcp/tool-answer.ts';
import { messageText } from '../../messages/translate.ts';
import type { DelegationItem } from '../delegations/delegation-item.ts';
import { offerActions } from '../offer-actions.ts';
import { activityText } from '../text/activity-text.ts';
import { checksText, costText, outcomeText } from '../text/translated-result.ts';
import { withoutLinks } from '../text/without-links.ts';
import type { WindowContext } from '../window-context.ts';
import type { Draft } from './ask-task.ts';
import { waitForEnd } from './wait-for-end.ts';

/** A call of a tool that works for minutes: implement_feature, write_tests, fix_bug, resume_delegation. */
export interface TaskCall {
  readonly tool: 'implement_feature' | 'write_tests' | 'fix_bug' | 'resume_delegation';
  readonly repository: string;
  readonly branch: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** Starts the work, shows how far it is, and says how it ended with what can be done next. */
export async function runTask(window: WindowContext, call: TaskCall): Promise<void> {
  const answer = await withProgress(window, call);
  // Who cancels gets the answer at once; the attempt needs a moment more to stop. Somebody else's attempt is not waited for.
  const others = answer !== 'cancelled' && answer?.outcome === 'busy';
  const delegation = await waitForEnd(window, call.repository, call.branch, others ? 0 : undefined);
  if (answer === 'cancelled') await showCancelled(delegation, call.branch);
  else await showEnd(delegation, call.branch, answer);
}

/** The same for a text that the user wrote: when no attempt came of it, it is kept for the next time. */
export async function runWithDraft(window: WindowContext, call: TaskCall, { drafts, key }: Draft): Promise<void> {
  const text = drafts.get(key);
  const attempts = () => window.findByBranch(call.repository, call.branch)?.attempts.length ?? 0;
  const before = attempts();
  drafts.delete(key);
  try {
    await runTask(window, call);
  } finally {
    if (text !== undefined && attempts() <= before && !drafts.has(key)) drafts.set(key, text);
  }
}

async function withProgress(window: WindowContext, call: TaskCall): Promise<AnswerData | undefined | 'cancelled'> {
  const options = { location: vscode.ProgressLocation.Notification, cancellable: true, title: call.branch };
  return vscode.window.withProgress(options, async (progress, token) => {
    const controller = new AbortController();
    token.onCancellationRequested(() => controller.abort());
    progress.report({ message: vscode.l10n.t('starting') });
    let shown = 0;
    try {
      const server = await window.server();
      const { data } = await server.call(
        call.tool,
        { repo_path: call.repository, branch_name: call.branch, ...call.args },
        {
          signal: controller.signal,
          onProgress: ({ done, total, now }) => {
            const percent = total > 0 ? (100 * done) / total : 0;
            progress.report({ ...(now && { message: withoutLinks(progressText(now, total)) }), increment: Math.max(0, percent - shown) });
            shown = Math.max(shown, percent);
          },
        },
      );
      return data;
    } catch (error) {
      if (controller.signal.aborted) return 'cancelled';
      throw error;
    }
  });
}

function progressText({ step, activity }: StepActivity, total: number): string {
  const now = activityText(activity, vscode.l10n.t);
  return step === 0 ? now : `${vscode.l10n.t('step {0}/{1}', step, total)} · ${now}`;
}

async function showCancelled(delegation: DelegationItem | undefined, branch: string): Promise<void> {
  const text = vscode.l10n.t('{0} was cancelled. What was done so far is kept and can be resumed.', branch);
  await offerActions('info', text, delegation, ['resume', 'discard']);
}

async function showEnd(delegation: DelegationItem | undefined, branch: string, answer: AnswerData | undefined): Promise<void> {
  const outcome = answer?.outcome;
  const reason = answer?.reason ? messageText(answer.reason, vscode.l10n.t) : '';
  const result = delegation?.result;
  if (!result || !outcome || result.outcome !== outcome) {
    const text = reason ? `${branch}: ${reason}` : vscode.l10n.t('{0}: the server gave no outcome. Show the steps to see why.', branch);
    await offerActions('error', text, delegation, needsMending(outcome) ? ['checkSetup', 'showSteps'] : ['showSteps']);
    return;
  }
  const parts = [
    ...(result.change ? [sizeText(result.change)] : []),
    checksText(result.checks, vscode.l10n.t),
    costText(result.cost, vscode.l10n.t),
  ].filter(Boolean);
  const text = `${branch}: ${[outcomeText(result.outcome, vscode.l10n.t), ...parts].join(' · ')}`;
  if (delegation.group === 'ready') await offerActions('info', text, delegation, ['reviewChanges', 'merge']);
  else if (needsMending(outcome)) await offerActions('error', `${text}. ${reason}`, delegation, ['checkSetup', 'resume']);
  else
    await offerActions(
      'warning',
      reason ? `${text}. ${reason}` : text,
      delegation,
      result.tip ? ['reviewChanges', 'retry'] : ['retry', 'showSteps'],
    );
}

const isOutcome = (word: string): word is Outcome => Object.hasOwn(OUTCOME_RULES, word);
/** Whether the user must mend the set-up before anything works again. */
const needsMending = (outcome = '') => isOutcome(outcome) && OUTCOME_RULES[outcome].userMends !== null;
