/** Code without what stands in comments and strings, character for character in its place: what is left may be read for operators. */

export type CodeLanguage = 'js' | 'py' | 'go' | 'rs' | 'php' | 'rb';

export function languageOf(file: string): CodeLanguage | null {
  if (/\.d\.[cm]?ts$/.test(file)) return null;
  if (/\.[cm]?[jt]sx?$/.test(file)) return 'js';
  return (['py', 'go', 'rs', 'php', 'rb'] as const).find((ending) => file.endsWith(`.${ending}`)) ?? null;
}

interface Quoted {
  readonly open: string;
  readonly close: string;
  readonly escapes: boolean;
  /** Whether it ends with its line at the latest. */
  readonly oneLine: boolean;
  /** Of a regular expression: what stands in `[...]` closes nothing. */
  readonly classes?: true;
  readonly isComment?: true;
}

const quote = (open: string, more: Partial<Quoted> = {}): Quoted => ({ open, close: open, escapes: true, oneLine: true, ...more });
const raw = (open: string, close: string): Quoted => ({ open, close, escapes: false, oneLine: close === '\n' });
const comment = (open: string, close = '\n'): Quoted => ({ ...raw(open, close), isComment: true });

const FORMS: Readonly<Record<CodeLanguage, readonly Quoted[]>> = {
  js: [comment('//'), comment('/*', '*/'), quote("'"), quote('"'), quote('`', { oneLine: false })],
  py: [comment('#'), quote('"""', { oneLine: false }), quote("'''", { oneLine: false }), quote("'"), quote('"')],
  go: [comment('//'), comment('/*', '*/'), quote("'"), quote('"'), quote('`', { escapes: false, oneLine: false })],
  rs: [comment('//'), comment('/*', '*/'), quote('"', { oneLine: false })],
  php: [comment('//'), comment('/*', '*/'), quote("'", { oneLine: false }), quote('"', { oneLine: false })],
  rb: [comment('#'), quote("'"), quote('"')],
};

/** A string keeps its quotes, so that it is still seen to be one, or stays whole. What is laid out in templates of JavaScript goes with them. */
export function maskCode(text: string, language: CodeLanguage, what: 'all' | 'comments' = 'all'): string {
  // In pieces: to look at the end of a text that grows by characters, the engine copies all of it each time.
  const masked: string[] = [];
  const begun = { before: (length: number) => endOfPieces(masked, length), closing: closingLines(text) };
  for (let at = 0; at < text.length; ) {
    const form = FORMS[language].find(({ open }) => text.startsWith(open, at)) ?? quotedAt(text, at, language, begun);
    if (!form) {
      masked.push(text[at++]!);
      continue;
    }
    const end = endOf(text, at + form.open.length, form);
    if (what === 'comments' && !form.isComment) {
      const next = text.startsWith(form.close, end) && form.close !== '\n' ? end + form.close.length : end;
      masked.push(text.slice(at, next));
      at = next;
      continue;
    }
    const isString = form.escapes || form.open === '`';
    const close = isString && end < text.length && text.startsWith(form.close, end) ? form.close : '';
    masked.push(isString ? form.open : blank(form.open), blank(text.slice(at + form.open.length, end)), close);
    at = end + close.length;
    // The close of a comment within a line.
    if (!isString && form.close !== '\n') {
      masked.push(blank(text.slice(at, at + form.close.length)));
      at += form.close.length;
    }
  }
  return masked.join('');
}

function endOf(text: string, from: number, form: Quoted): number {
  const { close, escapes, oneLine } = form;
  let inClass = false;
  for (let at = from; at < text.length; at++) {
    if (escapes && text[at] === '\\') at++;
    else if (form.classes && (text[at] === '[' || text[at] === ']')) inClass = text[at] === '[';
    else if (inClass && text[at] !== '\n') continue;
    else if (close === '`' && escapes && text.startsWith('${', at)) at = endOfHole(text, at + 2);
    else if (text.startsWith(close, at) || (oneLine && text[at] === '\n')) return at;
  }
  return text.length;
}

/** The brace that closes what is laid out in a template: it may hold strings, and templates again. */
function endOfHole(text: string, from: number): number {
  // By hand, as templates may stand within one another as deep as a file is long.
  const open: ('{' | '`')[] = ['{'];
  let at = from;
  for (; at < text.length; at++) {
    const one = text[at];
    if (one === '\\') at++;
    else if (open.at(-1) === '`') {
      if (one === '`') open.pop();
      else if (text.startsWith('${', at)) {
        open.push('{');
        at++;
      }
    } else if (one === '{' || one === '`') open.push(one);
    else if (one === "'" || one === '"') at = endOf(text, at + 1, quote(one));
    else if (one === '}') {
      open.pop();
      if (open.length === 0) return at;
    }
  }
  return at;
}

