import { renameSync } from 'node:fs';
import path from 'node:path';
import { NOTE_PREFIX } from '../agent/history/exchanges.ts';
import { redactKey } from '../agent/redact-key.ts';
import { currencyOf } from '../common/currency.ts';
import { makePrivateFolder } from '../common/private-folder.ts';
import { budgetOf, type ResolvedSettings } from '../config.ts';
import { type Message, message } from '../messages/message.ts';
import { type BranchCheck, checkBranch } from '../workspace/branch-name.ts';
import { keepForArchive } from '../workspace/hidden-refs.ts';
import { gitUntil } from '../workspace/limit-git.ts';
import { assertWritable, openRepository, resolveCommit } from '../workspace/open-repository.ts';
import type { Repository } from '../workspace/types.ts';
import type { AttemptInput, AttemptStart, Call } from './attempt/attempt-input.ts';
import { runAttempt } from './attempt/run-attempt.ts';
import type { DelegateContext, DelegateRequest } from './delegate-request.ts';
import { prefetch } from './first-request/prefetch.ts';
import type { AttemptState } from './journal/fold-journal.ts';
import { type JournalEvent, openJournal, type StartEvent } from './journal/journal.ts';
import { errorOutcome } from './result/error-outcome.ts';
import { fallbackNeeded, type Outcome } from './result/outcomes.ts';
import type { AttemptResult } from './result/result-schema.ts';
import { noteBrokenMerge } from './review/decision.ts';
import { hasOpenConversation, newAttempt } from './start/new-attempt.ts';
import { asksSame, type CallOptions, type ChosenChecks, checksOf, type Plan, planCall, planNext } from './start/plan-call.ts';
import { resumePoint, whyNoBase } from './start/resume-point.ts';
import { whyUnseen } from './start/unseen-changes.ts';
import {
  archiveFolder,
  createDelegation,
  type DelegationFolder,
  delegationFolder,
  delegationId,
  newAttemptFolder,
  readAttempts,
  readDisposition,
  type StoredAttempt,
  whyLeaveAlone,
} from './store/delegation-folder.ts';
import { type Acquisition, acquireLease, type Lease } from './store/lease.ts';

export type Answer =
  | { kind: 'report'; result: AttemptResult; stored: boolean }
  | { kind: 'refused'; outcome: Outcome; reason: Message; fallbackNeeded: boolean; branch: string };

/**
 * The story of a delegation: look at the repository, decide what the call means, and run the attempt.
 * Nothing is spent, and nothing but the lease is written, before every check has passed. The folder of the lease stays after a
 * refusal: to remove it could make two holders of those who take the lease just then. Never throws for what can happen.
 */
export function delegate(asked: DelegateRequest, context: DelegateContext): Promise<Answer> {
  return gitUntil(context.signal, () => answerTo(asked, context));
}

