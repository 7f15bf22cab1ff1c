/** Removes what is over and was kept long enough, so that state directory and hidden refs do not grow for ever. */
import path from 'node:path';
import { z } from 'zod';
import { readJson, writeJson } from '../../common/json-file.ts';
import { ownValue } from '../../common/own-value.ts';
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

const keptSchema = z.record(z.string(), z.number().min(0));

/** How long those of a repository are kept, as its last call had it in its settings; 0 = for ever. */
export interface Keeping {
  readonly days: number;
  /** null = it was not opened. */
  readonly commonDir: string | null;
}

/**
 * Once a day. Never what holds work that is nowhere else, and nothing at a time that may not be the right one. Of what nobody has decided
 * about only the workspace goes, which the next call makes anew. What a VS Code window says counts for its repositories, so what is of others
 * is kept as long as they were told last, whoever looks.
 * @returns what was removed
 */
export async function removeExpired(stateDir: string, keeping: Keeping, now: () => number): Promise<readonly Leftover[]> {
  const kept = noteKeeping(stateDir, keeping);
  if (keeping.days === 0 || !isDue(stateDir, now())) return [];
  const removed: Leftover[] = [];
  const isOld = (lastAt: number, commonDir: string | undefined) => {
    const days = (commonDir === undefined ? undefined : ownValue(kept, commonDir)) ?? keeping.days;
    return days !== 0 && now() - lastAt >= days * DAY;
  };
  for (const leftover of await findLeftovers(stateDir)) {
    if (leftover.unmerged || !isOld(Date.parse(leftover.lastAt), leftover.identity?.commonDir)) continue;
    if (await removeLeftover(leftover, now).catch(() => false)) removed.push(leftover);
  }
  for (const { id, commonDir } of listDelegations(stateDir)) {
    const isPast = (lastAt: number) => isOld(lastAt, commonDir);
    await emptyWorkspace(delegationFolder(stateDir, id), isPast, now).catch(() => {});
  }
  return removed;
}

function noteKeeping(stateDir: string, { days, commonDir }: Keeping): Readonly<Record<string, number>> {
  const file = path.join(stateDir, 'retention.json');
  const kept = readJson(keptSchema, file) ?? {};
  if (commonDir === null || ownValue(kept, commonDir) === days) return kept;
  const noted = { ...kept, [commonDir]: days };
  writeJson(file, noted);
  return noted;
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
