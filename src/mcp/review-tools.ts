import type { JournalEvent } from '../delegation/journal/journal.ts';
import type { Decision } from '../delegation/review/decision.ts';
import type { Deciding } from '../delegation/thread/messages.ts';
import { say } from '../messages/message.ts';
import { openAllowed } from './allowed-repository.ts';
import type { ClientSession } from './client-session.ts';
import { oneLine } from './escape-untrusted.ts';
import { createProgress, PROGRESS_EVERY_MS } from './progress-notifications.ts';
import type { AnswerData, ToolAnswer } from './tool-answer.ts';
import type { CallContext, CallsOptions, ToolHandlers } from './types.ts';

const FILES_NAMED = 8;
/** With the paths of so many files, twice: the command that takes it back stands at the end. */
const LONGEST_ANSWER = 5000;

/** The tools with which somebody decides about a delegation. Their answers have the form of the reports. */
export function reviewTools(
  options: CallsOptions,
  session: ClientSession,
): ToolHandlers<'merge_delegation' | 'discard_delegation' | 'restore_delegation'> {
  async function decide(
    { repo_path, branch_name }: { repo_path: string; branch_name: string },
    call: CallContext,
    done: 'merged' | 'discarded' | 'restored',
    deciding: Deciding,
  ): Promise<ToolAnswer> {
    const opened = await openAllowed(repo_path, call, options, session);
    if (!opened.ok) return opened.answer;
    const { repository, settings } = opened;
    const { stateDir, env } = options;
    const progress = createProgress(call.progress, PROGRESS_EVERY_MS);
    const onEvent = (event: JournalEvent) => progress.onEvent(event, { maxSteps: 0 });
    try {
      const context = { repository, stateDir, branch: branch_name, settings, env, signal: call.signal, onEvent };
      return decisionAnswer(branch_name, done, await options.threads.decide(deciding, context));
    } finally {
      progress.stop();
    }
  }

  return {
    merge_delegation(given, call) {
      const { expected_tip: expectedTip, how = 'squash', paths = [], preview = false, message = null, into = null } = given;
      const { check = false, skip_hooks: skipHooks = false, autostash = false } = given;
      const wanted = { expectedTip, how, paths, preview, check, skipHooks, autostash, message, into };
      return decide(given, call, 'merged', { kind: 'merge', options: wanted });
    },
    discard_delegation: (given, call) =>
      decide(given, call, 'discarded', { kind: 'discard', options: { expectedTip: given.expected_tip ?? null } }),
    restore_delegation: (given, call) => decide(given, call, 'restored', { kind: given.undo_merge ? 'undoMerge' : 'restore' }),
  };
}

export function decisionAnswer(branchName: string, done: AnswerData['outcome'], decision: Decision): ToolAnswer {
  const branch = `branch: ${oneLine(branchName, 200)}`;
  if (decision.ok) {
    const outcome = decision.outcome ?? done;
    const text = `outcome: ${outcome}   ${branch}\nreason: ${oneLine(say(decision.text, 'en'), LONGEST_ANSWER)}`;
    return { text, data: { outcome, reason: decision.text } };
  }
  const files = decision.files?.slice(0, FILES_NAMED);
  const text = [
    `outcome: refused   ${branch}`,
    `reason: ${oneLine(say(decision.reason, 'en'), 1500)}`,
    'next: nothing was changed; correct what is said above, then call again',
  ].join('\n');
  return { text, data: { outcome: 'refused', reason: decision.reason, ...(files && { files }) } };
}
