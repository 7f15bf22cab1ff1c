import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { z } from 'zod';
import { count } from '../../common/count-noun.ts';
import { cutText } from '../../common/cut-text.ts';
import { type DecodedText, decoderOf, type Encoding, encodingNote, looksBinary } from '../../common/text-codec.ts';
import { partsBehind } from '../prompt/outline.ts';
import type { ToolContext, ToolResult } from '../types.ts';
import { defineTool, failure } from './define-tool.ts';
import { decodeFile } from './files/decode-file.ts';
import { type LineRange, parsePlace, type WantedPlace } from './files/line-ranges.ts';
import { missingPath } from './files/missing-path.ts';
import { type OpenedFile, openForReading } from './files/open-safely.ts';
import { type ResolvedPath, resolvePath } from './files/resolve-path.ts';
import { contentHash, markSeen, markShown } from './files/seen-content.ts';
import { filledText, isObject, PATH_ALIASES, unquoteJson, wholeNumber, withCanonicalNames } from './lenient-arguments.ts';
import { type LineWindow, takeLines } from './take-lines.ts';
import { MOST_EDITED_BYTES, showSize } from './text-limits.ts';

const DEFAULT_LINES = 400;
const MOST_LINES = 2_000;
const MOST_BYTES = 24 * 1024;
/** Of all places of a call. */
const MOST_BYTES_IN_ALL = 48 * 1024;
const LEAST_ROOM = 1024;
const MOST_PLACES = 30;
/** Of one file; each costs a look at all of it. */
const MOST_RANGES = 30;
const LONGEST_LINE = 1_000;
/** Bytes of the names of the parts that follow, and lines of a file in which these are looked for. */
const MOST_OUTLINE = 600;
const MOST_OUTLINED = 20_000;
/** Lines of bigger files are counted only so far. */
const MOST_SCANNED = 64 * 1024 * 1024;
/** A shorter text costs less than the sentence that it was read before. */
const LEAST_REPEAT = 400;
/** Characters of the ranges that are named as left. */
const LONGEST_LEFT = 200;

const ALIASES = { paths: ['files', 'path', ...PATH_ALIASES, 'filepaths'] };
const RANGE_ALIASES = {
  path: PATH_ALIASES,
  offset: ['startline', 'start', 'line', 'linestart', 'fromline'],
  limit: ['numlines', 'count', 'lines', 'maxlines'],
  end_line: ['end', 'lineend', 'toline'],
};

const place = z.preprocess(
  (value) => (typeof value === 'string' ? { path: value } : isObject(value) ? withCanonicalNames(value, RANGE_ALIASES) : value),
  z.object({ path: filledText, offset: wholeNumber, limit: wholeNumber, end_line: wholeNumber }, 'must be a path'),
);
const schema = z.preprocess(
  withPlaces,
  z.object({
    paths: z.array(place, 'must be a list of paths').min(1, 'must hold a path').max(MOST_PLACES, `must hold at most ${MOST_PLACES} paths`),
  }),
);
type Args = z.infer<typeof schema>;
type Place = Args['paths'][number];

export const readFile = defineTool<Args>({
  name: 'read_file',
  description: `Read text files, whole or lines of them: "src/app.ts", "src/app.ts:40-90,200-240". Else at most ${DEFAULT_LINES} lines or ${MOST_BYTES / 1024} KB of each.`,
  parameters: {
    type: 'object',
    properties: { paths: { type: 'array', items: { type: 'string' } } },
    required: ['paths'],
  },
  effect: 'read',
  schema,
  aliases: ALIASES,
  example: '{"paths": ["src/app.ts", "src/parser.ts:40-90"]}',
  title: ({ paths }) => paths.map((one) => one.path).join(', '),
  run: readPlaces,
});

