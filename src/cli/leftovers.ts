import { existsSync, lstatSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { namesIn } from '../common/list-names.ts';
import { endingOf } from '../delegation/review/delivered-work.ts';
import {
  archiveFolder,
  type DelegationFolder,
  type DelegationIdentity,
  delegationFolder,
  folderAt,
  listDelegations,
  readIdentity,
  whyLeaveAlone,
} from '../delegation/store/delegation-folder.ts';
import { readDelegation } from '../delegation/store/delegation-status.ts';
import { readBranches } from '../workspace/repository-branches.ts';
import type { LeftoverJson } from './json-output.ts';

/** What a delegation that is over has left in the state directory. */
export interface Leftover extends LeftoverJson {
  readonly identity: DelegationIdentity;
  readonly files: DelegationFolder;
}

/** Everything that nobody works with any more, the largest first. Whatever can still be merged, resumed or decided is no leftover. */
export async function findLeftovers(stateDir: string): Promise<Leftover[]> {
  const open = listDelegations(stateDir).map((identity) => leftoverOf(identity, delegationFolder(stateDir, identity.id)));
  const archived = namesIn(archiveFolder(stateDir)).map((name) => archivedOf(folderAt(path.join(archiveFolder(stateDir), name), name)));
  return [...(await Promise.all(open)), ...archived].filter((leftover) => leftover !== null).sort((a, b) => b.bytes - a.bytes);
}

async function leftoverOf(identity: DelegationIdentity, files: DelegationFolder): Promise<Leftover | null> {
  const record = await readDelegation(files);
  const { status, attempts, disposition } = record;
  if (status.state === 'running' || whyLeaveAlone(files)) return null;
  const isOrphan = !existsSync(identity.commonDir);
  const ending = endingOf(record, isOrphan ? null : await readBranches(identity.repository).catch(() => null));
  if (ending === null && !isOrphan) return null;
  const ended = status.state === 'ended' ? status.result.endedAt : identity.createdAt;
  return {
    ...leftover(identity, files, disposition?.at ?? ended),
    kind: isOrphan || ending === 'gone' ? 'orphan' : ending === 'discarded' ? 'discarded' : 'merged',
    // Nothing but this folder holds the work when its branch or its whole repository is gone and nobody decided about it.
    unmerged: disposition === null && ending !== 'merged' && attempts.length > 0,
  };
}

/** An archive was made when its branch name was used again: its delegation was over by then. */
function archivedOf(files: DelegationFolder): Leftover | null {
  const identity = readIdentity(files);
  if (!identity) return null;
  const at = Number(/-(\d+)$/.exec(files.root)?.[1] ?? 0);
  return { ...leftover(identity, files, new Date(at).toISOString()), kind: 'archived', unmerged: false };
}

function leftover(identity: DelegationIdentity, files: DelegationFolder, lastAt: string) {
  const { repository, branch } = identity;
  return { identity, files, repository, branch, folder: files.root, bytes: sizeOf(files.root), lastAt };
}

/** What it takes on the disk. */
function sizeOf(folder: string): number {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.reduce((sum, entry) => {
      const at = path.join(folder, entry.name);
      return sum + (entry.isDirectory() ? sizeOf(at) : lstatSync(at).blocks * 512);
    }, 0);
  } catch {
    return 0; // a folder that commands closed: what it holds is not known
  }
}
