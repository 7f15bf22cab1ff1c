/**
 * What an attempt changed: files, line counts and patches, read by one git process. Nothing that the attempt or the repository brings hides a
 * part of it.
 */
import { join } from 'node:path';
import { shellWord } from '../common/shell-word.ts';
import { type ForeignPatch, foreignPatches } from './foreign-patches.ts';
import { withoutOwnRules } from './own-rules.ts';
import { decodeName, type GitCall, GitError, git, runGit } from './run-git.ts';
import type { Change, ChangedFile, ObjectSource } from './types.ts';

/** Bounds in bytes; a reader that wants more runs git diff. */
export interface ChangeLimits {
  readonly totalBytes: number;
  readonly fileBytes: number;
}

const DEFAULT_LIMITS: ChangeLimits = { totalBytes: 2 * 1024 * 1024, fileBytes: 256 * 1024 };
/** Room for the file list before the patches: about 20,000 changed files. A longer one is read by a process of its own. */
const LIST_BYTES = 8 * 1024 * 1024;

/**
 * The difference between two commits, renames detected. A patch that is too long ends with a line that says how to read the rest;
 * files behind the total bound get only that line.
 */
export async function readChange(
  where: ObjectSource,
  base: string,
  tip: string,
  limits: ChangeLimits = DEFAULT_LIMITS,
  signal?: AbortSignal,
): Promise<Change> {
  const ids = await Promise.all([idOf(where, base, signal), idOf(where, tip, signal)]);
  return withoutOwnRules(where, ids[0].length, (view) => read(where, view, { base, tip, ids }, limits, signal));
}

const isId = (name: string) => /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(name);

async function idOf({ gitDir }: ObjectSource, name: string, signal: AbortSignal | undefined): Promise<string> {
  if (isId(name)) return name;
  return (await git(['rev-parse', '--verify', '--end-of-options', name], { gitDir, signal })).toString('latin1').trim();
}

interface Range {
  readonly base: string;
  readonly tip: string;
  readonly ids: readonly [base: string, tip: string];
}

async function read(
  where: ObjectSource,
  view: GitCall,
  { base, tip, ids }: Range,
  limits: ChangeLimits,
  signal: AbortSignal | undefined,
): Promise<Change> {
  const how = ['-r', '-z', '--abbrev=40', '--find-renames', '-l1000', '--no-ext-diff', '--no-textconv', '--no-color', '--submodule=short'];
  const args = (...formats: string[]) => ['diff-tree', ...how, ...formats, ...ids];
  const call: GitCall = {
    ...view,
    // None is there: out of an index git reads `.gitattributes`, by which a branch could call its own files binary.
    indexFile: join(where.gitDir, 'no-index'),
    // Names in patch headers stay readable; a file of more than 8 MB counts as binary, as its patch would help nobody.
    config: [
      ['core.quotePath', 'false'],
      ['core.bigFileThreshold', '8m'],
      ['diff.suppressBlankEmpty', 'false'],
    ],
    signal,
  };
  const whole = args('--raw', '--numstat', '--patch', '--unified=3');
  const { code, stdout, stderr, cut } = await runGit(whole, { ...call, maxBytes: limits.totalBytes + LIST_BYTES });
  if (code !== 0 && !cut) throw new GitError(whole, code, stderr, where.gitDir);
  const text = stdout.toString('latin1');
  const begun = parseList(text);
  const isWhole = !cut || begun.end < text.length;
  // What is judged by the names of files must see each, however many there are.
  const list = isWhole ? begun : parseList((await git(args('--raw', '--numstat'), call)).toString('latin1'));
  const raw = patchesOf(list.files, isWhole ? splitPatches(text.slice(list.end)) : []);
  const listed = list.files.map(({ file }) => file);
  const foreign = await foreignPatches(where, ids, listed, raw, how, call);
  const files = listed.map((file) => withCounts(file, foreign.get(file.path)));
  const patches = cutPatches(
    files.map(({ path }, at) => foreign.get(path)?.patch ?? raw[at]!),
    limits,
  );
  const range = `${base.slice(0, 12)}..${tip.slice(0, 12)}`;
  return {
    base,
    tip,
    files,
    added: files.reduce((sum, file) => sum + (file.added ?? 0), 0),
    removed: files.reduce((sum, file) => sum + (file.removed ?? 0), 0),
    diffs: files.map(({ path }, at) => {
      const { kept, complete } = patches[at]!;
      const note = complete ? '' : `[patch cut here; read it with: git diff ${range}${behindRange(path)}]\n`;
      return { path, text: decodeName(kept) + (foreign.get(path)?.note ?? '') + note };
    }),
  };
}

