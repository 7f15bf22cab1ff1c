/** A changed file as the rules see it: its text on both sides, and which lines came and went. */
import { extname } from 'node:path';
import { isTestPath } from '../test-files.ts';

export interface Line {
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

export interface ChangedText {
  readonly path: string;
  /** Where it was on the base. */
  readonly from: string;
  /** null = not there, or no text. */
  readonly before: string | null;
  readonly after: string | null;
  /** What the result holds there: `unread` is too much to look at, `gone` was deleted. */
  readonly kind: 'text' | 'binary' | 'unread' | 'gone';
  /** Bytes on the result, as far as they are known. */
  readonly size: number;
  readonly isTest: boolean;
  /** Whether the result begins with `#!`, where it is no text. */
  readonly isScript: boolean;
  /** Whether a diff shows its lines: git calls binary what is too large, or holds a NUL. */
  readonly isShown: boolean;
  /** Lines of the result, and of the base, that the other side has not; those that were only moved or indented are none. */
  readonly added: readonly Line[];
  readonly removed: readonly Line[];
}

/** Rust's stand in the sources. */
const RUST_TEST = /#\[(?:\w+::)*test\b/;

type Sides = Pick<ChangedText, 'path' | 'before' | 'after'> & Partial<Pick<ChangedText, 'from' | 'kind' | 'size' | 'isScript' | 'isShown'>>;

export function changedText({ path, from = path, before, after, kind, size, isScript = false, isShown = true }: Sides): ChangedText {
  let lines: { added: Line[]; removed: Line[] } | null = null;
  const compared = () => {
    lines ??= compareLines(before ?? '', after ?? '');
    return lines;
  };
  return {
    path,
    from,
    before,
    after,
    kind: kind ?? (after === null ? 'gone' : 'text'),
    size: size ?? after?.length ?? 0,
    isTest: isTestPath(path) || isTestPath(from) || (extname(path) === '.rs' && RUST_TEST.test(`${before}${after}`)),
    isScript,
    isShown,
    get added() {
      return compared().added;
    },
    get removed() {
      return compared().removed;
    },
  };
}

/** No rule reads a line further; minified code stands in one. */
const LONGEST_LINE = 1000;

const wholeLines = (text: string): string[] => text.split(/\r?\n/);
export const linesOf = (text: string): string[] => wholeLines(text).map(shortened);

/** What stands behind many blanks is out of sight, and not out of the code. */
function shortened(line: string): string {
  return line.length <= LONGEST_LINE ? line : line.replace(/(?<=\S)[ \t]{20,}/g, ' ').slice(0, LONGEST_LINE);
}

/** With one blank in the place of several: where expressions have blanks, thousands of them would take minutes. */
export const onOneBlank = (text: string): string => text.replace(/\s{2,}/g, ' ');

/** The added lines that are too long to be read by every rule, whole. */
export function longAdded({ added, after }: ChangedText): Line[] {
  const lines = wholeLines(after ?? '');
  return added.flatMap(({ line }) => {
    const text = lines[line - 1] ?? '';
    return text.length > LONGEST_LINE ? [{ line, text }] : [];
  });
}

function compareLines(before: string, after: string): { added: Line[]; removed: Line[] } {
  const [old, now] = [wholeLines(before), wholeLines(after)];
  return { added: without(now, old), removed: without(old, now) };
}

/** The numbers, from 1, of lines that the text before has not, or has less often. */
export const addedLines = (before: string, after: string): number[] => compareLines(before, after).added.map(({ line }) => line);

/** The lines of one side that the other has not, or has less often. */
function without(lines: readonly string[], others: readonly string[]): Line[] {
  const left = new Map<string, number>();
  for (const other of others) left.set(other.trim(), (left.get(other.trim()) ?? 0) + 1);
  return lines.flatMap((text, at) => {
    const key = text.trim();
    const count = left.get(key) ?? 0;
    if (count > 0) left.set(key, count - 1);
    return count > 0 || key === '' ? [] : [{ line: at + 1, text: shortened(text) }];
  });
}

const COMMENT_LINE = /^\s*(?:\/\/(?!go:build|\s*\+build)|#(?![[!]|include\b|if\b|define\b|pragma\b)|--\s|\*(?![\w(*])|;;)/;
/** Texts over several lines hold no code, whatever they look like. */
const LONG_TEXT: Readonly<Record<string, RegExp>> = {
  '.py': /"""|'''/g,
  ...Object.fromEntries(['.java', '.kt', '.kts', '.scala', '.swift'].map((ending) => [ending, /"""/g])),
};

/** The text with the same lines, of which those that are comments or texts as a whole are empty: code that was commented out does nothing. */
export const withoutComments = (path: string, text: string): string[] => wholeWithoutComments(path, text).map(shortened);

export function wholeWithoutComments(path: string, text: string): string[] {
  const longText = LONG_TEXT[extname(path)];
  let until: string | null = null;
  return wholeLines(text).map((line) => {
    const wasIn = until;
    if (until === '*/' || until === '-->') {
      if (line.includes(until)) until = null;
      return '';
    }
    for (const [mark] of longText === undefined ? [] : line.matchAll(longText))
      until = until === null ? mark : until === mark ? null : until;
    if (wasIn !== null) return '';
    const opens = /^\s*(\/\*|<!--)/.exec(line)?.[1];
    if (opens === undefined) return COMMENT_LINE.test(line) || /^\s*("""|''')/.test(line) ? '' : line;
    const close = opens === '/*' ? '*/' : '-->';
    const rest = line.slice(line.indexOf(opens) + opens.length);
    if (!rest.includes(close)) until = close;
    return opens === '/*' && rest.includes(close) ? rest.slice(rest.indexOf(close) + 2) : '';
  });
}

/** A quoted line, as short as a report has room for. */
export function quote(text: string, most = 80): string {
  const plain = text.trim().replace(/\s+/g, ' ');
  return plain.length <= most ? plain : `${plain.slice(0, most - 3)}...`;
}
