/** Characters by which a text is not what it looks like: those that reorder it, that nobody sees, or that look like others. */
import { extname } from 'node:path';
import { message, type PlainCode } from '../../messages/message.ts';
import { languageOf, maskCode } from '../proof/mask-code.ts';
import { type ChangedText, type Line, longAdded, quote } from './changed-text.ts';
import { isProgram } from './file-kinds.ts';
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

function twinIn(code: string): string | undefined {
  for (const [word] of code.matchAll(WORD)) {
    if (!NOT_ASCII.test(word)) continue;
    const isMixed = /[A-Za-z]/.test(word) && (TWIN.test(word) || GREEK_IN_WORD.test(word));
    if (isMixed || PLAIN_TWIN.test(word) || (ALL_TWINS.test(word) && (word.match(/\p{L}/gu) ?? []).length > 1)) return word;
  }
  return undefined;
}

/** A name that is read, and not written by anybody: of a new file, each of its parts. */
function twinInPath({ path, before }: ChangedText): string | undefined {
  return before === null && NOT_ASCII.test(path) ? path.split('/').find((part) => lookAlikeIn(part, () => false)) : undefined;
}

/** Behind so many blanks that nobody sees it, or alone on its line. */
const isFarRight = (text: string) => [...text.matchAll(FAR)].some(({ 0: blanks, index }) => index + blanks.length < text.length);

/**
 * Letters that look like Latin ones: of Cyrillic, Greek (but those by which science names things), Armenian, Cherokee, Coptic and Lisu, small
 * capitals and letters of phonetics. In names of code none is meant beside a Latin letter, nor a whole word of them.
 */
const TWIN =
  /[\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0455\u0458\u04bb\u0501\u051b\u051d\u04ae\u04af\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u0406\u0405\u0408\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03bf\u03c5\u03b9\u03f2\u03f3\u0555\u054d\u053c\u0585\u057d\u0578\u0581\u0570\u13a0-\u13f5\uab70-\uabbf\u2c80-\u2ce4\ua4d0-\ua4f7\u1d00-\u1d22\u0251\u0261\u01c3]/u;
const ALL_TWINS = new RegExp(`^(?:${TWIN.source}|[\\d_$])+$`, 'u');
const GREEK_IN_WORD = /[\u03bd\u03c1][a-z]{3}|[a-z]{3}[\u03bd\u03c1]/;
/** Latin ones in a form that looks the same in an editor, and that Python reads as the plain one. */
const PLAIN_TWIN = /[\uff21-\uff3a\uff41-\uff5a\u{1d5a0}-\u{1d6a3}]/u;

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
