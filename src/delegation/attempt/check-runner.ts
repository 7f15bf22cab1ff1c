import path from 'node:path';
import { compareCheck } from '../../checks/compare-check.ts';
import { runCheck } from '../../checks/run-check.ts';
import type { CheckComparison, CheckRun } from '../../checks/types.ts';
import { namesIn } from '../../common/list-names.ts';
import { changesDependencies } from '../../sandbox/ecosystems.ts';
import { layerOver } from '../../sandbox/private-layers.ts';
import { openSandbox } from '../../sandbox/sandbox.ts';
import type { LentFolder, SandboxSpec } from '../../sandbox/types.ts';
import { checkout } from '../../workspace/checkout.ts';
import { attachWorkTree, createPrivateGit } from '../../workspace/private-git.ts';
import { emptyFolder, removeTree } from '../../workspace/remove-tree.ts';
import type { Repository } from '../../workspace/types.ts';
import type { JournalEvent } from '../journal/journal.ts';
import type { DelegationFolder } from '../store/delegation-folder.ts';
import { cleanUp } from './run-all-cleanups.ts';
import { guardWorkspace, type WorkspaceGuard } from './workspace-guard.ts';

export interface CheckRunner {
  /** Runs every check on the base; begin it early, it runs while the model thinks. */
  base(): Promise<void>;
  /**
   * Runs every check on the commit of the attempt and compares.
   * @param changed the files that it changed
   */
  result(commit: string, changed: readonly string[]): Promise<CheckComparison[]>;
  /** Places of packages, relative to the root, that the result was checked with as commands of the attempt left them. */
  ownPackages(): readonly string[];
  /** Ends what still runs: nobody asks for it any more. */
  close(): Promise<void>;
}

type Runs = readonly (CheckRun | null)[];

/** A command that takes the machine for itself would make a check fail on the base, and so let the result look like a fix. */
function createBaseRuns(run: () => Promise<Runs>, watchCommands: () => () => boolean) {
  let runs: Promise<Runs> | null = null;
  let wasBeside = false;
  const runBeside = async () => {
    const sawCommand = watchCommands();
    const found = await run();
    wasBeside = sawCommand();
    return found;
  };
  return {
    async beside() {
      runs ??= runBeside();
      await runs;
    },
    /** What counts: where something failed beside a command of the attempt, all checks are run again. */
    async alone() {
      runs ??= run();
      const found = await runs;
      return wasBeside && found.some((one) => one !== null && one.exitCode !== 0) ? run() : found;
    },
    async ended() {
      await runs?.catch(() => {});
    },
  };
}

/**
 * Checks run on clean checkouts of the base and of the result, in a working tree of their own: what is proved is what is on the
 * branch, not what happens to lie in the workspace.
 */
