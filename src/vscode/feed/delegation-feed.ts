import path from 'node:path';
import { type DelegationIdentity, delegationsFolder } from '../../delegation/store/store.ts';
import { createDelegationIndex } from './delegation-index.ts';
import type { DelegationRecord, Steps } from './delegation-reader.ts';
import { watchFolders } from './folder-watch.ts';

export interface FeedOptions {
  readonly stateDir: string;
  /** Whether a delegation belongs to what this window shows. Asked again by each `refresh`. */
  isMine(identity: DelegationIdentity): boolean;
  /** Every delegation of this window, newest first, after something changed. */
  onRecords(views: readonly DelegationRecord[]): void;
  /** Steps as they happen, whichever process makes them. */
  onSteps(steps: Steps): void;
  /** Something on the disk could not be read; the feed goes on. */
  onError(error: unknown): void;
  readonly timing?: FeedTiming;
}

/** Milliseconds. */
export interface FeedTiming {
  /** Changes that come together are read together. */
  readonly gather: number;
  /** How often to look at what runs without being told: a process that is killed changes no file. */
  readonly running: number;
  /** How often to look at everything without being told. */
  readonly all: number;
}

const TIMING: FeedTiming = { gather: 60, running: 1500, all: 10_000 };

/** What the state directory holds for this window, live: read once, then only what changes. */
export interface Feed {
  views(): readonly DelegationRecord[];
  /** Resolves after the first look. */
  readonly first: Promise<void>;
  /** Looks at everything again; resolves when `onRecords` was called with what was found. */
  refresh(): Promise<void>;
  close(): void;
}

export function startFeed(options: FeedOptions): Feed {
  const { stateDir, timing = TIMING } = options;
  const home = delegationsFolder(stateDir);
  const index = createDelegationIndex(stateDir, options.isMine);
  const dirty = new Set<string>();
  let listNext = true;
  let asked = true;
  let lastListed = 0;
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<void> = Promise.resolve();
  let closed = false;

  const watching = watchFolders((folder, name) => {
    if (folder === stateDir && name !== null && name !== path.basename(home)) return;
    const id = folder === stateDir ? '' : (path.relative(home, folder).split(path.sep)[0] ?? '');
    if (id === '') listNext = true;
    else dirty.add(id);
    schedule(timing.gather);
  });

  function schedule(ms: number): void {
    if (closed) return;
    clearTimeout(timer);
    timer = setTimeout(() => void look(), ms);
  }

  /** One look after the other. */
  function look(): Promise<void> {
    round = round.then(lookNow).catch(options.onError);
    return round;
  }

  async function lookNow(): Promise<void> {
    if (closed) return;
    const all = listNext || asked || Date.now() - lastListed >= timing.all || !watching.complete();
    let changed = asked;
    listNext = asked = false;
    if (all) {
      lastListed = Date.now();
      changed = (await index.list()) || changed;
    }
    const due = index.ids().filter((id) => all || dirty.has(id) || index.isRunning(id));
    dirty.clear();
    for (const id of due) changed = (await lookAt(id)) || changed;
    if (closed) return;
    watching.set([stateDir, home, ...index.folders()]);
    if (changed) options.onRecords(index.views());
    schedule(nextLook());
  }

  /** @returns whether it looks different now */
  async function lookAt(id: string): Promise<boolean> {
    try {
      const found = await index.look(id);
      if (closed || !found) return false;
      for (const steps of found.steps) options.onSteps(steps);
      return found.changed;
    } catch (error) {
      options.onError(error);
      return false;
    }
  }

  function nextLook(): number {
    if (listNext || dirty.size > 0) return timing.gather;
    return index.ids().some(index.isRunning) || !watching.complete() ? timing.running : timing.all;
  }

  return {
    views: index.views,
    first: look(),
    refresh() {
      asked = true;
      return look();
    },
    close() {
      closed = true;
      clearTimeout(timer);
      watching.close();
    },
  };
}
