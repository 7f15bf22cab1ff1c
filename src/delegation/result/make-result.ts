/** The result of an attempt, from what is known of it: never from the model's word alone. */
import { join } from 'node:path';
import type { AgentEnd } from '../../agent/types.ts';
import { blocking } from '../../checks/integrity/rule.ts';
import { missingNotes } from '../../checks/missing-notes.ts';
import { currencyOf } from '../../common/currency.ts';
import { silentMountsMet } from '../../common/silent-mounts.ts';
import { type Message, message, shortList } from '../../messages/message.ts';
import { resolveCommit } from '../../workspace/open-repository.ts';
import { readChange } from '../../workspace/read-change.ts';
import type { AttemptInput } from '../attempt/attempt-input.ts';
import type { Delivery } from '../attempt/commit-and-import.ts';
import type { OpenAttempt, OpenedGit } from '../attempt/open-attempt.ts';
import type { StopReason } from '../attempt/stop-signal.ts';
import type { LoopEnd } from '../journal/fold-journal.ts';
import { type Tally, totalsOf } from '../journal/tally.ts';
import { blankResult, keptChange } from './blank-result.ts';
import { checkWarnings } from './check-warnings.ts';
import { decideOutcome } from './decide-outcome.ts';
import { withEarlierWork } from './earlier-work.ts';
import { errorOutcome } from './error-outcome.ts';
import { outOfScope, pathsOf } from './out-of-scope.ts';
import type { Outcome } from './outcomes.ts';
import { proofWarnings } from './proof-text.ts';
import type { AttemptResult } from './result-schema.ts';

const SANDBOX_OF_SETTING = { required: 'on', container: 'container', unsandboxed: 'off' } as const;

/** Before the model was asked at all. */
export function resultWithoutSandbox(
  input: AttemptInput,
  openedGit: OpenedGit,
  reason: Message,
  startedAt: number,
): Promise<AttemptResult> {
  const result: AttemptResult = {
    ...blankResult(input.call, input.start.event, startedAt),
    ...openedGit.resumed?.totals,
    outcome: 'sandbox_unavailable',
    reason,
  };
  return withEarlierWork(result, openedGit, openedGit.privateGit);
}

