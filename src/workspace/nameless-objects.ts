/** What nothing in a repository leads to any more, or may not: it stays in git until it is collected, and a command can ask for it. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expandNames } from '../common/list-names.ts';
import { readPlainFile } from '../common/read-plain-file.ts';
import { type GitCall, runGit } from './run-git.ts';

const HEADS = ['*_HEAD', 'AUTO_MERGE', 'rebase-merge/*', 'rebase-apply/*'];
const MOST_BYTES_OF_A_HEAD = 64 * 1024;
/** Of all of them together: they are read here, while the server answers nobody. */
const MOST_BYTES_OF_HEADS = 4 * 2 ** 20;
const MOST_FOLDERS = 1_000;
const MOST_BYTES_UNNAMED = 64 * 1024;
const MOST_APART = 50_000;
const MOST_PACKED = 20_000;
const NAMES_AT = 8 + 256 * 4;
/** What a list of packs has of each object, and beside. */
const BYTES_OF_A_NAME = 36;
/** A list is read whole or not at all, and names are made of it here. */
const MOST_LISTS = 5_000;
const MOST_BYTES_OF_COMMITS = 64 * 2 ** 20;

const ID = /\b[0-9a-f]{40}(?:[0-9a-f]{24})?\b/g;

/** Where a merge, a rebase or a fetch stands or stood, in working trees beside as well: no option of rev-list means them. */
export function headsBeside(gitDir: string): string[] {
  const folders = ['', ...expandNames(gitDir, 'worktrees/*').slice(0, MOST_FOLDERS)];
  const files = folders.flatMap((folder) => HEADS.flatMap((name) => expandNames(gitDir, join(folder, name))));
  const ids = new Set<string>();
  let left = MOST_BYTES_OF_HEADS;
  for (const file of files) {
    const text = readPlainFile(join(gitDir, file), Math.min(left, MOST_BYTES_OF_A_HEAD), 'refused')?.toString('latin1') ?? '';
    left -= text.length;
    for (const id of text.match(ID) ?? []) ids.add(id);
  }
  return [...ids];
}

/**
 * The objects that lie for themselves, as young ones do and those that nothing leads to, and those that git keeps apart since nothing does (a pack with
 * times beside it). And those of small packs, as a fetch brings: the branch may be gone by now.
 */
export function namelessCandidates(gitDir: string): { ids: ReadonlySet<string>; isAll: boolean } {
  const loose = expandNames(gitDir, 'objects/*/*').flatMap((path) => {
    const found = /^objects\/([0-9a-f]{2})\/([0-9a-f]{38}(?:[0-9a-f]{24})?)$/.exec(path);
    return found ? [found[1]! + found[2]!] : [];
  });
  const times = expandNames(gitDir, 'objects/pack/*.mtimes').map((path) => path.replace(/mtimes$/, 'idx'));
  const lists = expandNames(gitDir, 'objects/pack/*.idx');
  const apart = idsOfPacks(gitDir, times, MOST_APART);
  const packed = idsOfPacks(gitDir, lists, MOST_PACKED);
  return { ids: new Set([...loose, ...apart.ids, ...packed.ids]), isAll: packed.isAll };
}

/** The smallest first, as long as there is room: a list that came with a repository may have any size, and there may be thousands. */
function idsOfPacks(gitDir: string, lists: readonly string[], most: number): { ids: string[]; isAll: boolean } {
  const sized = lists.slice(0, MOST_LISTS).map((list) => ({ at: join(gitDir, list), size: sizeOf(join(gitDir, list)) }));
  const ids: string[] = [];
  let left = most * BYTES_OF_A_NAME + sized.length * NAMES_AT * 2;
  for (const { at, size } of sized.sort((a, b) => a.size - b.size)) {
    left -= size;
    if (left < 0) return { ids, isAll: false };
    for (const id of idsOfPack(readPlainFile(at, size, 'refused'))) ids.push(id);
  }
  return { ids, isAll: sized.length === lists.length };
}

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

/** Which of them are folders and commits, and which small contents. */
export async function kindsOf(ids: ReadonlySet<string>, call: GitCall): Promise<{ starts: string[]; blobs: string[] }> {
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

/** All commits of a repository, each in a line, whatever leads to them: of a million the list is made in a few seconds. */
export async function allCommits(call: GitCall): Promise<Buffer> {
  const found: Buffer[] = [];
  let rest = '';
  let left = MOST_BYTES_OF_COMMITS;
  const take = (chunk: Buffer): boolean => {
    const text = rest + chunk.toString('latin1');
    const end = text.lastIndexOf('\n') + 1;
    rest = text.slice(end);
    const commits = text.slice(0, end).replace(/^(?:commit (.*\n)|.*\n)/gm, '$1');
    if (commits !== '') found.push(Buffer.from(commits, 'latin1'));
    left -= commits.length;
    return left >= 0;
  };
  const args = ['cat-file', '--batch-all-objects', '--unordered', '--buffer', '--batch-check=%(objecttype) %(objectname)'];
  await runGit(args, call, take);
  return Buffer.concat(found);
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
