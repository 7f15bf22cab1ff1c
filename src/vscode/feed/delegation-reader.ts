import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { JournalLine, StartEvent } from '../../delegation/journal.ts';
import { leaseHolder } from '../../delegation/lease.ts';
import { type AttemptResult, resultSchema } from '../../delegation/result.ts';
import { describeEvent } from '../../delegation/status.ts';
import { type DelegationIdentity, type Disposition, delegationFolder, readDisposition } from '../../delegation/store.ts';
import { addToTally, EMPTY_TALLY, type Tally, totalsOf } from '../../delegation/tally.ts';
import { endsWithEnd, type JournalTail, tailJournal } from './journal-tail.ts';

/** One attempt as a screen shows it. */
export interface AttemptView {
  /** The number of its folder; counts every run, cancelled ones included. */
  readonly number: number;
  readonly journal: string;
  /** null when only the result is known (it ended before this window looked). */
  readonly start: StartEvent | null;
  /** null while it runs, and after a crash. */
  readonly result: AttemptResult | null;
  readonly step: number;
  /** What happens now: `run_command npm test`, `thinking`. */
  readonly doing: string;
  /** Money so far; null = the price is unknown. */
  readonly spent: number | null;
  /** Time of the last journal line, ms since the epoch; 0 = none read. */
  readonly lastAt: number;
}

/** One delegation as a screen shows it, read from the disk alone. */
export interface DelegationView {
  readonly identity: DelegationIdentity;
  readonly state: 'running' | 'ended' | 'interrupted' | 'unknown';
  /** Oldest first. Empty while the very first one begins. */
  readonly attempts: readonly AttemptView[];
  /** Since when the running attempt runs, ms since the epoch; null when nothing runs. */
  readonly runningSince: number | null;
  readonly disposition: Disposition | null;
}

/** New journal lines of one attempt. */
export interface Steps {
  readonly identity: DelegationIdentity;
  readonly attempt: number;
  readonly lines: readonly JournalLine[];
}

export interface Look {
  readonly view: DelegationView;
  readonly steps: readonly Steps[];
  /** Whether the view differs from the one of the look before. */
  readonly changed: boolean;
}

export interface DelegationReader {
  readonly identity: DelegationIdentity;
  /** Looks again; only what was added since is read. `steps` are lines that were written since the first look, or by an attempt that ran then. */
  look(): Promise<Look>;
  /** Folders whose changes mean that it is worth to look again. */
  folders(): readonly string[];
}

interface Attempt {
  number: number;
  folder: string;
  journal: string;
  tail: JournalTail | null;
  tally: Tally;
  result: AttemptResult | null;
  /** Changes of the result file and of the journal are told from these. */
  resultStamp: string;
  journalStamp: string;
  doing: string;
  lastAt: number;
  ended: boolean;
}

export function readDelegation(stateDir: string, identity: DelegationIdentity): DelegationReader {
  const folder = delegationFolder(stateDir, identity.id);
  const attemptsFolder = path.join(folder.root, 'attempts');
  const attempts = new Map<number, Attempt>();
  let first = true;
  let mark = '';

  async function look(): Promise<Look> {
    const holder = await leaseHolder(folder.leases);
    const steps: Steps[] = [];
    const numbers = await attemptNumbers(attemptsFolder);
    for (const number of attempts.keys()) if (!numbers.includes(number)) attempts.delete(number);
    for (const number of numbers) {
      const attempt = attempts.get(number) ?? newAttempt(attemptsFolder, number);
      attempts.set(number, attempt);
      const mayRun = holder !== null && number === numbers.at(-1);
      const lines = await refresh(attempt, first && !mayRun);
      if (lines.length > 0 && (!first || (mayRun && !attempt.ended))) steps.push({ identity, attempt: number, lines });
    }
    first = false;
    const all = numbers.map((number) => attempts.get(number)!).filter((attempt) => attempt.tally.start || attempt.result);
    const last = all.at(-1);
    // Whoever decides about a delegation holds the lease for a moment too, under the number of the last attempt.
    const begins = holder !== null && holder.attempt > all.length;
    const running = holder !== null && (begins || (last !== undefined && !last.ended));
    const view: DelegationView = {
      identity,
      state: running ? 'running' : !last ? 'unknown' : last.result && last.ended ? 'ended' : 'interrupted',
      attempts: all.map(viewOf),
      runningSince: running ? Date.parse(holder.since) : null,
      disposition: readDisposition(folder),
    };
    const before = mark;
    mark = JSON.stringify([view.state, view.runningSince, view.disposition, all.map((a) => [a.number, a.resultStamp, a.journalStamp])]);
    return { view, steps, changed: mark !== before };
  }

  return {
    identity,
    look,
    folders: () => {
      const last = [...attempts.keys()].sort((a, b) => a - b).at(-1);
      const latest = last === undefined ? [] : [path.join(attemptsFolder, folderName(last))];
      return [folder.root, attemptsFolder, folder.leases, ...latest];
    },
  };
}

