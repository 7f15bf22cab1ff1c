import { existsSync } from 'node:fs';
import path from 'node:path';
import { usableMemory } from '../../common/usable-memory.ts';
import { hostsFor, type Settings } from '../../config.ts';
import { ErrorWithReason } from '../../messages/error-with-reason.ts';
import { type Message, message } from '../../messages/message.ts';
import { ecosystemsOf } from '../../sandbox/ecosystems.ts';
import { findActive } from '../../sandbox/find-environment.ts';
import { findAround, findCaches, findInstalled } from '../../sandbox/find-lent.ts';
import { findLinked } from '../../sandbox/find-linked.ts';
import type { LentFolder, SandboxLimits, SandboxSpec } from '../../sandbox/types.ts';
import { checkout, resetWorkTree } from '../../workspace/checkout.ts';
import { attachWorkTree, createPrivateGit, removeIndex } from '../../workspace/private-git.ts';
import { emptyFolder } from '../../workspace/remove-tree.ts';
import { removeOddRuleFiles } from '../../workspace/rule-files.ts';
import { writeShownIndex } from '../../workspace/shown-index.ts';
import { fillSubmodules, type Submodule } from '../../workspace/submodules.ts';
import type { CommitIdentity, PrivateGit, Repository } from '../../workspace/types.ts';
import { snapshotUncommitted } from '../../workspace/uncommitted.ts';
import type { StartEvent } from '../journal/journal.ts';
import { errorOutcome } from '../result/error-outcome.ts';
import type { AttemptInput, Call } from './attempt-input.ts';
import { SetUpFailed } from './set-up.ts';
import type { StopReason, StopSignal } from './stop-signal.ts';

/** Who commits: the user, as git would have it, at the time of the clock. */
export function identityOf(repository: Repository, now: number): CommitIdentity {
  const who = repository.identity ?? { name: 'claude-kimi-mcp', email: 'claude-kimi-mcp@localhost' };
  return { ...who, date: `${Math.floor(now / 1000)} +0000` };
}

/**
 * Makes the private git dir (in 2 ms, without a process). A new attempt with include_uncommitted gets a snapshot of the user's
 * working tree as its base. The returned `start` is what the journal begins with.
 */
export async function prepareGit(
  input: AttemptInput,
): Promise<{ start: StartEvent; privateGit: PrivateGit; problems: readonly Message[] }> {
  const { repository, folder, request, context } = input.call;
  const { event: start } = input.start;
  const at = (commit: string) =>
    createPrivateGit({ dir: folder.git, repository, branch: request.branch, commit, hasShownIndex: true, identity: repository.identity });
  const privateGit = await at(start.parent);
  if (!input.start.snapshot) return { start, privateGit, problems: [] };
  const identity = identityOf(repository, context.clock.now());
  const { commit, problems } = await snapshotUncommitted(repository, privateGit, start.parent, identity);
  const snapshot = { ...start, base: commit, parent: commit, baseName: `${start.baseName} with the uncommitted changes` };
  return { start: snapshot, privateGit: await at(commit), problems };
}

export interface Preparation {
  /** Begins the work when it has not begun yet. */
  begin(): Promise<void>;
  /** Waits for it, but does not begin it. Never rejects. */
  settled(): Promise<void>;
}

/**
 * The checkout. It begins when the first request is on its way, and runs while the model thinks; tools wait for it.
 * When it fails the attempt is stopped as `environment_broken`, or as `storage_error` where the disk is to blame.
 * @param finish brings what the commit does not hold, and looks at what is there, submodules too, before anybody is told of it */
export function createPreparation(
  input: AttemptInput,
  start: StartEvent,
  privateGit: PrivateGit,
  stop: StopSignal,
  finish: (submodules: readonly Submodule[]) => Promise<void>,
): Preparation {
  let running: Promise<void> | null = null;
  return {
    begin() {
      running ??= fillWorkTree(input, start, privateGit, stop.signal)
        .then(finish)
        .catch((error: Error) => {
          if (!stop.signal.aborted) stop.stop(whyNone(error, input));
          throw error;
        });
      running.catch(() => {});
      return running;
    },
    settled: () => running?.catch(() => {}) ?? Promise.resolve(),
  };
}

function whyNone(error: Error, { call }: AttemptInput): StopReason {
  if (error instanceof SetUpFailed) return { outcome: 'environment_broken', reason: error.reason };
  if (error instanceof CheckoutRefused) return { outcome: 'environment_broken', reason: message('end.noWorkspace', { why: error.reason }) };
  const { outcome, reason } = errorOutcome(error, call.context.stateDir, call.repository.root);
  if (outcome === 'storage_error') return { outcome, reason };
  return { outcome: 'environment_broken', reason: message('end.noWorkspace', { why: error.message }) };
}

class CheckoutRefused extends ErrorWithReason {}

