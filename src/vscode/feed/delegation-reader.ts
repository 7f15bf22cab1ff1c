import { readdir, readFile, stat } from 'node:fs/promises';
import type { AgentTotals } from '../../agent/types.ts';
import type { Activity } from '../../delegation/journal/activity.ts';
import {
  addToProgress,
  currentResult,
  type DelegationState,
  EMPTY_PROGRESS,
  type Progress,
  stateOf,
} from '../../delegation/journal/attempt-progress.ts';
import type { JournalLine, StartEvent } from '../../delegation/journal/journal.ts';
import { endsWithEnd, type JournalTail, tailJournal } from '../../delegation/journal/journal-tail.ts';
import { totalsOf } from '../../delegation/journal/tally.ts';
import type { AttemptResult } from '../../delegation/result/result-schema.ts';
import {
  type AttemptFiles,
  attemptFiles,
  attemptNumbers,
  type DelegationIdentity,
  type Disposition,
  delegationFolder,
  parseResult,
  readDisposition,
  resultFile,
} from '../../delegation/store/delegation-folder.ts';
import { type LeaseHolder, leaseHolder } from '../../delegation/store/lease.ts';

/** One attempt, as it lies on the disk. */
export interface AttemptRecord {
  /** The number of its folder; counts every run, cancelled ones included. */
  readonly number: number;
  readonly journal: string;
  /** null when only the result is known (it ended before this window looked). */
  readonly start: StartEvent | null;
  /** null while it runs, and after a crash. */
  readonly result: AttemptResult | null;
  readonly step: number;
  /** What happens now; null = nothing was read yet. */
  readonly activity: Activity | null;
  /** Money so far; amount null = a price is unknown. */
  readonly cost: AgentTotals['cost'];
  /** Time of the last journal line, ms since the epoch; 0 = none read. */
  readonly lastAt: number;
}

/** One delegation, as it lies on the disk. */
export interface DelegationRecord {
  readonly identity: DelegationIdentity;
  readonly state: DelegationState;
  /** Oldest first. Empty while the very first one starts. */
  readonly attempts: readonly AttemptRecord[];
  /** Since when the running attempt runs, ms since the epoch; null when nothing runs. */
  readonly runningSince: number | null;
  readonly disposition: Disposition | null;
}

/** New journal lines of one attempt. */
export interface NewLines {
  readonly identity: DelegationIdentity;
  readonly attempt: number;
  readonly lines: readonly JournalLine[];
}

export interface Reading {
  readonly record: DelegationRecord;
  readonly newLines: readonly NewLines[];
  /** Whether the record differs from the one of the reading before. */
  readonly changed: boolean;
}

export interface DelegationReader {
  readonly identity: DelegationIdentity;
  /** Reads what was added since. `newLines` were written since the first reading, or by an attempt that ran then. */
  read(): Promise<Reading>;
  /** Folders whose changes mean that it is worth to read again. */
  folders(): readonly string[];
}

interface Attempt {
  readonly files: AttemptFiles;
  /** null = the journal was not read (yet). */
  tail: JournalTail | null;
  progress: Progress;
  result: AttemptResult | null;
  /** They differ when the result file or the journal changed. */
  resultStamp: string;
  journalStamp: string;
}

