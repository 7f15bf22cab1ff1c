/** Where checks and hooks run before a merge is made: in the sandbox, on the files that the merge would give. */
import path from 'node:path';
import { findFilled } from '../../sandbox/find-lent.ts';
import type { SandboxSpec } from '../../sandbox/types.ts';
import { createPrivateGit } from '../../workspace/private-git.ts';
import { listTree } from '../../workspace/read-objects.ts';
import { emptyFolder, removeLater } from '../../workspace/remove-tree.ts';
import { submodulePaths } from '../../workspace/submodules.ts';
import type { PrivateGit, Refusal } from '../../workspace/types.ts';
import { type CheckRunner, createCheckRunner } from '../attempt/check-runner.ts';
import { lentFiles } from '../attempt/ignored-files.ts';
import { openNeverSend } from '../attempt/open-never-send.ts';
import { sandboxSpec, withLent } from '../attempt/prepare-workspace.ts';
import { createSetUp } from '../attempt/set-up.ts';
import { endCommandsOf, WorkspaceBusy } from '../attempt/workspace-guard.ts';
import type { DelegateContext } from '../delegate-request.ts';
import type { JournalEvent } from '../journal/journal.ts';
import type { DelegationFolder, StoredAttempt } from '../store/delegation-folder.ts';
import type { DecisionContext } from './decision.ts';

/** What a door lends to a decision that runs something. */
export interface MergeContext extends DecisionContext {
  readonly settings: DelegateContext['settings'];
  readonly env: DelegateContext['env'];
  readonly signal: AbortSignal;
  /** Told of each command, when it begins and ends. */
  onEvent(event: JournalEvent): void;
}

/** A place for commands beside the checkout, with all that commands of the attempt had: packages, caches, ignored files that are lent. */
export interface Beside {
  readonly spec: SandboxSpec;
  readonly hasSubmodules: boolean;
  fill(workTree: string): Promise<void>;
  /** Runs checks on HEAD and on what becomes of it. */
  checks(checks: { readonly commands: readonly string[]; readonly found: NonNullable<StoredAttempt['start']['foundChecks']> }): CheckRunner;
}

/** To be called under the lease. Nothing is left behind, also by a server that is killed: the temp folder tells the next call of it. */
export async function besideCheckout<T>(
  context: MergeContext,
  folder: DelegationFolder,
  { start }: StoredAttempt,
  act: (beside: Beside) => Promise<T>,
): Promise<T | Refusal> {
  const { repository, signal, branch } = context;
  const { values: settings } = context.settings;
  try {
    await endCommandsOf(folder);
  } catch (error) {
    if (error instanceof WorkspaceBusy) return { ok: false, reason: error.reason };
    throw error;
  }
  emptyFolder(folder.temp);
  const head = repository.head.commit;
  const files = await listTree(repository, head);
  const paths = files.map((file) => file.path);
  const git = await privateGitAt(context, folder, head);
  const bare = sandboxSpec({ repository, folder, context }, git.gitDir, paths);
  const setUp = createSetUp({ settings, repository, folder, emit: context.onEvent, base: start.base, branch, signal, spec: () => bare });
  const neverSend = await openNeverSend(repository, git, settings.neverSend, { base: head, trees: [] });
  const ignored = lentFiles({ setUp, repository, privateGit: git, setting: settings.includeIgnored, neverSend, signal, note: () => {} });
  const spec = withLent(bare, setUp.over);
  const hasSubmodules = submodulePaths(files).length > 0;
  const quiet = { look: async <R>(look: () => R | Promise<R>) => look(), watch: () => () => false };
  try {
    return await act({
      ...{ spec, hasSubmodules, fill: ignored.fill },
      checks: ({ commands, found }) =>
        createCheckRunner({
          ...{ commands, found, base: head, branch, repository, hasSubmodules, folder, signal },
          cwd: start.folder ?? '',
          sandboxSpec: spec,
          sandboxProgram: settings.sandboxProgram,
          fill: ignored.fill,
          installed: () => findFilled(folder.workTree, paths, repository.root),
          timeoutMs: settings.checkTimeoutSeconds * 1000,
          emit: context.onEvent,
          attempt: quiet,
          onBase: () => {},
        }),
    });
  } finally {
    for (const left of [git.gitDir, folder.temp]) removeLater(left);
  }
}

/** A git dir of ours at a commit of the user's, under the name of the branch that is checked out: hooks look at it. */
export function privateGitAt({ repository, branch }: MergeContext, folder: DelegationFolder, commit: string): Promise<PrivateGit> {
  const { identity, head } = repository;
  return createPrivateGit({ dir: path.join(folder.root, 'check-git'), repository, branch: head.branch ?? branch, commit, identity });
}
