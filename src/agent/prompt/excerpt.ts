/** What of a file is shown to somebody who was told a task: the parts that it points at, and where the others are. */
import { cutText } from '../../common/cut-text.ts';
import { isProse, outlineOf, type Part } from './outline.ts';
import { likelyParts } from './shared-words.ts';
import type { Term } from './task-terms.ts';

export interface Pointers {
  /** What the task says. */
  readonly task: string;
  readonly terms: readonly Term[];
  /** Lines of the file that the task names, from 1. */
  readonly lines: readonly number[];
}

export interface Excerpt {
  readonly text: string;
  readonly isWhole: boolean;
  /** No part of it, only where its parts are. */
  readonly isOutline: boolean;
}

/** Up to here a file is shown whole: to pick from it saves less than a second look costs. */
const SMALL_BYTES = 4096;
const SMALL_PROSE_BYTES = 1024;
const MOST_RANGES = 4;
const MOST_RANGE_LINES = 160;
const LONGEST_LINE = 300;
/** Around a line that lies in no part, or in one that is too long to be shown. */
const AROUND = { before: 6, after: 12 } as const;

interface Range {
  from: number;
  to: number;
  score: number;
  /** The line that tells most. */
  best: number;
}

/**
 * @param most bytes of the parts that are shown, and of the names of the others; a part that scores less than `share` of the best is left
 * to these
 */
export function excerptOf(
  path: string,
  content: string,
  pointers: Pointers,
  most: { readonly parts: number; readonly outline: number; readonly share: number },
): Excerpt {
  if (Buffer.byteLength(content) <= Math.min(isProse(path) ? SMALL_PROSE_BYTES : SMALL_BYTES, most.parts))
    return { text: content, isWhole: true, isOutline: false };
  const lines = content.replace(/\n$/, '').split('\n');
  const parts = outlineOf(path, lines);
  const points = isProse(path) ? [] : pointsIn(lines, parts, pointers);
  const ranges = bestRanges(lines, parts, points, most);
  const shown = ranges.map(({ from, to }) => `[lines ${from}-${to}]\n${textOf(lines, from, to)}`);
  const rest = outlineText(parts, ranges, pointers.terms, most.outline);
  return { text: [...shown, ...(rest === '' ? [] : [rest])].join('\n'), isWhole: false, isOutline: ranges.length === 0 };
}

/** Whether a tool wrote it, for no one to read: a line of thousands of characters, or its own word. */
export function isGenerated(path: string, content: string): boolean {
  if (isProse(path)) return false;
  const lines = content.split('\n');
  return (
    content.length / lines.length > 250 ||
    lines.some((line) => line.length > 5000) ||
    /@generated\b|\bcode generated\b.*\bdo not edit\b/i.test(content.slice(0, 1000))
  );
}

const DEFINITION = 'definition ';
const LIKELY = 'likely';

/** A reason to show a line; of one kind in a part, each further tells less. */
interface Point {
  readonly line: number;
  readonly score: number;
  readonly kind: string;
}

