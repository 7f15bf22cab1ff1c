import path from 'node:path';
import {
  type DelegationFolder,
  type DelegationIdentity,
  delegationFolder,
  delegationsFolder,
} from '../../delegation/store/delegation-folder.ts';
import type { DelegationRecord, NewLines } from './delegation-reader.ts';
import { watchFolders } from './folder-watch.ts';
import { createDelegationIndex } from './window-delegations.ts';

export interface DelegationFeedOptions {
  readonly stateDir: string;
  /** Whether a delegation belongs to what this window shows. Asked again by each `refresh`. */
  belongsToWindow(identity: DelegationIdentity): boolean;
  /** Every delegation of this window, newest first, and those of which nobody can tell whose they are, after something changed. */
  onRecords(records: readonly DelegationRecord[], unreadable: readonly DelegationFolder[]): void;
  /** Journal lines as they are written, by whichever process. */
  onNewLines(newLines: NewLines): void;
  /** Something on the disk could not be read; the feed goes on. */
  onError(error: unknown): void;
  readonly timing?: FeedTiming;
}

/** Milliseconds. */
export interface FeedTiming {
  /** Changes that come together are read together. */
  readonly gather: number;
  /** How often to read what runs without a change: a process that is killed changes no file. */
  readonly running: number;
  /** How often to read everything without a change. */
  readonly all: number;
}

/** So many are read at a time: most of it is to wait for the disk. */
const AT_ONCE = 16;
const IDENTITY = path.basename(delegationFolder('', '').identity);
const TIMING: FeedTiming = { gather: 10, running: 1500, all: 10_000 };

/** What the state directory holds for this window, live: read once, then only what changes. */
export interface DelegationFeed {
  records(): readonly DelegationRecord[];
  /** Resolves after the first round. */
  readonly first: Promise<void>;
  /** Reads everything again; resolves when `onRecords` was called with it. */
  refresh(): Promise<void>;
  close(): void;
}

export function startDelegationFeed(options: DelegationFeedOptions): DelegationFeed {
  const { stateDir, timing = TIMING } = options;
  const home = delegationsFolder(stateDir);
  const index = createDelegationIndex(stateDir, options.belongsToWindow);
  const dirty = new Set<string>();
  let scanDue = true;
  let refreshDue = true;
  let lastScan = 0;
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<void> = Promise.resolve();
  let closed = false;

  const watching = watchFolders((folder, name) => {
    if (folder === stateDir && name !== null && name !== path.basename(home)) return;
    const id = folder === stateDir ? '' : (path.relative(home, folder).split(path.sep)[0] ?? '');
    if (id === '' || name === IDENTITY) scanDue = true;
    else dirty.add(id);
    schedule(timing.gather);
  });

  function schedule(ms: number): void {
    if (closed) return;
    clearTimeout(timer);
    timer = setTimeout(() => void read(), ms);
  }

  /** One round after the other. */
  function read(): Promise<void> {
    round = round.then(readNow).catch(options.onError);
    return round;
  }

  async function readNow(): Promise<void> {
    if (closed) return;
    const all = scanDue || refreshDue || performance.now() - lastScan >= timing.all || !watching.complete();
    let changed = refreshDue;
    scanDue = refreshDue = false;
    if (all) {
      lastScan = performance.now();
      changed = (await index.scan()) || changed;
    }
    const due = index.ids().filter((id) => all || dirty.has(id) || index.isRunning(id));
    dirty.clear();
    for (let at = 0; at < due.length; at += AT_ONCE) {
      const read = await Promise.all(due.slice(at, at + AT_ONCE).map(readOne));
      changed = read.includes(true) || changed;
    }
    if (closed) return;
    watching.set([stateDir, home, ...index.folders()]);
    if (changed) options.onRecords(index.records(), index.unreadable());
    schedule(nextRound());
  }

  /** @returns whether it is different now */
  async function readOne(id: string): Promise<boolean> {
    try {
      const reading = await index.read(id);
      if (closed || !reading) return false;
      for (const newLines of reading.newLines) options.onNewLines(newLines);
      return reading.changed;
    } catch (error) {
      options.onError(error);
      return false;
    }
  }

  function nextRound(): number {
    if (scanDue || dirty.size > 0) return timing.gather;
    return index.ids().some(index.isRunning) || !watching.complete() ? timing.running : timing.all;
  }

  return {
    records: index.records,
    first: read(),
    refresh() {
      refreshDue = true;
      return read();
    },
    close() {
      closed = true;
      clearTimeout(timer);
      watching.close();
    },
  };
}
