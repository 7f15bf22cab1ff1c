/**
 * Finds the block that an edit means. Each rung forgives one thing more; the first rung that finds anything decides,
 * and it decides only when it is unique. The order is that of the public edit benchmarks:
 * exact, without pasted line numbers, line ends and trailing blanks, uniform indentation; look-alike characters last.
 */

import { cutText } from '../../../common/cut-text.ts';
import { MOST_EDITED_BYTES } from '../text-limits.ts';
import { findSequence } from './find-sequence.ts';
import { findShift, indentOf, type Shift } from './indent-shift.ts';
import { keepCharacters } from './keep-characters.ts';
import { type LineIndex, lineAt, lineEnd, lineText, splitLines } from './line-index.ts';
import { composed, plainCharacters } from './look-alike-characters.ts';
import { readIndentation } from './missing-indent.ts';
import { hasNumberedLine, replacementWithoutNumbers, withoutNumbers } from './pasted-numbers.ts';

/** One edit as the model gave it, in the characters of the decoded file. */
export interface Edit {
  readonly oldText: string;
  readonly newText: string;
  readonly replaceAll: boolean;
}

/** A block of the text and what stands there afterwards. */
export interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export type Rung =
  | 'exact'
  | 'without the pasted line numbers'
  | 'ignoring line endings'
  | 'ignoring trailing blanks'
  | 'with the indentation shifted'
  | 'with look-alike characters (quotes, dashes, blanks, accents) taken as equal';

export type Search =
  | { found: 'blocks'; rung: Rung; blocks: Replacement[] }
  /** More places than one; `offsets` are the first of them. */
  | { found: 'several'; rung: Rung; offsets: number[]; more: boolean }
  | { found: 'nothing' }
  /** The edit contradicts itself; `problem` says how. */
  | { found: 'unclear'; problem: string };

const LOOK_ALIKE: Rung = 'with look-alike characters (quotes, dashes, blanks, accents) taken as equal';

interface Hit {
  start: number;
  end: number;
  shift?: Shift;
}

/** Both sides of an edit as lines, without line ends. */
interface Lines {
  old: string[];
  new: string[];
}

/** Hits beyond are only counted as "more". */
const MOST_HITS = 10_000;

export function findBlocks(index: LineIndex, edit: Edit): Search {
  const given: Lines = { old: splitLines(edit.oldText).lines, new: splitLines(edit.newText).lines };
  const exact = decide(index, edit, 'exact', given, exactHits(index.text, edit.oldText));
  if (exact !== null) return exact;

  const stripped = withoutNumbers(given.old);
  if (stripped !== null && !hasNumberedLine(index.text)) {
    const replacement = replacementWithoutNumbers(given.new);
    if (replacement === 'mixed')
      return { found: 'unclear', problem: 'new_text has line numbers in front of some of its lines; give it without them' };
    const lines = { old: stripped, new: replacement };
    const unnumbered = [
      () => lineHits(index, lines, asIs),
      () => lineHits(index, lines, withoutTrailingBlanks),
      () => shiftedHits(index, lines),
    ];
    for (const rung of unnumbered) {
      const decision = decide(index, edit, 'without the pasted line numbers', lines, rung());
      if (decision !== null) return decision;
    }
  }

  const rungs: [Rung, () => Hit[]][] = [
    ['ignoring line endings', () => foldedHits(index.text, edit.oldText, asIs)],
    ['ignoring trailing blanks', () => lineHits(index, given, withoutTrailingBlanks)],
    ['with the indentation shifted', () => shiftedHits(index, given)],
    [LOOK_ALIKE, () => foldedHits(index.text, edit.oldText, plainCharacters)],
    [LOOK_ALIKE, () => lineHits(index, given, composed)],
  ];
  for (const [rung, hits] of rungs) {
    const decision = decide(index, edit, rung, given, hits());
    if (decision !== null) return decision;
  }
  return { found: 'nothing' };
}

