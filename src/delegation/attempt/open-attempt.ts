import { join } from 'node:path';
import type { NeverSend } from '../../agent/never-send/never-send.ts';
import { showName } from '../../agent/tools/text-limits.ts';
import { currencyOf } from '../../common/currency.ts';
import { type Message, message } from '../../messages/message.ts';
import { findFilled } from '../../sandbox/find-lent.ts';
import { openSandbox } from '../../sandbox/sandbox.ts';
import type { Sandbox, SandboxSpec } from '../../sandbox/types.ts';
import { boundedCheckpoint } from '../../workspace/forget-steps.ts';
import { pinBase } from '../../workspace/hidden-refs.ts';
import { keepTree } from '../../workspace/private-git.ts';
import type { TreeFile } from '../../workspace/read-objects.ts';
import { emptyFolder, removeSoon } from '../../workspace/remove-tree.ts';
import { removeOddRuleFiles } from '../../workspace/rule-files.ts';
import { type Submodule, submodulePaths } from '../../workspace/submodules.ts';
import type { PrivateGit } from '../../workspace/types.ts';
import type { AttemptState } from '../journal/fold-journal.ts';
import type { StartEvent } from '../journal/journal.ts';
import { isFound } from '../start/plan-call.ts';
import { unseenPaths } from '../start/unseen-changes.ts';
import { keepOutput } from '../store/kept-outputs.ts';
import type { AttemptInput } from './attempt-input.ts';
import { type Background, createBackground } from './background.ts';
import { type BaseChecks, createBaseChecks } from './base-checks.ts';
import { type CheckRunner, createCheckRunner } from './check-runner.ts';
import { type Checkpointer, type CheckpointSource, createCheckpointer } from './checkpointer.ts';
import { findIdle } from './find-idle.ts';
import { lentFiles } from './ignored-files.ts';
import { learnWorkspace, openNeverSend, relearning } from './open-never-send.ts';
import { watchLists } from './pattern-files.ts';
import { createPreflight, type Preflight } from './preflight.ts';
import { createPreparation, type Preparation, prepareGit, sandboxSpec, withLent } from './prepare-workspace.ts';
import { reviewedBase } from './reviewed-base.ts';
import { cleanUp } from './run-all-cleanups.ts';
import { createSetUp, type SetUp } from './set-up.ts';
import type { StopSignal } from './stop-signal.ts';
import { endCommandsOf, guardWorkspace, WorkspaceBusy, type WorkspaceGuard } from './workspace-guard.ts';

/** A checkpoint is made when the model thinks longer than this; a model that answers sooner is not held up. */
const CHECKPOINT_DELAY_MS = 100;

/** The git side of an attempt, as the journal has it by now. */
export interface OpenedGit {
  /** The first line of the journal, with the base that a snapshot made. */
  readonly start: StartEvent;
  /** What a run before it has left; null = the attempt is new. */
  readonly resumed: AttemptState | null;
  readonly privateGit: PrivateGit;
  /** The commit or tree that the workspace begins with; a snapshot and unfinished work are in the private git dir only. */
  readonly firstTree: string;
  readonly files: readonly TreeFile[];
  /** What a snapshot could not take in. */
  readonly snapshotProblems: readonly Message[];
}

/** An attempt with everything that it works with. */
export interface OpenAttempt extends OpenedGit {
  readonly input: AttemptInput;
  readonly stop: StopSignal;
  readonly sandbox: Sandbox;
  readonly neverSend: NeverSend;
  /** What the user's lists of files keep back since it was opened. */
  readonly listedSince: () => readonly string[];
  /** Learns what may not be sent and came into git since. */
  readonly relearn: () => Promise<void>;
  readonly guard: WorkspaceGuard;
  readonly preparation: Preparation;
  readonly checks: CheckRunner;
  readonly baseChecks: BaseChecks;
  readonly preflight: Preflight;
  readonly checkpointer: Checkpointer;
  readonly background: Background;
  /** Files that were written by file tools. */
  readonly written: Set<string>;
  /** Those of them that git ignores: at first those that the model was told of, in the end those that stay on no branch. */
  readonly ignoredWrites: Set<string>;
  /** As the checkout has them. */
  readonly submodules: readonly Submodule[];
  /** What the report says besides, and what does not count against the work. */
  readonly notes: Message[];
  readonly setUp: SetUp;
  /**
   * Ends what still runs, so that nothing is at work when the lease is given back.
   * @param left whether a later call may go on with the files of its working tree
   */
  close(left: 'wanted' | 'unwanted'): Promise<void>;
}

