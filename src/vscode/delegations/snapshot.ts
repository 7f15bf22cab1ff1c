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
  open: { folders: [], repositories: [], unborn: [] },
  worktrees: new Map(),
  branches: new Map(),
  delegations: [],
  unreadable: [],
};

/** @param worktree of a repository of the window, the one in which to act, or in which the delegation was started */
export function findByBranch(
  { open, worktrees, delegations }: Pick<Snapshot, 'open' | 'worktrees' | 'delegations'>,
  worktree: string,
  branch: string,
): DelegationItem | undefined {
  const opened = open.repositories.find(({ root }) => root === worktree);
  const commonDir = opened?.commonDir ?? [...worktrees].find(([, root]) => root === worktree)?.[0];
  return delegations.find(
    ({ identity }) => identity.branch === branch && (identity.commonDir === commonDir || identity.repository === worktree),
  );
}

/** Where to act: the first working tree that is open here, or else one that delegations were started in. */
export function worktreeOf({ worktrees }: Snapshot, { identity }: DelegationItem): string {
  return worktrees.get(identity.commonDir) ?? identity.repository;
}

/** What is checked out in `worktreeOf`; without a branch when HEAD is detached, null when not known. */
export type Head = { readonly branch: string | null; readonly commit: string } | null;

export function headOf({ branches }: Pick<Snapshot, 'branches'>, { identity }: Pick<DelegationItem, 'identity'>): Head {
  const known = branches.get(identity.commonDir);
  const commit = known && (known.head === null ? known.detachedAt : known.tips.get(known.head));
  return commit ? { branch: known.head, commit } : null;
}
