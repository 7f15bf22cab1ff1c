import path from 'node:path';
import { compareChecks, stoppedOnBase } from '../../checks/compare-check.ts';
import type { Asked } from '../../checks/integrity/rule.ts';
import type { CheckComparison, CheckRun, FoundCheck } from '../../checks/types.ts';
import { changesDependencies } from '../../sandbox/ecosystems.ts';
import { openSandbox } from '../../sandbox/sandbox.ts';
import type { LentFolder, SandboxSpec } from '../../sandbox/types.ts';
import { createPrivateGit } from '../../workspace/private-git.ts';
import { emptyFolder, removeSoon } from '../../workspace/remove-tree.ts';
import { removeOddRuleFiles } from '../../workspace/rule-files.ts';
import type { PrivateGit, Repository } from '../../workspace/types.ts';
import type { JournalEvent } from '../journal/journal.ts';
import type { DelegationFolder } from '../store/delegation-folder.ts';
import { createBaseRuns, type Runs } from './base-runs.ts';
import { type BetweenChecks, betweenChecks } from './between-checks.ts';
import { checkDefinitions, saidByManifests } from './check-definitions.ts';
import { createCheckTree } from './check-tree.ts';
import { ownModules } from './own-modules.ts';
import { createProofRuns, type ProofRuns, type WatchedCommands } from './proof-runs.ts';
import { NO_MODULES, ownPlaces, type ResultPackages, removeScratch, resultPackages } from './result-packages.ts';
import { rewrittenSources } from './rewritten-sources.ts';
import { runFailedAgain } from './run-again.ts';
import { cleanUp } from './run-all-cleanups.ts';
import { runChecks } from './run-checks.ts';
import { runOldTests } from './run-old-tests.ts';
import { sameFailures } from './same-failures.ts';
import { guardWorkspace, WorkspaceBusy, type WorkspaceGuard } from './workspace-guard.ts';

export interface CheckRunner {
  /** Runs every check on the base; begin it early, it runs while the model thinks. */
  base(): Promise<void>;
  /**
   * Runs every check on the commit of the attempt and compares. Where it changed what defines a check, that one runs once more, with the
   * definition of the base, and where it changed tests of the base, with these as they were.
   * @param changed the files that it changed
   * @param asked what the task asks to change
   */
  result(commit: string, changed: readonly string[], asked?: Asked): Promise<CheckComparison[]>;
  /** Lets commands run on trees that are made for a proof, as the checks of the result ran; null = those did not. */
  proofRuns(): Promise<ProofRuns | null>;
  /** Places of packages, relative to the root, that the result was checked with as commands of the attempt left them. */
  ownPackages(): readonly string[];
  /** Whether checks of the result would use packages as commands of the attempt left them. */
  usesOwn(changed: readonly string[]): boolean;
  /** Ends what still runs: nobody asks for it any more. */
  close(): Promise<void>;
}

interface Where {
  readonly commit: string;
  /** Files that are checked in place of those of the commit. */
  readonly tree?: string;
  readonly on: 'base' | 'result';
  readonly lent: readonly LentFolder[];
  /** The first so many checks. Default: all. */
  readonly count?: number | undefined;
  /** Said in the journal; default: nothing. */
  readonly how?: string;
  /** Other commands than the checks. */
  readonly proof?: Omit<WatchedCommands, 'tree'>;
}

const NOTHING_ASKED: Asked = { task: '', isNamed: () => false };

/** Said in the journal. */
const AGAIN = 'once more';

interface CheckRunnerOptions {
  commands: readonly string[];
  /** Those of them that nobody gave. */
  found: readonly FoundCheck[];
  /** Where they begin, relative to the root. */
  cwd: string;
  base: string;
  branch: string;
  repository: Repository;
  hasSubmodules: boolean;
  folder: DelegationFolder;
  sandboxSpec: SandboxSpec;
  sandboxProgram: string | undefined;
  /** Brings the ignored files that the user lends into a working tree. */
  fill(workTree: string): Promise<void>;
  /** Folders of packages that the attempt has in its working tree: installed where the checkout has none, or copied. */
  installed(): LentFolder[];
  timeoutMs: number;
  signal: AbortSignal;
  emit(event: JournalEvent): void;
  /** Keeps the end of a long output (`CheckOptions.keepOutput`); absent = nobody reads it. */
  keepOutput?(text: string): string | null;
  /** Of the commands of the attempt. */
  attempt: Pick<WorkspaceGuard, 'look' | 'watch'>;
  /** Every check that ran on the base, as soon as it has ended. */
  onBase(command: string, run: CheckRun): void;
}

/**
 * Checks run on clean checkouts of the base and of the result, in a working tree of their own: what is proved is what is on the
 * branch, not what happens to lie in the workspace.
 */