/** @param fromResult an attempt that has ended is read from its result alone, however long its journal is */
async function refresh(attempt: Attempt, fromResult: boolean): Promise<readonly JournalLine[]> {
  const resultFile = path.join(attempt.folder, 'result.json');
  const [resultStamp, journalStamp] = await Promise.all([stamp(resultFile), stamp(attempt.journal)]);
  if (resultStamp !== attempt.resultStamp) {
    attempt.result = await readResult(resultFile);
    attempt.resultStamp = resultStamp;
  }
  if (journalStamp === attempt.journalStamp) return [];
  if (inode(journalStamp) !== inode(attempt.journalStamp)) {
    forget(attempt);
    attempt.tail = null;
  }
  attempt.journalStamp = journalStamp;
  if (fromResult && attempt.result && (await endsWithEnd(attempt.journal))) {
    attempt.ended = true;
    return [];
  }
  // The journal was not read before because the attempt had ended; if it goes on now, what is new begins with a `resume`.
  const skipped = attempt.tail === null && attempt.ended;
  attempt.tail ??= tailJournal(attempt.journal);
  const { lines, restarted } = await attempt.tail.read();
  if (restarted) forget(attempt);
  for (const line of lines) take(attempt, line);
  if (!skipped) return lines;
  const resumed = lines.findLastIndex((line) => line.type === 'resume');
  return resumed < 0 ? [] : lines.slice(resumed);
}

function take(attempt: Attempt, line: JournalLine): void {
  attempt.lastAt = line.at;
  attempt.ended = line.type === 'end';
  attempt.tally = addToTally(attempt.tally, line);
  attempt.doing = describeEvent(line) ?? attempt.doing;
}

/** Another file took the place of the journal, or it was cut. */
function forget(attempt: Attempt): void {
  Object.assign(attempt, { tally: EMPTY_TALLY, doing: '', lastAt: 0, ended: false });
}

const inode = (stamp: string) => stamp.split(':')[0];

function newAttempt(attemptsFolder: string, number: number): Attempt {
  const folder = path.join(attemptsFolder, folderName(number));
  const nothing = { tail: null, tally: EMPTY_TALLY, result: null, resultStamp: '', journalStamp: '', doing: '', lastAt: 0 };
  return { number, folder, journal: path.join(folder, 'journal.jsonl'), ...nothing, ended: false };
}

function viewOf({ number, journal, tally, result, doing, lastAt, ended }: Attempt): AttemptView {
  const { start, currentStep: step } = tally;
  const spent = totalsOf(tally).cost.amount;
  return { number, journal, start, result: ended ? result : null, step, doing, spent, lastAt };
}

const folderName = (number: number) => String(number).padStart(3, '0');

async function attemptNumbers(folder: string): Promise<number[]> {
  const names = await readdir(folder).catch(() => []);
  return names.flatMap((name) => (/^\d{3,}$/.test(name) ? [Number(name)] : [])).sort((a, b) => a - b);
}

async function readResult(file: string): Promise<AttemptResult | null> {
  try {
    return resultSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return null;
  }
}

/** Tells two states of a file apart; empty when there is none. */
async function stamp(file: string): Promise<string> {
  const found = await stat(file, { bigint: true }).catch(() => null);
  return found ? `${found.ino}:${found.size}:${found.mtimeNs}` : '';
}