function decide(index: LineIndex, edit: Edit, rung: Rung, lines: Lines, hits: Hit[]): Search | null {
  if (hits.length === 0) return null;
  if (hits.length > 1 && !edit.replaceAll) {
    return { found: 'several', rung, offsets: hits.slice(0, 10).map((hit) => hit.start), more: hits.length > 10 };
  }
  if (hits.length >= MOST_HITS)
    return { found: 'unclear', problem: `old_text occurs ${MOST_HITS} times or more; use run_command with sed or a script` };
  const apart = withoutOverlap(hits);
  if (apart.length > 1 && apart.length * edit.newText.length > MOST_EDITED_BYTES) {
    // A page in the place of thousands of words takes gigabytes.
    const problem = `new_text would stand there ${apart.length} times, which is too much; use run_command with sed or a script`;
    return { found: 'unclear', problem };
  }
  const blocks: Replacement[] = [];
  let used = rung;
  for (const hit of apart) {
    const indented = withIndentation(index, hit, lines);
    if (indented === 'unclear') return { found: 'unclear', problem: cutIndentation(index, hit) };
    if (indented !== hit) used = 'with the indentation shifted';
    blocks.push(replacementFor(index, indented, lines, used === LOOK_ALIKE));
  }
  return { found: 'blocks', rung: used, blocks };
}

/** A hit behind a part of its line's indentation: when all of new_text lacks it, the hit becomes the line from its start, with a shift. */
function withIndentation(index: LineIndex, hit: Hit, lines: Lines): Hit | 'unclear' {
  if (lines.new.length < 2 || hit.shift !== undefined || !hasText(lines.old[0]!)) return hit;
  const line = lineAt(index, hit.start);
  const cut = index.text.slice(index.starts[line], hit.start);
  if (cut === '' || hasText(cut)) return hit;
  const { tail } = commonLines(lines.old.slice(1), lines.new.slice(1));
  const reading = readIndentation(cut, lines.old.slice(0, lines.old.length - tail), lines.new.slice(0, lines.new.length - tail));
  if (reading === 'as written') return hit;
  const endsInLine = hit.end < index.ends[lineAt(index, hit.end)]! && lines.old.at(-1) !== '';
  if (reading === 'unclear' || (endsInLine && !hasText(lines.new.at(-1)!))) return 'unclear';
  return { start: index.starts[line]!, end: hit.end, shift: reading };
}

function cutIndentation(index: LineIndex, hit: Hit): string {
  const line = lineAt(index, hit.start);
  return `old_text begins inside the indentation of line ${line + 1} (${JSON.stringify(cutText(lineText(index, line), 200))}), so it is not clear how the further lines of new_text are to be indented. Copy that line whole, with its indentation, and give each line of new_text the indentation that it shall have in the file`;
}

function exactHits(text: string, oldText: string): Hit[] {
  const hits: Hit[] = [];
  for (let at = text.indexOf(oldText); at !== -1 && hits.length < MOST_HITS; at = text.indexOf(oldText, at + 1)) {
    // A block that begins with the LF of a CRLF begins with the whole of it, or its line ends would be taken for LF.
    const start = text[at] === '\n' && text[at - 1] === '\r' ? at - 1 : at;
    hits.push({ start, end: at + oldText.length });
  }
  return hits;
}

/** Hits in the text with LF everywhere and `fold` applied (which keeps offsets), told in offsets of the text itself. */
function foldedHits(text: string, oldText: string, fold: (text: string) => string): Hit[] {
  const foldedText = fold(withLf(text));
  const foldedOldText = fold(withLf(oldText));
  if (foldedText === text && foldedOldText === oldText) return [];
  const hits = exactHits(foldedText, foldedOldText);
  if (hits.length === 0 || foldedText.length === text.length) return hits;
  const dropped = droppedReturns(text);
  return hits.map((hit) => ({ start: hit.start + countBelow(dropped, hit.start), end: hit.end + countBelow(dropped, hit.end) }));
}

/** Hits of whole lines that are equal under `key`. */
function lineHits(index: LineIndex, lines: Lines, key: (line: string) => string): Hit[] {
  const whole = wholeLines(lines);
  if (whole === null || whole.old.every((line) => line.trim() === '')) return [];
  const keys = index.starts.map((_, line) => key(lineText(index, line)));
  const hits: Hit[] = [];
  for (const first of findSequence(keys, whole.old.map(key), MOST_HITS)) {
    const hit = wholeLineHit(index, first, whole);
    if (hit !== null) hits.push(hit);
  }
  return hits;
}

function shiftedHits(index: LineIndex, lines: Lines): Hit[] {
  const written = lines.old.filter(hasText).map(indentOf);
  const wanted = lines.new.filter(hasText).map(indentOf);
  return lineHits(index, lines, withoutOuterBlanks).flatMap((hit) => {
    const found = splitLines(index.text.slice(hit.start, hit.end)).lines.filter(hasText).map(indentOf);
    const shift = findShift(written, found, wanted);
    return shift === null ? [] : [{ ...hit, shift }];
  });
}

