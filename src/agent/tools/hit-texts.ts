/** Hits of a search as text: `path:line: text` where a file has one, else under its path; lines around them where those are wanted. */
import { cutText } from '../../common/cut-text.ts';
import type { SearchHit, ToolContext } from '../types.ts';
import { decodeFile } from './files/decode-file.ts';
import { readWholeFile } from './files/read-whole-file.ts';
import { resolvePath, shownPath } from './files/resolve-path.ts';
import { showName } from './text-limits.ts';

const LONGEST_LINE = 300;

export interface HitTexts {
  readonly texts: readonly string[];
  /** Path -> bytes. */
  readonly sent: Readonly<Record<string, number>>;
  /** How many hits they hold: as many as fit, and at least one. */
  readonly taken: number;
}

/** @param around how many lines before and behind each hit */
export async function hitTexts(hits: readonly SearchHit[], around: number, mostBytes: number, context: ToolContext): Promise<HitTexts> {
  const texts: string[] = [];
  const sent = new Map<string, number>();
  const shown = () => ({ texts, sent: Object.fromEntries(sent), taken });
  let bytes = 0;
  let taken = 0;
  for (const { path, ofFile } of byFile(hits)) {
    const name = showName(shownPath(context.workspace, path));
    const lines = around > 0 ? await linesOf(path, context) : null;
    const [first] = ofFile;
    const isAlone = ofFile.length === 1 && lines === null;
    const pieces = isAlone ? [`${name}:${first!.line}: ${first!.text}`] : ofFile.map((_, at) => pieceOf(ofFile, at, lines, around));
    for (const [at, piece] of pieces.entries()) {
      const text = at === 0 && !isAlone ? `${name}\n${piece}` : piece;
      bytes += Buffer.byteLength(text) + 1;
      if (bytes > mostBytes && taken > 0) return shown();
      texts.push(text);
      taken += 1;
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
function pieceOf(hits: readonly SearchHit[], at: number, lines: readonly string[] | null, around: number): string {
  const { line, text } = hits[at]!;
  const own = `${line}: ${text}`;
  if (lines === null) return own;
  const shownTo = at === 0 ? 0 : Math.min(hits[at - 1]!.line + around, line - 1);
  const from = Math.max(shownTo + 1, line - around);
  const to = Math.min(line + around, lines.length, (hits[at + 1]?.line ?? Number.POSITIVE_INFINITY) - 1);
  const show = (first: number, last: number) =>
    lines.slice(first - 1, Math.max(first - 1, last)).map((each, index) => `${first + index}- ${cutText(each, LONGEST_LINE)}`);
  return [...(at > 0 && from > shownTo + 1 ? ['--'] : []), ...show(from, line - 1), own, ...show(line + 1, to)].join('\n');
}

/** As file tools show them; null where the file cannot be read by now. */
async function linesOf(path: string, context: ToolContext): Promise<string[] | null> {
  const target = resolvePath({ ...context.workspace, folder: '' }, path);
  const read = target.ok && target.exists ? readWholeFile(target) : null;
  if (!target.ok || !read?.ok) return null;
  const decoded = await decodeFile(target, read.bytes, context);
  return decoded === null
    ? null
    : target.neverSend
        .mask(decoded.text)
        .replace(/\r?\n$/, '')
        .split(/\r?\n/);
}
