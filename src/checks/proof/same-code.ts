/** Code that does the same and is written otherwise: tests that notice it look at the text. */
import { languageOf, maskCode } from './mask-code.ts';

const COMMENT = { py: '#', rb: '#' } as const satisfies Record<string, string>;

/** Blanks between two signs of code count for nothing; what is a text or a comment has blanks, or its own signs, beside it. */
const PLAIN = /[\w)\]}({[=+*<>&|,;:?!-]/;

/** @returns null where the language is unknown, or blanks may mean something */
export function sameCode(file: string, text: string): string | null {
  const language = languageOf(file);
  if (!language || /\.[jt]sx$/.test(file)) return null;
  const masked = maskCode(text, language);
  let written = '';
  for (const [at, sign] of [...text].entries()) {
    const isFree = sign === ' ' && PLAIN.test(masked[at - 1] ?? '') && PLAIN.test(masked[at + 1] ?? '');
    written += isFree ? '  ' : sign;
  }
  const mark = language in COMMENT ? COMMENT[language as keyof typeof COMMENT] : '//';
  return `${written}${written.endsWith('\n') || written === '' ? '' : '\n'}${mark} the same\n`;
}