async function answerTo(asked: DelegateRequest, context: DelegateContext): Promise<Answer> {
  const { values: settings } = context.settings;
  const request = { ...asked, task: asked.task && redactKey(asked.task, settings.apiKey ?? '') };
  const refuse: Refuse = (outcome, reason) => ({
    kind: 'refused',
    outcome,
    reason,
    fallbackNeeded: fallbackNeeded(outcome, 1, settings.maxAttempts),
    branch: request.branch,
  });

  try {
    const opened = await (context.opening ?? openRepository(request.repoPath));
    if (!opened.ok) return refuse('invalid_request', opened.reason);
    const { repository } = opened;
    const outside = await context.outside(repository);
    if (outside) return refuse('invalid_request', outside);
    const branch = await checkBranch(repository, request.branch, { protectedBranches: settings.protectedBranches });
    const folder = delegationFolder(context.stateDir, delegationId(repository.commonDir, request.branch));
    if (!branch.ok) {
      const own = branch.checkedOutIn === undefined ? [] : readAttempts(folder);
      return storedAnswer(own, request, folder, context.settings) ?? refuse('invalid_request', ownReason(own, request, branch));
    }

    const newer = whyLeaveAlone(folder);
    if (newer) return refuse('environment_broken', newer);

    const prefetched = prefetch(repository, request);
    const acquired = await takeLease(repository, folder, request.branch, context.clock.now);
    if (!acquired.ok) {
      const { attempt, since, pid } = acquired.holder;
      return refuse('busy', message('call.busy', { attempt, branch: request.branch, since, pid }));
    }
    try {
      const attempts = readAttempts(folder);
      const call: Call = { request, context, repository, folder, tip: acquired.tip, lease: acquired.lease, prefetched };
      const plan = await planOf(call, attempts);
      const early = answerWithoutRunning(plan, request, settings.maxAttempts, attempts);
      if (early) return early;
      if (plan?.kind === 'recheck') return await recheck(call, plan, refuse);
      assertWritable(repository); // or the work would be done and paid for before anybody notices
      const withheld = await context.withheld?.();
      if (withheld) return refuse('environment_broken', withheld);
      if (!settings.apiKey) return refuse('auth_failed', message('api.noKey'));
      const toRun = plan as Extract<Plan, { kind: 'attempt' | 'resume' }>;
      const gone = toRun.kind === 'resume' && (await whyNoBase(repository, folder, toRun.attempt.start, request.branch));
      if (gone) return refuse('invalid_request', gone);
      const start = toRun.kind === 'attempt' ? await newAttempt(call, toRun, attempts) : null;
      if (start && !start.ok) return refuse('invalid_request', start.reason);

      const unseen = start && (await whyUnseen(request, repository, folder, start, prefetched.named));
      if (unseen) return refuse('invalid_request', unseen);
      return await (toRun.kind === 'resume'
        ? resume(call, toRun, await resumePointOf(call, toRun.attempt))
        : startNew(call, toRun, start as AttemptStart));
    } finally {
      acquired.lease.release();
    }
  } catch (error) {
    const { outcome, reason } = errorOutcome(error, context.stateDir, asked.repoPath);
    return refuse(outcome, reason);
  }
}

/**
 * The lease of the delegation, and where its branch stands while nobody else works on it. A delegation that is over makes room for a
 * fresh one first; only who holds its lease may put it away, or an attempt that runs would lose its folder.
 */
async function takeLease(
  repository: Repository,
  folder: DelegationFolder,
  branch: string,
  now: () => number,
): Promise<{ ok: true; lease: Lease; tip: string | null } | Extract<Acquisition, { ok: false }>> {
  for (;;) {
    const before = readAttempts(folder).at(-1);
    const attempt = before ? before.number + (before.result ? 1 : 0) : 1;
    const acquired = await acquireLease(folder.leases, attempt, now);
    if (!acquired.ok) return acquired;
    // Where nobody has worked before, what was read a moment ago still holds; if not, the import will notice.
    const fresh = readAttempts(folder).length === 0;
    const tip = fresh ? (repository.branches.get(branch) ?? null) : await resolveCommit(repository, `refs/heads/${branch}`);
    if (!fresh) await noteBrokenMerge({ repository, branch, now }, folder, readAttempts(folder));
    if (readDisposition(folder) === null && !isOver(readAttempts(folder), tip)) return { ok: true, lease: acquired.lease, tip };
    await archive(repository, folder, now());
    acquired.lease.release();
  }
}

/** What the call means. Other words than before need a conversation that they can be added to. */
async function planOf(call: Call, attempts: readonly StoredAttempt[]): Promise<Plan | null> {
  const { request, context } = call;
  const { maxAttempts } = context.settings.values;
  const options = optionsOf(request, context.settings);
  const plan = planCall(attempts, request.task, request.kind, maxAttempts, options);
  const isOpen = plan?.kind !== 'resume' || plan.words === undefined || (await hasOpenConversation(call, plan.attempt));
  return isOpen ? plan : planNext(attempts, maxAttempts, options);
}

type Refuse = (outcome: Outcome, reason: Message) => Answer;

async function startNew(call: Call, before: Extract<Plan, { kind: 'attempt' }>, start: AttemptStart): Promise<Answer> {
  identify(call);
  return run(newAttemptFolder(call.folder), { call, start, before, continuation: null });
}

