import { rmdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { bytesText } from '../common/bytes-text.ts';
import { namesIn } from '../common/list-names.ts';
import { removeOwn } from '../common/remove-own.ts';
import { findLeftovers, removeLeftover } from '../delegation/housekeeping/leftovers.ts';
import { archiveFolder, delegationsFolder } from '../delegation/store/delegation-folder.ts';
import type { SetupContext } from './setup-context.ts';

/** The delegations that are over, as one thing to remove; none of them holds work that is nowhere else. Null where there are none. */
export async function delegationsOver({ stateDir, t, now }: SetupContext) {
  const leftovers = (await findLeftovers(stateDir)).filter(({ unmerged }) => !unmerged);
  if (leftovers.length === 0) return null;
  const bytes = leftovers.reduce((sum, leftover) => sum + leftover.bytes, 0);
  return {
    shown: t(
      '- delegations that are over: {0} ({1}), with their reports, their steps and what brings discarded work back',
      leftovers.length,
      bytesText(bytes),
    ),
    undo: async () => {
      const removed = [];
      for (const leftover of leftovers) removed.push(await removeLeftover(leftover, now).catch(() => false));
      return removed.every(Boolean);
    },
  };
}

/** @returns how many delegations are there, those whose branch name was used again included */
export function delegationsIn(stateDir: string): number {
  return [delegationsFolder(stateDir), archiveFolder(stateDir)].reduce((sum, folder) => sum + namesIn(folder).length, 0);
}

/** Without delegations, what was noted about them goes as well, and the state directory itself when nothing is in it. */
export function removeEmptied(stateDir: string): void {
  removeOwn(path.join(stateDir, 'cache'), (name) => name === 'v8');
  if (delegationsIn(stateDir) > 0) return;
  removeOwn(path.join(stateDir, 'spending'), (name) => /^\d{4}-\d\d-\d\d\.jsonl$/.test(name));
  removeOwn(path.join(stateDir, 'records'), (name) => /^[0-9a-f]{16}\.jsonl$/.test(name));
  for (const name of ['last-removal.json', 'retention.json']) rmSync(path.join(stateDir, name), { force: true });
  for (const folder of [delegationsFolder(stateDir), archiveFolder(stateDir), path.join(stateDir, 'windows'), stateDir]) {
    try {
      rmdirSync(folder);
    } catch {} // not there, not empty, or a link: it stays
  }
}
