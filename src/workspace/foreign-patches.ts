/** Patches of texts in other encodings than UTF-8, as texts. git shows UTF-16 as binary, and GBK as bytes that a reader of UTF-8 cannot read. */
import { type ByteEncoding, encodeBytes } from '../common/byte-encodings.ts';
import { type DecodedText, decodeText, LARGEST_DECODED } from '../common/text-codec.ts';
import { readBlobs } from './read-objects.ts';
import { type GitCall, git } from './run-git.ts';
import { type TreeEntry, withTextTrees } from './text-trees.ts';
import type { ChangedFile, ObjectSource } from './types.ts';

/** As a whole file says it; a few words of a patch do not tell an encoding. */
interface Sides {
  readonly before: DecodedText | null;
  readonly after: DecodedText | null;
}

export interface ForeignPatch {
  /** UTF-8, as latin1. */
  readonly patch: string;
  readonly added: number;
  readonly removed: number;
  /** What else must be known of it, in lines of ours. */
  readonly note: string;
}

const HUNK = /^@@ /m;
const BINARY = /^Binary files (.*) differ\n/m;

/**
 * @param patches those of `files` as git made them, as latin1
 * @param options of diff-tree, with the settings of `call`
 */
export async function foreignPatches(
  where: ObjectSource,
  [base, tip]: readonly [base: string, tip: string],
  files: readonly ChangedFile[],
  patches: readonly string[],
  options: readonly string[],
  call: GitCall,
): Promise<ReadonlyMap<string, ForeignPatch>> {
  // Names that are no UTF-8 may read alike: neither has the other's patch.
  const times = new Map<string, number>();
  for (const { path } of files) times.set(path, (times.get(path) ?? 0) + 1);
  const mayBeForeign = (patch: string) => BINARY.test(patch) || /[^\x00-\x7f]/.test(patch);
  const asked = files.filter(({ status, path }, at) => status !== 'T' && times.get(path) === 1 && mayBeForeign(patches[at]!));
  const sides = await readSides(where, [base, tip], asked, call.signal);
  const foreign = asked.filter(({ path }) => isForeign(sides.get(path)!));
  if (foreign.length === 0) return new Map();
  // By numbers, since what a path was renamed from has another name.
  const entries = (side: keyof Sides) => foreign.flatMap(({ path }, at) => entryOf(`${at}`, sides.get(path)![side]));
  const output = await withTextTrees(
    where,
    { before: entries('before'), after: entries('after') },
    ({ before, after, env }) => git(['diff-tree', ...options, '--no-renames', '--patch', before, after], { ...call, env }),
    { signal: call.signal },
  );
  const shown = parseNumbered(output.toString('latin1'));
  return new Map(
    foreign.map((file, at) => {
      const raw = patches[files.indexOf(file)]!;
      const { hunks, added, removed } = shown.get(at) ?? { hunks: '', added: 0, removed: 0 };
      return [file.path, { patch: withHunks(raw, hunks), added, removed, note: noteOf(raw, hunks, sides.get(file.path)!) }];
    }),
  );
}

