import type { Activity } from '../journal/activity.ts';
import { addToProgress, EMPTY_PROGRESS, type Progress, stateOf } from '../journal/attempt-progress.ts';
import { tailJournal } from '../journal/journal-tail.ts';
import { totalsOf } from '../journal/tally.ts';
import type { AttemptResult } from '../result/result-schema.ts';
import {
  type DelegationFolder,
  type DelegationIdentity,
  type Disposition,
  delegationFolder,
  listDelegations,
  newestFirst,
  readAttempts,
  readDisposition,
  type StoredAttempt,
} from './delegation-folder.ts';
import { type LeaseHolder, leaseHolder } from './lease.ts';

/**
 * The state of a delegation, read from the disk alone: any process sees the same, whoever runs the attempt. `activity` is null between two
 * acts.
 */
export type DelegationStatus =
  | {
      state: 'running';
      attempt: number;
      step: number;
      maxSteps: number;
      activity: Activity | null;
      spent: number | null;
      startedAt: number;
    }
  | { state: 'ended'; result: AttemptResult; disposition: Disposition | null }
  /** It stopped half-way without an end: a crash or a kill. */
  | { state: 'interrupted'; attempt: number; step: number; maxSteps: number; spent: number | null; startedAt: number }
  | { state: 'unknown' };

/** A delegation as it stands on the disk. */
export interface DelegationRecord {
  readonly status: DelegationStatus;
  /** Oldest first. */
  readonly attempts: readonly StoredAttempt[];
  readonly disposition: Disposition | null;
}

export async function readStatus(stateDir: string, id: string): Promise<DelegationStatus> {
  return (await readDelegation(delegationFolder(stateDir, id))).status;
}

export async function readDelegation(folder: DelegationFolder): Promise<DelegationRecord> {
  const seen = await look(folder);
  // An attempt that begins or ends between the looks at its lease, its result and its journal looks as one that was left.
  return seen.status.state === 'interrupted' ? look(folder) : seen;
}

async function look(folder: DelegationFolder): Promise<DelegationRecord> {
  const holder = await leaseHolder(folder.leases);
  const attempts = readAttempts(folder);
  const disposition = readDisposition(folder);
  return { status: await statusOf(holder, attempts.at(-1), disposition), attempts, disposition };
}

async function statusOf(
  holder: LeaseHolder | null,
  last: StoredAttempt | undefined,
  disposition: Disposition | null,
): Promise<DelegationStatus> {
  // Most delegations have ended, and a long journal takes long to add up.
  if (!holder && last?.result) return { state: 'ended', result: last.result, disposition };
  const progress = last ? await progressOf(last) : EMPTY_PROGRESS;
  const state = stateOf(holder, last && { ...last, isOver: progress.isOver });
  if (state === 'ended') return { state, result: last!.result!, disposition };
  if (state === 'running' && (!last || progress.isOver)) return justStarted(holder!, last);
  if (!last || state === 'unknown') return { state: 'unknown' };
  const { tally, startedAt, activity } = progress;
  const common = {
    attempt: last.start.attempt,
    step: tally.currentStep,
    maxSteps: last.start.maxSteps,
    spent: totalsOf(tally).cost.amount,
    startedAt,
  };
  return state === 'running' ? { state, ...common, activity } : { state, ...common };
}

/** Read piece by piece, so that a long journal keeps nobody else waiting. */
async function progressOf({ journal }: StoredAttempt): Promise<Progress> {
  const { lines } = await tailJournal(journal).read();
  return lines.reduce(addToProgress, EMPTY_PROGRESS);
}

/** Somebody holds the lease, and the journal is empty yet. */
function justStarted(holder: LeaseHolder, last: StoredAttempt | undefined): DelegationStatus {
  return {
    state: 'running',
    attempt: last ? last.start.attempt + (last.result ? 1 : 0) : 1,
    step: 0,
    maxSteps: last?.start.maxSteps ?? 0,
    activity: { kind: 'preparing' },
    spent: 0,
    startedAt: Date.parse(holder.since),
  };
}

/** The delegations of one repository, newest first. */
export async function listRecords(stateDir: string, commonDir: string): Promise<({ identity: DelegationIdentity } & DelegationRecord)[]> {
  const mine = listDelegations(stateDir)
    .filter((identity) => identity.commonDir === commonDir)
    .sort(newestFirst);
  return Promise.all(mine.map(async (identity) => ({ identity, ...(await readDelegation(delegationFolder(stateDir, identity.id))) })));
}
