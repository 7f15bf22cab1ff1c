/** Lists and searches the files of a working tree, as git sees them. */
import { lstatSync } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type GrepHit, HitCollector } from './collect-hits.ts';
import { hiddenAsUtf8, notAscii, notAsciiInAll, passedOver } from './grep-hidden.ts';
import { decodeName, type GitCall, git, runGit, splitNul } from './run-git.ts';
import { hostPath, MAX_FILE_BYTES } from './stage-changes.ts';
import type { PrivateGit } from './types.ts';
import { workTreeCall } from './work-tree-call.ts';

/** The same shape as the agent's query; this part does not know the agent. */
export interface GrepQuery {
  readonly pattern: string;
  readonly syntax: 'literal' | 'regex';
  readonly ignoreCase: boolean;
  /** Where to look; none = everywhere. */
  readonly targets: readonly GrepTarget[];
  readonly limit: number;
  /** Files whose hits neither come nor count. */
  readonly leftOut?: ((path: string) => boolean) | undefined;
}

/** A folder or file by its exact path, or a glob over whole paths (`**` goes through folders). */
export type GrepTarget = { readonly path: string } | { readonly glob: string };

/** `all`: there are no more hits; otherwise what ended the search. */
export type GrepEnd = 'all' | 'limit' | 'time';

/** A refusal says what is wrong with the query. */
export type GrepResult =
  | {
      readonly ok: true;
      readonly hits: readonly GrepHit[];
      readonly end: GrepEnd /** Text files that were not searched, for their size. */;
      readonly left?: readonly string[];
    }
  /** In words for who asked: the model. */
  | { readonly ok: false; readonly problem: string };

const NOTHING_FOUND: GrepResult = { ok: true, hits: [], end: 'all' };
const SEARCH_MS = 15_000;
/** Git starts eight threads on any machine; on one with few processors these stand in each other's way. */
const THREADS = availableParallelism() > 1 ? Math.min(8, 2 * availableParallelism()) : 1;

/**
 * Tracked files and untracked ones that are not ignored, as they are on disk now, sorted. Nested repositories are not entered.
 * @param folder only what lies in it (or is it, when it is a file); '' = everything
 */
export async function listWorkTree(privateGit: PrivateGit, workTree: string, folder = '', signal?: AbortSignal): Promise<string[]> {
  const call = workTreeCall(privateGit, workTree, signal);
  const where = folder === '' ? [] : ['--', await exactly(workTree, folder)];
  // Two processes side by side: one that is asked for both takes as long as both.
  const [listed, deleted] = await Promise.all([
    git(['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate', ...where], call),
    git(['ls-files', '-z', '--deleted', ...where], call),
  ]);
  const gone = new Set(decodedNames(deleted));
  const paths = decodedNames(listed).filter((path) => !path.endsWith('/') && !gone.has(path));
  return paths.sort();
}

export interface GrepOptions {
  readonly signal?: AbortSignal;
  readonly timeLimitMs?: number;
  /** Whether files may have been made that are larger than the limit for commits. Default: yes. */
  readonly maybeHuge?: boolean;
  /** Whether files that are not UTF-8 count where nothing else matches. Default: yes. */
  readonly anyEncoding?: boolean;
}

/**
 * Lines that match, at most `limit`, in the files that `listWorkTree` would list; binary and huge files are skipped.
 * @throws the reason of the signal
 */
