import * as vscode from 'vscode';
import type { ChildServer } from './child-server.ts';
import type { DelegationView } from './feed/delegation-reader.ts';
import type { Feed } from './feed/feed.ts';
import type { StepsLog } from './log/steps-log.ts';
import type { BranchFacts, WindowPlaces, WindowRepository } from './repositories.ts';
import { type Standing, standingOf } from './standing.ts';
import type { Drafts } from './work/task-text.ts';

/** What the parts of the window share: where every delegation stands, and the means to act. */
export interface Session extends vscode.Disposable {
  readonly log: vscode.LogOutputChannel;
  readonly stateDir: string;
  /** The window's own server; loaded with the first use. */
  server(): Promise<ChildServer>;
  /** Stops it, with time for its checkpoints. */
  closeServer(): Promise<void>;
  /** Newest first. */
  standings(): readonly Standing[];
  find(id: string): Standing | undefined;
  findBranch(root: string, branch: string): Standing | undefined;
  repositories(): readonly WindowRepository[];
  /** Where to act: the first working tree that is open here, or else one that delegations were begun in. */
  rootOf(standing: Standing): string;
  /** The branch that is checked out at `rootOf` and its commit; `detached` when none is, null when not known. */
  headOf(standing: Standing): { branch: string; commit: string } | 'detached' | null;
  /** What the user wrote for Kimi and could not be sent yet, by the delegation that it is for. */
  readonly drafts: Drafts;
  /** Whether several repositories are shown, so that rows have to name theirs. */
  severalRepositories(): boolean;
  /** Writes the steps of the last attempt to the log if it does not have them yet. */
  logSteps(standing: Standing): Promise<void>;
  refresh(): Promise<void>;
  readonly onDidChange: vscode.Event<void>;
  /** Resolves when the disk was read for the first time. */
  readonly ready: Promise<void>;
}

export interface SessionOptions {
  readonly log: vscode.LogOutputChannel;
  readonly stateDir: string;
  makeServer(): Promise<ChildServer>;
}

/** Branches change by other hands too; how long after a hint to look. */
const BRANCHES_AFTER_MS = 400;
/** A folder without a repository may become one; nothing tells of it. */
const REPOSITORY_EVERY_MS = 5000;

export function openSession(options: SessionOptions): Session {
  const { log, stateDir } = options;
  const changed = new vscode.EventEmitter<void>();
  const disposables: vscode.Disposable[] = [changed];
  const facts = new Map<string, BranchFacts | null>();
  let places: WindowPlaces = { folders: [], repositories: [] };
  let roots: ReadonlyMap<string, string> = new Map();
  let views: readonly DelegationView[] = [];
  let standings: readonly Standing[] = [];
  let server: Promise<ChildServer> | null = null;
  let feed: Feed | null = null;
  let steps: StepsLog | null = null;
  let branchTimer: NodeJS.Timeout | null = null;
  let closed = false;

  const ready = begin().catch((error: unknown) => log.error(error instanceof Error ? error : String(error)));

  /** After activation: everything that reads the disk is loaded here. */
  async function begin(): Promise<void> {
    const [{ startFeed }, { belongsTo }, { createStepsLog }, { watchGit }] = await Promise.all([
      import('./feed/feed.ts'),
      import('./repositories.ts'),
      import('./log/steps-log.ts'),
      import('./feed/git-watch.ts'),
    ]);
    await readFolders();
    if (closed) return;
    const stepsLog = createStepsLog(log, (identity) => identity.branch);
    steps = stepsLog;
    const gitWatch = watchGit(readBranchesSoon);
    disposables.push(gitWatch);
    let first = true;
    await new Promise<void>((resolve) => {
      feed = startFeed({
        stateDir,
        isMine: (identity) => belongsTo(places, identity),
        onViews(found) {
          views = found;
          void gitWatch.set([...places.repositories, ...views.map(({ identity: { commonDir } }) => ({ gitDir: commonDir, commonDir }))]);
          if (first) void readBranches().then(resolve);
          else {
            update();
            readBranchesSoon();
          }
          first = false;
        },
        onSteps: (some) => stepsLog.add(some),
        onError: (error) => log.warn(`A delegation could not be read: ${error instanceof Error ? error.message : String(error)}`),
      });
    });
    disposables.push(
      vscode.workspace.onDidChangeWorkspaceFolders(() => void foldersChanged()),
      vscode.window.onDidChangeWindowState(({ focused }) => focused && readBranchesSoon()),
    );
    const waiting = setInterval(() => {
      if (places.repositories.length === 0 && vscode.window.state.focused) void foldersChanged();
    }, REPOSITORY_EVERY_MS);
    disposables.push({ dispose: () => clearInterval(waiting) });
  }

  async function readFolders(): Promise<void> {
    const { readPlaces } = await import('./repositories.ts');
    const folders = vscode.workspace.workspaceFolders ?? [];
    places = await readPlaces(folders.filter(({ uri }) => uri.scheme === 'file').map(({ uri }) => uri.fsPath));
  }

  async function foldersChanged(): Promise<void> {
    await readFolders();
    void server?.then((running) => running.rootsChanged());
    await feed?.refresh();
  }

  function readBranchesSoon(): void {
    if (branchTimer) clearTimeout(branchTimer);
    branchTimer = setTimeout(() => void readBranches(), BRANCHES_AFTER_MS);
  }

  /** Asks git where the branches of finished work stand; other delegations do not need it. */
  async function readBranches(): Promise<void> {
    const { readBranches: read, rootsOf } = await import('./repositories.ts');
    const identities = views.map(({ identity }) => identity);
    roots = rootsOf(places, identities);
    await Promise.all(
      [...roots].map(async ([commonDir, root]) => {
        facts.set(commonDir, await read(root).catch(() => null));
      }),
    );
    if (!closed) update();
  }

  function update(): void {
    standings = views.map((view) => standingOf(view, facts.get(view.identity.commonDir) ?? null));
    changed.fire();
  }

  return {
    log,
    stateDir,
    server: () => {
      server ??= options.makeServer();
      return server;
    },
    async closeServer() {
      await (await server)?.close();
    },
    standings: () => standings,
    find: (id) => standings.find(({ view }) => view.identity.id === id),
    findBranch: (root, branch) => {
      const { commonDir } = places.repositories.find((repository) => repository.root === root) ?? {};
      return standings.find(
        ({ view: { identity } }) => identity.branch === branch && (identity.commonDir === commonDir || identity.repository === root),
      );
    },
    repositories: () => places.repositories,
    rootOf: ({ view: { identity } }) => roots.get(identity.commonDir) ?? identity.repository,
    headOf({ view }) {
      const known = facts.get(view.identity.commonDir);
      if (!known) return null;
      const commit = known.head === null ? undefined : known.branches.get(known.head);
      return known.head !== null && commit ? { branch: known.head, commit } : 'detached';
    },
    drafts: new Map(),
    severalRepositories: () => new Set(views.map(({ identity }) => identity.commonDir)).size > 1,
    async logSteps({ view, last }) {
      if (last) await steps?.replay(view.identity, last.number, last.journal);
    },
    async refresh() {
      await readFolders();
      await feed?.refresh();
      await readBranches();
    },
    onDidChange: changed.event,
    ready,
    dispose() {
      closed = true;
      feed?.close();
      if (branchTimer) clearTimeout(branchTimer);
      for (const disposable of disposables) disposable.dispose();
    },
  };
}
