import * as vscode from 'vscode';
import { errorText } from '../../common/caught-error.ts';
import { type Standing, standingOf } from '../delegations/delegation-item.ts';
import { type BranchFacts, belongsTo, readBranches, readPlaces, rootsOf, type WindowPlaces } from '../delegations/repositories.ts';
import type { Snapshot } from '../delegations/snapshot.ts';
import { createStepsLog } from '../log/steps-log.ts';
import { startFeed } from './delegation-feed.ts';
import type { DelegationView } from './delegation-reader.ts';
import { watchGit } from './git-watch.ts';

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
  /** Writes the steps of the last attempt to the log if it does not have them yet. */
  logSteps(standing: Standing): Promise<void>;
}

/** Branches change by other hands too; how long after a hint to look. */
const BRANCHES_AFTER_MS = 400;
/** A folder without a repository may become one; nothing tells of it. */
const REPOSITORY_EVERY_MS = 5000;

/** Resolves when the first snapshot was given. */
export async function startWindowFeed(options: WindowFeedOptions): Promise<WindowFeed> {
  const { log, stateDir } = options;
  let places = await openPlaces();
  let views: readonly DelegationView[] = [];
  let roots: ReadonlyMap<string, string> = new Map();
  let branches: ReadonlyMap<string, BranchFacts | null> = new Map();
  let shown = false;

  const readBranchesSoon = delayed(() => void readAllBranches(), BRANCHES_AFTER_MS);
  const gitWatch = watchGit(readBranchesSoon.schedule);
  const steps = createStepsLog(log, (identity) => identity.branch);
  const feed = startFeed({
    stateDir,
    isMine: (identity) => belongsTo(places, identity),
    onViews(found) {
      views = found;
      void gitWatch.set([...places.repositories, ...views.map(({ identity: { commonDir } }) => ({ gitDir: commonDir, commonDir }))]);
      show();
      if (shown) readBranchesSoon.schedule();
    },
    onSteps: steps.add,
    onError: (error) => log.warn(`A delegation could not be read: ${errorText(error)}`),
  });
  const windowWatch = watchWindow({
    onFolders: () => void foldersChanged(),
    onFocus: readBranchesSoon.schedule,
    hasRepository: () => places.repositories.length > 0,
  });

  async function foldersChanged(): Promise<void> {
    places = await openPlaces();
    options.onFolders();
    await feed.refresh();
  }

  async function readAllBranches(): Promise<void> {
    roots = rootsOf(
      places,
      views.map(({ identity }) => identity),
    );
    const read = async ([commonDir, root]: [string, string]) => [commonDir, await readBranches(root).catch(() => null)] as const;
    branches = new Map(await Promise.all([...roots].map(read)));
    show();
  }

  function show(): void {
    if (!shown) return;
    const standings = views.map((view) => standingOf(view, branches.get(view.identity.commonDir) ?? null));
    options.onSnapshot({ places, roots, branches, standings });
  }

  await feed.first;
  await readAllBranches();
  shown = true; // not before the branches are known: what was merged would be shown as open for a moment
  show();
  return {
    async refresh() {
      places = await openPlaces();
      await feed.refresh();
      await readAllBranches();
    },
    async logSteps({ view, last }) {
      if (last) await steps.replay(view.identity, last.number, last.journal);
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

function openPlaces(): Promise<WindowPlaces> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  return readPlaces(folders.filter(({ uri }) => uri.scheme === 'file').map(({ uri }) => uri.fsPath));
}

function watchWindow(on: { onFolders(): void; onFocus(): void; hasRepository(): boolean }): vscode.Disposable {
  const waiting = setInterval(() => {
    if (!on.hasRepository() && vscode.window.state.focused) on.onFolders();
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