export async function grepFiles(
  privateGit: PrivateGit,
  workTree: string,
  query: GrepQuery,
  { signal, timeLimitMs = SEARCH_MS, maybeHuge = true, anyEncoding = true }: GrepOptions = {},
): Promise<GrepResult> {
  if (query.pattern === '' || /[\n\0]/.test(query.pattern))
    return { ok: false, problem: 'the pattern must be one line of text and not empty' };
  if (query.targets.some(leadsOut)) return { ok: false, problem: 'a place leaves the repository; give a folder or glob inside it' };
  const targets = (
    await Promise.all(
      query.targets
        .map((target) => ('path' in target ? [exactly(workTree, target.path)] : globForms(target.glob)))
        .map((all) => Promise.all(all)),
    )
  ).flat();
  const timeout = AbortSignal.timeout(timeLimitMs);
  const limit = signal ? AbortSignal.any([signal, timeout]) : timeout;
  const call = { ...workTreeCall(privateGit, workTree), signal: limit };
  const hits = new HitCollector(query);
  try {
    const changed = maybeHuge && !query.targets.some(isGlob) ? changedFiles(targets, call) : null;
    const mayBeHuge = maybeHuge ? (changed ?? listed(targets, call)) : [];
    const [{ plain, huge }, passed] = await Promise.all([
      searchWithoutHuge(query, targets, mayBeHuge, call, hits),
      passedOver(targets, call),
    ]);
    if (!plain.ok || plain.end !== 'all') return plain;
    // What no text of UTF-8 can match may stand in others; and where nothing was found, that must be true of all.
    const isWide = anyEncoding && (/[^\x00-\x7f]/.test(query.pattern) || plain.hits.length === 0);
    const isAll = targets.length === 0 && huge.length === 0;
    const inAll = async () => notAsciiInAll(call, await (changed ?? changedFiles([], call)));
    const foreign = !isWide ? [] : isAll ? await inAll() : await notAscii([...targets, ...huge.map(without)], call);
    return await withHidden({ ...plain, ...(huge.length > 0 && { left: huge }) }, query, passed, foreign, call);
  } catch (error) {
    if (!timeout.aborted || signal?.aborted) throw error;
    return { ok: true, hits: hits.hits, end: 'time' };
  }
}

const isGlob = (target: GrepTarget) => 'glob' in target;

async function searchWithoutHuge(
  query: GrepQuery,
  targets: readonly string[],
  mayBeHuge: Names,
  call: TreeCall,
  hits: HitCollector,
): Promise<{ plain: GrepResult; huge: string[] }> {
  const { huge, found } = await searchBesideSizes(query, targets, mayBeHuge, call, hits);
  if (found !== null) return { plain: found, huge };
  hits.clear();
  return { plain: await search(query, [...targets, ...huge.map(without)], call, hits), huge };
}

const without = (path: string) => `:(exclude,literal)${path}`;

/** The hits, with those in files that git's own search passes over or cannot read. */
async function withHidden(
  plain: GrepResult & { ok: true },
  query: GrepQuery,
  passed: readonly string[],
  foreign: readonly string[],
  call: TreeCall,
): Promise<GrepResult> {
  if (passed.length + foreign.length === 0) return plain;
  const isSearched = (name: string) => !query.leftOut?.(decodeName(name));
  const hidden = await hiddenAsUtf8(call, passed.filter(isSearched), foreign.filter(isSearched));
  if (hidden === null) return plain;
  try {
    const collector = new HitCollector({ limit: query.limit });
    const there = { cwd: hidden.folder ?? '', signal: call.signal };
    // Without a folder of theirs git would search whatever folder it stands in.
    const found = hidden.folder === null ? NOTHING_FOUND : await search(query, [], there, collector, ['--no-index', '-a']);
    if (!found.ok) return plain;
    const more = found.hits.map((hit) => ({ ...hit, path: hidden.paths[Number(hit.path)] ?? hit.path }));
    // Read as bytes, a line of another encoding is shown as rubbish.
    const paths = new Set(more.map((hit) => hit.path));
    const hits = [...plain.hits.filter((hit) => !paths.has(hit.path)), ...onePerLine(more)].sort((a, b) =>
      a.path < b.path ? -1 : a.path > b.path ? 1 : a.line - b.line,
    );
    const left = [...(plain.left ?? []), ...hidden.left];
    const end = hits.length > query.limit ? 'limit' : found.end;
    return { ok: true, hits: hits.slice(0, query.limit), end, ...(left.length > 0 && { left }) };
  } finally {
    await hidden.remove();
  }
}

function onePerLine(hits: readonly GrepHit[]): GrepHit[] {
  const known = new Map<string, GrepHit>();
  for (const hit of hits) if (!known.has(`${hit.path}\0${hit.line}`)) known.set(`${hit.path}\0${hit.line}`, hit);
  return [...known.values()];
}

type TreeCall = GitCall & { workTree: string; signal: AbortSignal };

