import { readBranches } from '../../workspace/repository-branches.ts';
import type { Repository } from '../../workspace/types.ts';
import { type DelegationStatus, listRecords } from '../store/delegation-status.ts';
import { type Ending, endingOf } from './delivered-work.ts';

/** A delegation of a list. */
export interface Listed {
  readonly branch: string;
  readonly status: DelegationStatus;
  readonly ending: Ending | null;
}

/** The delegations of a repository, newest first, with what became of their work. */
export async function listWithEndings(
  stateDir: string,
  { root, commonDir, user }: Pick<Repository, 'root' | 'commonDir' | 'user'>,
): Promise<Listed[]> {
  const all = await listRecords(stateDir, commonDir);
  if (all.length === 0) return [];
  const branches = await readBranches(root, user);
  return all.map(({ identity, ...record }) => ({
    branch: identity.branch,
    status: record.status,
    ending: endingOf(identity.id, record, branches),
  }));
}
