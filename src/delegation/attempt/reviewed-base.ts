/**
 * On which commit the user's set-up command may run with files of credentials: it starts code of the repository, and a delegation can begin
 * with the work of another one, which nobody has looked at.
 */
import path from 'node:path';
import { namesIn } from '../../common/list-names.ts';
import { isAncestor } from '../../workspace/open-repository.ts';
import type { Repository } from '../../workspace/types.ts';
import { archiveFolder, delegationFolder, folderAt, listDelegations, readAttempts, readIdentity } from '../store/delegation-folder.ts';

interface Work {
  readonly tip: string;
  readonly base: string;
  readonly branch: string;
}

/** @returns `base`, or the commit below it on which work of a model began that is not in what the user has checked out */
export async function reviewedBase(stateDir: string, repository: Repository, base: string): Promise<string> {
  const left = new Set(worksIn(stateDir, repository.commonDir));
  for (let at = base; ; ) {
    const work = await firstOf(left, (one) => isUnreviewed(repository, one, at));
    if (!work) return at;
    left.delete(work);
    at = work.base;
  }
}

/** What is checked out on its own branch is there to be looked at. */
async function isUnreviewed(repository: Repository, { tip, branch }: Work, base: string): Promise<boolean> {
  if (!(await isAncestor(repository, tip, base))) return false;
  return branch === repository.head.branch || !(await isAncestor(repository, tip, 'HEAD'));
}

function worksIn(stateDir: string, commonDir: string): Work[] {
  const archive = archiveFolder(stateDir);
  const folders = [
    ...listDelegations(stateDir).map(({ id }) => delegationFolder(stateDir, id)),
    ...namesIn(archive).map((name) => folderAt(path.join(archive, name), name)),
  ];
  return folders
    .filter((folder) => readIdentity(folder)?.commonDir === commonDir)
    .flatMap(readAttempts)
    .flatMap(({ start, result }) => (result?.tip ? [{ tip: result.tip, base: start.base, branch: result.keptAt ?? result.branch }] : []));
}

async function firstOf<T>(items: Iterable<T>, holds: (item: T) => Promise<boolean>): Promise<T | undefined> {
  for (const item of items) if (await holds(item)) return item;
  return undefined;
}
