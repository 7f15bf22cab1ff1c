/** How a report shows text that is not ours: on one line, or quoted, within bounds. */
import { cutText } from '../common/cut-text.ts';
import { escapeUntrusted, oneLine } from './escape-untrusted.ts';
import { estimateTokens } from './estimate-tokens.ts';

/** `2026-11-22 10:04 UTC` */
export const minute = (at: string) => `${at.slice(0, 16).replace('T', ' ')} UTC`;
export const short = (commit: string) => commit.slice(0, 7);

/** One line of at most `max` characters, and no more tokens than other text of that length would have. */
export function line(text: string, max: number): string {
  return cutToTokens(oneLine(text, max), max * 0.6);
}

/** A quoted line of text that is not ours: its own blanks stay. */
export function quoted(text: string, max = Number.POSITIVE_INFINITY): string {
  return `  | ${cutText(escapeUntrusted(text), max)}`;
}

/** The first of the lines that have room, and one that says how many are left out. */
export function within(tokens: number, lines: readonly string[], what: string): string[] {
  let used = 0;
  const end = lines.findIndex((text) => {
    used += estimateTokens(text) + 1;
    return used > tokens;
  });
  return end < 0 ? [...lines] : [...lines.slice(0, end), `  ... and ${lines.length - end} more ${what}`];
}

/** Names of a rare script cost three tokens a character. */
const NAMES_TOKENS = 200;

/** The names that have room, with how many there are beside them. */
export function namesWithin(most: number, names: readonly string[]): string {
  let used = 0;
  const shown = names
    .slice(0, most)
    .map((name) => line(name, 100))
    .filter((name, at) => {
      used += estimateTokens(name) + 1;
      return at === 0 || used <= NAMES_TOKENS;
    });
  return names.length > shown.length ? `${shown.join(', ')}, and ${names.length - shown.length} more` : shown.join(', ');
}

/** Where a text may end: behind a sentence, or a line. */
const ENDS = /[.!?][)"'\]`]*(?=\s)|[。！？]|\n/gu;

/** As much of a text as has room, up to the end of a sentence. */
export function sentencesWithin(tokens: number, text: string): { readonly text: string; readonly isCut: boolean } {
  if (estimateTokens(text) <= tokens) return { text, isCut: false };
  let used = 0;
  let fits = 0;
  for (const end of text.matchAll(ENDS)) {
    const behind = end.index + end[0].length;
    used += estimateTokens(text.slice(fits, behind));
    if (used > tokens) break;
    fits = behind;
  }
  if (fits > 0) return { text: text.slice(0, fits).trimEnd(), isCut: true };
  return { text: cutToTokens(text, tokens), isCut: true };
}

/** Nothing where there is no room for a character and the sign of what is missing. */
function cutToTokens(text: string, tokens: number): string {
  let cut = text;
  while (cut.length > 1 && estimateTokens(cut) > tokens) cut = cutText(cut, Math.floor(cut.length * 0.9));
  return estimateTokens(cut) > tokens ? '' : cut;
}
