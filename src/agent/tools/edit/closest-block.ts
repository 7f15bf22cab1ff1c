/** Where a text that was not found may have been meant: shown to the model so that its next try can be right. */

import { cutText } from '../../../common/cut-text.ts';
import { type LineIndex, lineText, splitLines } from './line-index.ts';
import { similarityTo } from './similarity.ts';

const MOST_LINES_SHOWN = 15;
const MOST_CHARACTERS = 200;
/** Beyond so many lines only equal lines are looked for: comparing each one by its letters would take seconds. */
const MOST_LINES_COMPARED = 20_000;
/** A line that stands in `wanted` more often says little about the place. */
const MOST_EQUAL = 20;
const SIMILARITY_NEEDED = 0.5;

/** The block that is most like `wanted`, with its line numbers and the first difference; `null` when nothing is like it. */
export function closestBlock(index: LineIndex, wanted: string): string | null {
  const lines = trimmedEnds(splitLines(wanted).lines);
  const first = lines.length === 0 ? null : (byEqualLines(index, lines) ?? byLikeness(index, lines));
  if (first === null) return null;
  const last = Math.min(first + lines.length, index.starts.length) - 1;
  const numbered: string[] = [];
  for (let line = first; line <= Math.min(last, first + MOST_LINES_SHOWN - 1); line += 1) {
    numbered.push(`${line + 1}\t${cutText(lineText(index, line), MOST_CHARACTERS)}`);
  }
  if (last > first + MOST_LINES_SHOWN - 1) numbered.push('...');
  return [`Closest is line ${first + 1}${last > first ? `-${last + 1}` : ''}:`, ...numbered, firstDifference(index, first, lines)].join(
    '\n',
  );
}

function trimmedEnds(lines: readonly string[]): string[] {
  const start = lines.findIndex((line) => line.trim() !== '');
  return start === -1 ? [] : lines.slice(start, lines.findLastIndex((line) => line.trim() !== '') + 1);
}

/** The start for which most lines are the same but for blanks around them. */
function byEqualLines(index: LineIndex, wanted: readonly string[]): number | null {
  const linesByText = new Map<string, number[]>();
  for (const [at, line] of wanted.entries()) {
    const key = line.trim();
    if (key.length < 3) continue;
    const known = linesByText.get(key);
    if (known === undefined) linesByText.set(key, [at]);
    else if (known.length < MOST_EQUAL) known.push(at);
  }
  const votes = new Map<number, number>();
  for (let line = 0; line < index.starts.length; line += 1) {
    for (const at of linesByText.get(lineText(index, line).trim()) ?? []) {
      if (line >= at) votes.set(line - at, (votes.get(line - at) ?? 0) + 1);
    }
  }
  return best(votes.entries(), 1);
}

/** The start for which the longest line of `wanted` is most like the line of the file. */
function byLikeness(index: LineIndex, wanted: readonly string[]): number | null {
  if (index.starts.length > MOST_LINES_COMPARED) return null;
  const longest = wanted.reduce((a, b) => (b.trim().length > a.trim().length ? b : a));
  const offset = wanted.indexOf(longest);
  const similarity = similarityTo(longest);
  const scores: [number, number][] = [];
  for (let line = offset; line < index.starts.length; line += 1) scores.push([line - offset, similarity(lineText(index, line))]);
  return best(scores, SIMILARITY_NEEDED);
}

function best(scores: Iterable<readonly [number, number]>, least: number): number | null {
  let winner: number | null = null;
  let high = least;
  for (const [start, score] of scores) {
    if (score < high || (score === high && winner !== null && start > winner)) continue;
    winner = start;
    high = score;
  }
  return winner;
}

function firstDifference(index: LineIndex, first: number, wanted: readonly string[]): string {
  for (const [at, line] of wanted.entries()) {
    const there = first + at < index.starts.length ? lineText(index, first + at) : null;
    if (there === line) continue;
    if (there === null) return 'old_text goes on where the file ends.';
    return `First difference, line ${first + at + 1}: the file has ${quoted(there)}, old_text has ${quoted(line)}.`;
  }
  return 'These lines are equal; the text around them differs.';
}

/** As JSON, so that tabs and blanks can be told apart; look-alike characters as escapes. */
function quoted(line: string): string {
  const text = JSON.stringify(cutText(line, MOST_CHARACTERS));
  return text.replace(/[\u00a0\u2000-\u206f\u3000\ufeff]/g, (character) =>
    character === '…' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