async function fillWorkTree(input: AttemptInput, start: StartEvent, privateGit: PrivateGit, signal: AbortSignal): Promise<Submodule[]> {
  const { folder, context, repository } = input.call;
  const resumed = input.continuation?.state ?? null;
  const began = context.clock.now();
  const tree = resumed ? (resumed.tree ?? start.startTree) : start.startTree;
  const isThere = resumed !== null && existsSync(folder.workTree);
  if (isThere) await removeOddRuleFiles(folder.workTree);
  if (!isThere || !(await canReset(privateGit, folder.workTree, tree ?? start.parent, signal))) {
    for (const left of [folder.workTree, folder.layers]) emptyFolder(left);
    await removeIndex(privateGit);
    const made = await checkout(privateGit, folder.workTree, start.parent, signal);
    if (!made.ok) throw new CheckoutRefused(made.reason);
    const reset = tree === null ? made : await resetWorkTree(privateGit, folder.workTree, tree, { ignored: 'stay', signal });
    if (!reset.ok) throw new CheckoutRefused(reset.reason);
  }
  await writeShownIndex(privateGit, folder.workTree, start.parent, signal);
  await attachWorkTree(privateGit, folder.workTree);
  const submodules = await fillSubmodules(repository, privateGit, folder.workTree, tree ?? start.parent, signal);
  input.record.emit({ type: 'workspace', ms: context.clock.now() - began });
  return submodules;
}

/** Keeps what git ignores, installed dependencies for one; where a crash left nothing to go on from, the working tree is made anew. */
async function canReset(privateGit: PrivateGit, workTree: string, tree: string, signal: AbortSignal): Promise<boolean> {
  try {
    return (await resetWorkTree(privateGit, workTree, tree, { ignored: 'stay', signal })).ok;
  } catch (error) {
    if (signal.aborted) throw error;
    return false;
  }
}

/** Where commands run, and with which settings. */
type Place = Pick<Call, 'repository' | 'folder'> & { readonly context: Pick<Call['context'], 'settings' | 'stateDir' | 'env'> };

/**
 * What commands may see and do; see sandbox/types.ts.
 * @param paths the files of the base commit, which tell what kind of project it is
 */
export function sandboxSpec({ repository, folder, context }: Place, gitDir: string, paths: readonly string[]): SandboxSpec {
  const { values: settings } = context.settings;
  const hidden = [context.stateDir, repository.gitDir, repository.commonDir, mainCheckout(repository)];
  let lent: SandboxSpec['lent'] | null = null;
  return {
    workspace: folder.workTree,
    mountAt: repository.root,
    gitDir,
    objectDirs: repository.objectDirs,
    temp: folder.temp,
    hidden,
    get lent() {
      // looked for when the first command runs, not before the first request
      lent ??= findLent(repository, hidden, context.env, paths);
      return lent;
    },
    layers: folder.layers,
    gitDefaults: { identity: repository.identity !== null, branch: repository.config.get('init.defaultbranch') ?? null },
    allowedHosts: hostsFor(
      settings,
      ecosystemsOf(paths).map(({ name }) => name),
    ),
    mode: settings.sandbox,
    limits: sandboxLimits(settings),
    env: context.env,
  };
}

function findLent(repository: Repository, hidden: readonly string[], env: SandboxSpec['env'], paths: readonly string[]): LentFolder[] {
  const user = { env, mountAt: repository.root, hidden };
  const found = [
    ...findInstalled(repository.root, paths),
    ...findLinked(repository.root, paths),
    ...findAround(repository.root, mainCheckout(repository)),
    ...findCaches(user, paths),
  ];
  return [...found, ...findActive(user, paths, found)];
}

/** The same sandbox with more, or other things, lent; what is lent is found when it is asked for first. */
export function withLent(spec: SandboxSpec, over: (lent: SandboxSpec['lent']) => SandboxSpec['lent']): SandboxSpec {
  const { lent: _, ...rest } = Object.getOwnPropertyDescriptors(spec);
  return Object.defineProperties({}, { ...rest, lent: { get: () => over(spec.lent), enumerable: true } }) as SandboxSpec;
}

const MB = 2 ** 20;

export function sandboxLimits({ commandMemoryMb, commandProcesses, diskMb }: Settings): SandboxLimits {
  return {
    memoryBytes: commandMemoryMb === undefined ? Math.min(8192 * MB, Math.floor(usableMemory() * 0.75)) : commandMemoryMb * MB,
    processes: commandProcesses,
    diskBytes: diskMb * MB,
    diskFiles: diskMb * 200,
    outputFileBytes: 64 * MB,
  };
}

/** The checkout that owns the common git dir; another one than the caller's when the caller is in a linked worktree. */
function mainCheckout(repository: Repository): string {
  return path.basename(repository.commonDir) === '.git' ? path.dirname(repository.commonDir) : repository.commonDir;
}