/** Takes one path instead of a list, a list as JSON text, and the range beside the path. */
function withPlaces(value: unknown): unknown {
  if (!isObject(value)) return value;
  const paths = unquoteJson(value['paths']);
  if (Array.isArray(paths)) return { ...value, paths };
  if (paths === undefined || paths === null) return { ...value, paths: undefined };
  return { ...value, paths: [isObject(paths) ? paths : { ...value, path: paths }] };
}

/** The paths in the arguments of a call, without ranges. */
export function pathsRead(args: Record<string, unknown>): string[] {
  const parsed = schema.safeParse(withCanonicalNames(args, ALIASES));
  return parsed.success ? parsed.data.paths.map((one) => parsePlace(one.path, DEFAULT_LINES).path) : [];
}

async function readPlaces({ paths }: Args, context: ToolContext): Promise<ToolResult> {
  const isAlone = paths.length === 1;
  const results: ToolResult[] = [];
  let left = MOST_BYTES_IN_ALL;
  for (const [index, one] of paths.entries()) {
    if (left < LEAST_ROOM) {
      const rest = paths.slice(index).map((each) => each.path);
      results.push(failure(`[no room left in this answer for: ${rest.join(', ')}; read them in another call]`, 'too big'));
      break;
    }
    const result = await readPlace(one, context, isAlone, left);
    left -= Buffer.byteLength(result.text);
    results.push(result);
  }
  if (isAlone) return results[0]!;
  const failed = results.filter(({ ok }) => !ok).length;
  return {
    ok: failed === 0,
    // Beside what was read, a path that is not there is no failure of the call.
    ...(failed > 0 && failed < results.length && { ran: true as const }),
    sent: sumOf(results.map(({ sent = {} }) => sent)),
    text: results.map(({ text }) => text).join('\n'),
    summary: failed === 0 ? count(paths.length, 'file') : `${count(paths.length, 'file')}, ${failed} failed`,
  };
}

function sumOf(parts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sum = new Map<string, number>();
  for (const part of parts) for (const [name, bytes] of Object.entries(part)) sum.set(name, (sum.get(name) ?? 0) + bytes);
  return Object.fromEntries(sum);
}

/** A file whose name ends like a range is meant when there is one. */
function placeIn({ path: given, offset, limit, end_line: to }: Place, context: ToolContext): WantedPlace {
  const literal = resolvePath(context.workspace, given);
  const parsed = literal.ok && literal.exists ? { path: given, ranges: [] } : parsePlace(given, DEFAULT_LINES);
  if (parsed.ranges.length > 0 || (offset === undefined && limit === undefined && to === undefined)) return parsed;
  const from = Math.max(1, offset ?? 1);
  return { path: given, ranges: [{ from, to: limit !== undefined ? from + Math.max(1, limit) - 1 : (to ?? null) }] };
}

async function readPlace(one: Place, context: ToolContext, isAlone: boolean, room: number): Promise<ToolResult> {
  const wanted = placeIn(one, context);
  const target = resolvePath(context.workspace, wanted.path);
  if (!target.ok) return failure(target.message, 'refused');
  if (!target.exists) return missingPath(context, target, '');
  const opened = openForReading(target);
  if (!opened.ok) return failure(opened.message, 'not a readable file');
  try {
    if (opened.size === 0) {
      if (target.area === 'workspace') markSeen(context.seen, target.relative, Buffer.alloc(0));
      return { ok: true, text: `${target.shown} is empty.`, summary: 'empty' };
    }
    return await readText({ target, file: opened, context, isAlone, room }, wanted.ranges);
  } finally {
    opened.close();
  }
}

/** What reading one file is about. */
interface Reading {
  readonly target: ResolvedPath;
  readonly file: OpenedFile;
  readonly context: ToolContext;
  /** Whether it is the only file of the call, which needs no name. */
  readonly isAlone: boolean;
  readonly room: number;
}

