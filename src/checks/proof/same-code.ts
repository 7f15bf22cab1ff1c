/** Code that does the same and is written otherwise: tests that notice it look at the text. */
import { type CodeLanguage, languageOf, maskCode } from './mask-code.ts';

/** Blanks between two signs of code count for nothing; what is a text or a comment has blanks, or its own signs, beside it. */
const PLAIN = /[\w)\]}({[=+*<>&|,;:?!-]/;

interface Form {
  readonly blank: string;
  readonly comment: RegExp;
  readonly mark: string;
  /** Code on a line that may hold a text in which a comment seems to begin. */
  readonly unsure?: RegExp;
  /** What some code does not compile without: only its words go. */
  readonly doc?: RegExp;
}
const C_LIKE: Form = { blank: ' /**/ ', comment: /^\s*(\/\/|\/\*(?=[^\n]*\*\/\s*$))/, mark: '//' };
const FORMS: Readonly<Record<CodeLanguage, Form>> = {
  js: C_LIKE,
  go: C_LIKE,
  rs: { ...C_LIKE, doc: /^(\s*)\/[/*]([/!])|^(\s*)\/\*\*(?!\/)/ },
  py: { blank: '  ', comment: /^\s*#/, mark: '#' },
  // Texts are not told from code there so well that blanks could come into it.
  rb: { blank: ' ', comment: /^\s*#/, mark: '#', unsure: /[/%?]/ },
  php: { blank: ' ', comment: /^\s*(#(?!\[)|\/\/)/, mark: '//' },
};
/** What tools read. */
export const DIRECTIVE =
  /^\s*(\/\/|\/\*+|#)\s*(go:|\+build|[@#!]|eslint|oxlint|biome|prettier|deno-|tslint|jshint|globals?\b|webpack|type:|typed:|noqa|nosec|no-?lint|lint:|revive:|pragma|pylint|ruff:|flake8|mypy:|pyright:|isort:|fmt:|yapf:|cython:|rubocop:|standard:|frozen_string_literal|warn_indent|(?:en)?coding[:=]|phpcs:|phpstan|psalm|noinspection|SAFETY:|NOSONAR|istanbul|c8|v8|-\*-|language=|export \w+\s*$|vim:)/;

/**
 * @param bare lines, from 1, whose comments go
 * @param blanks whether there are others between signs of code
 * @returns null where it is no code, or of a language that is not known
 */
export function sameCode(
  file: string,
  text: string,
  bare: ReadonlySet<number> = new Set(),
  blanks: 'other' | 'kept' = 'other',
): string | null {
  const language = languageOf(file);
  if (!language || /\.[jt]sx$/.test(file)) return withLastComment(file, text, bare);
  if (language === 'php' && text.includes('?>')) return null;
  const form = FORMS[language];
  const masked = maskCode(text, language).split('\n');
  const lines = withoutComments(file, text, bare).split('\n');
  const written = blanks === 'kept' ? lines : lines.map((line, at) => otherwise(line, masked[at] ?? '', form));
  return `${written.join('\n')}${lines.at(-1) === '' ? '' : '\n'}${form.mark} the same\n`;
}

/** How comments begin where code is not told from texts, or blanks mean something: what stands beside code stays, lines of comments alone go. */
const MARKS: readonly (readonly [RegExp, string])[] = [
  [/\.(?:[jt]sx|java|kts?|scala|groovy|cs|fs|swift|dart|c|cc|cpp|cxx|h|hh|hpp|mm?|zig|proto)$/i, '//'],
  [/\.(?:exs?|pl|pm|r|jl|nim|sh|bash|cr|coffee)$/i, '#'],
  [/\.(?:lua|hs|elm|sql)$/i, '--'],
  [/\.(?:clj|cljs|cljc)$/i, ';'],
  [/\.(?:erl|hrl)$/i, '%'],
];
/** In a text of several lines, any line may look like a comment. */
export const LONG_TEXT = /"""|'''|`|<</;

function withLastComment(file: string, text: string, bare: ReadonlySet<number>): string | null {
  const mark = MARKS.find(([files]) => files.test(file))?.[1];
  if (mark === undefined) return null;
  const isComment = (line: string) => line.trimStart().startsWith(mark) && !DIRECTIVE.test(line) && !line.trimStart().startsWith('#!');
  const lines = LONG_TEXT.test(text)
    ? text.split('\n')
    : text.split('\n').map((line, at) => (bare.has(at + 1) && isComment(line) ? '' : line));
  return `${lines.join('\n')}${lines.at(-1) === '' ? '' : '\n'}${mark} the same\n`;
}

/** The text without the comments of some lines, from 1. */
export function withoutComments(file: string, text: string, bare: ReadonlySet<number>): string {
  const language = languageOf(file);
  if (!language || bare.size === 0) return text;
  const uncommented = maskCode(text, language, 'comments').split('\n');
  const lines = text
    .split('\n')
    .map((line, at) => (bare.has(at + 1) ? withoutComment(line, uncommented[at]!.trimEnd(), FORMS[language]) : line));
  return lines.join('\n');
}

function withoutComment(line: string, code: string, { comment, unsure, doc }: Form): string {
  const rest = line.slice(code.length);
  const kept = doc?.exec(rest);
  if (!comment.test(rest) || unsure?.test(code) || (!kept && DIRECTIVE.test(rest))) return line;
  return line.slice(0, code.length) + (kept ? `${kept[1] ?? kept[3]}//${kept[2] ?? '/'}` : '');
}

function otherwise(line: string, code: string, { blank }: Form): string {
  return line.replace(/ /g, (_, at: number) => (PLAIN.test(code[at - 1] ?? '') && PLAIN.test(code[at + 1] ?? '') ? blank : ' '));
}