/** Nearly never is there a huge file, so the search does not wait for the look at the sizes; it is stopped when there is one. */
async function searchBesideSizes(
  query: GrepQuery,
  targets: readonly string[],
  mayBeHuge: Names,
  call: TreeCall,
  hits: HitCollector,
): Promise<{ huge: string[]; found: GrepResult | null }> {
  const stop = new AbortController();
  const stoppable = { ...call, signal: AbortSignal.any([call.signal, stop.signal]) };
  const [huge, found] = await Promise.all([
    hugeAmong(mayBeHuge, call).then((paths) => {
      if (paths.length > 0) stop.abort();
      return paths;
    }),
    search(query, targets, stoppable, hits).catch((error: unknown) => {
      if (!stop.signal.aborted) throw error;
      return null;
    }),
  ]);
  return { huge, found: huge.length > 0 ? null : found };
}

/** @param where which files: those of the working tree, unless it says otherwise */
async function search(
  query: GrepQuery,
  pathspecs: readonly string[],
  call: GitCall,
  hits: HitCollector,
  where: readonly string[] = ['--untracked', '--no-recurse-submodules', '--full-name', '-I'],
): Promise<GrepResult> {
  // The same letter may be written in two ways; both mean the same to a reader.
  const forms = [...new Set([query.pattern, query.pattern.normalize('NFC'), query.pattern.normalize('NFD')])];
  const matching = [syntaxOf(query), ...(query.ignoreCase ? ['-i'] : []), ...forms.flatMap((form) => ['-e', form])];
  const args = ['grep', ...where, '--no-color', '-n', '--column', '-z', ...matching, '--', ...pathspecs];
  const result = await runGit(args, { ...call, config: [['grep.threads', `${THREADS}`]] }, (chunk) => hits.take(chunk));
  // Exit code 1 means that nothing matched.
  const failed = !result.cut && result.code !== 0 && result.code !== 1;
  if (failed) return { ok: false, problem: `git grep refused the search: ${result.stderr.trim().replace(/^fatal: /, '')}` };
  return { ok: true, hits: hits.hits, end: result.cut ? 'limit' : 'all' };
}

/** Ranges of other than ASCII are none to the extended syntax in the locale of our git. */
function syntaxOf({ syntax, pattern }: GrepQuery): string {
  if (syntax === 'literal') return '-F';
  return /\[[^\]]*[^\x00-\x7f]-[^\]]/.test(pattern) ? '-P' : '-E';
}

/** As latin1. */
type Names = readonly string[] | Promise<readonly string[]>;

/**
 * Those that may differ from the index. For a glob git looks at all that there is, and reads what was written in the second of the index; then
 * the names alone are quicker.
 */
async function changedFiles(pathspecs: readonly string[], call: TreeCall): Promise<string[]> {
  return splitNul(await git(['ls-files', '-z', '--others', '--modified', '--exclude-standard', '--', ...pathspecs], call));
}

async function listed(pathspecs: readonly string[], call: TreeCall): Promise<string[]> {
  return splitNul(await git(['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', ...pathspecs], call));
}

const LOOKED_AT_ONCE = 500;

/** Git reads a file whole into memory to search it. Only files that changed can be huge, as none above the limit gets into a commit. */
async function hugeAmong(names: Names, { workTree, signal }: TreeCall): Promise<string[]> {
  const huge: string[] = [];
  for (const [at, name] of (await names).entries()) {
    if (at % LOOKED_AT_ONCE === LOOKED_AT_ONCE - 1) await nextTurn(undefined, { signal });
    if (sizeOf(hostPath(workTree, name)) > MAX_FILE_BYTES) huge.push(decodeName(name));
  }
  return huge;
}

/** Not one by one beside each other: that takes five times as long. */
function sizeOf(file: Buffer): number {
  try {
    return lstatSync(file).size;
  } catch {
    return 0; // gone
  }
}

/** A folder ends with `/`: only then does git look at nothing outside of it. */
async function exactly(workTree: string, path: string): Promise<string> {
  const stats = await lstat(join(workTree, path)).catch(() => null);
  return `:(literal)${path}${stats?.isDirectory() ? '/' : ''}`;
}

/** A name may be stored in either form. */
function globForms(glob: string): string[] {
  return [...new Set([glob, glob.normalize('NFC'), glob.normalize('NFD')])].map((form) => `:(glob)${form}`);
}

function leadsOut(target: GrepTarget): boolean {
  const given = 'path' in target ? target.path : target.glob;
  return given.includes('\0') || given.startsWith('/') || given.split('/').includes('..');
}

/** Like `splitNul`, for names that are only shown and compared: all decoded at once. */
function decodedNames(output: Buffer): string[] {
  const names = output.toString('utf8').split('\0');
  names.pop();
  return names;
}