async function readSides(
  where: ObjectSource,
  [base, tip]: readonly [string, string],
  asked: readonly ChangedFile[],
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, Sides>> {
  const read = async (commit: string, names: readonly string[]) => {
    const blobs = await readBlobs(where, commit, names, LARGEST_DECODED, signal);
    return new Map([...blobs].map(([path, bytes]) => [path, decodeText(bytes)]));
  };
  const nameBefore = ({ from, path }: ChangedFile) => from ?? path;
  const [before, after] = await Promise.all([
    read(base, asked.map(nameBefore)),
    read(
      tip,
      asked.map(({ path }) => path),
    ),
  ]);
  // A side that is there and no text leaves the file to git.
  const isUnread = (file: ChangedFile) =>
    (file.status !== 'A' && !before.get(nameBefore(file))) || (file.status !== 'D' && !after.get(file.path));
  return new Map(
    asked.map((file) => [
      file.path,
      isUnread(file)
        ? { before: null, after: null }
        : { before: before.get(nameBefore(file)) ?? null, after: after.get(file.path) ?? null },
    ]),
  );
}

function isForeign(sides: Sides): boolean {
  const there = [sides.before, sides.after].filter((side) => side !== null);
  return there.some(({ encoding }) => encoding !== 'utf-8') && there.every(({ text }) => text.isWellFormed() && !text.includes('\0'));
}

function entryOf(path: string, side: DecodedText | null): TreeEntry[] {
  return side === null ? [] : [{ path, mode: '100644', content: { text: side.text } }];
}

interface Shown {
  readonly hunks: string;
  readonly added: number;
  readonly removed: number;
}

function parseNumbered(text: string): ReadonlyMap<number, Shown> {
  const patches = text.split(/(?<![^\n])(?=diff --git a\/\d+ b\/\d+\n)/).filter(Boolean);
  return new Map(
    patches.map((patch) => {
      const hunks = patch.slice(Math.max(0, patch.search(HUNK)));
      const lines = hunks.split('\n');
      const starting = (sign: string) => lines.filter((line) => line.startsWith(sign)).length;
      return [Number(/\d+/.exec(patch)![0]), { hunks, added: starting('+'), removed: starting('-') }];
    }),
  );
}

/** The head stays as git made it for the real file. */
function withHunks(raw: string, hunks: string): string {
  const [binary, names = ''] = BINARY.exec(raw) ?? [];
  if (binary === undefined) return HUNK.test(raw) ? raw.slice(0, raw.search(HUNK)) + hunks : raw;
  const head = raw.slice(0, raw.indexOf(binary));
  if (hunks === '') return head;
  const [before, after] = splitNames(names, head);
  return `${head}--- ${before}\n+++ ${after}\n${hunks}`;
}

/** ` and ` may stand in a name, too. */
function splitNames(names: string, head: string): [string, string] {
  const and = ' and ';
  if (names.startsWith(`/dev/null${and}`)) return ['/dev/null', names.slice(14)];
  if (names.endsWith(`${and}/dev/null`)) return [names.slice(0, -14), '/dev/null'];
  const [, from] = /^rename from (.*)\n/m.exec(head) ?? [];
  // Unless it was renamed, both have the same length.
  const length = from === undefined ? (names.length - and.length) / 2 : from.length + 2;
  return [names.slice(0, length), names.slice(length + and.length)];
}

function noteOf(raw: string, hunks: string, { before, after }: Sides): string {
  const forms = [before, after].map((side) => side && formOf(side));
  const isBinary = BINARY.test(raw);
  const now = forms[1] ?? forms[0]!;
  const notes = [
    ...(isBinary ? [`[shown as ${now}, which git takes for binary]\n`] : []),
    ...(forms[0] && forms[1] && forms[0] !== forms[1] ? [`[before in ${forms[0]}, now in ${forms[1]}]\n`] : []),
    ...(after === null ? [] : [concealedSigns(hunks, after)]),
  ];
  return notes.join('');
}

/** How it is written, in words. */
export function formOf({ encoding, bom }: Pick<DecodedText, 'encoding' | 'bom'>): string {
  const name = encoding === 'bytes' ? 'no known encoding' : encoding;
  return bom ? `${name} with a byte order mark` : name;
}

/** The second byte of a character can be one of these there. */
const TWO_BYTES: readonly DecodedText['encoding'][] = ['gbk', 'gb18030', 'big5', 'shift_jis'];

/**
 * What a character conceals that is shown as one: a shell, and most interpreters, read bytes, and obey the backtick in its second one.
 * @returns '' or a line
 */
function concealedSigns(hunks: string, { encoding }: DecodedText): string {
  if (!TWO_BYTES.includes(encoding)) return '';
  const added = hunks.split('\n').filter((line) => line.startsWith('+'));
  const signs =
    Buffer.from(added.join('\n'), 'latin1')
      .toString('utf8')
      .match(/[^\x00-\x7f]/gu) ?? [];
  const conceals = new Map(
    [...new Set(signs)].map((sign) => [sign, /[`|\\]/.test(encodeBytes(sign, encoding as ByteEncoding).toString('latin1', 1))]),
  );
  const concealing = signs.filter((sign) => conceals.get(sign)).length;
  return concealing === 0
    ? ''
    : `[shown as ${encoding}; to what reads bytes, ${concealing} of the added characters hold a backtick, a bar or a backslash]\n`;
}