/** The lines that hold words of the task, each with how much it tells; the beginning of what a word names tells most. */
function pointsIn(lines: readonly string[], parts: readonly Part[], { task, terms, lines: named }: Pointers): Point[] {
  const points: Point[] = [];
  const note = (line: number, score: number, kind: string) => points.push({ line, score, kind });
  for (const line of named) if (line >= 1 && line <= lines.length) note(line, 20, 'named');
  for (const { text, weight } of terms) {
    const isWord = wordPattern(text);
    const hits = lines.flatMap((line, at) => (line.includes(text) && isWord.test(line) ? [at + 1] : []));
    const score = (weight * (text.includes(' ') ? 2 : 1)) / Math.sqrt(hits.length);
    for (const line of hits) note(line, score, `word ${text}`);
    for (const { name, from } of parts) if (name.replace(/^#/, '') === text) note(from, weight * 3, DEFINITION + text);
  }
  for (const { from, score } of likelyParts(task, [{ lines, parts: parts.filter(isShowable) }])[0]!) note(from, score, LIKELY);
  return points;
}

export const isShowable = ({ from, to }: Part) => to - from < MOST_RANGE_LINES;

/** The text as a word of its own. */
export function wordPattern(text: string): RegExp {
  return new RegExp(`(?<![\\w$])${text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}(?![\\w$])`);
}

function bestRanges(
  lines: readonly string[],
  parts: readonly Part[],
  points: readonly Point[],
  most: { readonly parts: number; readonly share: number },
): Range[] {
  const sorted = scoredRanges(lines, parts, points);
  const kept: Range[] = [];
  let left = most.parts;
  for (const range of sorted) {
    if (range.score < sorted[0]!.score * most.share || kept.length >= MOST_RANGES) break;
    const bytesOf = ({ from, to }: Range) => Buffer.byteLength(textOf(lines, from, to)) + 20;
    const fitting = [range, aroundBest(range)].find((one) => bytesOf(one) <= left);
    if (!fitting) continue;
    left -= bytesOf(fitting);
    kept.push(fitting);
  }
  return joined(kept);
}

/** Of a part for which there is no room. */
function aroundBest({ from, to, best, ...range }: Range): Range {
  return { ...range, best, from: Math.max(best - AROUND.before, from), to: Math.min(best + AROUND.after, to) };
}

function scoredRanges(lines: readonly string[], parts: readonly Part[], points: readonly Point[]): Range[] {
  const ranges = new Map<string, { from: number; to: number; points: Point[] }>();
  const finder = partFinder(parts);
  for (const point of points) {
    const { line, kind } = point;
    const after = kind.startsWith(DEFINITION) && finder.beginsWithOthers(line) ? 0 : AROUND.after;
    const { from, to } = rangeAround(line, lines, finder.at(line), after);
    const range = ranges.get(`${from}-${to}`) ?? { from, to, points: [] };
    range.points.push(point);
    ranges.set(`${from}-${to}`, range);
  }
  return [...ranges.values()]
    .map(({ from, to, points: inside }) => ({ from, to, score: scoreOf(inside), best: bestLine(inside) }))
    .sort((a, b) => b.score - a.score || a.from - b.from);
}

function scoreOf(points: readonly Point[]): number {
  const kinds = new Map<string, { best: number; times: number }>();
  for (const { kind, score } of points) {
    const { best, times } = kinds.get(kind) ?? { best: 0, times: 0 };
    kinds.set(kind, { best: Math.max(best, score), times: times + 1 });
  }
  return [...kinds.values()].reduce((sum, { best, times }) => sum + best * (1 + Math.log(times)), 0);
}

/** That a part shares words with the task says nothing of a line of it. */
function bestLine(points: readonly Point[]): number {
  const telling = points.filter(({ kind }) => kind !== LIKELY);
  return (telling.length > 0 ? telling : points).reduce((best, point) => (point.score > best.score ? point : best)).line;
}

/** Finds parts by a line without a look at each: a file may have many, and as many lines that tell something. */
function partFinder(parts: readonly Part[]) {
  /** Of each part the last one before it that ends further on. */
  const outer: number[] = [];
  for (const [at, { to }] of parts.entries()) {
    let before = at - 1;
    while (before >= 0 && parts[before]!.to <= to) before = outer[before]!;
    outer.push(before);
  }
  const lastAt = (line: number) => {
    let [low, high] = [0, parts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (parts[middle]!.from <= line) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  };
  return {
    /** The innermost part that holds the line. */
    at(line: number): Part | undefined {
      let at = lastAt(line);
      while (at >= 0 && parts[at]!.to < line) at = outer[at]!;
      return parts[at];
    },
    /** Whether a part begins there that holds others: a class says little by its beginning. */
    beginsWithOthers(line: number): boolean {
      const at = lastAt(line);
      const [part, next] = [parts[at], parts[at + 1]];
      return part?.from === line && next !== undefined && next.from <= part.to;
    },
  };
}

/** The part that holds the line, with what stands right above it; of a longer one, or where none does, some lines around. */
function rangeAround(line: number, lines: readonly string[], part: Part | undefined, after: number): { from: number; to: number } {
  if (part && isShowable(part)) {
    let { from } = part;
    while (from > 1 && part.from - from < 4 && /^\s*(@|\/\/|#|\*|\/\*)/.test(lines[from - 2]!)) from--;
    return { from, to: part.to };
  }
  const from = Math.max(line - AROUND.before, part?.from ?? 1);
  return { from, to: Math.min(line + after, part?.to ?? lines.length) };
}

/** In the order of the file; what overlaps or nearly meets is one. */
function joined(ranges: readonly Range[]): Range[] {
  const merged: Range[] = [];
  for (const range of [...ranges].sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last && range.from <= last.to + 4) last.to = Math.max(last.to, range.to);
    else merged.push({ ...range });
  }
  return merged;
}

function textOf(lines: readonly string[], from: number, to: number): string {
  return lines
    .slice(from - 1, to)
    .map((line) => cutText(line, LONGEST_LINE))
    .join('\n');
}

/** Where the other parts begin: those that the task names and those that lie next to what is shown first, while there is room. */
function outlineText(parts: readonly Part[], ranges: readonly Range[], terms: readonly Term[], maxBytes: number): string {
  const others = parts.filter(({ from }) => !ranges.some((range) => range.from <= from && from <= range.to));
  const names = new Set(terms.map(({ text }) => text));
  const distance = ({ name, from }: Part) =>
    names.has(name) ? -1 : Math.min(...ranges.map((range) => Math.abs(range.from - from)), Number.MAX_SAFE_INTEGER);
  let left = maxBytes;
  const kept = [...others]
    .sort((a, b) => distance(a) - distance(b) || a.from - b.from)
    .filter((part) => {
      left -= Buffer.byteLength(part.name) + String(part.from).length + 3;
      return left >= 0;
    });
  if (kept.length === 0) return '';
  const listed = kept.sort((a, b) => a.from - b.from).map(({ name, from }) => `${from} ${name}`);
  const more = others.length > kept.length ? `, and ${others.length - kept.length} more` : '';
  return `[${ranges.length > 0 ? 'besides, by' : 'by'} line: ${listed.join(', ')}${more}]`;
}