const blank = (text: string) => text.replace(/[^\n]/g, ' ');

/** So much before a sign tells what it is. */
const LOOKED_BACK = 200;

/** @returns the last characters, white space at the end left out */
function endOfPieces(pieces: readonly string[], length: number): string {
  let end = '';
  for (let at = pieces.length - 1, looked = 0; at >= 0 && end.length < length && looked < 2 * LOOKED_BACK; at--, looked++) {
    const piece = pieces[at]!.slice(-LOOKED_BACK);
    end = end === '' ? piece.trimEnd() : piece + end;
  }
  return end.slice(-length);
}

interface Begun {
  /** The end of what is masked so far, without white space behind it; at most so many characters. */
  before(length: number): string;
  closing(word: string, behind: number): Line | undefined;
}

/** The line break before a word that begins a line, up to the end of the word. */
interface Line {
  readonly at: number;
  readonly text: string;
}

/** What begins a text, a comment or a regular expression only where something else stands beside it. */
function quotedAt(text: string, at: number, language: CodeLanguage, { before, closing }: Begun): Quoted | null {
  switch (language) {
    case 'rs':
      return rustTextAt(text, at);
    case 'js':
      return text[at] === '/' && isBeforeRegex(before) ? quote('/', { classes: true }) : null;
    case 'php': // no attribute
      return text[at] === '#' && text[at + 1] !== '['
        ? comment('#')
        : heredocAt(text, at, /^<<<[ \t]*(["']?)([A-Za-z_]\w*)\1(?=\r?\n)/, closing);
    case 'rb':
      return heredocAt(text, at, /^<<[~-](["'`]?)([A-Za-z_]\w*)\1/, closing);
    default:
      return null;
  }
}

/** An operator, a word that no value ends with, the head of a statement, or nothing. The last character tells most; a text may be full of slashes. */
function isBeforeRegex(before: Begun['before']): boolean {
  const last = before(1);
  if (last === '' || OPERATOR.test(last)) return true;
  if (last === ')') return HEAD.test(before(LOOKED_BACK));
  return /[a-z]/.test(last) && WORD.test(before(LONGEST_WORD));
}

const OPERATOR = /[(,=:[!&|?{};+\-*%<>~^]/;
const WORD = /(?:^|\W)(?:return|case|typeof|else|do|in|void|delete|await|yield)$/;
const LONGEST_WORD = 8;
const HEAD = /\b(?:if|while|for|with) ?\([^()]*(?:\([^()]*\)[^()]*)*\)$/;

/** `r"..."`, `r#"..."#`; most of what begins with `'` is no character. */
function rustTextAt(text: string, at: number): Quoted | null {
  if (text[at] === "'") return /^'(?:\\.|[^\\'\n])'/.test(text.slice(at, at + 4)) ? quote("'") : null;
  const hashes =
    text[at] === 'r' && !/\w/.test((text[at - 1] ?? '').replace(/[bc]/, ''))
      ? /^r(#{0,20})"/.exec(text.slice(at, at + 22))?.[1]
      : undefined;
  return hashes === undefined ? null : raw(`r${hashes}"`, `"${hashes}`);
}

const LONGEST_HEREDOC = 20_000;

function heredocAt(text: string, at: number, opening: RegExp, closing: Begun['closing']): Quoted | null {
  if (text[at] !== '<') return null;
  const [open, , word] = opening.exec(text.slice(at, at + 100)) ?? [];
  const close = word === undefined ? undefined : closing(word, at);
  return open === undefined || close === undefined || close.at >= at + LONGEST_HEREDOC ? null : raw(open, close.text);
}

function linesByWord(text: string): Map<string, Line[]> {
  const lines = new Map<string, Line[]>();
  for (const match of text.matchAll(/\n[ \t]*(\w+)/g)) {
    const those = lines.get(match[1]!) ?? [];
    if (those.push({ at: match.index, text: match[0] }) === 1) lines.set(match[1]!, those);
  }
  return lines;
}

/** Finds the first line behind a place that begins with a word; all are looked for once, since there may be many that nothing closes. */
function closingLines(text: string): Begun['closing'] {
  let lines: Map<string, Line[]> | null = null;
  return (word, behind) => {
    lines ??= linesByWord(text);
    const those = lines.get(word) ?? [];
    let [low, high] = [0, those.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (those[middle]!.at > behind) high = middle;
      else low = middle + 1;
    }
    return those[low];
  };
}
