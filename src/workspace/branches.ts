/** Puts a branch aside and brings it back, by compare-and-swap; its commit stays safe from garbage collection meanwhile. */
import { runGit } from './git.ts';
import { readCheckedOut } from './repository.ts';
import type { Refusal, Repository } from './types.ts';
import { userCall } from './user-call.ts';

const keeper = (id: string) => `refs/claude-kimi/kept/${id}`;

/** Deletes the branch when it stands at `tip`, and keeps the commit under a hidden ref. */
export async function putAside(repository: Repository, id: string, branch: string, tip: string): Promise<{ ok: true } | Refusal> {
  const place = (await readCheckedOut(repository)).get(branch);
  if (place) {
    return { ok: false, reason: `${branch} is checked out in ${place}. Switch to another branch there first.`, cause: 'checked_out' };
  }
  const ref = `refs/heads/${branch}`;
  const done = await transaction(repository, [`update ${keeper(id)} ${tip}`, `delete ${ref} ${tip}`]);
  if (done) return { ok: true };
  return {
    ok: false,
    reason: `${branch} is not at ${tip.slice(0, 7)} any more. Look at what was added (git log ${branch}), then decide again.`,
    cause: 'moved',
  };
}

/** Brings a branch back that was put aside. */
export async function bringBack(repository: Repository, id: string, branch: string, tip: string): Promise<{ ok: true } | Refusal> {
  const done = await transaction(repository, [`create refs/heads/${branch} ${tip}`, `delete ${keeper(id)}`]);
  if (done) return { ok: true };
  return {
    ok: false,
    reason: `${branch} could not be restored: the name is taken, or commit ${tip.slice(0, 7)} is gone. Rename the other branch (git branch -m) and restore again.`,
  };
}

/** All of the ref changes or none. */
async function transaction(repository: Repository, commands: readonly string[]): Promise<boolean> {
  const stdin = ['start', ...commands, 'prepare', 'commit', ''].join('\n');
  const { code } = await runGit(['update-ref', '-m', 'claude-kimi', '--stdin'], { ...userCall(repository), stdin });
  return code === 0;
}
