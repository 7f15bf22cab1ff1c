/**
 * Refs of ours in the user's repository, which no branch list shows. They keep commits safe from garbage collection. A repository may have
 * brought them as other names of its branches, so only they themselves are written.
 */

import { existsSync } from 'node:fs';
import { ErrorWithReason } from '../messages/error-with-reason.ts';
import { message } from '../messages/message.ts';
import { disarm, disarmedCall, parseConfig, unnameableProgram } from './git-config.ts';
import { placesOfGitDir } from './git-places.ts';
import { whyGitDirNotRead } from './odd-git-entries.ts';
import { decodeName, git, runGit } from './run-git.ts';
import type { Repository } from './types.ts';

const UPDATE = ['update-ref', '--no-deref'];
/** A removal that nobody waits for, or somebody at a terminal. */
const FORGET_MS = 60_000;

/** Keeps the commit of a branch that was merged or discarded, for a restore. */
export function keptTipRef(id: string): string {
  return `${hiddenRef('kept')}/${id}`;
}

/** Keeps work for which no branch name was free. */
export function keptWorkRef(id: string, tip: string): string {
  return `${keptTipRef(id)}-${tip.slice(0, 12)}`;
}

/** Comes with a merge into HEAD and leads to its commit, until the merge is noted: whoever is killed in between leaves it. */
export function mergedRef(id: string): string {
  return `${hiddenRef('merged')}/${id}`;
}

/**
 * Pins a commit of the user's repository against its garbage collection while an attempt is open.
 * @param isFirst whether nothing came before it: a mark that says it is merged came with the repository
 */
export async function pinBase(repository: Repository, id: string, commit: string, isFirst = false): Promise<void> {
  if (isFirst) await unmarkMerge(repository, id);
  await git([...UPDATE, hiddenRef(id), commit], disarmedCall(repository));
}

/** Removes the pin; harmless when there is none. */
export async function unpinBase(repository: Repository, id: string): Promise<void> {
  await git([...UPDATE, '-d', hiddenRef(id)], disarmedCall(repository));
}

/** Removes the mark of a merge that is noted. */
export async function unmarkMerge(repository: Repository, id: string): Promise<void> {
  await git([...UPDATE, '-d', mergedRef(id)], disarmedCall(repository));
}

/** What a delegation keeps is its own when its name is used again: the commit goes on being kept under the name of its archive. */
export async function keepForArchive(repository: Repository, id: string, archive: string): Promise<void> {
  const call = disarmedCall(repository);
  await unmarkMerge(repository, id);
  const { stdout } = await runGit(['rev-parse', '--verify', '--quiet', keptTipRef(id)], call);
  const tip = stdout.toString('latin1').trim();
  if (!tip) return;
  const stdin = `update ${keptTipRef(archive)} ${tip}\ndelete ${keptTipRef(id)} ${tip}\n`;
  await git([...UPDATE, '--stdin'], { ...call, stdin });
}

/** Every ref that may keep something for a delegation, archived or not; `keptAt` are those that its attempts name. */
export function refsOfDelegation(id: string, archive: string | null, keptAt: readonly string[]): string[] {
  const own = archive === null ? [hiddenRef(id), keptTipRef(id), mergedRef(id)] : [keptTipRef(archive)];
  return [...own, ...keptAt.filter((ref) => ref.startsWith(`${keptTipRef(id)}-`))];
}

/** Git would wait, write elsewhere or start a program in this repository. */
export class RefsStay extends ErrorWithReason {}

/**
 * Lets go what refs of ours keep; nothing brings it back then. Of a repository that is gone nothing is left to let go. Long after the last
 * attempt its git dir may hold what was not there then, so it is looked at as at a start.
 * @throws RefsStay
 */
export async function forgetRefs(commonDir: string, refs: readonly string[]): Promise<void> {
  if (!existsSync(commonDir)) return;
  const odd = whyGitDirNotRead(commonDir);
  if (odd !== null) throw new RefsStay(odd);
  const call = { gitDir: commonDir, limitMs: FORGET_MS };
  const config = parseConfig((await git(['config', '--list', '-z', '--show-scope'], call)).toString());
  const key = unnameableProgram(config);
  if (key !== undefined) throw new RefsStay(message('repo.oddName', { folder: commonDir, key }));
  const writes = placesOfGitDir(commonDir);
  for (const ref of refs) await git([...UPDATE, '-d', ref], { ...call, writes, config: disarm(config) });
}

/** Branches, branches of remotes and tags that lead to a commit or beyond, by their whole names. */
export async function refsThatHold(repository: Repository, commit: string): Promise<string[]> {
  const args = ['for-each-ref', '--contains', commit, '--format=%(refname)', 'refs/heads', 'refs/remotes', 'refs/tags'];
  return decodeName((await git(args, disarmedCall(repository))).toString('latin1'))
    .split('\n')
    .filter(Boolean);
}

function hiddenRef(id: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(id)) throw new Error(`not a delegation id: ${id}`);
  return `refs/claude-kimi/${id}`;
}
