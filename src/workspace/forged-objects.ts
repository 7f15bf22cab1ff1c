/**
 * Whether objects hold what their names say. Git tells only of those that it takes in: what lies in a repository it finds by lists that came
 * with it, some of which count only by a setting, so one name can stand for one thing in a review and for another one at a merge.
 */
import { createHash, type Hash } from 'node:crypto';
import { type GitCall, GitError, git, runGit, splitNul } from './run-git.ts';

const NEWLINE = 10;
const LINK_MODE = '160000';

/**
 * Reads what a commit has and `known` do not, and both sides of the files that it changes against the first of these.
 * @returns the first object that is another one; null = all are what they are called
 */
export async function forgedObject(call: GitCall & { gitDir: string }, tip: string, known: readonly string[]): Promise<string | null> {
  const all = ['rev-list', '--objects', '--no-object-names', tip, ...known.map((commit) => `^${commit}`)];
  const listed = (await git(all, call)).toString('latin1').split('\n');
  const changed = known[0] ? await git(['diff-tree', '-r', '-z', '--raw', '--no-renames', known[0], tip], call) : Buffer.alloc(0);
  const ids = new Set([...listed, ...sidesIn(changed)].filter((id) => /^0*[1-9a-f]/.test(id)));
  const reading = compareNames();
  const args = ['cat-file', '--batch'];
  const { code, stderr, cut } = await runGit(args, { ...call, stdin: [...ids, ''].join('\n') }, reading.take);
  if (code !== 0 && !cut) throw new GitError(args, code, stderr, call.gitDir);
  return reading.forged();
}

/** The ids before and after; a path comes behind each entry. */
function sidesIn(raw: Buffer): string[] {
  return splitNul(raw).flatMap((entry, index) => {
    const [before, after, from, to] = index % 2 === 0 ? entry.slice(1).split(' ') : [];
    return [before === LINK_MODE ? '' : (from ?? ''), after === LINK_MODE ? '' : (to ?? '')];
  });
}

/** Takes the output of `cat-file --batch`, of objects of any size. */
function compareNames(): { take(chunk: Buffer): boolean; forged(): string | null } {
  let header = '';
  let id = '';
  let hash: Hash | null = null;
  let left = 0;
  let forged: string | null = null;

  function takeHeader(chunk: Buffer): Buffer {
    const end = chunk.indexOf(NEWLINE);
    header += chunk.toString('latin1', 0, end < 0 ? chunk.length : end);
    if (end < 0) return chunk.subarray(chunk.length);
    const [name = '', type, size] = header.split(' ');
    header = '';
    id = name;
    if (size === undefined) forged = id;
    hash = createHash(id.length === 64 ? 'sha256' : 'sha1').update(`${type} ${size}\0`);
    left = Number(size) + 1; // a line break comes behind it
    return chunk.subarray(end + 1);
  }
  function takeBody(chunk: Buffer): Buffer {
    hash?.update(chunk.subarray(0, Math.min(chunk.length, left - 1)));
    const rest = chunk.subarray(Math.min(chunk.length, left));
    left -= chunk.length - rest.length;
    if (left > 0) return rest;
    if (hash?.digest('hex') !== id) forged = id;
    hash = null;
    return rest;
  }
  return {
    take(chunk) {
      for (let rest = chunk; rest.length > 0 && forged === null; ) rest = hash === null ? takeHeader(rest) : takeBody(rest);
      return forged === null;
    },
    forged: () => forged,
  };
}
