import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { type DelegationIdentity, parseIdentity } from '../../delegation/store.ts';
import { type DelegationReader, type DelegationView, readDelegation, type Steps } from './delegation-reader.ts';
import { watchFolders } from './folder-watch.ts';

export interface FeedOptions {
  readonly stateDir: string;
  /** Whether a delegation belongs to what this window shows. Asked again by each `refresh`. */
  isMine(identity: DelegationIdentity): boolean;
  /** Every delegation of this window, newest first, after something changed. */
  onViews(views: readonly DelegationView[]): void;
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
  views(): readonly DelegationView[];
  /** Looks at everything again; resolves when `onViews` was called with what was found. */
  refresh(): Promise<void>;
  close(): void;
}

interface Known {
  readonly stamp: string;
  readonly identity: DelegationIdentity | null;
  /** null = not of this window. */
  reader: DelegationReader | null;
  view: DelegationView | null;
}

export function startFeed(options: FeedOptions): Feed {
  const timing = options.timing ?? TIMING;
  const home = path.join(options.stateDir, 'delegations');
  const known = new Map<string, Known>();
  const dirty = new Set<string>();
  let listNext = true;
  let timer: NodeJS.Timeout | null = null;
  let round: Promise<void> = Promise.resolve();
  let closed = false;
  let lastListed = 0;
  let asked = true;

  const watching = watchFolders((folder, name) => {
    if (folder === options.stateDir && name !== null && name !== 'delegations') return;
    const id = folder === options.stateDir ? '' : (path.relative(home, folder).split(path.sep)[0] ?? '');
    if (id === '') listNext = true;
    else dirty.add(id);
    schedule(timing.gather);
  });

  function schedule(ms: number): void {
    if (closed) return;
    if (timer) clearTimeout(timer);
    timer = setTimeout(() => void look(), ms);
  }

  function look(): Promise<void> {
    round = round.then(lookNow).catch(options.onError);
    return round;
  }

  async function lookNow(): Promise<void> {
    if (closed) return;
    const listing = listNext || asked || Date.now() - lastListed >= timing.all || !watching.complete();
    let changed = asked;
    listNext = asked = false;
    if (listing) {
      lastListed = Date.now();
      changed = (await list()) || changed;
    }
    const isDue = ([id, { view }]: [string, Known]) => listing || dirty.has(id) || view?.state === 'running';
    const ids = [...known].filter(isDue).map(([id]) => id);
    dirty.clear();
    for (const id of ids) changed = (await lookAt(id)) || changed;
    if (closed) return;
    watching.set([options.stateDir, home, ...[...known.values()].flatMap(({ reader }) => reader?.folders() ?? [])]);
    if (changed) options.onViews(views());
    const runs = [...known.values()].some(({ view }) => view?.state === 'running');
    const again = listNext || dirty.size > 0;
    schedule(again ? timing.gather : runs || !watching.complete() ? timing.running : timing.all);
  }

  /** @returns whether a delegation is gone; one that came is told by the look at it */
  async function list(): Promise<boolean> {
    const ids: string[] = await readdir(home).catch(() => []);
    const gone = [...known.keys()].filter((id) => !ids.includes(id));
    const shown = gone.some((id) => known.get(id)?.view);
    for (const id of gone) known.delete(id);
    await Promise.all(ids.map(meet));
    return shown;
  }

  /** Reads who a delegation is, once; the same name can come to stand for another one. */
  async function meet(id: string): Promise<void> {
    const file = path.join(home, id, 'delegation.json');
    const found = await stat(file, { bigint: true }).catch(() => null);
    if (!found) return;
    const stamp = `${found.ino}:${found.mtimeNs}`;
    let entry = known.get(id);
    if (entry?.stamp !== stamp) {
      const identity = parseIdentity(await readFile(file, 'utf8').catch(() => ''));
      entry = { stamp, identity: identity?.id === id ? identity : null, reader: null, view: null };
      known.set(id, entry);
    }
    const mine = entry.identity !== null && options.isMine(entry.identity);
    if (mine) entry.reader ??= readDelegation(options.stateDir, entry.identity!);
    else Object.assign(entry, { reader: null, view: null });
  }

  /** @returns whether it looks different now */
  async function lookAt(id: string): Promise<boolean> {
    const entry = known.get(id);
    if (!entry?.reader) return false;
    try {
      const { view, steps, changed } = await entry.reader.look();
      if (closed) return false;
      for (const some of steps) options.onSteps(some);
      entry.view = view;
      return changed;
    } catch (error) {
      options.onError(error);
      return false;
    }
  }

  const views = () =>
    [...known.values()]
      .flatMap(({ view }) => (view ? [view] : []))
      .sort((a, b) => b.identity.createdAt.localeCompare(a.identity.createdAt));

  void look();
  return {
    views,
    refresh() {
      asked = true;
      return look();
    },
    close() {
      closed = true;
      if (timer) clearTimeout(timer);
      watching.close();
    },
  };
}
