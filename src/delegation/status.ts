import type { JournalEvent, JournalLine } from './journal.ts';
import { type LeaseHolder, leaseHolder } from './lease.ts';
import type { AttemptResult } from './result.ts';
import {
  type DelegationIdentity,
  type Disposition,
  delegationFolder,
  listDelegations,
  readAttemptJournal,
  readAttempts,
  readDisposition,
  type StoredAttempt,
} from './store.ts';
import { addToTally, EMPTY_TALLY, totalsOf } from './tally.ts';

/** Where a delegation stands, read from the disk alone: any process sees the same, whoever runs the attempt. */
export type DelegationStatus =
  | { state: 'running'; attempt: number; step: number; maxSteps: number; doing: string; spent: number | null; startedAt: number }
  | { state: 'ended'; result: AttemptResult; disposition: Disposition | null }
  /** It stopped half-way without an end: a crash or a kill. */
  | { state: 'interrupted'; attempt: number; step: number; maxSteps: number; spent: number | null; startedAt: number }
  | { state: 'unknown' };

export async function readStatus(stateDir: string, id: string): Promise<DelegationStatus> {
  const folder = delegationFolder(stateDir, id);
  const holder = await leaseHolder(folder.leases);
  const last = readAttempts(folder).at(-1);
  if (holder && (!last || last.result)) return beginning(holder, last);
  if (!last) return { state: 'unknown' };
  if (last.result) return { state: 'ended', result: last.result, disposition: readDisposition(folder) };
  const lines = readAttemptJournal(last);
  const tally = lines.reduce(addToTally, EMPTY_TALLY);
  const common = {
    attempt: last.start.attempt,
    step: tally.currentStep,
    maxSteps: last.start.maxSteps,
    spent: totalsOf(tally).cost.amount,
    startedAt: lines.find((line) => line.type === 'start')?.at ?? 0,
  };
  return holder ? { state: 'running', ...common, doing: describe(lines.at(-1)) } : { state: 'interrupted', ...common };
}

/** Somebody has begun, and the journal does not tell yet. */
function beginning(holder: LeaseHolder, last: StoredAttempt | undefined): DelegationStatus {
  const startedAt = Date.parse(holder.since);
  return {
    state: 'running',
    attempt: holder.attempt,
    step: 0,
    maxSteps: last?.start.maxSteps ?? 0,
    doing: 'preparing',
    spent: 0,
    startedAt,
  };
}

/** The delegations of one repository with where they stand, newest first. */
export async function listStatus(
  stateDir: string,
  commonDir: string,
): Promise<{ identity: DelegationIdentity; status: DelegationStatus }[]> {
  const mine = listDelegations(stateDir)
    .filter((identity) => identity.commonDir === commonDir)
    .sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  return Promise.all(mine.map(async (identity) => ({ identity, status: await readStatus(stateDir, identity.id) })));
}

/** What an event means to somebody who watches: `run_command npm test`, `thinking`, `waiting 4 s: rate limit`. Null = nothing to show. */
export function describeEvent(event: JournalEvent): string | null {
  switch (event.type) {
    case 'request':
      return 'thinking';
    case 'tool_start':
      return `${event.name} ${event.title}`.trim();
    case 'retry':
      return `waiting ${Math.max(1, Math.round(event.delayMs / 1000))} s: ${event.reason}`;
    case 'check':
      return event.phase === 'start' ? `check on ${event.on}: ${event.command}` : null;
    case 'loop_end':
      return 'handing back';
    default:
      return null;
  }
}

function describe(line: JournalLine | undefined): string {
  return (line && describeEvent(line)) ?? 'working';
}
