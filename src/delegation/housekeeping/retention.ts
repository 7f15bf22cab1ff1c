/** Removes what is over and was kept long enough, so that state directory and hidden refs do not grow for ever. */
import path from 'node:path';
import { z } from 'zod';
import { readJson, writeJson } from '../../common/json-file.ts';
import { removeLater, removeLeftAside } from '../../workspace/remove-tree.ts';
import { endCommandsOf } from '../attempt/workspace-guard.ts';
import { type DelegationFolder, delegationFolder, listDelegations, whyLeaveAlone } from '../store/delegation-folder.ts';
import { readDelegation } from '../store/delegation-status.ts';
import { acquireLease } from '../store/lease.ts';
import { findLeftovers, type Leftover, removeLeftover } from './leftovers.ts';

const DAY = 86_400_000;
/** After a longer pause it cannot be told from a clock that was set wrong, and the next day is soon enough. */
const LONGEST_PAUSE = 30 * DAY;

const sweptSchema = z.object({ at: z.number() });

/**
 * Once a day. Never what holds work that is nowhere else, and nothing at a time that may not be the right one. Of what nobody has decided
 * about only the workspace goes, which the next call makes anew.
 * @param days how long what is over is kept; 0 = for ever
 * @returns what was removed
 */
export async function removeExpired(stateDir: string, days: number, now: () => number): Promise<readonly Leftover[]> {
  if (days === 0 || !isDue(stateDir, now())) return [];
  const removed: Leftover[] = [];
  const isOld = (lastAt: number) => now() - lastAt >= days * DAY;
  for (const leftover of await findLeftovers(stateDir)) {
    if (leftover.unmerged || !isOld(Date.parse(leftover.lastAt))) continue;
    if (await removeLeftover(leftover, now).catch(() => false)) removed.push(leftover);
  }
  for (const { id } of listDelegations(stateDir)) await emptyWorkspace(delegationFolder(stateDir, id), isOld, now).catch(() => {});
  return removed;
}

/** The work is in commits and checkpoints of the private git dir; its files and what was installed for them are most of the bytes. */
async function emptyWorkspace(files: DelegationFolder, isOld: (lastAt: number) => boolean, now: () => number): Promise<void> {
  if (whyLeaveAlone(files)) return;
  const { status } = await readDelegation(files);
  const lastAt = status.state === 'ended' ? Date.parse(status.result.endedAt) : status.state === 'interrupted' ? status.startedAt : null;
  if (lastAt === null || !isOld(lastAt)) return;
  const acquired = await acquireLease(files.leases, 1, now);
  if (!acquired.ok) return;
  try {
    await endCommandsOf(files);
    for (const folder of [files.workTree, files.checkTree, files.layers, files.temp]) removeLater(folder);
    removeLeftAside(files.root);
  } finally {
    acquired.lease.release();
  }
}

function isDue(stateDir: string, now: number): boolean {
  const file = path.join(stateDir, 'last-removal.json');
  const since = now - (readJson(sweptSchema, file)?.at ?? Number.NEGATIVE_INFINITY);
  if (since >= 0 && since < DAY) return false;
  writeJson(file, { at: now });
  return since >= DAY && since <= LONGEST_PAUSE;
}
