/** Characters by which a text is not what it looks like: those that reorder it, that nobody sees, or that look like others. */
import { extname } from 'node:path';
import { message, type PlainCode } from '../../messages/message.ts';
import { languageOf, maskCode } from '../proof/mask-code.ts';
import { type ChangedText, type Line, longAdded, quote } from './changed-text.ts';
import { isProgram } from './file-kinds.ts';
import { lookAlikeIn, NOT_ASCII, twinIn } from './look-alike-names.ts';
import { blocking, type Finding, type Rule } from './rule.ts';

const HIDDEN: readonly (readonly [PlainCode, RegExp])[] = [
  ['integrity.reordered', /[\u202a-\u202e\u2066-\u2069]/],
  // Tags spell flags behind a black flag; variation selectors choose a form of one character, and many in a row are a message.
  [
    'integrity.invisible',
    /(?<!\u{1f3f4}[\u{e0020}-\u{e007e}]{0,6})[\u{e0000}-\u{e007f}]|[\ufff0-\ufff8\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}]|[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]{3}/u,
  ],
  // Joiners belong to words of many scripts, but to no Latin one; fillers look like blanks and are letters.
  [
    'integrity.invisibleInName',
    /[\p{L}\p{N}_$][\u200b\u2060-\u2064\ufeff\u180e][\p{L}\p{N}_$]|[A-Za-z0-9_$](?:\u200c|\u200d|\u00ad)[A-Za-z0-9_$]|[\u115f\u1160\u3164\uffa0]/u,
  ],
];
/** Ends of lines for some languages, which a diff and an editor show within one: behind a comment code may stand. */
const LINE_END = /[\u2028\u2029\u0085]|\r[^\r]/;
/** Java reads such before anything else, in comments too: ends of lines, of a comment and of a text. */
const JAVA_ESCAPE = /\\u+00(?:0[ad]|22|2a\\u+002f)/i;
/** A whole line: behind the end of a comment stands code. What only begins like one is `#define`, `#private`, `--count` and `*pointer`. */
const COMMENT = /^\s*(?:\/\/|\/\*|\*(?=\s|\*|\/)|#(?![\w[{]|\s*(?:define|undef|include|ifn?def|if|elif|pragma)\b)|--\s)(?!.*\*\/\s*\S)/;
const HASHES = /\.(?:pyi?|rb|sh|bash|p[lm]|exs?|toml|r|mk|cmake)$/;

/** What a line has beside comments and strings. */
function codeOf({ path, after }: ChangedText): (line: Line) => string {
  let code: string[] | null = null;
  return ({ line }) => {
    code ??= maskCode(after ?? '', languageOf(path) ?? 'go').split('\n'); // whose comments are those of most languages
    const bare = code[line - 1]?.trim() ?? '';
    return HASHES.test(path) ? bare.replace(/(?:^|\s)#.*$/, '') : bare;
  };
}

/** Whether a line holds nothing but a comment; one that begins with `*` may be a product. */
function commentsOf({ path }: ChangedText, code: (line: Line) => string): (line: Line) => boolean {
  return (line) => {
    if (HASHES.test(path)) return /^\s*#/.test(line.text);
    return COMMENT.test(line.text) && !(/^\s*\*/.test(line.text) && code(line) !== '');
  };
}

/** A name that is read, and not written by anybody: of a new file, each of its parts. */
function twinInPath({ path, before }: ChangedText): string | undefined {
  return before === null && NOT_ASCII.test(path) ? path.split('/').find((part) => lookAlikeIn(part, () => false)) : undefined;
}

/** Behind so many blanks that nobody sees it, or alone on its line. */
const isFarRight = (text: string) => [...text.matchAll(FAR)].some(({ 0: blanks, index }) => index + blanks.length < text.length);

/** A name that is shown like another one: with blanks at an end, or any blank but the plain one, or what is no character at all. */
const ODD_NAME = /(?:^|\/) | (?:\/|$)|[^\S ]|\ufeff|\p{Cc}/u;

/** So many blanks leave what stands behind them out of sight; a tab is as many as four. */
const FAR = /[^\S\n]{120,}|\t{30,}/g;

const PROSE = new Set([
  '.md',
  '.mdx',
  '.txt',
  '.rst',
  '.adoc',
  '.json',
  '.yml',
  '.yaml',
  '.po',
  '.html',
  '.xml',
  '.properties',
  '.strings',
  '.csv',
  '.svg',
]);

export const hiddenCharacters: Rule = (files) =>
  files.flatMap((file) => {
    const inName = hiddenIn(file.path) ?? (file.before === null && ODD_NAME.test(file.path) ? 'integrity.invisibleInName' : undefined);
    if (inName && file.kind !== 'gone') return [blocking(message(inName), file.path)];
    const twin = file.kind === 'gone' ? undefined : twinInPath(file);
    if (twin) return [blocking(message('integrity.lookAlike', { name: quote(twin, 40) }), file.path)];
    if (file.after === null) return [];
    const found: Finding[] = [];
    const isProse = PROSE.has(extname(file.path));
    const code = codeOf(file);
    const isComment = commentsOf(file, code);
    for (const one of file.added) {
      const { line, text } = one;
      if (endsWithin(file, text)) return [blocking(message('integrity.lineEnd'), file.path, line)];
      if (isProgram(file.path) && isFarRight(text)) found.push(blocking(message('integrity.farRight'), file.path, line));
      if (!NOT_ASCII.test(text) && found.length === 0) continue;
      const hidden = hiddenIn(text.slice(line === 1 && text.startsWith('\ufeff') ? 1 : 0));
      if (hidden) found.push(blocking(message(hidden), file.path, line));
      const mixed = isProse ? undefined : (lookAlikeIn(text, () => isComment(one)) ?? (isComment(one) ? undefined : twinIn(code(one))));
      if (mixed) found.push(blocking(message('integrity.lookAlike', { name: quote(mixed, 40) }), file.path, line));
      if (found.length > 0) return found;
    }
    return found.length > 0 ? found : farRight(file, isComment);
  });

/** Not in files of the old Mac, whose lines all end so. */
function endsWithin({ path, before, after }: ChangedText, text: string): boolean {
  if (PROSE.has(extname(path))) return false;
  if (/\.(?:java|groovy)$/.test(path) && JAVA_ESCAPE.test(text)) return true;
  return LINE_END.test(text) && !(before?.includes('\r') && !before.includes('\n') && !after?.includes('\n'));
}

/** In lines without an end, of which most is of the base. */
function farRight(file: ChangedText, isComment: (line: Line) => boolean): Finding[] {
  for (const one of longAdded(file)) {
    const { line, text } = one;
    if (endsWithin(file, text) && !endsWithin(file, file.before ?? '')) return [blocking(message('integrity.lineEnd'), file.path, line)];
    const code = hiddenIn(text);
    if (isProgram(file.path) && isFarRight(text)) return [blocking(message('integrity.farRight'), file.path, line)];
    if (code && code !== hiddenIn(file.before ?? '')) return [blocking(message(code), file.path, line)];
    const mixed = code || PROSE.has(extname(file.path)) ? undefined : lookAlikeIn(text, () => isComment(one));
    if (mixed && !file.before?.includes(mixed))
      return [blocking(message('integrity.lookAlike', { name: quote(mixed, 40) }), file.path, line)];
  }
  return [];
}

const hiddenIn = (text: string): PlainCode | undefined => HIDDEN.find(([, pattern]) => pattern.test(text))?.[0];