function identify({ request, context, repository, folder }: Call): void {
  createDelegation(folder, {
    version: 1,
    id: folder.id,
    commonDir: repository.commonDir,
    repository: repository.root,
    branch: request.branch,
    createdAt: new Date(context.clock.now()).toISOString(),
  });
}

async function resume(call: Call, before: Extract<Plan, { kind: 'resume' | 'recheck' }>, state: AttemptState | null): Promise<Answer> {
  const { context, request } = call;
  const { attempt } = before;
  identify(call);
  const words = before.kind === 'resume' ? before.words : undefined;
  const checks: Partial<ChosenChecks> =
    request.checks.length > 0 && !asksSame(attempt.start, request.checks)
      ? { checks: [...request.checks], checksFrom: 'call', foundChecks: undefined, silentManifests: undefined }
      : before.kind === 'recheck'
        ? checksOf(attempt)
        : {};
  const folder = before.kind === 'recheck' ? { folder: call.repository.prefix } : {}; // the model keeps the one that it knows
  const asked = { ...checks, task: words ?? attempt.start.task, ...folder };
  const event = replacingOwnCommit({ ...withLimitsOfCall(attempt.start, context.settings), ...asked }, state, call.tip);
  const { result } = attempt;
  const minutesUsed = result?.timeLimit ?? 0;
  const left =
    minutesUsed > 0 ? `${context.settings.values.maxMinutes - minutesUsed} minutes` : `${event.maxSteps - (result?.steps ?? 0)} steps`;
  const note = result?.outcome === 'step_limit' ? `${NOTE_PREFIX}The limit was raised: ${left} are left. Go on with the task.` : null;
  const message =
    words === undefined ? note : `The task again, in other words; where they differ from those above, these hold:\n\n${words}`;

  return run(attempt, { call, start: { event, snapshot: false, notes: [] }, before, continuation: { state, message, minutesUsed } });
}

/** A resume of an attempt whose model has finished runs the checks and hands the same commit back; nothing else is left to do. */
async function recheck(call: Call, plan: Extract<Plan, { kind: 'recheck' }>, refuse: Refuse): Promise<Answer> {
  const { result } = plan.attempt;
  const state = await resumePointOf(call, plan.attempt);
  if (call.tip !== result?.tip || !state?.loopEnd) {
    if (result && plan.again) return { kind: 'report', result, stored: true };
    return refuse('invalid_request', message('call.recheckMoved', { tip: String(result?.tip?.slice(0, 7)), branch: call.request.branch }));
  }
  return resume(call, plan, state);
}

const resumePointOf = ({ folder, context }: Call, attempt: StoredAttempt) =>
  resumePoint(folder, attempt, currencyOf(context.settings.values.baseUrl));

async function run(files: { folder: string; journal: string }, input: Omit<AttemptInput, 'record'>): Promise<Answer> {
  const { context } = input.call;
  const { event: start } = input.start;
  const journal = openJournal(files.journal, context.clock.now);
  const emit = (event: JournalEvent) => {
    journal.append(event);
    context.onEvent(event, { number: start.attempt, maxSteps: start.maxSteps });
  };
  try {
    return { kind: 'report', result: await runAttempt({ ...input, record: { folder: files.folder, emit } }), stored: false };
  } finally {
    journal.close();
  }
}

/** What the call names besides its text; settings that hold for every call are not among it, but for the time limit. */
function optionsOf(request: DelegateRequest, { values, origins }: ResolvedSettings): CallOptions {
  return {
    maxSteps: origins.maxSteps.source === 'call' ? values.maxSteps : null,
    budget: origins.budget.source === 'call' ? budgetOf(values) : null,
    maxMinutes: values.maxMinutes,
    checks: request.checks,
    attempt: request.attempt,
    ...(request.byPerson && { byPerson: true }),
  };
}

