import * as vscode from 'vscode';
import { OUTCOME_RULES, type Outcome } from '../../delegation/result/outcomes.ts';
import { sizeText } from '../../delegation/result/size-text.ts';
import type { AnswerData } from '../../mcp/tool-answer.ts';
import { messageText } from '../../messages/translate.ts';
import type { DelegationItem } from '../delegations/delegation-item.ts';
import { offerActions } from '../offer-actions.ts';
import { costText } from '../text/translated-result.ts';
import { outcomeAndVerdict } from '../text/verdict.ts';
import { VIEW } from '../tree/tree.ts';
import type { WindowContext } from '../window-context.ts';
import { waitForEnd } from './wait-for-end.ts';
import { type Written, whileSent } from './while-sent.ts';

/** A call of a tool that works for minutes: implement_feature, write_tests, fix_bug, resume_delegation. */
export interface TaskCall {
  readonly tool: 'implement_feature' | 'write_tests' | 'fix_bug' | 'resume_delegation';
  readonly repository: string;
  readonly branch: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/**
 * Starts the work, shows how far it is, and says how it ended with what can be done next.
 * @param written what the user wrote for it; null = nothing
 */
export async function runTask(window: WindowContext, call: TaskCall, written: Written | null): Promise<void> {
  const run = () =>
    window.ownTasks.during(call.repository, call.branch, async () => {
      const answer = await callServer(window, call);
      const outcome = answer?.outcome ?? null;
      // Somebody else's attempt is not waited for.
      const delegation = await waitForEnd(window, call.repository, call.branch, outcome === 'busy' ? 0 : undefined);
      return { answer, outcome, delegation };
    });
  const { answer, outcome, delegation } = written ? await whileSent(window, call, written, run) : await run();
  if (outcome === 'cancelled') await showCancelled(delegation, call.branch);
  else await showEnd(delegation, call.branch, answer);
}

/** How far it is stands in the view and in the status bar; a message that stays for minutes would only cover the editor. */
async function callServer(window: WindowContext, call: TaskCall): Promise<AnswerData | undefined> {
  return vscode.window.withProgress({ location: { viewId: VIEW } }, async () => {
    const server = await window.server();
    const { data } = await server.call(call.tool, { repo_path: call.repository, branch_name: call.branch, ...call.args });
    return data;
  });
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
    const text = reason ? `${branch}: ${reason}` : vscode.l10n.t('{0}: the server gave no outcome. The log tells why.', branch);
    await offerActions('error', text, delegation, [...(needsMending(outcome) ? (['checkSetup'] as const) : []), 'showSteps', 'showLog']);
    return;
  }
  const parts = [
    outcomeAndVerdict(result, vscode.l10n.t),
    ...(result.change ? [sizeText(result.change)] : []),
    costText(result.cost, vscode.l10n.t),
  ];
  const text = `${branch}: ${parts.join(' · ')}`;
  if (delegation.group === 'ready') await offerActions('info', text, delegation, ['reviewChanges', 'merge']);
  else if (needsMending(outcome)) await offerActions('error', text, delegation, ['checkSetup', 'resume']);
  else await offerActions('warning', text, delegation, ['showDelegation', 'retry']);
}

const isOutcome = (word: string): word is Outcome => Object.hasOwn(OUTCOME_RULES, word);
/** Whether the user must mend the set-up before anything works again. */
const needsMending = (outcome = '') => isOutcome(outcome) && OUTCOME_RULES[outcome].userMends !== null;
