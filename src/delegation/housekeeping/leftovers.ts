import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { namesIn } from '../../common/list-names.ts';
import { sizeOfChanged } from '../../sandbox/walk-size.ts';
import { forgetRefs, refsOfDelegation } from '../../workspace/hidden-refs.ts';
import { removeInTime, removeTree } from '../../workspace/remove-tree.ts';
import { type RepositoryBranches, readBranches } from '../../workspace/repository-branches.ts';
import { endCommandsOf } from '../attempt/workspace-guard.ts';
import { endingOf } from '../review/delivered-work.ts';
import { needsBase } from '../start/plan-call.ts';
import {
  archiveFolder,
  attemptFiles,
  attemptNumbers,
  type DelegationFolder,
  type DelegationIdentity,
  delegationFolder,
  folderAt,
  listDelegations,
  readAttempts,
  readDisposition,
  readIdentity,
  resultFile,
  unnamedFolders,
  whyLeaveAlone,
} from '../store/delegation-folder.ts';
import { readDelegation } from '../store/delegation-status.ts';
import { acquireLease, leaseHolder } from '../store/lease.ts';

/** What a delegation that is over has left in the state directory. */
export interface Leftover {
  readonly kind: 'merged' | 'discarded' | 'archived' | 'orphan' | 'unnamed';
  readonly repository: string;
  readonly branch: string;
  readonly folder: string;
  readonly bytes: number;
  /** When something was last done with it. */
  readonly lastAt: string;
  /** Holds work that is on no branch: it stays unless its branch is named. */
  readonly unmerged: boolean;
  /** null = a folder that nothing was ever begun in, or not noted. */
  readonly identity: DelegationIdentity | null;
  readonly files: DelegationFolder;
  /** Differs when somebody has begun or decided anything in it since. */
  readonly stamp: string;
}

/** Everything that nobody works with any more, the largest first. Whatever can still be merged, resumed or decided is no leftover. */
export async function findLeftovers(stateDir: string): Promise<Leftover[]> {
  const branchesOf = branchReader();
  const open = listDelegations(stateDir).map((identity) => leftoverOf(identity, delegationFolder(stateDir, identity.id), branchesOf));
  const archived = namesIn(archiveFolder(stateDir)).map((name) => archivedOf(folderAt(path.join(archiveFolder(stateDir), name), name)));
  const unnamed = unnamedFolders(stateDir).map(unnamedOf);
  return (await Promise.all([...open, ...unnamed, ...archived])).filter((leftover) => leftover !== null).sort((a, b) => b.bytes - a.bytes);
}

/** Nobody waits longer for one of them in which git waits for something. */
const BRANCHES_MS = 20_000;

/** Each repository is asked once, however many delegations it has. */
function branchReader() {
  const known = new Map<string, Promise<RepositoryBranches | null>>();
  return ({ commonDir, repository }: DelegationIdentity) => {
    const asked = known.get(commonDir) ?? readBranches(repository, undefined, BRANCHES_MS).catch(() => null);
    known.set(commonDir, asked);
    return asked;
  };
}

async function leftoverOf(
  identity: DelegationIdentity,
  files: DelegationFolder,
  branchesOf: ReturnType<typeof branchReader>,
): Promise<Leftover | null> {
  const record = await readDelegation(files);
  const { status, attempts, disposition } = record;
  if (status.state === 'running' || whyLeaveAlone(files)) return null;
  const isOrphan = !existsSync(identity.commonDir);
  const ending = endingOf(identity.id, record, isOrphan ? null : await branchesOf(identity));
  if (ending === null && !isOrphan) return null;
  const ended = status.state === 'ended' ? status.result.endedAt : identity.createdAt;
  return {
    ...(await leftover(identity, files, disposition?.at ?? ended)),
    kind: isOrphan || ending === 'gone' ? 'orphan' : ending === 'discarded' ? 'discarded' : 'merged',
    // Nothing but this folder holds the work when its branch or its whole repository is gone and nobody decided about it, nor what an attempt
    // did that broke off behind the one that was merged.
    unmerged: disposition === null && (ending === 'merged' ? attempts.slice(-1).some(needsBase) : attempts.length > 0),
  };
}

/** An archive was made when its branch name was used again: its delegation was over by then. */
async function archivedOf(files: DelegationFolder): Promise<Leftover | null> {
  const identity = readIdentity(files);
  if (!identity) return null;
  const at = Number(/-(\d+)$/.exec(files.root)?.[1] ?? 0);
  return { ...(await leftover(identity, files, new Date(at).toISOString())), kind: 'archived', unmerged: false };
}

/** A call that was refused leaves the folder of its lease; one that was killed early a private git dir without work. */
async function unnamedOf(files: DelegationFolder): Promise<Leftover | null> {
  if (await leaseHolder(files.leases)) return null;
  const lastAt = statSync(existsSync(files.leases) ? files.leases : files.root).mtime.toISOString();
  const facts = { identity: null, files, repository: '', branch: files.id, folder: files.root, stamp: stampOf(files) };
  return { ...facts, kind: 'unnamed', bytes: await sizeOf(files.root), lastAt, unmerged: false };
}

async function leftover(identity: DelegationIdentity, files: DelegationFolder, lastAt: string) {
  const { repository, branch } = identity;
  return { identity, files, repository, branch, folder: files.root, bytes: await sizeOf(files.root), lastAt, stamp: stampOf(files) };
}

function stampOf(files: DelegationFolder): string {
  const attempts = attemptNumbers(namesIn(files.attempts)).map((number) => {
    const { folder, journal } = attemptFiles(files, number);
    return [number, ...[resultFile(folder), journal].map((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? null)];
  });
  return JSON.stringify([existsSync(files.identity), readDisposition(files), attempts]);
}

const EVERYTHING = { bytes: Number.POSITIVE_INFINITY, files: Number.POSITIVE_INFINITY };

/** What it takes on the disk; what is in folders that commands closed is not known. */
const sizeOf = async (folder: string): Promise<number> => (await sizeOfChanged([folder], 0, EVERYTHING)).bytes;

/**
 * Removes it, with the refs that keep something for it, unless somebody has taken it up again since it was found: a question may stand in
 * between. Nobody may begin on it meanwhile: its lease is held. An archive has no lease.
 * @returns false when somebody works with it, or has
 */
export async function removeLeftover(found: Leftover, now: () => number): Promise<boolean> {
  const { kind, files, identity } = found;
  const keptAt = readAttempts(files).flatMap(({ result }) => result?.keptAt ?? []);
  const forget = async (archive: string | null) =>
    identity && forgetRefs(identity.commonDir, refsOfDelegation(identity.id, archive, keptAt));
  if (kind === 'archived') {
    await forget(path.basename(files.root));
    await removeInTime(files.root);
    return true;
  }
  if (!(await isStillOver(found))) return false;
  const acquired = await acquireLease(files.leases, 1, now);
  if (!acquired.ok) return false;
  try {
    if (stampOf(files) !== found.stamp) return false;
    await endCommandsOf(files);
    await forget(null);
    for (const large of [files.workTree, files.checkTree, files.layers, files.setUp, files.temp, files.git]) await removeInTime(large);
    removeTree(files.root); // with the lease
  } finally {
    acquired.lease.release();
  }
  return true;
}

/** Where nobody decided in the program, git tells: a merge by hand may have been taken back. */
async function isStillOver({ files, identity, unmerged }: Leftover): Promise<boolean> {
  if (!identity || readDisposition(files)) return true;
  const still = await leftoverOf(identity, files, branchReader());
  return still !== null && (unmerged || !still.unmerged);
}
