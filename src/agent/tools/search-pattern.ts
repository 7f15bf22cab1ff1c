/**
 * Models write regular expressions as JavaScript or Perl know them; the search takes POSIX extended ones.
 * This turns the one into the other, or says what has no counterpart.
 */

export type ExtendedPattern = { ok: true; pattern: string } | { ok: false; message: string };

const OUTSIDE: Readonly<Record<string, string>> = {
  d: '[0-9]',
  D: '[^0-9]',
  w: '[[:alnum:]_]',
  W: '[^[:alnum:]_]',
  s: '[[:space:]]',
  S: '[^[:space:]]',
  b: '\\b',
  B: '\\B',
  t: '\t',
};

const INSIDE: Readonly<Record<string, string>> = { d: '0-9', w: '[:alnum:]_', s: '[:space:]', t: '\t' };

/** git compiles a pattern with every counted repeat written out: `a{1,30000}` takes gigabytes, so many pieces some megabytes. */
const MOST_PIECES = 2_000;

export function toExtendedPattern(pattern: string): ExtendedPattern {
  const problem = unsupported(pattern) ?? tooManyPieces(pattern);
  if (problem !== null) return { ok: false, message: problem };
  let result = '';
  let canRepeat = false;
  for (let at = 0; at < pattern.length; at += 1) {
    const sign = pattern[at]!;
    if (sign === '\\') {
      at += 1;
      result += escaped(pattern[at]!);
      canRepeat = true;
    } else if (sign === '[') {
      const close = classEnd(pattern, at);
      result += bracket(pattern.slice(at + 1, close));
      at = close;
      canRepeat = true;
    } else if (sign === '(') {
      if (pattern.startsWith('?:', at + 1)) at += 2;
      result += '(';
      canRepeat = false;
    } else if (sign === '{' && !/^\{\d+(,\d*)?\}/.test(pattern.slice(at))) {
      result += '\\{';
      canRepeat = true;
    } else if (sign === '?' && canRepeat && /[*+?}]/.test(pattern[at - 1]!) && pattern[at - 2] !== '\\') {
      // A lazy quantifier: which text is taken makes no difference to whether the line matches.
    } else if (sign === '$') {
      // A line that ends with CRLF ends for its reader in front of both.
      result += '\r?$';
      canRepeat = false;
    } else {
      result += sign;
      canRepeat = !'|^'.includes(sign);
    }
  }
  return { ok: true, pattern: result };
}

function unsupported(pattern: string): string | null {
  try {
    new RegExp(pattern);
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^[\s\S]*\/: /, '') : 'it cannot be read';
    return `is not a regular expression (${reason}); escape special characters with \\, or leave regex out to search for the text as it is`;
  }
  if (/\(\?(?!:)/.test(pattern))
    return 'uses (?...), of which only (?:...) is supported here; search for a simpler pattern and read the hits';
  if (/(^|[^\\])(\\\\)*\\n/.test(pattern)) return 'asks for a line end, but the search goes line by line; search for one of the lines';
  if (/\\[pPux1-9k]/.test(pattern))
    return 'uses an escape (\\p, \\u, \\x, back reference) that is not supported here; put in the character itself';
  return null;
}

function tooManyPieces(pattern: string): string | null {
  const pieces = writtenOut(pattern);
  if (pieces <= MOST_PIECES) return null;
  return `is too long with its repeats written out (${pieces} pieces, limit ${MOST_PIECES}); use + or * instead of {n,m}, or smaller numbers`;
}

/** How many pieces (characters, classes) a valid pattern has when its counted repeats are written out. */
function writtenOut(pattern: string): number {
  const outer: number[] = [];
  let total = 0;
  let last = 0;
  for (let at = 0; at < pattern.length; at += 1) {
    const sign = pattern[at]!;
    const repeat = sign === '{' ? /^\{(\d+)(?:,(\d*))?\}/.exec(pattern.slice(at, at + 24)) : null;
    if (repeat !== null) {
      const times = Math.max(1, Number(repeat[2] || repeat[1]));
      total += last * (times - 1);
      last *= times;
      at += repeat[0].length - 1;
    } else if (sign === '(') {
      outer.push(total);
      total = 0;
    } else if (sign === ')') {
      last = total;
      total += outer.pop() ?? 0;
    } else if (!'*+?|'.includes(sign)) {
      if (sign === '[') at = classEnd(pattern, at);
      if (sign === '\\') at += 1;
      last = 1;
      total += 1;
    }
  }
  return total;
}

function escaped(sign: string): string {
  if (OUTSIDE[sign] !== undefined) return OUTSIDE[sign];
  return /[.[\](){}*+?^$|\\]/.test(sign) ? `\\${sign}` : sign;
}

/** Where the class that opens at `open` closes; the pattern is known to be valid. */
function classEnd(pattern: string, open: number): number {
  for (let at = open + 1; at < pattern.length; at += 1) {
    if (pattern[at] === '\\') at += 1;
    else if (pattern[at] === ']') return at;
  }
  return pattern.length - 1;
}

/** In a POSIX bracket a backslash is itself, `]` must come first, `^` not first and `-` last. */
function bracket(body: string): string {
  const negated = body.startsWith('^');
  let items = '';
  let close = '';
  let caret = '';
  let dash = '';
  const signs = (negated ? body.slice(1) : body).match(/\\.|[^\\]/gs) ?? [];
  for (const [at, sign] of signs.entries()) {
    const literal = sign.at(-1)!;
    const isEscape = sign.length === 2;
    const atEdge = at === 0 || at === signs.length - 1;
    if (isEscape && INSIDE[literal] !== undefined) items += INSIDE[literal];
    else if (literal === ']') close = ']';
    else if (literal === '^') caret = '^';
    else if (literal === '-' && (isEscape || atEdge)) dash = '-';
    else items += literal;
  }
  if (!negated && caret && !close && !items) return dash ? '[-^]' : '\\^';
  return `[${negated ? '^' : ''}${close}${items}${caret}${dash}]`;
}
