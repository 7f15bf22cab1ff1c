import { OWN_WORD } from '../agent/history/exchanges.ts';
import { runAgent } from '../agent/loop.ts';
import { isPlatform } from '../agent/prices.ts';
import { tools } from '../agent/tools/all.ts';
import type { AgentEnd, AgentTotals } from '../agent/types.ts';
import { currencyOf, type Settings } from '../config.ts';
import { openSandbox } from '../sandbox/sandbox.ts';
import type { Sandbox } from '../sandbox/types.ts';
import { readChange } from '../workspace/change.ts';
import { checkpoint } from '../workspace/checkpoint.ts';
import { pinBase, unpinBase } from '../workspace/handback.ts';
import { treeOf } from '../workspace/read-objects.ts';
import { emptyFolder, removeTree } from '../workspace/remove-tree.ts';
import { resolveCommit } from '../workspace/repository.ts';
import { resumeOf } from './attempt-state.ts';
import { createBaseFailures } from './base-failures.ts';
import { createCheckRunner } from './check-runs.ts';
import { createCheckpointer } from './checkpointer.ts';
import { cleanUp } from './clean-up.ts';
import { findDependencies } from './dependencies.ts';
import { faultOutcome } from './faults.ts';
import { writeFirstMessages } from './first-request/first-messages.ts';
import { type HandBack, handBack } from './hand-back.ts';
import type { StartEvent } from './journal.ts';
import { judge } from './judge.ts';
import { blankResult, keptChange, withoutKey } from './new-result.ts';
import { fallbackNeeded, OUTCOME_RULES, type Outcome } from './outcome.ts';
import { isResumable } from './plan.ts';
import { createPreparation, prepareGit, sandboxSpec } from './prepare.ts';
import type { AttemptResult } from './result.ts';
import { outOfScope, pathsOf } from './scope.ts';
import { openSpending } from './spending.ts';
import { withStandingWork } from './standing-work.ts';
import { type StopSignal, stopSignal } from './stop-signal.ts';
import { writeResult } from './store.ts';
import { addToTally, EMPTY_TALLY, type Tally, totalsOf } from './tally.ts';
import { createToolWorkspace } from './tool-workspace.ts';
import type { AttemptInput } from './types.ts';
import { unseenPaths } from './uncommitted.ts';

/** A checkpoint is made when the model thinks longer than this; a model that answers sooner is not held up. */
const CHECKPOINT_DELAY_MS = 100;
/** To connect and to write a request takes some turns of the event loop; processes that are started meanwhile would hold it up. */
const REQUEST_FIRST_MS = 10;

const CONVERTED =
  'The endpoint bills in another currency than before: what the attempt had cost there is counted at 7 CNY for 1 USD, and the budget is the one of this endpoint.';

/**
 * One attempt: prepare, loop, check, hand back, report. Whatever happens, the result is on disk and the journal has its `end`
 * before this returns.
 */
export async function runAttempt(input: AttemptInput): Promise<AttemptResult> {
  const startedAt = input.context.clock.now();
  const stop = stopSignal(input.context.signal, input.lease.cancelled);
  let tally = input.resumed?.tally ?? EMPTY_TALLY;
  const emit: AttemptInput['emit'] = (event) => {
    tally = addToTally(tally, event);
    input.emit(event);
  };
  let result: AttemptResult;
  try {
    result = await work({ ...input, emit }, stop, startedAt);
  } catch (error) {
    result = { ...(await resultOfFault(input, tally, error, startedAt)), ...stop.why() };
  }
  const failed = input.failedBefore + (input.resumed?.tally.failedEnds ?? 0) + (OUTCOME_RULES[result.outcome].kind === 'failed' ? 1 : 0);
  result = withoutKey(
    { ...result, fallbackNeeded: result.resumable || fallbackNeeded(result.outcome, failed, result.maxAttempts) },
    input.context.settings.values.apiKey ?? '',
  );
  // Before the result: an attempt that has one is not looked at again, so a guard left behind by a crash would stay for ever.
  if (!isResumable({ result })) await unpinBase(input.repository, input.folder.id).catch(() => {});
  try {
    writeResult(input.place.folder, result);
    input.emit({ type: 'end', outcome: result.outcome, reason: result.reason });
  } catch (error) {
    // What was spent and reached is told all the same; without a result on disk the attempt counts as broken off and can go on.
    result = { ...result, ...faultOutcome(error, input.context.stateDir) };
    result = { ...result, fallbackNeeded: fallbackNeeded(result.outcome, failed, result.maxAttempts) };
  }
  return result;
}