export function createCheckRunner(options: {
  commands: readonly string[];
  /** Where they begin, relative to the root. */
  cwd: string;
  base: string;
  branch: string;
  repository: Repository;
  folder: DelegationFolder;
  sandboxSpec: SandboxSpec;
  sandboxProgram: string | undefined;
  /** Folders of packages that the attempt has in its working tree: installed where the checkout has none, or copied. */
  installed(): LentFolder[];
  timeoutMs: number;
  signal: AbortSignal;
  emit(event: JournalEvent): void;
  /** Begins to watch the commands of the attempt; what it returns tells whether one has run since. */
  watchCommands(): () => boolean;
  /** Every check that ran on the base, as soon as it has ended. */
  onBase(command: string, run: CheckRun): void;
}): CheckRunner {
  const { folder, commands } = options;
  const gitDir = path.join(folder.root, 'check-git');
  const temp = path.join(folder.root, 'check-tmp');
  const layers = path.join(folder.root, 'check-layers');
  // The attempt's commit lies in the delegation's own object directory until it is imported.
  const repository = { ...options.repository, objectDirs: [...options.repository.objectDirs, path.join(folder.git, 'objects')] };
  const closing = new AbortController();
  const signal = AbortSignal.any([options.signal, closing.signal]);
  const baseRuns = createBaseRuns(() => runAll(options.base, 'base', options.sandboxSpec.lent), options.watchCommands);
  /** Of the checks that ran last in the working tree. */
  let guard: WorkspaceGuard = guardWorkspace({ quiet: async () => {} });

  let ownPackages: LentFolder[] = [];

  /** What the attempt installed counts only where it changed what is to be installed, or where there was nothing: it could hold anything. */
  const lentToResult = (changed: readonly string[]): readonly LentFolder[] => {
    const { lent } = options.sandboxSpec;
    const isOwn = changesDependencies(changed);
    const places = new Set(lent.map(({ at }) => at));
    const installed = options.installed().filter(({ at }) => isOwn || !places.has(at));
    const replaced = new Set(installed.map(({ at }) => at));
    const layered = lent.flatMap((folder) => {
      const layer = layerOver(options.folder.layers, folder.at);
      return namesIn(layer).length > 0 && (isOwn || folder.from.length === 0) ? [{ ...folder, from: [layer, ...folder.from] }] : [];
    });
    ownPackages = [...layered, ...installed];
    const own = new Map(layered.map((folder) => [folder.at, folder]));
    return [...lent.filter(({ at }) => !replaced.has(at)).map((folder) => own.get(folder.at) ?? folder), ...installed];
  };

  async function runAll(commit: string, on: 'base' | 'result', lent: readonly LentFolder[]): Promise<Runs> {
    await guard.look(() => [folder.checkTree, temp, layers].forEach(emptyFolder));
    const git = await createPrivateGit({ dir: gitDir, repository, branch: options.branch, commit });
    const made = await checkout(git, folder.checkTree, commit, signal);
    if (!made.ok) return commands.map(() => null);
    await attachWorkTree(git, folder.checkTree);
    const own = { workspace: folder.checkTree, gitDir, temp, layers, lent };
    const spec: SandboxSpec = { ...options.sandboxSpec, ...own, objectDirs: repository.objectDirs };
    const opened = await openSandbox(spec, { program: options.sandboxProgram });
    if (!opened.ok) return commands.map(() => null);
    guard = guardWorkspace(opened.sandbox);
    try {
      const runs: (CheckRun | null)[] = [];
      for (const [index, command] of commands.entries()) {
        if (signal.aborted) {
          runs.push(null);
          continue;
        }
        options.emit({ type: 'check', command, on, phase: 'start', text: '' });
        const run = await runCheck(opened.sandbox, command, {
          cwd: options.cwd,
          timeoutMs: options.timeoutMs,
          signal,
          tree: folder.checkTree,
          outputFile: path.join(temp, `${on}-${index}.txt`),
        });
        options.emit({
          type: 'check',
          command,
          on,
          phase: 'end',
          text: run.exitCode === 0 ? 'pass' : (run.killed ?? `exit ${run.exitCode}`),
        });
        if (on === 'base') options.onBase(command, run);
        runs.push(run);
      }
      return runs;
    } finally {
      await opened.sandbox.close();
    }
  }

  return {
    async base() {
      if (commands.length === 0 || closing.signal.aborted) return;
      await baseRuns.beside();
    },
    async result(commit, changed) {
      if (commands.length === 0) return [];
      const before = await baseRuns.alone();
      const after = await runAll(commit, 'result', lentToResult(changed));
      return commands.map((command, index) => compareCheck(command, before[index] ?? null, after[index] ?? null));
    },
    ownPackages: () => ownPackages.map(({ at }) => path.relative(options.sandboxSpec.mountAt, at)),
    async close() {
      closing.abort();
      await baseRuns.ended();
      await cleanUp(
        options.emit,
        [folder.checkTree, temp, layers, gitDir].map((left) => () => guard.look(() => removeTree(left))),
      );
    },
  };
}