/** The lines to compare: an empty last one only says that the block ends with a line end. */
function wholeLines(lines: Lines): { old: string[]; endsLine: boolean; replacementEndsLine: boolean } | null {
  const endsLine = lines.old.length > 1 && lines.old.at(-1) === '';
  const old = endsLine ? lines.old.slice(0, -1) : lines.old;
  return old.length === 0 ? null : { old, endsLine, replacementEndsLine: lines.new.at(-1) === '' };
}

function wholeLineHit(index: LineIndex, first: number, whole: NonNullable<ReturnType<typeof wholeLines>>): Hit | null {
  const last = first + whole.old.length - 1;
  const start = index.starts[first]!;
  if (!whole.endsLine) return { start, end: index.ends[last]! };
  const next = index.starts[last + 1];
  if (next !== undefined) return { start, end: next };
  // The file has no line end here; old_text may only claim one when new_text claims it too, for then it cancels out.
  return whole.replacementEndsLine ? { start, end: index.ends[last]! } : null;
}

/**
 * What stands in the block afterwards. Lines that old_text and new_text have in common keep their original bytes (indentation,
 * trailing blanks, line ends); the others are new_text, with the line ends of the block and the shift of the hit.
 */
function replacementFor(index: LineIndex, hit: Hit, lines: Lines, isAlike: boolean): Replacement {
  const block = splitLines(index.text.slice(hit.start, hit.end));
  const claimsMissingEnd = lines.old.length === block.lines.length + 1;
  const old = claimsMissingEnd ? lines.old.slice(0, -1) : lines.old;
  const fresh = claimsMissingEnd && lines.new.length > 1 ? lines.new.slice(0, -1) : lines.new;
  const ending = endingOf(index, hit, block.ends);
  const { head, tail } = commonLines(old, fresh);
  const moved = old.length - fresh.length;
  const pieces = fresh.map((line, at) => {
    const original = at < head ? at : at >= fresh.length - tail ? at + moved : null;
    const changed = isAlike && moved === 0 ? keepCharacters(block.lines[at]!, old[at]!, line) : line;
    const body = original === null ? shifted(changed, hit.shift) : block.lines[original]!;
    const end = block.ends[original ?? (moved === 0 ? at : -1)] ?? ending;
    return at === fresh.length - 1 ? body : body + end;
  });
  return { start: hit.start, end: hit.end, text: pieces.join('') };
}

function commonLines(a: readonly string[], b: readonly string[]): { head: number; tail: number } {
  const most = Math.min(a.length, b.length);
  let head = 0;
  while (head < most && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < most - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail += 1;
  return { head, tail };
}

function shifted(line: string, shift: Shift | undefined): string {
  if (shift === undefined || !hasText(line)) return line;
  const indent = indentOf(line);
  return shift(indent) + line.slice(indent.length);
}

/** The line end for new lines: what most lines of the block have, else the line around it, else the file. */
function endingOf(index: LineIndex, hit: Hit, ends: readonly string[]): string {
  const around = lineAt(index, hit.start);
  const near = ends.length > 0 ? ends : [lineEnd(index, around) || (around > 0 ? lineEnd(index, around - 1) : '\n')];
  return near.filter((end) => end === '\r\n').length * 2 > near.length ? '\r\n' : '\n';
}

function withoutOverlap(hits: readonly Hit[]): Hit[] {
  const kept: Hit[] = [];
  for (const hit of hits) if (kept.length === 0 || hit.start >= kept[kept.length - 1]!.end) kept.push(hit);
  return kept;
}

function droppedReturns(text: string): number[] {
  const positions: number[] = [];
  for (let at = text.indexOf('\r\n'); at !== -1; at = text.indexOf('\r\n', at + 2)) positions.push(at - positions.length);
  return positions;
}

function countBelow(sorted: readonly number[], limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

function withLf(text: string): string {
  return text.includes('\r\n') ? text.replaceAll('\r\n', '\n') : text;
}

function hasText(line: string): boolean {
  return line.trim() !== '';
}

function asIs(text: string): string {
  return text;
}

function withoutOuterBlanks(line: string): string {
  return withoutTrailingBlanks(line).slice(indentOf(line).length);
}

/** A loop, because a regular expression takes quadratic time on a long run of blanks inside a line. */
function withoutTrailingBlanks(line: string): string {
  let end = line.length;
  while (end > 0 && ' \t\r'.includes(line[end - 1]!)) end -= 1;
  return line.slice(0, end);
}
