/**
 * Hits of a search as text: `path:line: text` where a file has one, else under its path; lines around them where those are wanted and do not
 * stand in the conversation already.
 */
import { cutText } from '../../common/cut-text.ts';
import type { SearchHit, ToolContext } from '../types.ts';
import { decodeFile } from './files/decode-file.ts';
import { readWholeFile } from './files/read-whole-file.ts';
import { resolvePath, shownPath } from './files/resolve-path.ts';
import { contentHash } from './files/seen-content.ts';
import { showName } from './text-limits.ts';

const LONGEST_LINE = 300;

export interface HitTexts {
  readonly texts: readonly string[];
  /** Path -> bytes. */
  readonly sent: Readonly<Record<string, number>>;
  /** How many hits they hold: as many as fit, and at least one. */
  readonly taken: number;
  /** Whether lines around hits are missing since the model has them. */
  readonly isShort: boolean;
}

/** A file of which lines around hits are wanted. */
interface Around {
  readonly lines: readonly string[];
  /** By number, from 1. */
  readonly isKnown: (line: number) => boolean;
}

/** @param around how many lines before and behind each hit */
export async function hitTexts(hits: readonly SearchHit[], around: number, mostBytes: number, context: ToolContext): Promise<HitTexts> {
  const texts: string[] = [];
  const sent = new Map<string, number>();
  let bytes = 0;
  let taken = 0;
  let isShort = false;
  const shown = () => ({ texts, sent: Object.fromEntries(sent), taken, isShort });
  for (const { path, ofFile } of byFile(hits)) {
    const name = showName(shownPath(context.workspace, path));
    const file = around > 0 ? await fileOf(path, context) : null;
    const [first] = ofFile;
    const isAlone = ofFile.length === 1 && file === null;
    const pieces = isAlone
      ? [{ text: `${name}:${first!.line}: ${first!.text}`, isShort: false }]
      : ofFile.map((_, at) => pieceOf(ofFile, at, file, around));
    for (const [at, { text: piece, isShort: isPieceShort }] of pieces.entries()) {
      const text = at === 0 && !isAlone ? `${name}\n${piece}` : piece;
      bytes += Buffer.byteLength(text) + 1;
      if (bytes > mostBytes && taken > 0) return shown();
      texts.push(text);
      taken += 1;
      isShort ||= isPieceShort;
      sent.set(path, (sent.get(path) ?? 0) + Buffer.byteLength(text));
    }
  }
  return shown();
}

/** Hits come file by file. */
function byFile(hits: readonly SearchHit[]): { path: string; ofFile: SearchHit[] }[] {
  const files: { path: string; ofFile: SearchHit[] }[] = [];
  for (const hit of hits) {
    const last = files.at(-1);
    if (last?.path === hit.path) last.ofFile.push(hit);
    else files.push({ path: hit.path, ofFile: [hit] });
  }
  return files;
}

/** A hit with what is around it and was not shown with the hit before. */
function pieceOf(hits: readonly SearchHit[], at: number, file: Around | null, around: number): { text: string; isShort: boolean } {
  const { line, text } = hits[at]!;
  const own = `${line}: ${text}`;
  if (file === null) return { text: own, isShort: false };
  const shownTo = at === 0 ? 0 : Math.min(hits[at - 1]!.line + around, line - 1);
  const from = Math.max(shownTo + 1, line - around);
  const to = Math.min(line + around, file.lines.length, (hits[at + 1]?.line ?? Number.POSITIVE_INFINITY) - 1);
  const show = (first: number, last: number) =>
    file.lines
      .slice(first - 1, Math.max(first - 1, last))
      .flatMap((each, index) => (file.isKnown(first + index) ? [] : [`${first + index}- ${cutText(each, LONGEST_LINE)}`]));
  const [before, behind] = [show(from, line - 1), show(line + 1, to)];
  const isParted = at > 0 && from > shownTo + 1 && before.length + behind.length > 0;
  const shown = [...(isParted ? ['--'] : []), ...before, own, ...behind].join('\n');
  return { text: shown, isShort: before.length + behind.length < Math.max(0, to - from) };
}

/** As file tools show it; null where the file cannot be read by now. */
async function fileOf(path: string, context: ToolContext): Promise<Around | null> {
  const target = resolvePath({ ...context.workspace, folder: '' }, path);
  const read = target.ok && target.exists ? readWholeFile(target) : null;
  if (!target.ok || !read?.ok) return null;
  const decoded = await decodeFile(target, read.bytes, context);
  if (decoded === null) return null;
  const hash = contentHash(read.bytes);
  const lines = target.neverSend
    .mask(decoded.text)
    .replace(/\r?\n$/, '')
    .split(/\r?\n/);
  return { lines, isKnown: (line) => context.shown.holds(path, { hash, from: line, to: line }) };
}