async function readText(reading: Reading, ranges: readonly LineRange[]): Promise<ToolResult> {
  const { target, file, context } = reading;
  const { size } = file;
  const head = readPart(file, 0, size <= MOST_EDITED_BYTES ? size : 16 * 1024);
  const isWhole = head.length === size;
  const decoded = await decodeFile(target, isWhole ? head : withoutHalfLine(head), context);
  if (decoded === null) return notText(target, head, size);

  const note = encodingNote(decoded);
  const texts = note === null ? [] : [`[${note}]`];
  let lines = 0;
  let bytes = 0;
  for (const [index, range] of (ranges.length > 0 ? ranges : [{ from: 1, to: null }]).entries()) {
    if (index >= MOST_RANGES || (index > 0 && reading.room - bytes < LEAST_ROOM)) {
      texts.push(rangesLeft(target, index, ranges.slice(index)));
      break;
    }
    const window = await windowOf(reading, decoded, isWhole ? head : null, range, reading.room - bytes);
    if (window.lines.length === 0) {
      const past = pastTheEnd(target, range.from, window);
      if (lines === 0) return past;
      texts.push(`[${past.text}]`);
      break;
    }
    const text = window.lines.join('\n');
    const shown = isWhole && target.area === 'workspace' && window.cut === 0 ? shownIn(head, range.from, window) : null;
    const known = shown !== null && Buffer.byteLength(text) >= LEAST_REPEAT && context.shown.isKnown(target.relative, shown);
    const heading = headingOf(reading, range, window, known);
    texts.push(...(heading === null ? [] : [heading]), ...(known ? [] : [text]), ...cutNote(window));
    if (isWhole && range.to === null) texts.push(...furtherOn(target, decoded, range.from + window.lines.length - 1, window));
    if (shown !== null) {
      context.shown.add(target.relative, shown);
      markShown(context.seen, target.relative, head, { ...shown, isAll: window.complete && shown.to === window.total });
    }
    lines += window.lines.length;
    if (!known) bytes += Buffer.byteLength(text) + 1;
  }
  const sent = { [target.area === 'temp' ? target.shown : target.relative]: bytes };
  return { ok: true, sent, text: texts.join('\n'), summary: count(lines, 'line') };
}

function shownIn(content: Buffer, from: number, window: LineWindow) {
  return { hash: contentHash(content), from, to: from + window.lines.length - 1 };
}

async function windowOf(
  { file, target, context }: Reading,
  decoded: DecodedText,
  whole: Buffer | null,
  { from, to }: LineRange,
  room: number,
): Promise<LineWindow> {
  const wanted = to === null ? DEFAULT_LINES : to - from + 1;
  const limits = {
    offset: from,
    limit: Math.min(Math.max(1, wanted), MOST_LINES),
    maxBytes: Math.max(1, Math.min(MOST_BYTES, room)),
    maxLine: LONGEST_LINE,
    maxScan: MOST_SCANNED,
  };
  // The whole text is masked, since a part of it may be a part of a key.
  const chunks = whole !== null ? [target.neverSend.mask(decoded.text)] : textOf(chunksOf(file, context.signal), decoded.encoding);
  return takeLines(chunks, limits);
}

/** Says which lines these are; null where they are the only file, whole. */
function headingOf({ target, isAlone }: Reading, { from, to }: LineRange, window: LineWindow, known: boolean): string | null {
  const last = from + window.lines.length - 1;
  const isAll = from === 1 && window.complete && last === window.total;
  if (isAll && isAlone && !known) return null;
  const total = window.complete ? String(window.total) : `more than ${window.total}`;
  const wantsMore = last < window.total && (to === null || to > last);
  const words = [
    isAlone && !known ? null : target.shown,
    isAll ? count(window.total, 'line') : `${last === from ? `line ${from}` : `lines ${from}-${last}`} of ${total}`,
    known ? 'unchanged since you read them, see above' : wantsMore ? `go on with :${last + 1}-` : null,
  ];
  return `[${words.filter(Boolean).join(', ')}]`;
}