/** The file alone, in a command that somebody will run: its name is the model's. One that would take several lines stands in none. */
const behindRange = (path: string) => (/\p{Cc}/u.test(path) ? '' : ` -- ${shellWord(path)}`);

/** Those of a file that git takes for binary, where it is text. */
function withCounts(file: ChangedFile, patch: ForeignPatch | undefined): ChangedFile {
  return file.added === null && patch ? { ...file, added: patch.added, removed: patch.removed } : file;
}

interface Listed {
  file: ChangedFile;
  /** How many `diff --git` blocks git prints for it: two when a file becomes a symbolic link or the other way round. */
  blocks: number;
}

/** Raw records (`:mode mode id id S NUL path NUL`, renames with two paths), then numstat records, then an empty field. */
function parseList(text: string): { files: Listed[]; end: number } {
  let at = 0;
  const field = (): string => {
    const end = text.indexOf('\0', at);
    const value = text.slice(at, end < 0 ? text.length : end);
    at = end < 0 ? text.length : end + 1;
    return value;
  };
  const records: { path: string; from?: string; status: ChangedFile['status'] }[] = [];
  while (text[at] === ':') {
    const letter = field().split(' ')[4]?.[0] ?? 'M';
    const first = field();
    if (letter === 'R' || letter === 'C') records.push({ from: first, path: field(), status: 'R' });
    else records.push({ path: first, status: letter as ChangedFile['status'] });
  }
  const files = records.map(({ path, from, status }): Listed => {
    const [added, removed, name] = splitCounts(field());
    if (name === '') {
      field();
      field();
    }
    const counts = { added: added === '-' ? null : Number(added), removed: removed === '-' ? null : Number(removed) };
    const file = { path: decodeName(path), ...(from === undefined ? {} : { from: decodeName(from) }), status, ...counts };
    return { file, blocks: status === 'T' ? 2 : 1 };
  });
  if (text[at] === '\0') at++;
  return { files, end: at };
}

/** `added TAB removed TAB path`; a rename has an empty path here and two more fields. */
function splitCounts(record: string): [string, string, string] {
  const first = record.indexOf('\t');
  const second = record.indexOf('\t', first + 1);
  return [record.slice(0, first), record.slice(first + 1, second), record.slice(second + 1)];
}

/**
 * Lines of content begin with a space, `+`, `-` or `\`, and names with line breaks are quoted: only headers match. A line ends where git
 * ends it; for `^` with the flag `m` a carriage return within one would do.
 */
function splitPatches(text: string): string[] {
  return text === '' ? [] : text.split(/(?<![^\n])(?=diff --git )/);
}

/** The patch of each file, as latin1. */
function patchesOf(files: readonly Listed[], patches: readonly string[]): string[] {
  let next = 0;
  return files.map(({ blocks }) => {
    const whole = patches.slice(next, next + blocks).join('');
    next += blocks;
    return whole;
  });
}

function cutPatches(patches: readonly string[], limits: ChangeLimits): { kept: string; complete: boolean }[] {
  let total = 0;
  return patches.map((whole) => {
    const room = Math.max(0, Math.min(limits.fileBytes, limits.totalBytes - total));
    const complete = whole.length <= room && whole !== '';
    const kept = complete ? whole : whole.slice(0, whole.lastIndexOf('\n', room - 1) + 1);
    total += kept.length;
    return { kept, complete };
  });
}
