import { currencyOf } from '../../common/currency.ts';
import { budgetOf, modelOf } from '../../config.ts';
import { type Message, message } from '../../messages/message.ts';
import { resolveCommit } from '../../workspace/open-repository.ts';
import { treeOf } from '../../workspace/read-objects.ts';
import type { Repository } from '../../workspace/types.ts';
import type { AttemptStart, Call } from '../attempt/attempt-input.ts';
import type { DelegateRequest } from '../delegate-request.ts';
import { foldAttempt } from '../journal/fold-journal.ts';
import type { StartEvent } from '../journal/journal.ts';
import { tipBeforeDelegation } from '../review/delivered-work.ts';
import { type DelegationFolder, hasImported, readAttemptJournal, type StoredAttempt } from '../store/delegation-folder.ts';
import { readComments } from './line-comments.ts';
import { givenChecks, type Plan } from './plan-call.ts';
import { whyNoBase } from './resume-point.ts';

/**
 * The first line of a new attempt's journal: what it is asked, and where it begins.
 * @param attempts of this delegation so far
 */
export async function newAttempt(
  call: Call,
  plan: Extract<Plan, { kind: 'attempt' }>,
  attempts: readonly StoredAttempt[],
): Promise<({ ok: true } & AttemptStart) | { ok: false; reason: Message }> {
  const { request, repository, tip } = call;
  const { values: settings } = call.context.settings;
  const previous = plan.earlier.at(-1) ?? null;
  const carried = previous ? await unfinishedWork(call.folder, previous, tip) : { tree: null, lost: false };
  // What nothing was built upon is no base any more: the user may have committed since, and expects HEAD as for any new work.
  const older = previous && (carried.tree !== null || isOurs(attempts, previous, tip)) ? previous.start : null;
  const base = await baseOf(request, repository, older, tip);
  if (!base.ok) return base;
  const parent = tip ?? base.commit;
  const folder = folderOf(call, previous);
  const where = carried.tree === null ? { source: repository, tree: parent } : { source: { gitDir: call.folder.git }, tree: carried.tree };
  const read = previous ? await readComments(request.task ?? '', { ...where, root: repository.root, folder }) : NO_COMMENTS;
  if (!read.ok) return read;
  return {
    ok: true,
    // They are changes of HEAD; on another commit, or below work that is carried over, they would undo what is there.
    snapshot: request.includeUncommitted === true && parent === repository.head.commit && carried.tree === null,
    event: {
      type: 'start',
      version: 1,
      attempt: plan.failed + 1,
      kind: request.kind,
      task: request.task ?? '',
      model: modelOf(settings, plan.failed + 1).model,
      maxSteps: settings.maxSteps,
      budget: budgetOf(settings),
      currency: currencyOf(settings.baseUrl),
      ...givenChecks(request.checks, previous, settings.checks),
      scope: [...(request.scope.length > 0 ? request.scope : (previous?.start.scope ?? []))],
      ...(read.comments.length > 0 && { comments: [...read.comments] }),
      ...(folder !== '' && { folder }),
      base: base.commit,
      baseName: base.name,
      parent,
      expected: tip,
      found: older ? tipBeforeDelegation(attempts, older) : tip,
      head: { ...repository.head },
      ...(older && { began: older.began ?? older.head.commit }),
      startTree: carried.tree,
    },
    notes: [...base.notes, ...(carried.lost ? [message('warning.notCarriedOver', { branch: request.branch })] : [])],
  };
}

/** Words of a task about lines are no comments: nobody has shown any. */
const NO_COMMENTS = { ok: true, comments: [] } as const;

/** Checks of this call are meant from where it points; those of an attempt before, and its text, from where that worked. */
function folderOf({ request, repository: { prefix } }: Call, previous: StoredAttempt | null): string {
  return request.checks.length > 0 ? prefix : prefix || (previous?.start.folder ?? '');
}

type Base = { ok: true; commit: string; name: string; notes: Message[] } | { ok: false; reason: Message };

/** @param older the attempt whose work goes on; its base stays the one that every diff is against */
async function baseOf(request: DelegateRequest, repository: Repository, older: StartEvent | null, tip: string | null): Promise<Base> {
  const { branch } = request;
  const given = request.base === undefined ? null : await resolveCommit(repository, request.base);
  if (request.base !== undefined && given === null) {
    return { ok: false, reason: message('call.baseUnknown', { base: JSON.stringify(request.base), repository: repository.root }) };
  }
  if (older) {
    const ignored = given !== null && given !== older.base && given !== tip;
    const notes = ignored ? [message('warning.baseNotUsed', { base: String(request.base), branch })] : [];
    return { ok: true, commit: older.base, name: older.baseName, notes };
  }
  if (tip !== null) {
    if (given !== null && given !== tip) {
      return { ok: false, reason: message('call.baseOfExisting', { branch, tip: tip.slice(0, 7), base: String(request.base) }) };
    }
    return { ok: true, commit: tip, name: `the existing branch ${branch}`, notes: [] };
  }
  if (given !== null && request.base !== undefined) return { ok: true, commit: given, name: request.base, notes: [] };
  const { commit, branch: head } = repository.head;
  return { ok: true, commit, name: head ? `HEAD, ${head}` : 'HEAD, detached', notes: [] };
}

/** Whether the branch holds work of this delegation; if not, it is the user's and is continued like any other. */
function isOurs(attempts: readonly StoredAttempt[], previous: StoredAttempt, tip: string | null): boolean {
  if (tip === null) return false;
  if (attempts.some((attempt) => attempt.result?.tip && !attempt.result.keptAt)) return true;
  return hasImported(previous, tip);
}

/**
 * Work of an attempt that stopped before its import goes on into the next one, on the commit that it was made on. On another commit
 * it would undo what the user has added there: then it is `lost`.
 */
async function unfinishedWork(
  folder: DelegationFolder,
  previous: StoredAttempt,
  tip: string | null,
): Promise<{ tree: string | null; lost: boolean }> {
  const nothing = { tree: null, lost: false };
  const { start, result } = previous;
  const state = foldAttempt(readAttemptJournal(previous));
  const tree = state?.tree ?? start.startTree;
  if (!state || tree === null || result?.keptAt) return nothing;
  const stood = result?.tip ? [result.tip] : [start.expected, ...state.tally.tips];
  const unmoved = stood.includes(tip);
  const against = unmoved ? (tip ?? start.parent) : (stood.at(-1) ?? start.parent);
  const where = { gitDir: folder.git };
  const [now, before] = await Promise.all([treeOf(where, tree), treeOf(where, against)]).catch(() => [null, null]);
  if (now === before) return nothing;
  return unmoved ? { tree, lost: false } : { tree: null, lost: true };
}

/**
 * Whether a conversation that stopped half-way can take another message: something was done in it, the worker has not ended it, and
 * nothing has changed below it. To begin anew would cost the same steps again.
 */
export async function hasOpenConversation({ request, folder, repository, tip }: Call, attempt: StoredAttempt): Promise<boolean> {
  const state = foldAttempt(readAttemptJournal(attempt));
  if (!state?.head || state.step === 0 || state.loopEnd) return false;
  if (await whyNoBase(repository, folder, attempt.start, request.branch)) return false;
  const { tree, lost } = await unfinishedWork(folder, attempt, tip);
  return tree !== null || (!lost && attempt.start.head.commit === repository.head.commit);
}
