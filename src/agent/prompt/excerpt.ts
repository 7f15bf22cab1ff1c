/** What of a file is shown to somebody who was told a task: the parts that it points at, and where the others are. */
import { cutText } from '../../common/cut-text.ts';
import { likelyParts } from './likely-parts.ts';
import { isProse, outlineOf, type Part } from './outline.ts';
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
}

/** Up to here a file is shown whole: to pick from it saves less than a second look costs. */
const SMALL_BYTES = 4096;
const SMALL_PROSE_BYTES = 1024;
const MOST_RANGES = 4;
const MOST_RANGE_LINES = 160;
const MOST_OUTLINE_BYTES = 800;
const LONGEST_LINE = 300;
/** What scores less than this, of the best, is left to the outline. */
const LEAST_SHARE = 0.4;
/** Around a line that lies in no part, or in one that is too long to be shown. */
const AROUND = { before: 6, after: 12 } as const;

interface Range {
  from: number;
  to: number;
  score: number;
}

/** @param maxBytes bound on the parts; the outline has one of its own */
export function excerptOf(path: string, content: string, pointers: Pointers, maxBytes: number): Excerpt {
  const lines = content.replace(/\n$/, '').split('\n');
  const size = Buffer.byteLength(content);
  const parts = outlineOf(path, lines);
  const points = isProse(path) ? [] : pointsIn(lines, parts, pointers);
  if (size <= Math.min(isProse(path) ? SMALL_PROSE_BYTES : SMALL_BYTES, maxBytes)) return { text: content, isWhole: true };
  const ranges = bestRanges(lines, parts, points, maxBytes);
  const shown = ranges.map(({ from, to }) => `[lines ${from}-${to}]\n${textOf(lines, from, to)}`);
  const rest = outlineText(parts, ranges);
  return { text: [...shown, ...(rest === '' ? [] : [rest])].join('\n'), isWhole: false };
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

/** A reason to show a line; of one kind in a part, each further tells less. */
interface Point {
  readonly line: number;
  readonly score: number;
  readonly kind: string;
}

/** The lines that hold words of the task, each with how much it tells; the beginning of what a word names tells most. */
function pointsIn(lines: readonly string[], parts: readonly Part[], { task, terms, lines: named }: Pointers): Point[] {
  const points: Point[] = [];
  for (const line of named) if (line >= 1 && line <= lines.length) points.push({ line, score: 20, kind: 'named' });
  for (const { text, weight } of terms) {
    const isWord = wordPattern(text);
    const hits = lines.flatMap((line, at) => (line.includes(text) && isWord.test(line) ? [at + 1] : []));
    const score = (weight * (text.includes(' ') ? 2 : 1)) / Math.sqrt(hits.length);
    points.push(...hits.map((line) => ({ line, score, kind: `word ${text}` })));
    const defined = parts.filter((part) => part.name.replace(/^#/, '') === text && isShowable(part));
    points.push(...defined.map(({ from }) => ({ line: from, score: weight * 3, kind: `definition ${text}` })));
  }
  const likely = likelyParts(task, lines, parts.filter(isShowable));
  return [...points, ...likely.map(({ from, score }) => ({ line: from, score, kind: 'likely' }))];
}

const isShowable = ({ from, to }: Part) => to - from < MOST_RANGE_LINES;

/** The text as a word of its own. */
export function wordPattern(text: string): RegExp {
  return new RegExp(`(?<![\\w$])${text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}(?![\\w$])`);
}

function bestRanges(lines: readonly string[], parts: readonly Part[], points: readonly Point[], maxBytes: number): Range[] {
  const sorted = scoredRanges(lines, parts, points);
  const kept: Range[] = [];
  let left = maxBytes;
  for (const range of sorted) {
    if (range.score < sorted[0]!.score * LEAST_SHARE || kept.length >= MOST_RANGES) break;
    const bytes = Buffer.byteLength(textOf(lines, range.from, range.to)) + 20;
    if (bytes > left) continue;
    left -= bytes;
    kept.push(range);
  }
  return joined(kept);
}

function scoredRanges(lines: readonly string[], parts: readonly Part[], points: readonly Point[]): Range[] {
  const ranges = new Map<number, { from: number; to: number; kinds: Map<string, number[]> }>();
  for (const { line, score, kind } of points) {
    const { from, to } = rangeAround(line, lines, parts);
    const range = ranges.get(from) ?? { from, to, kinds: new Map<string, number[]>() };
    range.kinds.set(kind, [...(range.kinds.get(kind) ?? []), score]);
    ranges.set(from, range);
  }
  const scoreOf = (kinds: Map<string, number[]>) =>
    [...kinds.values()].reduce((sum, scores) => sum + Math.max(...scores) * (1 + Math.log(scores.length)), 0);
  return [...ranges.values()]
    .map(({ from, to, kinds }) => ({ from, to, score: scoreOf(kinds) }))
    .sort((a, b) => b.score - a.score || a.from - b.from);
}

/** The part that holds the line, with what stands right above it; of a longer one some lines around. */
function rangeAround(line: number, lines: readonly string[], parts: readonly Part[]): { from: number; to: number } {
  const part = parts.findLast(({ from, to }) => from <= line && line <= to);
  if (part && isShowable(part)) {
    let { from } = part;
    while (from > 1 && part.from - from < 4 && /^\s*(@|\/\/|#|\*|\/\*)/.test(lines[from - 2]!)) from--;
    return { from, to: part.to };
  }
  const from = Math.max(line - AROUND.before, part?.from ?? 1);
  return { from, to: Math.min(line + AROUND.after, part?.to ?? lines.length) };
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

/** Where the other parts begin: those that lie next to what is shown first, while there is room. */
function outlineText(parts: readonly Part[], ranges: readonly Range[]): string {
  const others = parts.filter(({ from }) => !ranges.some((range) => range.from <= from && from <= range.to));
  const distance = ({ from }: Part) => Math.min(...ranges.map((range) => Math.abs(range.from - from)), Number.MAX_SAFE_INTEGER);
  let left = MOST_OUTLINE_BYTES;
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
