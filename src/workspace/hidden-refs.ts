/** Refs of ours in the user's repository, which no branch list shows. They keep commits safe from garbage collection. */

import { existsSync } from 'node:fs';
import { disarmedCall } from './git-config.ts';
import { git } from './run-git.ts';
import type { Repository } from './types.ts';

/** Keeps the commit of a branch that was merged or discarded, for a restore. */
export function keptTipRef(id: string): string {
  return `${hiddenRef('kept')}/${id}`;
}

/** Keeps work for which no branch name was free. */
export function keptWorkRef(id: string, tip: string): string {
  return `${keptTipRef(id)}-${tip.slice(0, 12)}`;
}

/** Pins a commit of the user's repository against its garbage collection while an attempt is open. */
export async function pinBase(repository: Repository, id: string, commit: string): Promise<void> {
  await git(['update-ref', hiddenRef(id), commit], disarmedCall(repository));
}

/** Removes the pin; harmless when there is none. */
export async function unpinBase(repository: Repository, id: string): Promise<void> {
  await git(['update-ref', '-d', hiddenRef(id)], disarmedCall(repository));
}

/** Lets the commit go that a merge or a discard kept; nothing brings it back then. Of a repository that is gone nothing is left to let go. */
export async function forgetKeptTip(commonDir: string, id: string): Promise<void> {
  if (existsSync(commonDir)) await git(['update-ref', '-d', keptTipRef(id)], { gitDir: commonDir });
}

function hiddenRef(id: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(id)) throw new Error(`not a delegation id: ${id}`);
  return `refs/claude-kimi/${id}`;
}
