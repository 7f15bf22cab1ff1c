import { existsSync } from 'node:fs';
import path from 'node:path';
import { withoutKey } from '../../agent/redact-key.ts';
import { type NamedAsTest, withNamedTests } from '../../checks/named-tests.ts';
import { message, shortList } from '../../messages/message.ts';
import { ignoredOf } from '../../workspace/file-rules.ts';
import { unpinBase } from '../../workspace/hidden-refs.ts';
import { GitStopped, gitUntil } from '../../workspace/limit-git.ts';
import { listTree } from '../../workspace/read-objects.ts';
import { forgetDocuments } from '../../workspace/remember-documents.ts';
import { storedForms } from '../../workspace/stored-forms.ts';
import { changesInSubmodules, missingSubmodules } from '../../workspace/submodules.ts';
import type { LoopEnd } from '../journal/fold-journal.ts';
import type { JournalEvent } from '../journal/journal.ts';
import { seenRuns } from '../journal/seen-runs.ts';
import { addToTally, EMPTY_TALLY, type Tally } from '../journal/tally.ts';
import { withSaving } from '../result/add-saving.ts';
import { withEarlierWork } from '../result/earlier-work.ts';
import { errorOutcome, fullDiskOutcome } from '../result/error-outcome.ts';
import { resultOfError, resultOfLoop, resultWithoutSandbox, withDelivery } from '../result/make-result.ts';
import { noteEnd } from '../result/note-end.ts';
import { pathsOf } from '../result/out-of-scope.ts';
import { fallbackNeeded, OUTCOME_RULES } from '../result/outcomes.ts';
import type { AttemptResult } from '../result/result-schema.ts';
import { mayGoOn, needsBase } from '../start/plan-call.ts';
import { writeResult } from '../store/delegation-folder.ts';
import { forgetOutputs } from '../store/kept-outputs.ts';
import { askModel } from './ask-model.ts';
import type { AttemptInput } from './attempt-input.ts';
import { commitAndImport } from './commit-and-import.ts';
import { type OpenAttempt, openAttempt } from './open-attempt.ts';
import { readerOf } from './sides.ts';
import { type StopSignal, stopSignal } from './stop-signal.ts';
import { WorkspaceBusy } from './workspace-guard.ts';

/**
 * One attempt: open it, ask the model, import what it made, and report. Whatever happens, the result is on disk and the journal has
 * its `end` before this returns.
 */
export async function runAttempt(input: AttemptInput): Promise<AttemptResult> {
  const { context, lease } = input.call;
  const startedAt = context.clock.now();
  const stop = stopSignal(context.signal, lease.cancelled);
  let tally = input.continuation?.state?.tally ?? EMPTY_TALLY;
  const emit = (event: JournalEvent) => {
    tally = addToTally(tally, event); // first: a fault in writing the event takes nothing away
    input.record.emit(event);
  };
  let result: AttemptResult;
  try {
    result = await gitUntil(stop.signal, () => openAndRun({ ...input, record: { ...input.record, emit } }, stop, startedAt));
  } catch (error) {
    result = { ...(await resultOfError(input, tally, error, startedAt)), ...stop.why() };
  }
  const seen = seenRuns(tally.trace);
  const used = { sent: tally.sent, ...(tally.disk > 0 && { disk: tally.disk }), ...(seen.length > 0 && { seen }) };
  return conclude(input, { ...result, ...used }, tally);
}

async function openAndRun(input: AttemptInput, stop: StopSignal, startedAt: number): Promise<AttemptResult> {
  const opened = await openAttempt(input, stop);
  if (!opened.ok) return resultWithoutSandbox(input, opened.openedGit, opened.reason, startedAt);
  const { attempt } = opened;
  let left: 'wanted' | 'unwanted' = 'wanted';
  try {
    const loopEnd = await endOfLoop(attempt);
    const notSeen = await attempt.background.settled();
    const stopped = loopEnd.end.kind === 'finished' ? null : stop.why();
    const hasFiles = stopped?.outcome !== 'environment_broken' && stopped?.outcome !== 'storage_error';
    const tree = hasFiles ? await finalTree(attempt, loopEnd) : null;
    const result = resultOfLoop(attempt, loopEnd, stopped, notSeen, startedAt);
    if (stopped || tree === null) return await withEarlierWork(result, attempt, attempt.privateGit);
    const whole = await withNamedTests(await namedTests(attempt), async () => {
      const delivery = await commitAndImport(attempt, tree, loopEnd);
      return withDelivery(result, delivery, loopEnd.end, stop.why(), input.call.context.clock.now());
    });
    const disk = whole.outcome === 'no_changes' ? fullDiskOutcome(input.call.context.stateDir) : null;
    const ended = { ...whole, ...disk };
    if (!mayGoOn({ result: ended }) && !usesInstalled(attempt, ended)) left = 'unwanted';
    return await withEarlierWork(ended, attempt, attempt.privateGit);
  } finally {
    await attempt.close(left); // after a fault too, nothing may still be at work when the lease is given back
    forgetDocuments(path.dirname(attempt.privateGit.gitDir));
  }
}

/** What the settings of the base name as tests; where they cannot be read, conventions alone tell. */
async function namedTests({ privateGit, start }: OpenAttempt): Promise<NamedAsTest> {
  const { testsBySettings } = await import('../../checks/detect/test-settings.ts'); // needed at the end only
  const paths = (await listTree(privateGit, start.base)).map(({ path }) => path);
  return testsBySettings(paths, readerOf(privateGit, start.base)).catch(() => () => false);
}

