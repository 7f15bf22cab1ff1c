import * as vscode from 'vscode';
import type { DelegationFolder } from '../delegation/store/delegation-folder.ts';
import type { DelegationItem } from './delegations/delegation-item.ts';
import type { WindowRepository } from './delegations/repositories.ts';
import { EMPTY_SNAPSHOT, findByBranch, type Head, headOf, worktreeOf } from './delegations/snapshot.ts';
import type { WindowFeed } from './feed/window-feed.ts';
import type { ChildServer } from './server/child-server.ts';
import type { OwnTasks } from './task/own-tasks.ts';
import type { Drafts } from './task/stored-drafts.ts';

/** What the parts of the window share: all delegations as they are now, and the means to act. */
export interface WindowContext extends vscode.Disposable {
  readonly log: vscode.LogOutputChannel;
  readonly stateDir: string;
  /** The window's own server; loaded with the first use. */
  server(): Promise<ChildServer>;
  /** Stops it, with time for its checkpoints. */
  closeServer(): Promise<void>;
  /** Newest first. */
  delegations(): readonly DelegationItem[];
  /** Delegations whose own file is damaged. */
  unreadable(): readonly DelegationFolder[];
  find(id: string): DelegationItem | undefined;
  findByBranch(worktree: string, branch: string): DelegationItem | undefined;
  repositories(): readonly WindowRepository[];
  /** Whether nothing but a first commit is missing. */
  awaitsFirstCommit(): boolean;
  /** Where to act: the first working tree that is open here, or else one that delegations were started in. */
  worktreeOf(delegation: DelegationItem): string;
  headOf(delegation: DelegationItem): Head;
  /** What the user wrote for Kimi and could not be sent yet, by the delegation that it is for. */
  readonly drafts: Drafts;
  readonly ownTasks: OwnTasks;
  /** Whether several repositories are shown, so that rows have to name theirs. */
  severalRepositories(): boolean;
  refresh(): Promise<void>;
  readonly onDidChange: vscode.Event<void>;
  /** Resolves when the disk was read for the first time. */
  readonly ready: Promise<void>;
}

export interface WindowContextOptions {
  readonly log: vscode.LogOutputChannel;
  readonly stateDir: string;
  readonly drafts: Drafts;
  readonly ownTasks: OwnTasks;
  makeServer(): Promise<ChildServer>;
}

export function createWindowContext(options: WindowContextOptions): WindowContext {
  const { log, stateDir } = options;
  const changed = new vscode.EventEmitter<void>();
  let snapshot = EMPTY_SNAPSHOT;
  let server: Promise<ChildServer> | null = null;
  let feed: WindowFeed | null = null;
  let closed = false;

  const ready = startFeed().catch((error: unknown) => log.error(error instanceof Error ? error : String(error)));

  /** After activation: everything that reads the disk is loaded here. */
  async function startFeed(): Promise<void> {
    const { startWindowFeed } = await import('./feed/window-feed.ts');
    if (closed) return;
    feed = await startWindowFeed({
      log,
      stateDir,
      onSnapshot(next) {
        snapshot = next;
        changed.fire();
      },
      onFolders: () => void server?.then((running) => running.rootsChanged()),
    });
    if (closed) feed.dispose();
  }

  return {
    log,
    stateDir,
    server: () => {
      server ??= options.makeServer();
      return server;
    },
    async closeServer() {
      options.ownTasks.windowCloses(); // its tasks end now, and the next window says so
      await (await server)?.close();
    },
    delegations: () => snapshot.delegations,
    unreadable: () => snapshot.unreadable,
    find: (id) => snapshot.delegations.find(({ identity }) => identity.id === id),
    findByBranch: (worktree, branch) => findByBranch(snapshot, worktree, branch),
    repositories: () => snapshot.open.repositories,
    awaitsFirstCommit: () => snapshot.open.repositories.length === 0 && snapshot.open.unborn.length > 0,
    worktreeOf: (delegation) => worktreeOf(snapshot, delegation),
    headOf: (delegation) => headOf(snapshot, delegation),
    drafts: options.drafts,
    ownTasks: options.ownTasks,
    severalRepositories: () => new Set(snapshot.delegations.map(({ identity }) => identity.commonDir)).size > 1,
    async refresh() {
      await ready;
      await feed?.refresh();
    },
    onDidChange: changed.event,
    ready,
    dispose() {
      closed = true;
      feed?.dispose();
      changed.dispose();
    },
  };
}
