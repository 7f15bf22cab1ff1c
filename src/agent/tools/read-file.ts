import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { z } from 'zod';
import { count } from '../../common/count-noun.ts';
import { type Encoding, encodingNote, looksBinary } from '../../common/text-codec.ts';
import type { ToolContext, ToolResult } from '../types.ts';
import { defineTool, failure } from './define-tool.ts';
import { decodeFile } from './files/decode-file.ts';
import { missingPath } from './files/missing-path.ts';
import { type OpenedFile, openForReading } from './files/open-safely.ts';
import { MOST_EDITED_BYTES } from './files/read-whole-file.ts';
import { type ResolvedPath, resolvePath } from './files/resolve-path.ts';
import { markSeen, markShown } from './files/seen-content.ts';
import { filledText, PATH_ALIASES, wholeNumber } from './lenient-arguments.ts';
import { type LineWindow, takeLines } from './take-lines.ts';
import { showSize } from './text-limits.ts';

const DEFAULT_LINES = 400;
const MOST_LINES = 2_000;
const MOST_BYTES = 24 * 1024;
const LONGEST_LINE = 1_000;
/** Lines of bigger files are counted only so far. */
const MOST_SCANNED = 64 * 1024 * 1024;

const schema = z.object({ path: filledText, offset: wholeNumber, limit: wholeNumber, end_line: wholeNumber });
type Args = z.infer<typeof schema>;

export const readFile = defineTool<Args>({
  name: 'read_file',
  description: `Read a text file, as numbered lines. Gives ${DEFAULT_LINES} lines or ${MOST_BYTES / 1024} KB at once and says how to go on. Paths are relative to the folder that you work in; the output files of run_command can be read too.`,
  parameters: {
    type: 'object',
    properties: {
      path: { type: 'string' },
      offset: { type: 'integer', description: 'First line, from 1' },
      limit: { type: 'integer', description: 'Number of lines' },
    },
    required: ['path'],
  },
  effect: 'read',
  schema,
  aliases: {
    path: PATH_ALIASES,
    offset: ['startline', 'start', 'line', 'linestart', 'fromline'],
    limit: ['numlines', 'count', 'lines', 'maxlines'],
    end_line: ['end', 'lineend', 'toline'],
  },
  example: '{"path": "src/app.ts", "offset": 1, "limit": 200}',
  title: (args) => args.path,
  run: readRange,
});

async function readRange(args: Args, context: ToolContext): Promise<ToolResult> {
  const target = resolvePath(context.workspace, args.path);
  if (!target.ok) return failure(target.message, 'refused');
  if (!target.exists) return missingPath(context, target, '');
  const opened = openForReading(target);
  if (!opened.ok) return failure(opened.message, 'not a readable file');
  try {
    if (opened.size === 0) {
      if (target.area === 'workspace') markSeen(context.seen, target.relative, Buffer.alloc(0));
      return { ok: true, text: `${target.shown} is empty.`, summary: 'empty' };
    }
    return await readText(args, context, target, opened);
  } finally {
    opened.close();
  }
}

async function readText(args: Args, context: ToolContext, target: ResolvedPath, file: OpenedFile): Promise<ToolResult> {
  const { size } = file;
  const head = readPart(file, 0, size <= MOST_EDITED_BYTES ? size : 16 * 1024);
  const isWhole = head.length === size;
  const decoded = await decodeFile(target, isWhole ? head : withoutHalfLine(head), context);
  if (decoded === null) return notText(target, head, size);

  const offset = Math.max(1, args.offset ?? 1);
  const wanted = args.limit ?? (args.end_line === undefined ? DEFAULT_LINES : args.end_line - offset + 1);
  const limits = {
    offset,
    limit: Math.min(Math.max(1, wanted), MOST_LINES),
    maxBytes: MOST_BYTES,
    maxLine: LONGEST_LINE,
    maxScan: MOST_SCANNED,
  };
  // The whole text is masked, since a part of it may be a part of a key.
  const chunks = isWhole ? [target.neverSend.mask(decoded.text)] : textOf(chunksOf(file, context.signal), decoded.encoding);
  const window = await takeLines(chunks, limits);
  if (window.lines.length === 0) return pastTheEnd(target, offset, window);
  if (isWhole && target.area === 'workspace' && window.cut === 0) {
    const to = offset + window.lines.length - 1;
    markShown(context.seen, target.relative, head, { from: offset, to, isAll: window.complete && to === window.total });
  }
  const note = encodingNote(decoded);
  const numbered = window.lines.map((line, at) => `${offset + at}\t${line}`);
  const sent = {
    [target.area === 'temp' ? target.shown : target.relative]: window.lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0),
  };
  return {
    ok: true,
    sent,
    text: [...(note === null ? [] : [`[${note}]`]), ...numbered, ...trailer(target, offset, window)].join('\n'),
    summary: count(window.lines.length, 'line'),
  };
}

function trailer(target: ResolvedPath, offset: number, window: LineWindow): string[] {
  const notes: string[] = [];
  if (window.cut > 0)
    notes.push(`[${count(window.cut, 'line')} cut at ${LONGEST_LINE} characters: use run_command with cut -c to see more]`);
  const next = offset + window.lines.length;
  const left = window.total - next + 1;
  if (!window.complete) notes.push(`[more lines follow: read_file {"path": ${JSON.stringify(target.shown)}, "offset": ${next}}]`);
  else if (left > 0) notes.push(`[${count(left, 'more line')}: read_file with "offset": ${next}]`);
  return notes;
}

function pastTheEnd(target: ResolvedPath, offset: number, window: LineWindow): ToolResult {
  if (window.complete)
    return failure(`${target.shown} has ${count(window.total, 'line')}; offset ${offset} is past its end.`, 'past the end');
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
  // UTF-16 has two bytes for it, and a file that is one long line none.
  return end === 0 ? head : head.subarray(0, end + (end % 2 && looksBinary(head) ? 1 : 0));
}

/** A big file, piece by piece. */
async function* textOf(chunks: AsyncIterable<Buffer>, encoding: Encoding): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding === 'bytes' ? 'latin1' : encoding);
  for await (const chunk of chunks) yield decoder.decode(chunk, { stream: true });
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
