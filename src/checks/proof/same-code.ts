/** Code that does the same and is written otherwise: tests that notice it look at the text. */
import { type CodeLanguage, languageOf, maskCode } from './mask-code.ts';

/** Blanks between two signs of code count for nothing; what is a text or a comment has blanks, or its own signs, beside it. */
const PLAIN = /[\w)\]}({[=+*<>&|,;:?!-]/;

interface Form {
  readonly blank: string;
  readonly comment: RegExp;
  readonly mark: string;
}
const C_LIKE: Form = { blank: ' /**/ ', comment: /^\s*(\/\/|\/\*(?=[^\n]*\*\/\s*$))/, mark: '//' };
const FORMS: Readonly<Record<CodeLanguage, Form>> = {
  js: C_LIKE,
  go: C_LIKE,
  rs: C_LIKE,
  py: { blank: '  ', comment: /^\s*#/, mark: '#' },
  // Texts are not told from code there so well that blanks could come into it.
  rb: { blank: ' ', comment: /^\s*#/, mark: '#' },
  php: { blank: ' ', comment: /^\s*(#|\/\/)/, mark: '//' },
};
/** What tools read. */
const DIRECTIVE =
  /^\s*(\/\/|\/\*+|#)\s*(go:|\+build|[@#!]|eslint|biome|type:|noqa|pragma|pylint|istanbul|c8|v8|-\*-|language|export|nolint)/;

/**
 * @param bare lines, from 1, whose comments go
 * @returns null where the language is unknown, or blanks may mean something
 */
export function sameCode(file: string, text: string, bare: ReadonlySet<number> = new Set()): string | null {
  const language = languageOf(file);
  if (!language || /\.[jt]sx$/.test(file) || (language === 'php' && text.includes('?>'))) return null;
  const form = FORMS[language];
  const masked = maskCode(text, language).split('\n');
  const lines = text.split('\n').map((line, at) => {
    const code = masked[at] ?? '';
    return otherwise(bare.has(at + 1) ? withoutComment(line, code.trimEnd().length, form) : line, code, form);
  });
  return `${lines.join('\n')}${lines.at(-1) === '' ? '' : '\n'}${form.mark} the same\n`;
}

function withoutComment(line: string, codeEnd: number, { comment }: Form): string {
  const rest = line.slice(codeEnd);
  return comment.test(rest) && !DIRECTIVE.test(rest) ? line.slice(0, codeEnd) : line;
}

function otherwise(line: string, code: string, { blank }: Form): string {
  return [...line.slice(0, code.length)]
    .map((sign, at) => (sign === ' ' && PLAIN.test(code[at - 1] ?? '') && PLAIN.test(code[at + 1] ?? '') ? blank : sign))
    .join('');
}
