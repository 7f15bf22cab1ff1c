/** Some files of a branch, or some changes of a file, without the others: as a commit of its own, which merges like any other. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Argument, type Message, message } from '../messages/message.ts';
import { objectPlaces } from './git-places.ts';
import { listTree, readBlobs, type TreeFile } from './read-objects.ts';
import { git } from './run-git.ts';
import { treeWithFiles } from './tree-with-files.ts';
import type { CommitIdentity, Refusal, Repository } from './types.ts';
import { writeCommit } from './write-commit.ts';

/** Lines of a file as the branch has it, from 1; both are meant. */
export interface LineRange {
  readonly first: number;
  readonly last: number;
}

export interface ChosenPart {
  readonly path: string;
  /** Its name before, where the branch renamed it: that goes with it. */
  readonly from?: string | undefined;
  /** Only the changes that touch these. Default: the whole file. */
  readonly lines?: readonly LineRange[] | undefined;
}

/** A change within a file, without lines around it. `count` 0: lines were only removed, behind line `start`. */
interface Hunk {
  readonly old: { readonly start: number; readonly count: number };
  readonly now: { readonly start: number; readonly count: number };
}

/** `partly`: what is taken of the files of which not all is. */
export type Parts = { readonly ok: true; readonly commit: string; readonly partly: ReadonlyMap<string, Message> } | Refusal;

const LARGEST = 8 * 2 ** 20;
const HUNKS_NAMED = 12;

/**
 * @param fork where both sides were the same last: what is not chosen stays as it was there
 * @param tip the commit that holds all
 */
export async function commitOfParts(
  repository: Repository,
  { fork, tip, identity }: { fork: string; tip: string; identity: CommitIdentity },
  chosen: readonly ChosenPart[],
): Promise<Parts> {
  const [before, after] = [await filesOf(repository, fork), await filesOf(repository, tip)];
  const replacements: { path: string; file: TreeFile | null }[] = [];
  const partly = new Map<string, Message>();
  for (const part of chosen) {
    const now = after.get(part.path) ?? null;
    if (part.from !== undefined) replacements.push({ path: part.from, file: after.get(part.from) ?? null });
    if (!part.lines) {
      replacements.push({ path: part.path, file: now });
      continue;
    }
    const old = before.get(part.from ?? part.path) ?? null;
    const mixed = await withChosenHunks(repository, { part, old, now, fork, tip });
    if (!mixed.ok) return mixed;
    replacements.push({ path: part.path, file: { ...old!, path: part.path, id: mixed.id } });
    if (mixed.some) partly.set(part.path, message('merge.partOf', { file: part.path, lines: listed(mixed.some) }));
  }
  const folder = await mkdtemp(join(tmpdir(), 'claude-kimi-parts-'));
  try {
    const tree = await treeWithFiles(repository, fork, replacements, join(folder, 'index'));
    return { ok: true, commit: await writeCommit(repository, { tree, parents: [fork], message: 'Parts', identity }), partly };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const filesOf = async (repository: Repository, commit: string) =>
  new Map((await listTree(repository, commit)).map((file) => [file.path, file]));

interface Sides {
  readonly part: ChosenPart;
  readonly old: TreeFile | null;
  readonly now: TreeFile | null;
  readonly fork: string;
  readonly tip: string;
}

/** @returns the file as it was with the chosen changes in it; `some` where these are not all */
async function withChosenHunks(
  repository: Repository,
  { part, old, now, fork, tip }: Sides,
): Promise<{ ok: true; id: string; some: readonly Hunk[] | null } | Refusal> {
  const { path, from = path } = part;
  const refuse = (reason: Message): Refusal => ({ ok: false, reason, files: [path] });
  if (!now) return refuse(message('merge.partDeleted', { file: path }));
  if (!old) return refuse(message('merge.partNew', { file: path }));
  const [a, b] = await Promise.all([textOf(repository, fork, { ...old, path: from }), textOf(repository, tip, now)]);
  if (a === null || b === null) return refuse(message('merge.partNoText', { file: path }));
  const hunks = await hunksBetween(repository, old.id, now.id);
  if (hunks.length === 0) return refuse(message('merge.partSame', { file: path }));
  const isChosen = (hunk: Hunk) => part.lines!.some((range) => touches(hunk, range));
  const empty = part.lines!.filter((range) => !hunks.some((hunk) => touches(hunk, range)));
  if (empty.length > 0) return refuse(message('merge.noHunk', { file: path, lines: empty.map(rangeText), hunks: listed(hunks) }));
  const some = hunks.filter(isChosen);
  const stdin = Buffer.from(applied(a, b, some), 'latin1');
  const id = (await git(['hash-object', '-w', '--stdin'], { gitDir: repository.gitDir, writes: objectPlaces(repository), stdin }))
    .toString('latin1')
    .trim();
  return { ok: true, id, some: some.length < hunks.length ? some : null };
}

/** Its lines, as bytes; null = it has none: a link, a submodule, no text, or one that stands for other content (git-lfs). */
async function textOf(repository: Repository, commit: string, file: TreeFile): Promise<string | null> {
  if (!file.mode.startsWith('100')) return null;
  const text = (await readBlobs(repository, commit, [file.path], LARGEST)).get(file.path)?.toString('latin1');
  return text === undefined || text.includes('\0') || text.startsWith('version https://git-lfs.github.com/') ? null : text;
}

async function hunksBetween(repository: Repository, old: string, now: string): Promise<Hunk[]> {
  if (old === now) return [];
  const how = ['--text', '--unified=0', '--inter-hunk-context=0', '--no-ext-diff', '--no-textconv', '--no-color'];
  const patch = (await git(['diff', ...how, old, now], { gitDir: repository.gitDir, writes: [] })).toString('latin1');
  const side = (start: string, count: string | undefined) => ({ start: Number(start), count: Number(count ?? 1) });
  return [...patch.matchAll(/(?<![^\n])@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/g)].map(([, a, b, c, d]) => ({
    old: side(a!, b),
    now: side(c!, d),
  }));
}

/** What was only removed is touched by the line before it and the one behind it. */
function touches({ now: { start, count } }: Hunk, { first, last }: LineRange): boolean {
  const [from, to] = count === 0 ? [start, start + 1] : [start, start + count - 1];
  return first <= to && last >= from;
}

function applied(before: string, after: string, hunks: readonly Hunk[]): string {
  const [old, now] = [linesOf(before), linesOf(after)];
  const firstOf = ({ start, count }: Hunk['old']) => (count === 0 ? start : start - 1);
  let at = 0;
  const parts = hunks.flatMap((hunk) => {
    const [gone, come] = [firstOf(hunk.old), firstOf(hunk.now)];
    const kept = old.slice(at, gone);
    at = gone + hunk.old.count;
    return [...kept, ...now.slice(come, come + hunk.now.count)];
  });
  return [...parts, ...old.slice(at)].join('');
}

const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

const rangeText = ({ first, last }: LineRange): string => (first === last ? String(first) : `${first}-${last}`);

function listed(hunks: readonly Hunk[]): Argument {
  const named = hunks
    .slice(0, HUNKS_NAMED)
    .map(({ now: { start, count } }) =>
      count === 0 ? message('merge.hunkRemoved', { line: start }) : rangeText({ first: start, last: start + count - 1 }),
    );
  return hunks.length > HUNKS_NAMED ? message('list.more', { first: named, more: hunks.length - HUNKS_NAMED }) : named;
}
