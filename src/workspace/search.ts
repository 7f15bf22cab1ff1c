/** Lists and searches the files of a working tree, as git sees them. */
import { lstat } from 'node:fs/promises';
import { decodeName, type GitCall, git, runGit, splitNul } from './git.ts';
import { hostPath, MAX_FILE_BYTES } from './stage.ts';
import type { PrivateGit, Refusal } from './types.ts';

/** The same shape as the agent's query; this part does not know the agent. */
export interface WorkQuery {
  readonly pattern: string;
  readonly syntax: 'literal' | 'regex';
  readonly ignoreCase: boolean;
  /** Folder or glob; one without a slash (`*.ts`) matches in every folder. */
  readonly glob?: string;
  readonly limit: number;
}

export interface WorkHit {
  readonly path: string;
  readonly line: number;
  readonly text: string;
}

/** `cut`: there were more hits than the limit, or time ran out. A refusal says what is wrong with the query. */
export type WorkSearch = { readonly ok: true; readonly hits: WorkHit[]; readonly cut: boolean } | Refusal;

const LINE_CHARACTERS = 400;
const SEARCH_MS = 15_000;

/** Tracked files and untracked ones that are not ignored, as they are on disk now, sorted. Nested repositories are not entered. */
export async function listWorkFiles(privateGit: PrivateGit, workTree: string, signal?: AbortSignal): Promise<string[]> {
  const call = { gitDir: privateGit.gitDir, workTree, signal };
  const [listed, deleted] = await Promise.all([
    git(['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'], call),
    git(['ls-files', '-z', '--deleted'], call),
  ]);
  const gone = new Set(splitNul(deleted));
  const paths = splitNul(listed).filter((path) => !path.endsWith('/') && !gone.has(path));
  return paths.map(decodeName).sort();
}

/** Lines that match, at most `limit`, in the files that `listWorkFiles` would list; binary and huge files are skipped, long lines cut. */
export async function grepWork(
  privateGit: PrivateGit,
  workTree: string,
  query: WorkQuery,
  signal?: AbortSignal,
  timeLimitMs = SEARCH_MS,
): Promise<WorkSearch> {
  if (query.pattern === '' || /[\n\0]/.test(query.pattern))
    return { ok: false, reason: 'the pattern must be one line of text and not empty' };
  const pathspec = globs(query.glob);
  if (pathspec === null)
    return { ok: false, reason: `the glob ${JSON.stringify(query.glob)} leaves the repository; give a folder or pattern inside it` };
  const timeout = AbortSignal.timeout(timeLimitMs);
  const collector = new HitCollector(query.limit);
  const matching = [query.syntax === 'literal' ? '-F' : '-E', ...(query.ignoreCase ? ['-i'] : []), '-e', query.pattern];
  const call = { gitDir: privateGit.gitDir, workTree, signal: signal ? AbortSignal.any([signal, timeout]) : timeout };
  const huge = await hugeFiles(call);
  const args = [
    'grep',
    '--untracked',
    '--no-recurse-submodules',
    '--no-color',
    '--full-name',
    '-I',
    '-n',
    '-z',
    ...matching,
    '--',
    ...pathspec,
    ...huge.map((path) => `:(exclude,literal)${path}`),
  ];
  try {
    const result = await runGit(args, call, (chunk) => collector.take(chunk));
    // Exit code 1 means that nothing matched.
    const failed = !result.cut && result.code !== 0 && result.code !== 1;
    if (failed) return { ok: false, reason: `git grep refused the search: ${result.stderr.trim().replace(/^fatal: /, '')}` };
    return { ok: true, hits: collector.hits, cut: result.cut };
  } catch (error) {
    if (!timeout.aborted || signal?.aborted) throw error;
    return { ok: true, hits: collector.hits, cut: true };
  }
}

/** Git reads a file whole into memory to search it. Only files that changed can be huge, as none above the limit gets into a commit. */
async function hugeFiles(call: GitCall & { workTree: string }): Promise<string[]> {
  const changed = splitNul(await git(['ls-files', '-z', '--others', '--modified', '--exclude-standard'], call));
  const sizes = await Promise.all(
    changed.map((path) =>
      lstat(hostPath(call.workTree, path)).then(
        (stats) => stats.size,
        () => 0,
      ),
    ),
  );
  return changed.filter((_, index) => (sizes[index] ?? 0) > MAX_FILE_BYTES).map(decodeName);
}

/** Pathspecs for a folder or glob; null when it points outside. */
function globs(glob: string | undefined): string[] | null {
  const clean = (glob ?? '').replace(/^(\.?\/)+/, '').replace(/(?<!\/)\/+$/, '');
  if (clean === '' || clean === '.') return [];
  if (clean.includes('\0') || clean.split('/').includes('..')) return null;
  return clean.includes('/') ? [`:(glob)${clean}`] : [`:(glob)${clean}`, `:(glob)**/${clean}`];
}

/** Takes `path NUL line NUL text LF` in chunks. The state is the unfinished rest of a line. */
class HitCollector {
  readonly hits: WorkHit[] = [];
  readonly #limit: number;
  #rest = '';
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** False when there are more hits than the limit. */
  take(chunk: Buffer): boolean {
    this.#rest += chunk.toString('latin1');
    let start = 0;
    for (;;) {
      // File names may hold line breaks, so the end of the line counts from behind the two NULs.
      const pathEnd = this.#rest.indexOf('\0', start);
      const numberEnd = pathEnd < 0 ? -1 : this.#rest.indexOf('\0', pathEnd + 1);
      const end = numberEnd < 0 ? -1 : this.#rest.indexOf('\n', numberEnd + 1);
      if (end < 0) break;
      if (this.hits.length >= this.#limit) return false;
      const text = decodeName(this.#rest.slice(numberEnd + 1, end));
      this.hits.push({
        path: decodeName(this.#rest.slice(start, pathEnd)),
        line: Number(this.#rest.slice(pathEnd + 1, numberEnd)),
        text: text.length > LINE_CHARACTERS ? `${text.slice(0, LINE_CHARACTERS)}...` : text,
      });
      start = end + 1;
    }
    this.#rest = this.#rest.slice(start);
    return true;
  }
}