/** So that what is wanted of a long file need not be looked for by reading on. */
function furtherOn(target: ResolvedPath, { text }: DecodedText, last: number, { total }: LineWindow): string[] {
  if (last >= total || total > MOST_OUTLINED) return [];
  const parts = partsBehind(target.relative, target.neverSend.mask(text).split(/\r?\n/), last, MOST_OUTLINE);
  return parts === '' ? [] : [parts];
}

function rangesLeft(target: ResolvedPath, taken: number, left: readonly LineRange[]): string {
  const named = left.map(({ from, to }) => `${from}-${to ?? ''}`).join(',');
  return `[only the first ${count(taken, 'range')}; go on with ${target.shown}:${cutText(named, LONGEST_LEFT)}]`;
}

function cutNote({ cut }: LineWindow): string[] {
  return cut > 0 ? [`[${count(cut, 'line')} cut at ${LONGEST_LINE} characters: use run_command with cut -c to see more]`] : [];
}

function pastTheEnd(target: ResolvedPath, offset: number, window: LineWindow): ToolResult {
  if (window.complete)
    return failure(`${target.shown} has ${count(window.total, 'line')}; line ${offset} is past its end.`, 'past the end');
  const command = `sed -n '${offset},${offset + 200}p'`;
  return failure(`${target.shown} is too big to find line ${offset} here; use run_command with ${command}.`, 'too big');
}

const IMAGE_NAMES = /\.(png|jpe?g|gif|webp|bmp|ico|tiff?|avif|heic)$/i;

function notText(target: ResolvedPath, head: Buffer, size: number): ToolResult {
  if (IMAGE_NAMES.test(target.relative)) {
    return failure(
      `${target.shown} is an image (${showSize(size)}). Images cannot be shown here; go by its name and by the code that uses it.`,
      'image',
    );
  }
  const kind = `binary file (${binaryKind(head, target.relative)}, ${showSize(size)})`;
  return failure(
    `${target.shown} is a ${kind} and cannot be shown as text. To look into it use run_command with file, strings, xxd or iconv.`,
    'binary',
  );
}

function binaryKind(head: Buffer, name: string): string {
  const magic = head.toString('latin1', 0, 8);
  if (magic.startsWith('\x7fELF')) return 'ELF program';
  if (magic.startsWith('PK\x03\x04')) return 'zip';
  if (magic.startsWith('%PDF')) return 'PDF';
  if (magic.startsWith('\x1f\x8b')) return 'gzip';
  if (magic.startsWith('SQLite')) return 'SQLite';
  return path.extname(name).slice(1) || 'unknown kind';
}

function readPart(file: OpenedFile, position: number, length: number): Buffer {
  const buffer = Buffer.allocUnsafe(length);
  return buffer.subarray(0, file.read(buffer, position));
}

/** Up to the last line end, as a character may be halved behind it. */
function withoutHalfLine(head: Buffer): Buffer {
  const end = head.lastIndexOf(0x0a) + 1;
  // UTF-16 has two bytes for it, UTF-32 four, and a file that is one long line none.
  const unit = !looksBinary(head) ? 1 : head.readUInt32LE() === 0xfeff ? 4 : 2;
  return end === 0 ? head : head.subarray(0, Math.ceil(end / unit) * unit);
}

/** A big file, piece by piece. */
async function* textOf(chunks: AsyncIterable<Buffer>, encoding: Encoding): AsyncGenerator<string> {
  const decode = decoderOf(encoding);
  for await (const chunk of chunks) yield decode(chunk);
}

/** Others get their turn after each piece. */
async function* chunksOf(file: OpenedFile, signal: AbortSignal): AsyncGenerator<Buffer> {
  const size = 1024 * 1024;
  for (let position = 0; ; ) {
    signal.throwIfAborted();
    const chunk = readPart(file, position, size);
    if (chunk.length === 0) return;
    yield chunk;
    position += chunk.length;
    await nextTurn();
  }
}