export function createCheckRunner(options: CheckRunnerOptions): CheckRunner {
  const { folder, commands } = options;
  const gitDir = path.join(folder.root, 'check-git');
  const temp = path.join(folder.root, 'check-tmp');
  const layers = path.join(folder.root, 'check-layers');
  // The attempt's commit lies in the delegation's own object directory until it is imported.
  const repository = { ...options.repository, objectDirs: [...options.repository.objectDirs, path.join(folder.git, 'objects')] };
  const closing = new AbortController();
  const signal = AbortSignal.any([options.signal, closing.signal]);
  const runBase = (count?: number, how = '') => runAll({ commit: options.base, on: 'base', lent: options.sandboxSpec.lent, count, how });
  const baseRuns = createBaseRuns(runBase, options.attempt.watch);
  const tree = createCheckTree({ ...options, workTree: folder.checkTree, signal });
  /** Of the checks that ran last in the working tree. */
  let guard: WorkspaceGuard = guardWorkspace({ quiet: async () => {} });

  const between = betweenChecks(commands, options.cwd, options.base);
  /** What the result was checked with. */
  let checked: { commit: string; packages: ResultPackages } | null = null;
  let skipped: ReadonlySet<string> = new Set();

  const gitAt = (commit: string) => createPrivateGit({ dir: gitDir, repository, branch: options.branch, commit });

  async function runAll(where: Where): Promise<Runs> {
    const { commit, on, lent, proof } = where;
    const asked = proof?.commands ?? commands.slice(0, where.count);
    await guard.look(() => [temp, layers].forEach(emptyFolder));
    const git = await gitAt(commit);
    if (!(await guard.look(() => tree.fill(git, where.tree ?? commit)))) return asked.map(() => null);
    const own = { workspace: folder.checkTree, gitDir, temp, layers, lent };
    const spec: SandboxSpec = { ...options.sandboxSpec, ...own, objectDirs: repository.objectDirs };
    const opened = await openSandbox(spec, { program: options.sandboxProgram });
    if (!opened.ok) return asked.map(() => null);
    guard = guardWorkspace(opened.sandbox);
    try {
      const tidy = (index: number) =>
        guard.look(async () => {
          if (!proof) await between.tidy(spec, { index, on }, git);
          return tree.restore(git, where.tree ?? commit);
        });
      const kept = proof ? { keepOutput: undefined } : {}; // those are counted, and not read
      const rewritten = (index: number) => guard.look(() => writtenBy({ index, on }, between, git, folder.checkTree));
      const asks = proof || where.tree ? {} : { rewritten };
      const run = { workTree: folder.checkTree, temp, signal, on, how: where.how ?? '', tidy, skipped, ...asks, ...kept, ...proof };
      return await runChecks(opened.sandbox, asked, { ...options, ...run });
    } finally {
      await opened.sandbox.close();
    }
  }

  return {
    async base() {
      if (commands.length === 0 || closing.signal.aborted) return;
      await baseRuns.beside();
    },
    async result(commit, changed, asked = NOTHING_ASKED) {
      if (commands.length === 0) return [];
      const before = await baseRuns.alone();
      skipped = stoppedOnBase(options, before);
      const git = await gitAt(commit);
      const packages = await packagesOf(options, git, commit, changed);
      if (packages === null) return compareChecks(options, before, []);
      checked = { commit, packages };
      const after = await runAll({ commit, on: 'result', lent: packages.lent.own });
      const runs = { base: before, result: after, ranTwice: baseRuns.ranTwice };
      const again = (on: 'base' | 'result', count: number) =>
        on === 'base' ? runBase(count, AGAIN) : runAll({ commit, on, lent: packages.lent.own, count, how: AGAIN });
      const comparisons = await sameFailures(await runFailedAgain(options, runs, again), git, options.base);
      const where = { git, base: options.base, result: commit, changed };
      const running =
        (how: string) =>
        (tree: string, { count, packages: which }: { count: number; packages: keyof ResultPackages['lent'] }) =>
          runAll({ commit, tree, count, on: 'result', lent: packages.lent[which], how });
      const run = running('with the definition of the base');
      const judged = await checkDefinitions({ ...where, comparisons, folder: options.cwd, packages, run });
      return runOldTests({ ...where, ...judged, asked, run: running('tests as the base has them') });
    },
    async proofRuns() {
      if (!checked) return null;
      const { commit, packages } = checked;
      const run = ({ tree, ...proof }: WatchedCommands) => runAll({ commit, tree, on: 'result', lent: packages.lent.own, proof });
      return createProofRuns(await gitAt(commit), run);
    },
    ownPackages: () => checked?.packages.own ?? [],
    usesOwn: (changed) => (checked?.packages.own ?? ownPlaces(options.sandboxSpec, folder.layers, options.installed(), changed)).length > 0,
    async close() {
      closing.abort();
      await baseRuns.ended();
      await removeLeft(options, guard, [folder.checkTree, layers, temp, gitDir]);
    },
  };
}

/** Sources that a check wrote, which the next ones and its own tests may have run on. */
async function writtenBy(check: { index: number; on: 'base' | 'result' }, between: BetweenChecks, git: PrivateGit, workTree: string) {
  await removeOddRuleFiles(workTree); // git would wait for a pipe that it laid there
  return [...(await rewrittenSources(git, workTree)), ...(await between.standingIn(workTree, check, git))];
}

async function removeLeft({ emit }: CheckRunnerOptions, guard: WorkspaceGuard, left: readonly string[]) {
  const removals = left.map((path) => () => guard.look(() => removeSoon(path)));
  await cleanUp(emit, removals);
}

/** @returns null when a command of the attempt does not end: it could lead whoever looks at what it left anywhere */
async function packagesOf(
  { attempt, base, installed, sandboxSpec, folder: { layers } }: CheckRunnerOptions,
  git: PrivateGit,
  commit: string,
  changed: readonly string[],
): Promise<ResultPackages | null> {
  const said = await saidByManifests(git, base, commit, changed);
  const own = changesDependencies(changed) ? await ownModules(git, base) : NO_MODULES;
  const take = async () => {
    const inTree = installed();
    await removeScratch(ownPlaces(sandboxSpec, layers, inTree, changed));
    return resultPackages(sandboxSpec, layers, inTree, changed, said, own);
  };
  return attempt.look(take).catch((error: unknown) => {
    if (error instanceof WorkspaceBusy) return null;
    throw error;
  });
}
