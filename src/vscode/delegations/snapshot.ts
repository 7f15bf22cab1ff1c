import type { Standing } from './delegation-item.ts';
import type { BranchFacts, WindowPlaces } from './repositories.ts';

/** What the window knows of its repositories and their delegations; a look at the disk makes a new one. */
export interface Snapshot {
  readonly places: WindowPlaces;
  /** Shared git dir -> the working tree to act in. */
  readonly roots: ReadonlyMap<string, string>;
  /** Shared git dir -> what git told about the branches; null = it could not. */
  readonly branches: ReadonlyMap<string, BranchFacts | null>;
  /** Newest first. */
  readonly standings: readonly Standing[];
}

export const EMPTY_SNAPSHOT: Snapshot = {
  places: { folders: [], repositories: [] },
  roots: new Map(),
  branches: new Map(),
  standings: [],
};

/** @param root of a repository of the window, or the one in which the delegation was begun */
export function findBranch({ places, standings }: Snapshot, root: string, branch: string): Standing | undefined {
  const { commonDir } = places.repositories.find((repository) => repository.root === root) ?? {};
  return standings.find(
    ({ view: { identity } }) => identity.branch === branch && (identity.commonDir === commonDir || identity.repository === root),
  );
}

/** Where to act: the first working tree that is open here, or else one that delegations were begun in. */
export function rootOf({ roots }: Snapshot, { view: { identity } }: Standing): string {
  return roots.get(identity.commonDir) ?? identity.repository;
}

/** The branch that is checked out at `rootOf` and its commit; `detached` when none is, null when not known. */
export type Head = { branch: string; commit: string } | 'detached' | null;

export function headOf({ branches }: Snapshot, { view: { identity } }: Standing): Head {
  const known = branches.get(identity.commonDir);
  if (!known) return null;
  const commit = known.head === null ? undefined : known.branches.get(known.head);
  return known.head !== null && commit ? { branch: known.head, commit } : 'detached';
}
