/** Patches as text: the lines of each file in the encoding that the whole file has, as the tools of the model read it. */
import { type ByteEncoding, decodeBytes } from '../common/byte-encodings.ts';
import { type DecodedText, decodeText, LARGEST_DECODED } from '../common/text-codec.ts';
import { readBlobs } from './read-objects.ts';
import { decodeName } from './run-git.ts';
import type { ChangedFile, ObjectSource } from './types.ts';

type Encoding = DecodedText['encoding'];

/** Of the two sides of a file. */
interface Sides {
  readonly before: Encoding;
  readonly after: Encoding;
}

/**
 * The encodings of those files whose patch is more than ASCII; a few words alone do not tell.
 * @param patches as latin1, in the order of `files`
 */
export async function encodingsOf(
  where: ObjectSource,
  [base, tip]: readonly [base: string, tip: string],
  files: readonly ChangedFile[],
  patches: readonly string[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, Sides>> {
  const asked = files.filter((_, at) => /[^\x00-\x7f]/.test(patches[at] ?? ''));
  const read = async (commit: string, paths: readonly string[]) =>
    new Map(
      [...(await readBlobs(where, commit, paths, LARGEST_DECODED, signal))].map(([path, bytes]) => [path, decodeText(bytes)?.encoding]),
    );
  const [before, after] = await Promise.all([
    read(
      base,
      asked.map(({ from, path }) => from ?? path),
    ),
    read(
      tip,
      asked.map(({ path }) => path),
    ),
  ]);
  return new Map(
    asked.map(({ path, from }) => {
      const [old, current] = [before.get(from ?? path), after.get(path)];
      return [path, { before: old ?? current ?? 'utf-8', after: current ?? old ?? 'utf-8' }];
    }),
  );
}

/** The second byte of a character can be one of these there. */
const TWO_BYTES: readonly Encoding[] = ['gbk', 'gb18030', 'big5', 'shift_jis'];

/**
 * What a character conceals that is shown as one: a shell, and most interpreters, read bytes, and obey the backtick in its second one.
 * @param patch as latin1
 * @returns '' or a line
 */
export function concealedSigns(patch: string, sides: Sides | undefined): string {
  if (!sides || !TWO_BYTES.includes(sides.after)) return '';
  const added = patch.slice(Math.max(0, patch.search(HUNK))).split('\n');
  const pairs = added.filter((line) => line.startsWith('+')).flatMap((line) => line.match(/[\x81-\xfe][\x30-\xff]/g) ?? []);
  const concealing = pairs.filter((pair) => '`|\\'.includes(pair[1]!)).length;
  return concealing === 0
    ? ''
    : `[shown as ${sides.after}; to what reads bytes, ${concealing} of the added characters hold a backtick, a bar or a backslash]\n`;
}

const HUNK = /^@@ /m;

/** @param patch as latin1 */
export function decodePatch(patch: string, sides: Sides | undefined): string {
  if (!sides || (sides.before === 'utf-8' && sides.after === 'utf-8')) return decodeName(patch);
  const hunks = patch.search(HUNK);
  if (hunks < 0) return decodeName(patch);
  const lines = patch.slice(hunks).split(/(?<=\n)/);
  const decoded = lines.map((line) => decodeLine(line, /^[-@]/.test(line) ? sides.before : sides.after));
  return decodeName(patch.slice(0, hunks)) + decoded.join('');
}

/** git cuts the words behind `@@` anywhere, also within a character. */
function decodeLine(line: string, encoding: Encoding): string {
  if (encoding === 'bytes' || encoding === 'iso-8859-1') return line;
  const bytes = Buffer.from(line, 'latin1');
  const whole = encoding.startsWith('utf-') ? null : decodeBytes(bytes, encoding as ByteEncoding);
  return whole ?? new TextDecoder(encoding).decode(bytes);
}