/** A resume goes on with the limits that the attempt began with, unless the call gives others; an amount of another currency is no limit. */
function withLimitsOfCall(start: StartEvent, { values, origins }: ResolvedSettings): StartEvent {
  const otherMoney = start.currency !== undefined && start.currency !== currencyOf(values.baseUrl);
  return {
    ...start,
    maxSteps: origins.maxSteps.source === 'call' ? values.maxSteps : start.maxSteps,
    budget: origins.budget.source === 'call' || otherMoney ? budgetOf(values) : start.budget,
  };
}

/** An attempt that was imported before it stopped finds its own commit on the branch; it stays one commit, so that one is replaced. */
function replacingOwnCommit(start: StartEvent, resumed: AttemptState | null, tip: string | null): StartEvent {
  return tip !== null && resumed?.tally.tips.includes(tip) ? { ...start, expected: tip } : start;
}

function answerWithoutRunning(
  plan: Plan | null,
  request: DelegateRequest,
  maxAttempts: number,
  attempts: readonly StoredAttempt[],
): Answer | null {
  if (plan === null) {
    const reason = nothingToResume(request.branch, attempts.at(-1)?.result ?? null);
    return { kind: 'refused', outcome: 'invalid_request', reason, fallbackNeeded: false, branch: request.branch };
  }
  if (plan.kind === 'stored' && plan.attempt.result) return { kind: 'report', result: plan.attempt.result, stored: true };
  if (plan.kind === 'exhausted') {
    const reason = message('call.attemptsUsed', { used: maxAttempts, most: maxAttempts, branch: request.branch });
    return { kind: 'refused', outcome: 'invalid_request', reason, fallbackNeeded: true, branch: request.branch };
  }
  return null;
}

/** A branch that is checked out takes no work, but whoever looks at it may ask for its report again. */
function storedAnswer(
  attempts: readonly StoredAttempt[],
  request: DelegateRequest,
  folder: DelegationFolder,
  settings: ResolvedSettings,
): Answer | null {
  if (attempts.length === 0 || readDisposition(folder)) return null;
  const { maxAttempts } = settings.values;
  const plan = planCall(attempts, request.task, request.kind, maxAttempts, optionsOf(request, settings));
  const isStored = plan?.kind === 'stored' || (plan?.kind === 'recheck' && plan.again);
  return isStored ? answerWithoutRunning({ kind: 'stored', attempt: plan.attempt }, request, maxAttempts, attempts) : null;
}

/** For work of ours another name is no help: it goes on as soon as the branch is free. */
function ownReason(attempts: readonly StoredAttempt[], { branch }: DelegateRequest, refusal: Extract<BranchCheck, { ok: false }>) {
  if (attempts.length === 0) return refusal.reason;
  return message('call.ownBranchCheckedOut', { branch, folder: String(refusal.checkedOutIn) });
}

function nothingToResume(branch: string, result: AttemptResult | null): Message {
  if (result?.outcome === 'step_limit' && result.timeLimit !== undefined)
    return message('resume.timeLimit', { branch, minutes: result.timeLimit });
  if (result?.outcome === 'step_limit' && result.steps >= result.maxSteps)
    return message('resume.stepLimit', { branch, steps: result.maxSteps });
  if (result?.outcome === 'budget_exhausted') return message('resume.budget', { branch });
  return message('resume.nothing', { branch });
}

/** A delegation is over when its branch, once delivered, is gone: merged and deleted, or discarded by hand. */
function isOver(attempts: readonly StoredAttempt[], tip: string | null): boolean {
  return tip === null && attempts.some((attempt) => attempt.result?.tip && !attempt.result.keptAt);
}

/** Keeps the records of a delegation that is over under another name, so that its branch name is free again. */
async function archive(repository: Repository, folder: DelegationFolder, now: number): Promise<void> {
  const stateDir = path.dirname(path.dirname(folder.root));
  const name = `${folder.id}-${now}`;
  makePrivateFolder(archiveFolder(stateDir));
  renameSync(folder.root, path.join(archiveFolder(stateDir), name));
  await keepForArchive(repository, folder.id, name).catch(() => {}); // its objects are in its private git dir too
}
