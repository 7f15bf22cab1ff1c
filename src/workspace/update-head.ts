/** Moves HEAD of the user's checkout in two steps, so that what belongs together can happen between them. */

import { errorText } from '../common/caught-error.ts';
import { disarmedCall } from './git-config.ts';
import { gitUntil } from './limit-git.ts';
import type { MergeCommits } from './merge-journal.ts';
import { exitCode, GitError, git, runGit, startGit } from './run-git.ts';
import type { Repository } from './types.ts';

/** Long enough for a git that has nothing to do but to read HEAD. */
const LOOKING_MS = 15_000;

/** HEAD and its branch are locked until one of these is called; the second call does nothing. */
export interface PreparedUpdate {
  /** @throws HeadUnknown, or why HEAD stays where it was */
  commit(): Promise<void>;
  abort(): Promise<void>;
}

/** Why HEAD cannot be moved: it is not where it was expected, or another git holds its lock (or left it behind). */
export type HeadBusy = 'moved' | 'locked';

/** Git ended while it moved HEAD, and nobody can tell whether it has. */
export class HeadUnknown extends Error {}

/** Whether git says that a ref is not where it was expected, or that its name is taken; everything else is a fault of disk or repository. */
export function isRefMoved(stderr: string): boolean {
  return (
    /but expected|reference (is missing|already exists)|unable to resolve reference|exists; cannot create|blocking reference|nonexistent object|trying to write non-commit/i.test(
      stderr,
    ) && !/Unable to create/i.test(stderr)
  );
}

const UPDATE = ['update-ref', '-m', 'claude-kimi: merge', '--stdin'];

/** The mark first: alone it says nothing, as HEAD does not hold its commit yet. It may have come as another name of a branch. */
function linesFor({ before, after, mark }: MergeCommits): string {
  return `${mark ? `option no-deref\nupdate ${mark} ${after}\n` : ''}update HEAD ${after} ${before}\n`;
}

/** @throws GitError when it cannot */
export async function moveHead(repository: Repository, commits: MergeCommits): Promise<void> {
  await git(UPDATE, { ...disarmedCall(repository), stdin: linesFor(commits) });
}

/** @throws GitError when git cannot move it for a reason of its own, such as a full disk */
export async function prepareHead(repository: Repository, commits: MergeCommits): Promise<PreparedUpdate | HeadBusy> {
  const child = await startGit(UPDATE, disarmedCall(repository));
  let [answers, errors] = ['', ''];
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk;
  });
  const ended = exitCode(child, () => errors);
  const prepared = new Promise<true>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      answers += chunk;
      if (answers.includes('prepare: ok')) resolve(true);
    });
  });
  child.stdin.write(`start\n${linesFor(commits)}prepare\n`);
  if (!(await Promise.race([prepared, ended.then(() => false)]))) {
    if (isRefMoved(errors)) return 'moved';
    if (/\.lock': File exists|index file open failed: File exists/i.test(errors)) return 'locked';
    throw new GitError(UPDATE, await ended, errors, repository.gitDir);
  }
  let open = true;
  const finish = async (word: 'commit' | 'abort') => {
    if (!open) return;
    open = false;
    child.stdin.end(`${word}\n`);
    const code = await ended;
    if (code !== 0) throw new GitError(UPDATE, code, errors, repository.gitDir);
  };
  return {
    commit: () =>
      finish('commit').catch(async (error) => {
        if ((await headNow(repository)) !== commits.after) throw error;
      }),
    abort: () => finish('abort'),
  };
}

/** Asked also when the call was cancelled: files and HEAD must not part. */
async function headNow(repository: Repository): Promise<string> {
  const call = { ...disarmedCall(repository), limitMs: LOOKING_MS };
  const { code, stdout, stderr } = await gitUntil(null, () => runGit(['rev-parse', '--verify', 'HEAD'], call)).catch((error) => {
    throw new HeadUnknown(errorText(error));
  });
  if (code !== 0) throw new HeadUnknown(stderr.trim());
  return stdout.toString('latin1').trim();
}
