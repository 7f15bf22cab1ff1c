/** What git holds beside the commit that an attempt begins with: a command can read it by `git show`, as it borrows all objects. */
import { join } from 'node:path';
import { expandNames } from '../common/list-names.ts';
import { readPlainFile } from '../common/read-plain-file.ts';
import { GitStopped } from './limit-git.ts';
import { type GitCall, runGit } from './run-git.ts';
import type { ObjectSource } from './types.ts';

/** Trees that branches share are read once: a hundred branches take some milliseconds, all tags of Linux half a minute. */
const LIMIT_MS = 10_000;
const MOST_FOUND = 20_000;
const MOST_STASHES = 1_000;
const HEADS = ['*_HEAD', 'AUTO_MERGE', 'rebase-merge/*', 'rebase-apply/*'];
const MOST_BYTES_OF_A_HEAD = 64 * 1024;
const MOST_UNNAMED = 2_000;
const MOST_BYTES_UNNAMED = 64 * 1024;
const MOST_APART = 50_000;
const MOST_BYTES_OF_A_LIST = 16 * 2 ** 20;
const MOST_PACKED = 20_000;
const MOST_BYTES_OF_A_SMALL_LIST = 800 * 1024;
const NAMES_AT = 8 + 256 * 4;

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
 */
export async function namedElsewhere(
  { gitDir }: ObjectSource,
  isWanted: (path: string) => boolean,
  signal?: AbortSignal,
): Promise<Elsewhere> {
  const named: NamedObject[] = [];
  const call: GitCall = { gitDir, signal, limitMs: LIMIT_MS };
  const loose = looseObjects(gitDir);
  const seen = new Set<string>();
  const list = async (from: readonly string[], stdin: string): Promise<void> => {
    let rest = '';
    const take = (chunk: Buffer): boolean => {
      const lines = (rest + chunk.toString('latin1')).split('\n');
      rest = lines.pop()!;
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
      const args = ['rev-list', '--objects', '--no-walk', '--missing=allow-any', '--ignore-missing', ...from, '--stdin'];
      await runGit(args, { ...call, stdin }, take);
    } catch (error) {
      if (!(error instanceof GitStopped)) throw error;
    }
  };
  const known = partsOfStashes(call).then((parts) => list(['--all', '--reflog', '--indexed-objects'], parts));
  const kinds = kindsOf(loose, call).catch((error: unknown) => {
    if (error instanceof GitStopped) return { starts: [], blobs: [] };
    throw error;
  });
  const [{ starts, blobs }] = await Promise.all([kinds, known]);
  const more = [...starts.filter((id) => !seen.has(id)), ...headsBeside(gitDir)];
  if (more.length > 0) await list([], more.map((id) => `${id}\n`).join(''));
  return { named, unnamed: blobs.filter((id) => !seen.has(id)).slice(0, MOST_UNNAMED) };
}

const ID = /\b[0-9a-f]{40}(?:[0-9a-f]{24})?\b/g;

/** Where a merge, a rebase or a fetch stands or stood, in working trees beside as well: no option of rev-list means them. */
function headsBeside(gitDir: string): string[] {
  const folders = ['', ...expandNames(gitDir, 'worktrees/*')];
  const files = folders.flatMap((folder) => HEADS.flatMap((name) => expandNames(gitDir, join(folder, name))));
  const texts = files.map((file) => readPlainFile(join(gitDir, file), MOST_BYTES_OF_A_HEAD, 'refused')?.toString('latin1') ?? '');
  return [...new Set(texts.flatMap((text) => text.match(ID) ?? []))];
}

/**
 * The objects that lie for themselves, as young ones do and those that nothing leads to, and those that git keeps apart since nothing does (a pack with
 * times beside it). And those of small packs, as a fetch brings: the branch may be gone by now.
 */
function looseObjects(gitDir: string): Set<string> {
  const loose = expandNames(gitDir, 'objects/*/*').flatMap((path) => {
    const found = /^objects\/([0-9a-f]{2})\/([0-9a-f]{38}(?:[0-9a-f]{24})?)$/.exec(path);
    return found ? [found[1]! + found[2]!] : [];
  });
  const apart = expandNames(gitDir, 'objects/pack/*.mtimes').flatMap((times) =>
    idsOfPack(readPlainFile(join(gitDir, times.replace(/mtimes$/, 'idx')), MOST_BYTES_OF_A_LIST, 'refused')),
  );
  const packed: string[] = [];
  for (const list of expandNames(gitDir, 'objects/pack/*.idx')) {
    const ids = idsOfPack(readPlainFile(join(gitDir, list), MOST_BYTES_OF_A_SMALL_LIST, 'refused'));
    if (packed.length + ids.length <= MOST_PACKED) packed.push(...ids);
  }
  return new Set([...loose, ...apart, ...packed]);
}

/** Which of them are folders and commits, and which small contents. */
async function kindsOf(ids: ReadonlySet<string>, call: GitCall): Promise<{ starts: string[]; blobs: string[] }> {
  const starts: string[] = [];
  const blobs: string[] = [];
  if (ids.size === 0) return { starts, blobs };
  const { stdout } = await runGit(['cat-file', '--batch-check'], { ...call, stdin: [...ids].map((id) => `${id}\n`).join('') });
  for (const line of stdout.toString('latin1').split('\n')) {
    const [id = '', kind, size] = line.split(' ');
    if (kind === 'commit' || kind === 'tree') starts.push(id);
    else if (kind === 'blob' && Number(size) <= MOST_BYTES_UNNAMED) blobs.push(id);
  }
  return { starts, blobs };
}

/** The names of a pack's list, gitformat-pack(5): behind a head of 8 bytes and 256 counts. */
function idsOfPack(list: Buffer | null): string[] {
  if (!list || list.length < NAMES_AT || list.readUInt32BE(0) !== 0xff744f63) return [];
  const all = list.readUInt32BE(NAMES_AT - 4);
  // Of each there are 8 bytes more, and two sums of the whole at the end.
  const size = list.length >= NAMES_AT + all * 40 + 64 ? 32 : 20;
  const count = Math.min(all, MOST_APART, Math.floor((list.length - NAMES_AT) / size));
  return Array.from({ length: count }, (_, at) => list.toString('hex', NAMES_AT + at * size, NAMES_AT + (at + 1) * size));
}

/** A stash is a commit of which the index and the untracked files are parents. */
async function partsOfStashes(call: GitCall): Promise<string> {
  const args = ['rev-list', '--walk-reflogs', '--parents', `--max-count=${MOST_STASHES}`, 'refs/stash', '--'];
  const { stdout } = await runGit(args, call); // fails where there is none
  const ids = new Set(stdout.toString('latin1').match(/[0-9a-f]{40,64}/g) ?? []);
  return [...ids].map((id) => `${id}\n`).join('');
}
