/** Characters by which a text is not what it looks like: those that reorder it, that nobody sees, or that look like others. */
import { extname } from 'node:path';
import { message, type PlainCode } from '../../messages/message.ts';
import { languageOf, maskCode } from '../proof/mask-code.ts';
import { type ChangedText, type Line, longAdded, quote } from './changed-text.ts';
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
const NOT_ASCII = /[^\x00-\x7f]/;
/** A Latin letter beside a Cyrillic one that looks like another Latin one. */
const MIXED = /[A-Za-z][аеорсухіѕјһԁԛАВЕКМНОРСТУХІЅЈ][\p{L}\w]*|[аеорсухіѕјһԁԛАВЕКМНОРСТУХІЅЈ][A-Za-z][\p{L}\w]*/u;
const WORD = /[\p{L}\w$]+/gu;
/** `URLов`: an ending of another language, as comments have it, or one by which it is plain that it is of that. */
const WITH_ENDING = /^[A-Z][A-Z0-9]+s?(\p{Script=Cyrillic}+)$/u;
const HAS_OWN = /[^аеорсухіѕјһԁԛАВЕКМНОРСТУХІЅЈ]/u;
/** A whole line: behind the end of a comment stands code. What only begins like one is `#define`, `#private`, `--count` and `*pointer`. */
const COMMENT = /^\s*(?:\/\/|\/\*|\*(?=\s|\*|\/)|#(?![\w[{]|\s*(?:define|undef|include|ifn?def|if|elif|pragma)\b)|--\s)(?!.*\*\/\s*\S)/;
const HASHES = /\.(?:pyi?|rb|sh|bash|p[lm]|exs?|toml|r|mk|cmake)$/;

function lookAlikeIn(text: string, isComment: () => boolean): string | undefined {
  for (const [word] of text.matchAll(WORD)) {
    const found = MIXED.exec(word)?.[0];
    const ending = found && WITH_ENDING.exec(word)?.[1];
    if (found && !(ending && (HAS_OWN.test(ending) || isComment()))) return found;
  }
  return undefined;
}

/** Whether a line holds nothing but a comment; one that begins with `*` may be a product. */
function commentsOf({ path, after }: ChangedText): (line: Line) => boolean {
  let code: string[] | null = null;
  const codeOf = (line: number) => {
    code ??= maskCode(after ?? '', languageOf(path) ?? 'go').split('\n'); // whose comments are those of most languages
    return code[line - 1]?.trim();
  };
  return ({ line, text }) => {
    if (HASHES.test(path)) return /^\s*#/.test(text);
    return COMMENT.test(text) && !(/^\s*\*/.test(text) && codeOf(line) !== '');
  };
}

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
    const inName = hiddenIn(file.path);
    if (inName && file.kind !== 'gone') return [blocking(message(inName), file.path)];
    if (file.after === null) return [];
    const found: Finding[] = [];
    const isComment = commentsOf(file);
    for (const one of file.added) {
      const { line, text } = one;
      if (endsWithin(file, text)) return [blocking(message('integrity.lineEnd'), file.path, line)];
      if (!NOT_ASCII.test(text)) continue;
      const code = hiddenIn(text.slice(line === 1 && text.startsWith('\ufeff') ? 1 : 0));
      if (code) found.push(blocking(message(code), file.path, line));
      const mixed = PROSE.has(extname(file.path)) ? undefined : lookAlikeIn(text, () => isComment(one));
      if (mixed) found.push(blocking(message('integrity.lookAlike', { name: quote(mixed, 40) }), file.path, line));
      if (found.length > 0) return found;
    }
    return farRight(file);
  });

/** Not in files of the old Mac, whose lines all end so. */
function endsWithin({ path, before, after }: ChangedText, text: string): boolean {
  if (PROSE.has(extname(path))) return false;
  if (/\.(?:java|groovy)$/.test(path) && JAVA_ESCAPE.test(text)) return true;
  return LINE_END.test(text) && !(before?.includes('\r') && !before.includes('\n') && !after?.includes('\n'));
}

/** In lines without an end, of which most is of the base. */
function farRight(file: ChangedText): Finding[] {
  const isComment = commentsOf(file);
  for (const one of longAdded(file)) {
    const { line, text } = one;
    if (endsWithin(file, text) && !endsWithin(file, file.before ?? '')) return [blocking(message('integrity.lineEnd'), file.path, line)];
    const code = hiddenIn(text);
    if (code && code !== hiddenIn(file.before ?? '')) return [blocking(message(code), file.path, line)];
    const mixed = code || PROSE.has(extname(file.path)) ? undefined : lookAlikeIn(text, () => isComment(one));
    if (mixed && !file.before?.includes(mixed))
      return [blocking(message('integrity.lookAlike', { name: quote(mixed, 40) }), file.path, line)];
  }
  return [];
}

const hiddenIn = (text: string): PlainCode | undefined => HIDDEN.find(([, pattern]) => pattern.test(text))?.[0];
