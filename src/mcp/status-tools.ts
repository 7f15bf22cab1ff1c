import { count } from '../common/count-noun.ts';
import { noteMergeSeen } from '../delegation/review/decision.ts';
import type { Listed } from '../delegation/review/list-with-endings.ts';
import { delegationFolder, delegationId, whyLeaveAlone } from '../delegation/store/delegation-folder.ts';
import type { DelegationStatus } from '../delegation/store/delegation-status.ts';
import { leaseHolder, requestCancel } from '../delegation/store/lease.ts';
import type { Repository } from '../workspace/types.ts';
import { openAllowed } from './allowed-repository.ts';
import { answersAfter } from './client-patience.ts';
import type { ClientSession } from './client-session.ts';
import { exactCostText } from './cost-line.ts';
import { oneLine } from './escape-untrusted.ts';
import { renderDiff } from './render-diff.ts';
import { type Asked, runningText } from './running-text.ts';
import { reportAnswer } from './tool-answer.ts';
import type { CallsOptions, ToolHandlers } from './types.ts';
import { waitForEnd } from './wait-for-end.ts';

/** So long a client that waits to the end waits for news. */
const WAIT_SECONDS = 45;
/** Who asks again so soon, and not with the words that we gave, wants the end too: answered at once it would only ask in a circle. */
const POLLING_MS = 60_000;

/** Somebody reads all of it, page by page. */
const WHOLE_DIFF = { totalBytes: 16 * 2 ** 20, fileBytes: 4 * 2 ** 20 };

/** The tools that look at delegations whoever runs them, and the one that tells a running attempt to stop. They cost nothing. */
export function statusTools(
  options: CallsOptions,
  session: ClientSession,
): ToolHandlers<'get_delegation' | 'cancel_delegation' | 'delegation_diff'> {
  const { stateDir } = options;
  return {
    async get_delegation({ repo_path, branch_name, seen }, call) {
      const opened = await openAllowed(repo_path, call, options, session);
      if (!opened.ok) return opened.answer;
      if (branch_name === undefined)
        return { text: listText(opened.repository, await options.threads.list(stateDir, opened.repository, call.signal)) };
      const id = delegationId(opened.repository.commonDir, branch_name);
      const newer = whyLeaveAlone(delegationFolder(stateDir, id));
      if (newer) return session.refusal({ outcome: 'environment_broken', reason: newer, branch: branch_name });
      await noteMergeSeen({ repository: opened.repository, stateDir, branch: branch_name, now: options.clock.now });
      const patience = answersAfter(opened.settings, call.clientName);
      const isPolling = patience !== null && options.clock.now() - session.answeredRunning(id).at < POLLING_MS;
      const own = session.detached(id);
      own?.belongTo(call.signal);
      const watched = {
        read: () => options.threads.readStatus(stateDir, id, call.signal),
        isHeld: async () => (await leaseHolder(delegationFolder(stateDir, id).leases)) !== null,
      };
      const status =
        isPolling || seen !== undefined
          ? await waitForEnd(watched, patience ?? WAIT_SECONDS, { call, clock: options.clock })
          : await watched.read();
      if (status.state === 'running') session.toldRunning(id);
      if (status.state !== 'ended') return { text: statusText({ repo_path, branch_name }, status, own !== null, options.clock.now()) };
      const { result, disposition } = status;
      // A client that was answered `running` learns of a broken set-up here; one from before this session may be mended by now.
      const notice = Date.parse(result.endedAt) >= session.startedAt ? session.notice(result.outcome, result.reason) : null;
      const { disclosure, showTokenStats } = opened.settings.values;
      return reportAnswer(result, { disclosure, showTokenStats, stored: true, disposition, notice });
    },

    async delegation_diff({ repo_path, branch_name, path, page }, call) {
      const opened = await openAllowed(repo_path, call, options, session);
      if (!opened.ok) return opened.answer;
      const { commonDir, gitDir } = opened.repository;
      const status = await options.threads.readStatus(stateDir, delegationId(commonDir, branch_name), call.signal);
      if (status.state !== 'ended') return { text: statusText({ repo_path, branch_name }, status, false, options.clock.now()) };
      const { branch, base, tip } = status.result;
      if (!base || !tip) return { text: 'There is no diff: the attempt handed nothing back.' };
      const change = await options.threads.readChange({ stateDir, gitDir }, { base, tip }, WHOLE_DIFF, call.signal);
      return { text: await renderDiff({ branch, base, tip }, change, path, page) };
    },

    async cancel_delegation({ repo_path, branch_name }, call) {
      const opened = await openAllowed(repo_path, call, options, session);
      if (!opened.ok) return opened.answer;
      const id = delegationId(opened.repository.commonDir, branch_name);
      const { leases } = delegationFolder(stateDir, id);
      const name = oneLine(branch_name, 200);
      if (!(await requestCancel(leases))) return { text: `Nothing runs on ${name}; nothing was changed.` };
      session.cancel(id);
      return { text: `The attempt on ${name} was told to stop. Its work is kept: resume_delegation continues it.` };
    },
  };
}

/** @param own whether this session started the attempt */
function statusText(asked: Asked, status: Exclude<DelegationStatus, { state: 'ended' }>, own: boolean, now: number): string {
  const name = oneLine(asked.branch_name, 200);
  switch (status.state) {
    case 'running':
      return runningText(asked, status, own, now);
    case 'interrupted':
      return [
        `state: interrupted   branch: ${name}   attempt: ${status.attempt}`,
        `It stopped at step ${status.step} of ${status.maxSteps} without an end (the server or the machine went away). Its work is kept.`,
        'next: resume_delegation, or the same call again, continues it',
      ].join('\n');
    case 'unknown':
      return `There is no delegation on ${name} in this repository. get_delegation without branch_name lists those that exist.`;
  }
}

function listText({ root }: Repository, all: readonly Listed[]): string {
  if (all.length === 0) return `No delegations in ${root} yet.`;
  return [`${count(all.length, 'delegation')} in ${root}:`, ...all.map((one) => `  ${listLine(one)}`)].join('\n');
}

function listLine({ branch, status, ending }: Listed): string {
  const name = oneLine(branch, 100);
  if (status.state === 'ended') {
    const { result } = status;
    const state = ending === null || ending === 'gone' ? result.outcome : ending;
    const size = result.change ? `  +${result.change.added} -${result.change.removed}` : '';
    return `${name}  ${state}${result.tip ? `  tip ${result.tip.slice(0, 7)}` : ''}${size}  ${exactCostText(result.cost)}  ${result.endedAt}`;
  }
  if (status.state === 'unknown') return `${name}  never started`;
  return `${name}  ${status.state}  step ${status.step}/${status.maxSteps}`;
}
