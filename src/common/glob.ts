/**
 * Matches paths against globs: `*` and `?` inside a folder, `**` over folders, `[a-z]`, `{a,b}`.
 * Without regular expressions, as picomatch and `path.matchesGlob` of Node make them: eight stars in a name then take 25 seconds, and a
 * model writes the names.
 */
export type Matcher = (path: string) => boolean;

const MOST_ALTERNATIVES = 32;
const LONGEST = 300;

/** A glob without `/` matches names in every folder. `null` when it is too long or has too many alternatives. */
export function compileGlob(glob: string): Matcher | null {
  return compile(expandBraces(glob)?.map(anchored));
}

/** The same for a glob that is meant from the root of the repository as it stands. */
export function compileRootGlob(glob: string): Matcher | null {
  return compile(expandBraces(glob));
}

function compile(alternatives: readonly string[] | null | undefined): Matcher | null {
  const matchers = alternatives?.map((one) => matcher(one.normalize('NFC').split('/')));
  if (!matchers) return null;
  return (path) => {
    const name = /[^\x00-\x7f]/.test(path) ? path.normalize('NFC') : path;
    return matchers.some((matches) => matches(name));
  };
}

/** The name decides first, and the files of one folder, which come one after the other, share the answer for it. */
function matcher(pattern: readonly string[]): Matcher {
  const name = pattern.at(-1)!;
  if (name === '**') return (path) => partsMatch(pattern, partsOf(path));
  const folders = pattern.slice(0, -1);
  let known: { folder: string; matches: boolean } | null = null;
  return (path) => {
    const slash = path.lastIndexOf('/');
    if (!nameMatches(name, path.slice(slash + 1))) return false;
    const folder = path.slice(0, Math.max(0, slash));
    if (known?.folder !== folder) known = { folder, matches: partsMatch(folders, slash < 0 ? [] : folder.split('/')) };
    return known.matches;
  };
}

/** `src/*.{ts,js}` as `src/*.ts` and `src/*.js`; `null` when there are too many. */
export function expandBraces(glob: string): string[] | null {
  if (glob.length > LONGEST) return null;
  const match = /^(.*?)\{([^{}]*,[^{}]*)\}(.*)$/s.exec(glob);
  if (match === null) return [glob];
  const results: string[] = [];
  for (const choice of match[2]!.split(',')) {
    const expanded = expandBraces(match[1]! + choice + match[3]!);
    if (expanded === null || results.length + expanded.length > MOST_ALTERNATIVES) return null;
    results.push(...expanded);
  }
  return results;
}

/** Without `./` and `/` in front, and with `**` in front of a bare name and behind a folder. */
export function anchored(glob: string): string {
  const plain = glob.replace(/^(\.?\/)+/, '');
  const whole = plain.endsWith('/') ? `${plain}**` : plain;
  return whole.includes('/') ? whole : `**/${whole}`;
}

export function hasWildcard(text: string): boolean {
  return /[*?[\]{}]/.test(text);
}

let lastPath = '';
let lastParts: readonly string[] = [''];

/** Hundreds of patterns are tried on one path after the other. */
function partsOf(path: string): readonly string[] {
  if (path !== lastPath) [lastPath, lastParts] = [path, path.split('/')];
  return lastParts;
}

/** What stands in front of the first `**` is taken part by part, and most patterns end there. */
function partsMatch(pattern: readonly string[], parts: readonly string[]): boolean {
  for (let at = 0; at < pattern.length; at += 1) {
    const piece = pattern[at]!;
    if (piece === '**') return anyPartsMatch(pattern, parts, at);
    if (at >= parts.length || !nameMatches(piece, parts[at]!)) return false;
  }
  return pattern.length === parts.length;
}

/** Row by row over the rest of the pattern: which beginnings of the path it can have matched, of which the first so many parts are. */
function anyPartsMatch(pattern: readonly string[], parts: readonly string[], from: number): boolean {
  const { length } = parts;
  let reached = new Uint8Array(length + 1);
  reached[from] = 1;
  let next = new Uint8Array(length + 1);
  for (let row = from; row < pattern.length; row += 1) {
    const piece = pattern[row]!;
    let isOpen = 0;
    next.fill(0);
    if (piece === '**') for (let at = from; at <= length; at += 1) next[at] = isOpen ||= reached[at]!;
    else for (let at = from; at < length; at += 1) if (reached[at] === 1 && nameMatches(piece, parts[at]!)) isOpen = next[at + 1] = 1;
    if (piece !== '**' && isOpen === 0) return false;
    [reached, next] = [next, reached];
  }
  return reached[length] === 1;
}

let steps = 0;

/** How many characters were compared so far; who asks before and after knows what a match has cost, whatever else the machine does. */
export const globSteps = (): number => steps;

/** The usual two-pointer match: on a mismatch only the last `*` takes one character more. A slash is a character like any other. */
export function nameMatches(pattern: string, name: string): boolean {
  if (beginsOtherwise(pattern, name)) {
    steps += 1;
    return false;
  }
  let p = 0;
  let n = 0;
  let star = -1;
  let resume = 0;
  while (n < name.length) {
    steps += 1;
    const width = p < pattern.length ? widthOfMatch(pattern, p, name[n]!) : 0;
    if (width > 0) {
      p += width;
      n += 1;
    } else if (pattern[p] === '*') {
      star = p;
      resume = n;
      p += 1;
    } else if (star >= 0) {
      resume += 1;
      n = resume;
      p = star + 1;
    } else return false;
  }
  while (pattern[p] === '*') p += 1;
  return p === pattern.length;
}

/** Most names differ from most patterns in their first character. */
function beginsOtherwise(pattern: string, name: string): boolean {
  const first = pattern.charCodeAt(0);
  return first !== name.charCodeAt(0) && first !== STAR && first !== ANY_ONE && first !== OPEN_CLASS && first !== BACKSLASH;
}

const [STAR, ANY_ONE, OPEN_CLASS, BACKSLASH] = ['*', '?', '[', '\\'].map((sign) => sign.charCodeAt(0));

/** How much of the pattern takes this one character; 0 = it does not match (or is a `*`). */
function widthOfMatch(pattern: string, at: number, character: string): number {
  const sign = pattern[at]!;
  if (sign === '*') return 0;
  if (sign === '?') return 1;
  if (sign === '\\' && at + 1 < pattern.length) return pattern[at + 1] === character ? 2 : 0;
  if (sign === '[') {
    const close = pattern.indexOf(']', at + 2);
    if (close !== -1) return inClass(pattern.slice(at + 1, close), character) ? close - at + 1 : 0;
  }
  return sign === character ? 1 : 0;
}

function inClass(body: string, character: string): boolean {
  const negated = body[0] === '!' || body[0] === '^';
  const items = negated ? body.slice(1) : body;
  let inside = false;
  for (let at = 0; at < items.length; at += 1) {
    if (items[at + 1] === '-' && at + 2 < items.length) {
      inside ||= items[at]! <= character && character <= items[at + 2]!;
      at += 2;
    } else inside ||= items[at] === character;
  }
  return inside !== negated;
}

/** A glob that names the repository by its full path, as one from its root. It is a pattern and no path, so only its text counts. */
export function withoutRoot(glob: string, { shownRoot, root }: { readonly shownRoot: string; readonly root: string }): string {
  const prefix = [shownRoot, root].find((one) => glob === one || glob.startsWith(`${one}/`)) ?? '';
  return glob.slice(prefix.length);
}
