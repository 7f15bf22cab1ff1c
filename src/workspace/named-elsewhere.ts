/** What git holds beside the commit that an attempt begins with: a command can read it by `git show`, as it borrows all objects. */
import { GitStopped } from './limit-git.ts';
import { type GitCall, runGit } from './run-git.ts';
import type { ObjectSource } from './types.ts';

/** Trees that branches share are read once: a hundred branches take some milliseconds, all tags of Linux half a minute. */
const LIMIT_MS = 10_000;
const MOST_FOUND = 20_000;
const MOST_STASHES = 1_000;

export interface NamedObject {
  readonly path: string;
  readonly id: string;
}

/**
 * The files of all branches, tags, remotes, working trees, stashes (with what they hold of untracked files), of the index, and of where
 * branches stood before, that have a wanted name. Of several names of one content it is any. What takes too long is left out.
 */
export async function namedElsewhere(
  { gitDir }: ObjectSource,
  isWanted: (path: string) => boolean,
  signal?: AbortSignal,
): Promise<NamedObject[]> {
  const found: NamedObject[] = [];
  let rest = '';
  const take = (chunk: Buffer): boolean => {
    const lines = (rest + chunk.toString('latin1')).split('\n');
    rest = lines.pop()!;
    for (const line of lines) {
      const space = line.indexOf(' ');
      if (space < 40) continue; // a commit
      const path = Buffer.from(line.slice(space + 1), 'latin1').toString('utf8');
      if (path !== '' && isWanted(path)) found.push({ path, id: line.slice(0, space) });
    }
    return found.length < MOST_FOUND;
  };
  const call: GitCall = { gitDir, signal, limitMs: LIMIT_MS };
  try {
    const args = ['rev-list', '--objects', '--no-walk', '--missing=allow-any', '--ignore-missing'];
    const from = ['--all', '--reflog', '--indexed-objects', '--stdin'];
    await runGit([...args, ...from], { ...call, stdin: await partsOfStashes(call) }, take);
  } catch (error) {
    if (!(error instanceof GitStopped)) throw error;
  }
  return found;
}

/** A stash is a commit of which the index and the untracked files are parents. */
async function partsOfStashes(call: GitCall): Promise<string> {
  const args = ['rev-list', '--walk-reflogs', '--parents', `--max-count=${MOST_STASHES}`, 'refs/stash', '--'];
  const { stdout } = await runGit(args, call); // fails where there is none
  const ids = new Set(stdout.toString('latin1').match(/[0-9a-f]{40,64}/g) ?? []);
  return [...ids].map((id) => `${id}\n`).join('');
}
