import * as vscode from 'vscode';
import { errorText } from '../../common/caught-error.ts';
import type { DelegationFolder } from '../../delegation/store/delegation-folder.ts';
import { oneLine } from '../../mcp/escape-untrusted.ts';
import { type RepositoryBranches, readBranches } from '../../workspace/repository-branches.ts';
import { type DelegationItem, delegationItem } from '../delegations/delegation-item.ts';
import { belongsTo, readWindowFolders, type WindowFolders, worktreesOf } from '../delegations/repositories.ts';
import type { Snapshot } from '../delegations/snapshot.ts';
import { READ_MS, unlessStuck } from '../delegations/unless-slow.ts';
import { createStepsLog } from '../log/log-channel.ts';
import { startDelegationFeed } from './delegation-feed.ts';
import type { DelegationRecord } from './delegation-reader.ts';
import { watchGit } from './git-watch.ts';
import { createReadSince, standing } from './read-since.ts';

export interface WindowFeedOptions {
  readonly log: vscode.LogOutputChannel;
  readonly stateDir: string;
  onSnapshot(snapshot: Snapshot): void;
  /** The folders of the window, or the repositories in them, may be others now. */
  onFolders(): void;
}

/** Everything that the window reads from the disk, live: the delegations of its folders, and their branches in git. */
export interface WindowFeed extends vscode.Disposable {
  /** Reads everything again. */
  refresh(): Promise<void>;
}

/** Branches change by other hands too; how long after a hint to read them. */
const BRANCHES_AFTER_MS = 400;
/** A folder without a repository may become one; there is no event for it. */
const REPOSITORY_EVERY_MS = 5000;

/** Resolves when the first snapshot was given. */
export async function startWindowFeed(options: WindowFeedOptions): Promise<WindowFeed> {
  const { log, stateDir } = options;
  let open = await openFolders();
  let records: readonly DelegationRecord[] = [];
  let unreadable: readonly DelegationFolder[] = [];
  let worktrees: ReadonlyMap<string, string> = new Map();
  let branches: ReadonlyMap<string, RepositoryBranches | null> = new Map();
  let shown = false;
  let endsBefore = '';
  const readSince = createReadSince();
  /** One that did not change stays the same object, so that nothing is drawn of it anew. */
  let items = new WeakMap<DelegationRecord, DelegationItem>();

  const readBranchesSoon = delayed(() => void readAllBranches(), BRANCHES_AFTER_MS);
  const gitWatch = watchGit(readBranchesSoon.schedule);
  const steps = createStepsLog(log, ({ branch }) => oneLine(branch, 200));
  const feed = startDelegationFeed({
    stateDir,
    belongsToWindow: (identity) => belongsTo(open, identity),
    onRecords(next, notRead) {
      records = next;
      unreadable = notRead;
      void gitWatch.set([...open.repositories, ...records.map(({ identity: { commonDir } }) => ({ gitDir: commonDir, commonDir }))]);
      show();
      // Each line of a journal comes by here; git is asked only where an attempt came or ended, or somebody decided.
      const ends = records.map(standing).join();
      if (shown && ends !== endsBefore) readBranchesSoon.schedule();
      endsBefore = ends;
    },
    onNewLines: steps.add,
    onError: (error) => log.warn(`A delegation could not be read: ${errorText(error)}`),
  });
  const windowWatch = watchWindow({
    onFolders: foldersChanged,
    onFocus: readBranchesSoon.schedule,
    hasRepository: () => open.repositories.length > 0,
  });

  async function foldersChanged(): Promise<void> {
    open = await openFolders();
    options.onFolders();
    await feed.refresh();
  }

  async function readAllBranches(): Promise<void> {
    const isDone = readSince.begin(records);
    worktrees = worktreesOf(
      open,
      records.map(({ identity }) => identity),
    );
    const read = async ([commonDir, worktree]: [string, string]) =>
      [commonDir, await unlessStuck(worktree, () => readBranches(worktree, undefined, READ_MS), commonDir)] as const;
    const next = new Map(await Promise.all([...worktrees].map(read)));
    if (fingerprint(next) !== fingerprint(branches)) items = new WeakMap();
    branches = next;
    isDone();
    show();
  }

  function show(): void {
    if (!shown) return;
    const delegations = records.map((record) => {
      // What ended just now would be taken for work whose branch was removed, and nobody told of it.
      if (!readSince.covers(record)) return delegationItem(record, null);
      const item = items.get(record) ?? delegationItem(record, branches.get(record.identity.commonDir) ?? null);
      items.set(record, item);
      return item;
    });
    options.onSnapshot({ open, worktrees, branches, delegations, unreadable });
  }

  await feed.first;
  await readAllBranches();
  shown = true; // not before the branches are known: what was merged would be shown as open for a moment
  show();
  return {
    async refresh() {
      open = await openFolders();
      await feed.refresh();
      await readAllBranches();
    },
    dispose() {
      shown = false;
      feed.close();
      readBranchesSoon.cancel();
      gitWatch.dispose();
      windowWatch.dispose();
    },
  };
}

function fingerprint(branches: ReadonlyMap<string, RepositoryBranches | null>): string {
  return JSON.stringify([...branches].map(([dir, read]) => [dir, read && { ...read, tips: [...read.tips], merged: [...read.merged] }]));
}

function openFolders(): Promise<WindowFolders> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  return readWindowFolders(folders.filter(({ uri }) => uri.scheme === 'file').map(({ uri }) => uri.fsPath));
}

function watchWindow(on: { onFolders(): Promise<void>; onFocus(): void; hasRepository(): boolean }): vscode.Disposable {
  let isLooking = false; // of very many folders it takes longer than until the next look
  const waiting = setInterval(() => {
    if (on.hasRepository() || !vscode.window.state.focused || isLooking) return;
    isLooking = true;
    void on.onFolders().finally(() => {
      isLooking = false;
    });
  }, REPOSITORY_EVERY_MS);
  return vscode.Disposable.from(
    vscode.workspace.onDidChangeWorkspaceFolders(on.onFolders),
    vscode.window.onDidChangeWindowState(({ focused }) => focused && on.onFocus()),
    { dispose: () => clearInterval(waiting) },
  );
}

/** Calls that come together are answered once, after the last of them. */
function delayed(action: () => void, ms: number): { schedule(): void; cancel(): void } {
  let timer: NodeJS.Timeout | undefined;
  return {
    schedule() {
      clearTimeout(timer);
      timer = setTimeout(action, ms);
    },
    cancel: () => clearTimeout(timer),
  };
}