/** Other checks on the same work need what commands installed for it; all else in the working tree is made anew from its commit. */
function usesInstalled({ checks }: OpenAttempt, { tip, change }: AttemptResult): boolean {
  return tip !== null && checks.usesOwn(pathsOf(change?.files ?? []));
}

/** Asks the model, unless a run before this one has had its last word. */
async function endOfLoop(attempt: OpenAttempt): Promise<LoopEnd> {
  const { resumed, background, input } = attempt;
  const known = resumed?.loopEnd ?? null;
  if (!known && attempt.setUp.isDue) await untilSetUp(attempt);
  const loopEnd = known ?? { ...(await askModel(attempt)), at: input.call.context.clock.now() };
  // Unfinished work that a resume may not go on with is imported all the same.
  if (resumed?.tree || known || background.isDue) background.start();
  // An end for want of room does not stand: a resume asks again when there is some.
  if (!known && !fullDiskOutcome(input.call.context.stateDir)) input.record.emit({ type: 'loop_end', ...loopEnd });
  return loopEnd;
}

/** Where it fails the attempt is stopped, and the model is not asked. */
async function untilSetUp({ background, preparation }: OpenAttempt): Promise<void> {
  background.start();
  await preparation.begin().catch(() => {});
}

/** The files when the loop has ended, as far as they can be read; null = it ended before there were any. */
async function finalTree(attempt: OpenAttempt, { totals }: LoopEnd): Promise<string | null> {
  const { background, checkpointer } = attempt;
  if (!background.isStarted) return null;
  checkpointer.stepDone(totals.steps);
  try {
    const tree = await checkpointer.flush();
    await findLostWrites(attempt);
    await tellSubmodules(attempt);
    await tellStoredForms(attempt);
    return tree;
  } catch (error) {
    if (!(error instanceof WorkspaceBusy) && !(error instanceof GitStopped)) throw error;
    checkpointer.addProblem(message('leftOut.sinceCheckpoint', { why: error.reason }));
    return checkpointer.last();
  }
}

/** What commands changed in submodules is on no branch, and those that were empty prove nothing. */
async function tellSubmodules({ submodules, guard, checkpointer, notes, input }: OpenAttempt): Promise<void> {
  const missing = missingSubmodules(submodules);
  missing.problems.forEach(checkpointer.addProblem);
  notes.push(...missing.notes);
  for (const { path: at, changed, added } of await guard.look(() => changesInSubmodules(submodules, input.call.folder.workTree))) {
    if (changed.length > 0) checkpointer.addProblem(message('leftOut.submoduleChanges', { path: at, files: shortList(changed, 5) }));
    if (added.length > 0) notes.push(message('warning.submoduleAdded', { path: at, files: shortList(added, 5) }));
  }
}

/** Tests that read such files see other bytes than outside. */
async function tellStoredForms({ guard, privateGit, notes, input }: OpenAttempt): Promise<void> {
  const { repository, folder } = input.call;
  for (const [filter, all] of await guard.look(() => storedForms(repository, privateGit, folder.workTree))) {
    const files = shortList(all, 5);
    notes.push(
      privateGit.filters.off.has(filter) ? message('warning.filterOff', { filter, files }) : message('warning.lfsPointers', { files }),
    );
  }
}

/** Which of the files that were written are still there and on no branch, by a rule that may have come after them. */
async function findLostWrites({ written, ignoredWrites, guard, privateGit, input }: OpenAttempt): Promise<void> {
  const { workTree } = input.call.folder;
  const there = [...written].filter((file) => existsSync(path.join(workTree, file)));
  const ignored = await guard.look(() => ignoredOf(privateGit, workTree, there));
  ignoredWrites.clear();
  for (const file of ignored) ignoredWrites.add(file);
}

/** Writes the result down, and the end of the journal. */
async function conclude(input: AttemptInput, ended: AttemptResult, tally: Tally): Promise<AttemptResult> {
  const { call, before, continuation, record } = input;
  const failedNow = OUTCOME_RULES[ended.outcome].kind === 'failed' ? 1 : 0;
  const failed = before.failed + (continuation?.state?.tally.failedEnds ?? 0) + failedNow;
  const told = withoutKey(
    { ...ended, fallbackNeeded: ended.resumable || fallbackNeeded(ended.outcome, failed, ended.maxAttempts) },
    call.context.settings.values.apiKey ?? '',
  );
  const result = await withSaving(input, told, tally);
  // Before the result: an attempt that has one is not looked at again, so a pin left behind by a crash would stay for ever.
  if (!needsBase({ result })) await unpinBase(call.repository, call.folder.id).catch(() => {});
  try {
    writeResult(record.folder, result);
    forgetOutputs(record.folder, result);
    record.emit({ type: 'end', outcome: result.outcome, reason: result.reason });
    noteEnd(input, result);
    return result;
  } catch (error) {
    // What was spent and reached is told all the same; without a result on disk the attempt counts as broken off and can go on.
    const { outcome, reason } = errorOutcome(error, call.context.stateDir);
    return { ...result, outcome, reason, fallbackNeeded: fallbackNeeded(outcome, failed, result.maxAttempts) };
  }
}
