/** What git holds beside the commit that an attempt begins with: a command can read it by `git show`, as it borrows all objects. */
import { GitStopped } from './limit-git.ts';
import { allCommits, headsBeside, kindsOf, namelessCandidates } from './nameless-objects.ts';
import { type GitCall, runGit } from './run-git.ts';
import type { ObjectSource } from './types.ts';

/** Trees that branches share are read once: a hundred branches take some milliseconds, all tags of Linux half a minute. */
const LIMIT_MS = 10_000;
const MOST_FOUND = 20_000;
const MOST_STASHES = 1_000;
const MOST_UNNAMED = 2_000;
const FROM_REFS = ['--all', '--reflog'];
/** No path is as long; what a folder calls so is joined to one text with all that comes behind. */
const LONGEST_LINE = 64 * 1024;

export interface NamedObject {
  readonly path: string;
  readonly id: string;
}

export interface Elsewhere {
  /** Of several names of one content it is any. */
  readonly named: readonly NamedObject[];
  /** Small contents that no folder names: a file that was added and taken back. */
  readonly unnamed: readonly string[];
}

/**
 * The files of all branches, tags, remotes, working trees, stashes (with what they hold of untracked files), of the index, of where branches stood
 * before, and of what nothing leads to any more, that have a wanted name. What takes too long is left out.
 * @param borrowedFrom git dirs of which it has the objects, too, and which are asked for themselves
 */
export async function namedElsewhere(
  { gitDir }: ObjectSource,
  isWanted: (path: string) => boolean,
  signal?: AbortSignal,
  borrowedFrom: readonly string[] = [],
): Promise<Elsewhere> {
  const named: NamedObject[] = [];
  const call: GitCall = { gitDir, signal, limitMs: LIMIT_MS };
  const { ids: loose, isAll } = namelessCandidates(gitDir);
  const seen = new Set<string>();
  const list = async (from: readonly string[], stdin: string | Buffer): Promise<void> => {
    let rest = '';
    const take = (chunk: Buffer): boolean => {
      const lines = (rest + chunk.toString('latin1')).split('\n');
      rest = lines.pop()!.slice(0, LONGEST_LINE);
      for (const line of lines) {
        const space = line.indexOf(' ');
        const id = space < 0 ? line : line.slice(0, space);
        if (loose.has(id)) seen.add(id);
        if (space < 40) continue; // a commit
        const path = Buffer.from(line.slice(space + 1), 'latin1').toString('utf8');
        if (path !== '' && isWanted(path)) named.push({ path, id });
      }
      return named.length < MOST_FOUND;
    };
    try {
      const args = ['rev-list', '--objects', '--missing=allow-any', '--ignore-missing', '--stdin', ...from];
      await runGit(args, { ...call, stdin }, take);
    } catch (error) {
      if (!(error instanceof GitStopped)) throw error;
    }
  };
  const known = partsOfStashes(call).then((parts) => list(['--no-walk', ...FROM_REFS, '--indexed-objects'], parts));
  const kinds = kindsOf(loose, call).catch((error: unknown) => {
    if (error instanceof GitStopped) return { starts: [], blobs: [] };
    throw error;
  });
  const unled = isAll ? '' : namelessCommits(call, borrowedFrom).then((ids) => list(['--not', ...FROM_REFS], ids));
  const [{ starts, blobs }] = await Promise.all([kinds, known, unled]);
  const more = [...starts.filter((id) => !seen.has(id)), ...headsBeside(gitDir)];
  if (more.length > 0) await list(['--no-walk'], more.map((id) => `${id}\n`).join(''));
  return { named, unnamed: blobs.filter((id) => !seen.has(id)).slice(0, MOST_UNNAMED) };
}

/** For git to leave out what its refs lead to: those of a branch that was removed may stand in a large pack, as a clone makes one. */
async function namelessCommits(call: GitCall, borrowedFrom: readonly string[]): Promise<Buffer> {
  const tips = borrowedFrom.map((gitDir) => runGit(['for-each-ref', '--format=^%(objectname)'], { ...call, gitDir }));
  const not = (await Promise.all(tips)).map(({ stdout }) => stdout);
  return Buffer.concat([...not, await allCommits(call)]);
}

/** A stash is a commit of which the index and the untracked files are parents. */
async function partsOfStashes(call: GitCall): Promise<string> {
  const args = ['rev-list', '--walk-reflogs', '--parents', `--max-count=${MOST_STASHES}`, 'refs/stash', '--'];
  const { stdout } = await runGit(args, call); // fails where there is none
  const ids = new Set(stdout.toString('latin1').match(/[0-9a-f]{40,64}/g) ?? []);
  return [...ids].map((id) => `${id}\n`).join('');
}