/** The result when something was thrown: what the work had used and reached until then. */
async function resultOfFault(input: AttemptInput, tally: Tally, error: unknown, startedAt: number): Promise<AttemptResult> {
  const { repository, request, context } = input;
  try {
    input.emit({ type: 'notice', step: 0, text: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  } catch {
    // the journal itself may be what fails
  }
  const start = tally.start ?? input.start;
  const now = tally.tips.length > 0 ? await resolveCommit(repository, `refs/heads/${request.branch}`).catch(() => null) : null;
  const tip = now !== null && tally.tips.includes(now) ? now : null;
  const change = tip === null ? null : await readChange(repository, start.base, tip).catch(() => null);
  const result: AttemptResult = {
    ...blankResult({ ...input, start }, startedAt),
    ...totalsOf(tally, currencyOf(context.settings.values.baseUrl)),
    sandbox: !tally.requested ? 'none' : context.settings.values.sandbox === 'unsandboxed' ? 'off' : 'on',
    tip,
    change: change && keptChange(change),
    ...faultOutcome(error, context.stateDir),
  };
  return withStandingWork(result, { start, resumed: input.resumed }, repository);
}

async function work(input: AttemptInput, stop: StopSignal, startedAt: number): Promise<AttemptResult> {
  const { context, repository, folder, resumed, request } = input;
  const { values: settings } = context.settings;
  const { start, privateGit, problems: snapshotProblems } = await prepareGit(input);
  /** What the workspace begins with. A snapshot or unfinished work exists in the private git dir only. */
  const firstTree = resumed?.tree ?? start.startTree ?? start.parent;
  const files = await input.ahead.files(privateGit, firstTree);
  if (!resumed) input.emit(start);
  else input.emit({ type: 'resume', step: resumed.step, tree: resumed.tree, currency: currencyOf(settings.baseUrl) });

  // Whatever a command left there before a crash (a dangling link in the place of a folder) must not stop the next run.
  emptyFolder(folder.temp);
  const paths = files.map((file) => file.path);
  const spec = sandboxSpec(input, privateGit.gitDir, () => findDependencies(repository.root, paths));
  const opened = await openSandbox(spec, { program: settings.sandboxProgram });
  if (!opened.ok) {
    const none: AttemptResult = {
      ...blankResult(input, startedAt),
      ...resumed?.totals,
      outcome: 'sandbox_unavailable',
      reason: opened.reason,
    };
    return withStandingWork(none, { start, resumed }, privateGit);
  }
  const { sandbox } = opened;

  const preparation = createPreparation(input, start, privateGit, stop);
  const baseFailures = createBaseFailures(start, input.earlier.at(-1)?.result ?? null, resumed?.transcript ?? []);
  const checks = createCheckRunner({
    commands: start.checks,
    base: start.base,
    branch: request.branch,
    repository,
    folder,
    sandboxSpec: spec,
    sandboxProgram: settings.sandboxProgram,
    timeoutMs: settings.checkTimeoutSeconds * 1000,
    signal: stop.signal,
    emit: input.emit,
    onBase: baseFailures.add,
  });
  const checkpointer = createCheckpointer({
    source: { take: (previous) => checkpoint(privateGit, folder.workTree, previous) },
    first: { step: resumed?.step ?? 0, tree: firstTree },
    delayMs: CHECKPOINT_DELAY_MS,
    write: (done) => input.emit({ type: 'checkpoint', ...done }),
  });
  /** What need not be done before the first request leaves. */
  let beside: Promise<string[]> | null = null;
  let over = false;
  let requested = false;
  const beginBeside = () => {
    beside ??= besideTheModel();
    return beside;
  };
  async function besideTheModel(): Promise<string[]> {
    // What goes wrong there is told by whoever waits for it.
    void preparation
      .begin()
      .then(checks.base)
      .catch(() => {});
    const [notSeen] = await Promise.all([
      input.snapshot ? [] : unseenPaths(repository, privateGit, start).catch(() => []),
      pinBase(repository, folder.id, start.head.commit).catch(() => {}),
    ]);
    return notSeen;
  }

  try {
    const { end, totals, at } = resumed?.loopEnd ?? { ...(await loop()), at: context.clock.now() };
    // Unfinished work that a resume may not go on with is handed back all the same.
    if (resumed?.loopEnd || resumed?.tree || requested) beginBeside();
    if (!resumed?.loopEnd) input.emit({ type: 'loop_end', at, end, totals });
    const begun = beside !== null;
    const notSeen = begun ? await beginBeside() : [];
    await preparation.settled();

    const why = end.kind === 'finished' ? null : stop.why();
    if (begun && why?.outcome !== 'environment_broken') checkpointer.stepDone(totals.steps);
    const tree = begun && why?.outcome !== 'environment_broken' ? await checkpointer.flush() : null;
    const result: AttemptResult = {
      ...blankResult({ ...input, start }, startedAt),
      ...(why ??
        (end.kind === 'finished' ? {} : { outcome: end.outcome, reason: end.reason, resumable: end.resumable, timeLimit: end.timeLimit })),
      sandbox: sandbox.kind === 'none' ? 'off' : 'on',
      steps: totals.steps,
      usage: totals.usage,
      cost: totals.cost,
      retries: totals.retries,
      summary: end.kind === 'finished' ? end.summary : '',
      commitMessage: end.kind === 'finished' ? end.commitMessage : null,
      warnings: [
        ...[...snapshotProblems, ...checkpointer.problems(), ...inVain(input, notSeen)].map((text) => ({
          level: 'blocking' as const,
          text,
        })),
        ...(resumed?.converted ? [{ level: 'note' as const, text: CONVERTED }] : []),
        ...[...input.notes, ...context.settings.ignored].map((text) => ({ level: 'note' as const, text })),
      ],
      notSeen,
    };
    if (why || tree === null) return await withStandingWork(result, { start, resumed }, privateGit);
    const handed = await handBack(input, { start, privateGit, tree, message: commitMessage(end, start), at }, checks, stop);
    return await withStandingWork(withHandBack(result, handed, end, stop, context.clock.now()), { start, resumed }, privateGit);
  } finally {
    // After a fault too, nothing may still be at work when the lease is given back.
    over = true;
    await (beside as Promise<unknown> | null)?.catch(() => {});
    await preparation.settled();
    await cleanUp(input.emit, [() => checks.close(), () => sandbox.close(), () => removeTree(folder.temp)]);
  }

  /** Asked when the model stops without a word of what it did: the files answer. */
  async function hasChanges(): Promise<boolean> {
    const [now, before] = await Promise.all([checkpointer.flush(), treeOf(privateGit, start.parent)]);
    return now !== before && now !== start.parent;
  }

  async function loop(): Promise<{ end: AgentEnd; totals: AgentTotals }> {
    const workspace = createToolWorkspace({
      privateGit,
      workTree: folder.workTree,
      temp: folder.temp,
      sandbox: sandbox as Sandbox,
      preparation,
      checkpointer,
    });
    const again = resumeOf(resumed);
    const first = again
      ? null
      : await writeFirstMessages({
          start,
          source: privateGit,
          tree: firstTree,
          files,
          shownRoot: sandbox.shownRoot,
          disclosure: settings.disclosure,
          earlier: input.earlier,
          ahead: input.ahead,
        });
    const timeUp = new AbortController();
    const ended = new AbortController();
    void context.clock.sleep((settings.maxMinutes - input.minutesUsed) * 60_000, ended.signal).then(() => timeUp.abort());
    const running = runAgent({
      api: {
        baseUrl: settings.baseUrl,
        apiKey: settings.apiKey ?? '',
        model: settings.model,
        ...(wantsCacheKey(settings) && { cacheKey: folder.id }),
        ...(settings.prices && { price: settings.prices }),
        ...(settings.contextWindow !== undefined && { contextWindow: settings.contextWindow }),
      },
      head: { system: first?.system ?? again?.head.system ?? '', tools },
      ...(again && { resume: again }),
      firstMessages: first?.messages ?? (input.news === null ? [] : [{ role: 'user', content: OWN_WORD + input.news }]),
      context: { workspace, commandTimeoutMs: settings.commandTimeoutSeconds * 1000 },
      limits: {
        maxSteps: start.maxSteps,
        time: { minutes: settings.maxMinutes, up: timeUp.signal },
        budget: start.budget,
        shared: openSpending({
          stateDir: context.stateDir,
          by: folder.id,
          currency: currencyOf(settings.baseUrl),
          budget: settings.budgetPerDay ?? null,
          now: context.clock.now,
        }),
        retrySeconds: settings.retrySeconds,
        stallSeconds: settings.stallSeconds,
      },
      hasChanges,
      tree: { peek: checkpointer.known, look: checkpointer.flush },
      inbox: baseFailures.take,
      signal: stop.signal,
      emit: (event) => {
        input.emit(event);
        if (event.type !== 'request') return;
        checkpointer.stepDone(event.step - 1);
        if (!requested) setTimeout(() => over || beginBeside(), REQUEST_FIRST_MS);
        requested = true;
      },
      clock: context.clock,
      ...(context.fetch && { fetch: context.fetch }),
    });
    return running.finally(() => ended.abort());
  }
}

/** `auto`: the platform's documentation recommends the key (whether it helps is disputed); other servers may refuse a field they do not know. */
function wantsCacheKey({ promptCacheKey, baseUrl }: Settings): boolean {
  return promptCacheKey === 'on' || (promptCacheKey === 'auto' && isPlatform(baseUrl));
}

/** A resume cannot take changes in any more: its base stands. */
function inVain({ request, snapshot }: AttemptInput, notSeen: readonly string[]): string[] {
  if (!request.includeUncommitted || snapshot || notSeen.length === 0) return [];
  return ['include_uncommitted came too late: the attempt that goes on had begun without these changes (see "not seen by the worker")'];
}

/** The worker's own message, or the first line of what is known. */
function commitMessage(end: AgentEnd, start: StartEvent): string {
  if (end.kind === 'finished' && end.commitMessage?.trim()) return end.commitMessage;
  const text = (end.kind === 'finished' && end.summary.trim()) || start.task;
  const line = text.split('\n').find((candidate) => candidate.trim()) ?? '';
  return `${end.kind === 'finished' ? '' : 'Unfinished: '}${line.trim()}`.slice(0, 72);
}

/** Adds what came back to the result; a loop that ended by itself gets its outcome from the facts here. */
function withHandBack(result: AttemptResult, handed: HandBack, end: AgentEnd, stop: StopSignal, now: number): AttemptResult {
  const { change, ending } = handed;
  const foreign = change ? outOfScope(result.kind, result.scope, pathsOf(change.files)) : [];
  const warnings = [
    ...foreign.map((file) => ({ level: 'blocking' as const, text: `${file}: changed, but out of scope` })),
    ...result.warnings,
  ];
  const stopped = ending.kind === 'stopped' ? stop.why() : null;
  const judged: { outcome: Outcome; reason: string } =
    stopped ?? (end.kind === 'finished' || ending.kind === 'moved' ? judge(handed, warnings, result.kind) : result);
  return {
    ...result,
    outcome: judged.outcome,
    reason: judged.reason,
    resumable: judged === result ? result.resumable : undefined,
    tip: 'tip' in ending ? ending.tip : null,
    keptAt: 'keptAt' in ending ? ending.keptAt : null,
    change: change && keptChange(change),
    checks: handed.checks,
    headMoved: handed.headMoved,
    outOfScope: foreign,
    warnings,
    endedAt: new Date(now).toISOString(),
    durationMs: now - Date.parse(result.startedAt),
  };
}