/** When something was thrown: what was used and reached until then. */
export async function resultOfError(input: AttemptInput, tally: Tally, error: unknown, startedAt: number): Promise<AttemptResult> {
  const { repository, request, context } = input.call;
  const { values: settings } = context.settings;
  try {
    input.record.emit({
      type: 'notice',
      step: 0,
      text: message('text', { text: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    });
  } catch {
    // the journal itself may be what fails
  }
  const start = tally.start ?? input.start.event;
  const now = tally.tips.length > 0 ? await resolveCommit(repository, `refs/heads/${request.branch}`).catch(() => null) : null;
  const tip = now !== null && tally.tips.includes(now) ? now : null;
  const change = tip === null ? null : await readChange(repository, start.base, tip).catch(() => null);
  const result: AttemptResult = {
    ...blankResult(input.call, start, startedAt),
    ...totalsOf(tally, currencyOf(settings.baseUrl)),
    sandbox: tally.requested ? SANDBOX_OF_SETTING[settings.sandbox] : 'none',
    tip,
    change: change && keptChange(change),
    ...errorOutcome(error, context.stateDir, repository.root),
  };
  return withEarlierWork(result, { start, resumed: input.continuation?.state ?? null }, repository);
}

/**
 * When the model was asked, without what it may deliver.
 * @param stopped why it was stopped from outside
 * @param notSeen uncommitted paths that the worker did not see
 */
export function resultOfLoop(
  attempt: OpenAttempt,
  { end, totals }: LoopEnd,
  stopped: StopReason | null,
  notSeen: readonly string[],
  startedAt: number,
): AttemptResult {
  const { call, start } = attempt.input;
  const problems = [...attempt.snapshotProblems, ...attempt.checkpointer.problems(), ...lateUncommitted(attempt.input, notSeen)];
  const silent = silentMountsMet();
  const notes = [
    ...(attempt.resumed?.converted ? [message('warning.otherCurrency')] : []),
    ...ignoredWrites(attempt),
    ...attempt.notes,
    ...(silent.length > 0 ? [message('lent.silent', { mounts: shortList(silent, 5) })] : []),
    ...start.notes,
    ...call.context.settings.ignored,
  ];
  return {
    ...blankResult(call, attempt.start, startedAt),
    ...(stopped ?? ownEnd(end)),
    ...(end.kind === 'finished' && { summary: end.summary, commitMessage: end.commitMessage }),
    ...totals,
    sandbox: SANDBOX_OF_SETTING[attempt.input.call.context.settings.values.sandbox],
    ...(process.platform === 'linux' && process.getuid?.() === 0 && { asRoot: true as const }),
    warnings: [
      ...problems.map((text) => ({ level: 'blocking' as const, text })),
      ...notes.map((text) => ({ level: 'note' as const, text })),
    ],
    notSeen: [...notSeen],
  };
}

function ownEnd(end: AgentEnd): Partial<AttemptResult> {
  if (end.kind === 'finished') return {};
  const { outcome, reason, resumable, timeLimit } = end;
  return { outcome, reason, resumable, timeLimit };
}

function ignoredWrites({ ignoredWrites: files }: OpenAttempt): Message[] {
  if (files.size === 0) return [];
  const shown = [...[...files].slice(0, 5), ...(files.size > 5 ? ['...'] : [])];
  return [message('warning.ignoredFiles', { files: shown.join(', ') })];
}

function ownPackages({ ownPackages: places }: Delivery): AttemptResult['warnings'] {
  const shown = [...places.slice(0, 3), ...(places.length > 3 ? ['...'] : [])];
  return places.length > 0 ? [{ level: 'note', text: message('warning.ownPackages', { places: shown.join(', ') }) }] : [];
}

function checkFolders({ repository, folder }: AttemptResult): string[] {
  return folder ? [repository, join(repository, folder)] : [repository];
}

/** A resume cannot take changes in any more: its base is fixed. */
function lateUncommitted({ call, start }: AttemptInput, notSeen: readonly string[]): Message[] {
  if (!call.request.includeUncommitted || start.snapshot || notSeen.length === 0) return [];
  return [message('warning.uncommittedTooLate')];
}

/**
 * Adds what came back; a loop that ended by itself gets its outcome from the facts here.
 * @param stopped why the import was stopped from outside
 */
export function withDelivery(
  result: AttemptResult,
  delivery: Delivery,
  end: AgentEnd,
  stopped: StopReason | null,
  now: number,
): AttemptResult {
  const { change, ending } = delivery;
  const foreign = change ? outOfScope(result, pathsOf(change.files)) : [];
  const found = [
    ...foreign.map((file) => blocking(message('integrity.outOfScope'), file)),
    ...checkWarnings(delivery.checks),
    ...proofWarnings(result.kind, delivery.proof, delivery.checks),
    ...delivery.integrity,
  ];
  const warnings: AttemptResult['warnings'] = [
    ...found.filter(({ level }) => level === 'blocking'),
    ...result.warnings,
    ...found.filter(({ level }) => level === 'note'),
    ...ownPackages(delivery),
    ...[...missingNotes(delivery.checks, checkFolders(result)), ...(delivery.missed ?? [])].map((text) => ({
      level: 'note' as const,
      text,
    })),
  ];
  const isJudged = end.kind === 'finished' || ending.kind === 'moved';
  const judged: { outcome: Outcome; reason: Message | null } =
    (ending.kind === 'stopped' && stopped) || (isJudged ? decideOutcome(delivery, warnings, result.kind) : result);
  return {
    ...result,
    outcome: judged.outcome,
    reason: judged.reason,
    resumable: judged === result ? result.resumable : undefined,
    tip: 'tip' in ending ? ending.tip : null,
    keptAt: 'keptAt' in ending ? ending.keptAt : null,
    change: change && keptChange(change),
    checks: delivery.checks,
    ...(delivery.proof && { proof: delivery.proof }),
    headMoved: delivery.headMoved,
    outOfScope: foreign,
    warnings,
    endedAt: new Date(now).toISOString(),
    durationMs: now - Date.parse(result.startedAt),
  };
}