/** Opens an attempt as far as the first request needs it, and writes its first line; what it does not need is the background's. */
export async function openAttempt(
  input: AttemptInput,
  stop: StopSignal,
): Promise<{ ok: true; attempt: OpenAttempt } | { ok: false; reason: Message; openedGit: OpenedGit }> {
  const { context, repository, folder, request } = input.call;
  const { values: settings } = context.settings;
  const { emit } = input.record;
  const openedGit = await openGit(input);
  const { start, resumed, privateGit } = openedGit;

  try {
    await endCommandsOf(folder);
  } catch (error) {
    if (error instanceof WorkspaceBusy) return { ok: false, reason: error.reason, openedGit };
    throw error;
  }
  // Whatever a command left there before a crash (a dangling link in the place of a folder) must not stop the next run.
  emptyFolder(folder.temp);
  const paths = openedGit.files.map((file) => file.path);
  const { setUp, notes } = await setUpOf(input, start.base, stop, () => bare);
  const bare = sandboxSpec(input.call, privateGit.gitDir, paths);
  const spec = withLent(bare, setUp.over);
  const trees = [...others(openedGit).map((tree) => ({ tree })), { tree: openedGit.firstTree, files: openedGit.files }];
  const listedSince = watchLists(repository, openedGit.files);
  const [opened, neverSend] = await Promise.all([
    openSandbox(spec, { program: settings.sandboxProgram }),
    openNeverSend(repository, privateGit, settings.neverSend, { base: start.base, trees, setupFiles: settings.setupFiles }),
  ]);
  if (!opened.ok) return { ok: false, reason: opened.reason, openedGit };
  const { sandbox } = opened;
  const guard = guardWorkspace(sandbox, {
    tidy: async () => (await removeOddRuleFiles(folder.workTree)).forEach(checkpointer.addProblem),
  });

  const relearn = relearning(neverSend, repository, stop.signal);
  const submodules: Submodule[] = [];
  const lending = { setUp, repository, privateGit, setting: settings.includeIgnored, neverSend, signal: stop.signal };
  const ignored = lentFiles({ ...lending, note: (text) => notes.push(text) });
  const finish = async (filled: readonly Submodule[]) => {
    submodules.push(...filled);
    for (const { path, privateGit: files } of filled) if (files === null) baseChecks.note(emptySubmodule(path));
    await setUp.run();
    await ignored.fill(folder.workTree);
    await learnWorkspace(neverSend, { ...openedGit, repository, workTree: folder.workTree, submodules: filled }, stop.signal);
  };
  const preparation = createPreparation(input, start, privateGit, stop, finish);
  const folders = start.folder ? [repository.root, join(repository.root, start.folder)] : [repository.root];
  const baseChecks = createBaseChecks(start, input.before.earlier.at(-1)?.result ?? null, resumed?.transcript ?? [], folders);
  const isFirst = resumed === null && input.before.earlier.length === 0;
  const preflight = createPreflight({ isFirst: isFirst && !isFound(start), commands: start.checks, folders, stop: stop.stop });
  const checks = createCheckRunner({
    ...{ commands: start.checks, found: start.foundChecks ?? [] },
    cwd: start.folder ?? '',
    base: start.base,
    branch: request.branch,
    repository,
    hasSubmodules: submodulePaths(openedGit.files).length > 0,
    folder,
    sandboxSpec: spec,
    sandboxProgram: settings.sandboxProgram,
    fill: ignored.fill,
    installed: () => findFilled(folder.workTree, paths, repository.root),
    timeoutMs: settings.checkTimeoutSeconds * 1000,
    signal: stop.signal,
    ...{ emit, attempt: guard },
    keepOutput: (text) => keepOutput(input.record.folder, text),
    onBase(command, run) {
      baseChecks.add(command, run);
      preflight.add(command, run);
    },
  });
  const checkpointer = createCheckpointer({
    source: checkpointSource(openedGit, spec, guard, ignored.keptOut),
    first: { step: resumed?.step ?? 0, tree: openedGit.firstTree },
    delayMs: CHECKPOINT_DELAY_MS,
    write: (done) => emit({ type: 'checkpoint', ...done }),
  });
  const background = createBackground({
    preparation,
    checks,
    look: async () => (input.start.snapshot ? [] : unseenPaths(repository, privateGit, start).catch(() => [])),
    pin: () => pinBase(repository, folder.id, start.head.commit, isFirst).catch(() => {}),
  });
  const close: OpenAttempt['close'] = async (left) => {
    await background.close();
    const files = left === 'wanted' ? [] : [folder.workTree, folder.layers];
    const removed = files.map((path) => () => guard.look(() => removeSoon(path)));
    await cleanUp(emit, [() => checks.close(), () => sandbox.close(), () => guard.look(() => removeSoon(folder.temp)), ...removed]);
  };
  const parts = { sandbox, guard, neverSend, listedSince, relearn, preparation, checks, baseChecks, preflight, checkpointer, background };
  const writes = { written: new Set<string>(), ignoredWrites: new Set<string>() };
  const attempt = { ...openedGit, input, stop, ...parts, ...writes, submodules, notes, setUp, close };
  return { ok: true, attempt };
}

