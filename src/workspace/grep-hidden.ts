/** The files that git's own search passes over or cannot read, as plain UTF-8 in a folder of their own, where it can search them. */
import { lstat, mkdtemp, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DecodedText, decodeText } from '../common/text-codec.ts';
import { declaredEncodings } from './declared-encodings.ts';
import { decodeName, type GitCall, git, runGit, splitNul } from './run-git.ts';
import { hostPath } from './stage-changes.ts';

const MOST_FILES = 20_000;
const MOST_BYTES = 64 * 1024 * 1024;
const MOST_BYTES_EACH = 8 * 1024 * 1024;
const HEAD_BYTES = 8_000;
const PIECE_BYTES = 1024 * 1024;

/** Working trees in which many look around at a time. */
const MOST_KNOWN = 20;

type TreeCall = GitCall & { readonly workTree: string };

export interface HiddenFiles {
  /** Holds the files `0`, `1` and so on, of which `paths` has the names; null = there is none to be searched. */
  readonly folder: string | null;
  readonly paths: readonly string[];
  /** Text files that were left out for their size or number. */
  readonly left: readonly string[];
  remove(): Promise<void>;
}

/** Tracked files that an ignore rule matches, and those that an attribute calls binary (latin1 names). */
export async function passedOver(pathspecs: readonly string[], call: TreeCall): Promise<string[]> {
  const [ignored, tracked] = await Promise.all([
    git(['ls-files', '-z', '--cached', '--ignored', '--exclude-standard', '--', ...pathspecs], call),
    git(['ls-files', '-z', '--', ...(pathspecs.length > 0 ? pathspecs.map(withoutDiff) : [':(attr:-diff)'])], call),
  ]);
  return [...new Set([...splitNul(ignored), ...splitNul(tracked)])];
}

function withoutDiff(pathspec: string): string {
  return pathspec.replace(/^:\(/, ':(attr:-diff,');
}

/** Files with bytes that are not ASCII, in which text of another encoding may stand (latin1 names). */
export async function notAscii(pathspecs: readonly string[], call: TreeCall): Promise<string[]> {
  const args = [
    'grep',
    '--untracked',
    '--no-recurse-submodules',
    '-l',
    '-z',
    '-a',
    '-E',
    '-e',
    '[^[:print:][:space:]]',
    '--',
    ...pathspecs,
  ];
  // In this locale no byte above 0x7f is one that can be printed.
  const { stdout } = await runGit(args, { ...call, env: { ...call.env, LC_ALL: 'C', LANG: 'C' } });
  return splitNul(stdout);
}

/** What `notAscii` found the last time in all files, and which index that was true for; reading all again takes as long as the search. */
const known = new Map<string, { readonly index: string; readonly names: ReadonlySet<string> }>();

/**
 * As `notAscii`, in all files. What is as the index has it stays what it was, and what changed counts, whatever is in it now; rules that
 * change may show files that nobody has looked at.
 * @param changed what may differ from the index
 */
export async function notAsciiInAll(call: TreeCall & { readonly gitDir: string }, changed: readonly string[]): Promise<string[]> {
  const { mtimeNs, ino, size } = await stat(call.indexFile ?? join(call.gitDir, 'index'), { bigint: true });
  const index = [mtimeNs, ino, size].join();
  const before = known.get(call.workTree);
  if (before?.index === index && !changed.some((name) => /(^|\/)\.gitignore$/.test(name)))
    return [...new Set([...before.names, ...changed])];
  const found = await notAscii([], call);
  known.delete(call.workTree);
  known.set(call.workTree, { index, names: new Set([...found, ...changed]) });
  for (const oldest of known.keys()) if (known.size > MOST_KNOWN) known.delete(oldest);
  return found;
}

/**
 * @param always are searched whatever their encoding; @param foreign only when they are text that is not UTF-8
 * @returns null when there are none
 */
export async function hiddenAsUtf8(call: TreeCall, always: readonly string[], foreign: readonly string[]): Promise<HiddenFiles | null> {
  const { workTree } = call;
  const paths: string[] = [];
  const left: string[] = [];
  let folder: string | null = null;
  let bytesLeft = MOST_BYTES;
  const isAlways = new Set(always);
  const declared = await declaredEncodings([...new Set([...always, ...foreign])].slice(0, MOST_FILES), call);
  for (const [at, name] of [...new Set([...always, ...foreign])].entries()) {
    const file = hostPath(workTree, name);
    const stats = await lstat(file).catch(() => null);
    if (!stats?.isFile()) continue;
    const isOneTooMany = at >= MOST_FILES;
    if (isOneTooMany || stats.size > Math.min(bytesLeft, MOST_BYTES_EACH)) {
      if (isAlways.has(name) || (!isOneTooMany && (await isForeign(file)))) left.push(decodeName(name));
      continue;
    }
    if (stats.size > HEAD_BYTES && !(await mayBeText(file))) continue;
    const bytes = await readFile(file);
    const decoded = decodeText(bytes);
    if (decoded === null || (decoded.encoding === 'utf-8' && !isAlways.has(name))) continue;
    bytesLeft -= stats.size;
    folder ??= await mkdtemp(join(tmpdir(), 'ckm-search-'));
    // In doubt all readings count.
    const others = decoded.encoding === 'utf-8' ? [] : new Set([decoded.doubt, declared(name)]);
    const readings = [decoded, ...[...others].flatMap((one) => (one && one !== decoded.encoding ? [decodeText(bytes, one)] : []))];
    for (const reading of readings) {
      await writeFile(join(folder, `${paths.length}`), reading?.text ?? '');
      paths.push(decodeName(name));
    }
  }
  if (folder === null) return left.length > 0 ? { folder, paths, left, remove: async () => {} } : null;
  const made = folder;
  return { folder: made, paths, left, remove: () => rm(made, { recursive: true, force: true }) };
}

/** Pictures and programs are many and large, and known by their beginning. */
async function mayBeText(file: Buffer): Promise<boolean> {
  return (await beginningOf(file)) !== null;
}

async function beginningOf(file: Buffer): Promise<DecodedText | null> {
  await using handle = await open(file);
  const head = Buffer.alloc(HEAD_BYTES);
  const { bytesRead } = await handle.read(head, 0, HEAD_BYTES, 0);
  return decodeText(head.subarray(0, bytesRead));
}

/** Whether it is text that is not UTF-8, which git's own search cannot read. It is large, so it is looked at in pieces. */
async function isForeign(file: Buffer): Promise<boolean> {
  const beginning = await beginningOf(file);
  if (beginning === null || /^utf-(16|32)/.test(beginning.encoding)) return beginning !== null;
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  await using handle = await open(file);
  const piece = Buffer.alloc(PIECE_BYTES);
  for (;;) {
    const { bytesRead } = await handle.read(piece, 0, PIECE_BYTES);
    try {
      utf8.decode(piece.subarray(0, bytesRead), { stream: bytesRead > 0 });
    } catch {
      return true;
    }
    if (bytesRead === 0) return false;
  }
}
