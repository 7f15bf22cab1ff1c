import type { DelegationFolder } from '../../delegation/store/delegation-folder.ts';
import type { RepositoryBranches } from '../../workspace/repository-branches.ts';
import type { DelegationItem } from './delegation-item.ts';
import type { WindowFolders } from './repositories.ts';

/** What the window knows of its repositories and their delegations; a look at the disk makes a new one. */
export interface Snapshot {
  readonly open: WindowFolders;
  /** Shared git dir -> the working tree to act in. */
  readonly worktrees: ReadonlyMap<string, string>;
  /** Shared git dir -> its branches; null = git could not tell. */
  readonly branches: ReadonlyMap<string, RepositoryBranches | null>;
  /** Newest first. */
  readonly delegations: readonly DelegationItem[];
  /** Delegations whose own file is damaged: of any repository. */
  readonly unreadable: readonly DelegationFolder[];
}

export const EMPTY_SNAPSHOT: Snapshot = {
  open: { folders: [], repositories: [] },
  worktrees: new Map(),
  branches: new Map(),
  delegations: [],
  unreadable: [],
};

/** @param worktree of a repository of the window, or the one in which the delegation was started */
export function findByBranch({ open, delegations }: Snapshot, worktree: string, branch: string): DelegationItem | undefined {
  const { commonDir } = open.repositories.find(({ root }) => root === worktree) ?? {};
  return delegations.find(
    ({ identity }) => identity.branch === branch && (identity.commonDir === commonDir || identity.repository === worktree),
  );
}

/** Where to act: the first working tree that is open here, or else one that delegations were started in. */
export function worktreeOf({ worktrees }: Snapshot, { identity }: DelegationItem): string {
  return worktrees.get(identity.commonDir) ?? identity.repository;
}

/** The branch that is checked out in `worktreeOf` and its commit; `detached` when none is, null when not known. */
export type Head = { branch: string; commit: string } | 'detached' | null;

export function headOf({ branches }: Snapshot, { identity }: DelegationItem): Head {
  const known = branches.get(identity.commonDir);
  if (!known) return null;
  const commit = known.head === null ? undefined : known.tips.get(known.head);
  return known.head !== null && commit ? { branch: known.head, commit } : 'detached';
}
