import { disarmedCall } from './git-config.ts';
import { conflictsWithHead } from './merge-into-checkout.ts';
import { openRepository } from './open-repository.ts';
import { git } from './run-git.ts';

/** What happened in the user's checkout since work began there, and whether the work still merges with it. */
export interface LookAhead {
  /** The branch that is checked out; null = none. */
  readonly into: string | null;
  /** Commits that HEAD has and the base has not. */
  readonly commits: number;
  /** Files in which both sides changed the same; empty = it merges. */
  readonly conflicts: readonly string[];
}

/** To look for renames takes git the longer the more files there are of them, on both sides: a minute for 6,000. Nobody waits so long for a hint. */
const LOOK_MS = 10_000;

/** Changes nothing. Null when git cannot tell. @throws when it takes too long */
export async function lookAhead(worktree: string, base: string, tip: string, limitMs = LOOK_MS): Promise<LookAhead | null> {
  const opened = await openRepository(worktree);
  if (!opened.ok) return null;
  const { repository } = opened;
  const [conflicts, count] = await Promise.all([
    conflictsWithHead(repository, tip, { limitMs }),
    git(['rev-list', '--count', `${base}..${repository.head.commit}`], disarmedCall(repository)),
  ]);
  return { into: repository.head.branch, commits: Number(count.toString('utf8')), conflicts };
}