export function createDelegationReader(stateDir: string, identity: DelegationIdentity): DelegationReader {
  const folder = delegationFolder(stateDir, identity.id);
  const attempts = new Map<number, Attempt>();
  let first = true;
  let mark = '';

  async function read(): Promise<Reading> {
    const newLines: NewLines[] = [];
    let seen = await look(newLines);
    // An attempt that begins or ends between the looks at its lease, its result and its journal looks as one that was left.
    if (seen.record.state === 'interrupted') seen = await look(newLines);
    first = false;
    const { record, stamps } = seen;
    const before = mark;
    mark = JSON.stringify([record.state, record.runningSince, record.disposition, stamps]);
    return { record, newLines, changed: mark !== before };
  }

  /** @param newLines gets what was added since the last look */
  async function look(newLines: NewLines[]) {
    const holder = await leaseHolder(folder.leases);
    const numbers = attemptNumbers(await readdir(folder.attempts).catch(() => []));
    for (const number of attempts.keys()) if (!numbers.includes(number)) attempts.delete(number);
    for (const number of numbers) {
      const attempt = attempts.get(number) ?? newAttempt(attemptFiles(folder, number));
      attempts.set(number, attempt);
      const mayRun = holder !== null && number === numbers.at(-1);
      const lines = await refresh(attempt, first && !mayRun);
      if (lines.length > 0 && (!first || (mayRun && !attempt.progress.isOver))) newLines.push({ identity, attempt: number, lines });
    }
    const started = numbers.map((number) => attempts.get(number)!).filter(({ progress, result }) => progress.tally.start || result);
    const stamps = started.map(({ files, resultStamp, journalStamp }) => [files.number, resultStamp, journalStamp]);
    return { record: recordOf(identity, holder, started, readDisposition(folder)), stamps };
  }

  return {
    identity,
    read,
    folders: () => {
      const latest = attempts.get(Math.max(0, ...attempts.keys()));
      return [folder.root, folder.attempts, folder.leases, ...(latest ? [latest.files.folder] : [])];
    },
  };
}

/** @param attempts oldest first */
function recordOf(
  identity: DelegationIdentity,
  holder: LeaseHolder | null,
  attempts: readonly Attempt[],
  disposition: Disposition | null,
): DelegationRecord {
  const records = attempts.map(attemptRecord);
  const last = records.at(-1);
  const state = stateOf(holder, last && { ...last, isOver: attempts.at(-1)!.progress.isOver });
  return { identity, state, attempts: records, runningSince: state === 'running' ? Date.parse(holder!.since) : null, disposition };
}

function attemptRecord({ files: { number, journal }, progress, result }: Attempt): AttemptRecord {
  const { tally, activity, lastAt, resumedAt } = progress;
  return {
    number,
    journal,
    start: tally.start,
    result: currentResult(result, resumedAt),
    step: tally.currentStep,
    activity,
    cost: totalsOf(tally).cost,
    lastAt,
  };
}

function newAttempt(files: AttemptFiles): Attempt {
  return { files, tail: null, progress: EMPTY_PROGRESS, result: null, resultStamp: '', journalStamp: '' };
}

/**
 * Reads what is new of an attempt.
 * @param fromResult an attempt that has ended is read from its result alone, however long its journal is
 */
async function refresh(attempt: Attempt, fromResult: boolean): Promise<readonly JournalLine[]> {
  const { folder, journal } = attempt.files;
  const [resultStamp, journalStamp] = await Promise.all([stamp(resultFile(folder)), stamp(journal)]);
  if (resultStamp !== attempt.resultStamp) {
    attempt.result = parseResult(await readFile(resultFile(folder), 'utf8').catch(() => ''));
    attempt.resultStamp = resultStamp;
  }
  if (journalStamp === attempt.journalStamp) return [];
  if (inode(journalStamp) !== inode(attempt.journalStamp)) Object.assign(attempt, { progress: EMPTY_PROGRESS, tail: null });
  attempt.journalStamp = journalStamp;
  if (fromResult && attempt.result && (await endsWithEnd(journal))) {
    attempt.progress = { ...EMPTY_PROGRESS, isOver: true };
    return [];
  }
  // The journal was not read before because the attempt had ended; if it goes on now, what is new begins with a `resume`.
  const skipped = attempt.tail === null && attempt.progress.isOver;
  attempt.tail ??= tailJournal(journal);
  const { lines, restarted } = await attempt.tail.read();
  attempt.progress = lines.reduce(addToProgress, restarted ? EMPTY_PROGRESS : attempt.progress);
  if (!skipped) return lines;
  const resumed = lines.findLastIndex((line) => line.type === 'resume');
  return resumed < 0 ? [] : lines.slice(resumed);
}

/** Tells two states of a file apart; empty when there is none. */
async function stamp(file: string): Promise<string> {
  const stats = await stat(file, { bigint: true }).catch(() => null);
  return stats ? `${stats.ino}:${stats.size}:${stats.mtimeNs}` : '';
}

const inode = (stamp: string) => stamp.split(':')[0];