/** @returns with what is to be told of the commit on which the command runs */
async function setUpOf(
  { call: { context, repository, folder, request }, record: { emit } }: AttemptInput,
  from: string,
  { signal }: StopSignal,
  spec: () => SandboxSpec,
): Promise<{ setUp: SetUp; notes: Message[] }> {
  const { values: settings } = context.settings;
  const isLent = settings.setupCommand && settings.setupFiles.length > 0;
  const base = isLent ? await reviewedBase(context.stateDir, repository, from) : from;
  const setUp = createSetUp({ settings, repository, folder, emit, base, branch: request.branch, signal, spec });
  return { setUp, notes: base === from ? [] : [message('lent.setUpBelow', { commit: base.slice(0, 7) })] };
}

function checkpointSource(
  { start, privateGit }: OpenedGit,
  { workspace, limits }: Pick<SandboxSpec, 'workspace' | 'limits'>,
  guard: WorkspaceGuard,
  keptOut: () => ReadonlySet<string>,
): CheckpointSource {
  const checkpoint = boundedCheckpoint(start.attempt, limits.diskBytes);
  return {
    take: (previous) => guard.look(() => checkpoint(privateGit, workspace, previous, undefined, keptOut())),
    keep: (step, tree) => keepTree(privateGit, start.attempt, step, tree),
  };
}

/** What an attempt that goes on with work may have changed or removed since. */
function others({ start, firstTree }: OpenedGit): string[] {
  return [...new Set([start.base, start.parent])].filter((commit) => commit !== firstTree);
}

/** A folder of the user's that git does not carry (ignored, or still empty) is not there; commands begin in the one around it. */
function knownFolder(folder: string, files: readonly TreeFile[]): string {
  if (folder === '' || files.some(({ path }) => path.startsWith(`${folder}/`))) return folder;
  return knownFolder(folder.slice(0, Math.max(0, folder.lastIndexOf('/'))), files);
}

/**
 * What checks the work where nobody said it, or only what passes always, as the base tells: what the worker has written by now has no say.
 */
async function withChecks(
  { call, before }: AttemptInput,
  start: StartEvent,
  privateGit: PrivateGit,
  first: { readonly tree: string; readonly files: readonly TreeFile[] },
): Promise<StartEvent> {
  const given = start.checks;
  const idle = await findIdle(given, start, privateGit);
  if (given.some((command) => !idle.has(command))) return start;
  const { prefetched } = call;
  const files = start.base === first.tree ? first.files : await prefetched.files(privateGit, start.base);
  const texts = new Set([start.task, ...before.earlier.map((attempt) => attempt.start.task)]);
  const { checks: all, inTask, silent } = await prefetched.checks([...texts].join('\n'), start.folder ?? '', privateGit, start.base, files);
  const checks = all.filter(({ command }) => !given.includes(command));
  return {
    ...start,
    checks: [...given, ...checks.map(({ command }) => command)],
    ...(given.length === 0 && { checksFrom: inTask ? 'task' : 'found' }),
    ...(checks.length > 0 ? { foundChecks: [...checks] } : { silentManifests: [...silent] }),
  };
}

/** The private git dir, and the line in the journal with which everything begins. */
async function openGit(input: AttemptInput): Promise<OpenedGit> {
  const { context, prefetched } = input.call;
  const resumed = input.continuation?.state ?? null;
  const { start: asked, privateGit, problems } = await prepareGit(input);
  const firstTree = resumed?.tree ?? asked.startTree ?? asked.parent;
  const files = await prefetched.files(privateGit, firstTree);
  const placed = resumed || !asked.folder ? asked : { ...asked, folder: knownFolder(asked.folder, files) };
  const start = resumed ? placed : await withChecks(input, placed, privateGit, { tree: firstTree, files });
  const currency = currencyOf(context.settings.values.baseUrl);
  const words = resumed && start.task !== resumed.start.task ? { task: start.task } : {};
  const endpoint = new URL(context.settings.values.baseUrl).host;
  input.record.emit(
    resumed ? { type: 'resume', step: resumed.step, tree: resumed.tree, currency, endpoint, ...words } : { ...start, endpoint },
  );
  return { start, resumed, privateGit, firstTree, files, snapshotProblems: problems };
}

/** The model is told, as the first message names it among what is to be read. */
function emptySubmodule(path: string): string {
  return `The submodule ${showName(path)} is empty here, since its files are not on this machine: what fails for want of them says nothing of the code, and nothing that is written into it comes back.`;
}
