/** Which files of the repository a task text or a stack trace names. */
import type { PathIndex } from './path-index.ts';

const MOST = 12;
/** No path of a repository is longer; a long line of dots and slashes must cost no time. */
const LONGEST_WORD = 1000;

/**
 * @param task free text: prose, code, stack traces
 * @returns at most 12 of the paths, the most specific mentions first (a path with folders before a bare file name), then as they come
 */
export function findMentionedFiles(task: string, index: PathIndex): string[] {
  // Names are stored in one of two forms, whatever the form of the text is.
  const forms = [...new Set([task, task.normalize('NFC'), task.normalize('NFD')])];
  return forms.length === 1 ? findIn(task, index) : [...new Set(forms.flatMap((form) => findIn(form, index)))].slice(0, MOST);
}

const MOST_LINES = 20;
const MOST_PLACES = 20;

/** Words that may be folders, or files that are not there yet. */
export function mentionedPlaces(text: string): string[] {
  const places = new Set<string>();
  for (const word of wordsOf(text)) if (word.includes('/') && places.size < MOST_PLACES) places.add(`${word.replace(/\/+$/, '')}/`);
  return [...places];
}

/**
 * The lines that a text names: `src/app.ts:12:3`, `App.java(12)`, `File "app.py", line 12`.
 * @param fileOf the file that a name means
 */
export function mentionedLines(text: string, fileOf: (name: string) => string | undefined): Map<string, number[]> {
  const lines = new Map<string, number[]>();
  const places = text.matchAll(/(?<![\p{L}\p{N}_@.+~\-/\\$])([\p{L}\p{N}_@.+~\-/\\$]{3,300})(?::|\(|",? line |,? line )(\d{1,7})(?!\d)/gu);
  let left = MOST_LINES;
  for (const [, name, line] of places) {
    if (left-- === 0) break;
    const file = fileOf(name!);
    if (file !== undefined) lines.set(file, [...(lines.get(file) ?? []), Number(line)]);
  }
  return lines;
}

function findIn(task: string, { all, byName, spaced }: PathIndex): string[] {
  const found = new Map<string, number>();
  const note = (path: string, rank: number) => found.set(path, Math.max(rank, found.get(path) ?? 0));
  for (const path of spaced) if (standsAlone(task, path)) note(path, 3);
  for (const word of new Set(wordsOf(task))) {
    const hit = byPath(word, all) ?? bySuffix(word, all, byName);
    if (hit) note(hit, hit.includes('/') ? 3 : 2);
    else if (!word.includes('/') && isFileName(word)) {
      const same = byName.get(word);
      if (same?.length === 1) note(same[0]!, 1);
    }
  }
  return [...found]
    .sort((a, b) => b[1] - a[1])
    .slice(0, MOST)
    .map(([path]) => path);
}

/** Path-like words: letters of any script, without the punctuation around them and the `:12:3` or `(12,3)` behind them. */
function* wordsOf(text: string): Iterable<string> {
  for (const [raw] of text.matchAll(/[\p{L}\p{N}\p{M}_@.+~\-/\\$[\]]+/gu)) {
    if (raw.length > LONGEST_WORD) continue;
    const slashed = raw
      .replaceAll('\\', '/')
      .replace(/^(\.\/)+/, '')
      .replace(/^\[+|[.-]+$/g, '');
    if (slashed.length >= 2) {
      yield slashed;
      if (slashed.endsWith(']')) yield slashed.replace(/\]+$/, '');
    }
  }
}

function byPath(word: string, all: ReadonlySet<string>): string | null {
  return all.has(word) ? word : null;
}

/** `/home/me/project/src/app.ts` in a stack trace means `src/app.ts`; `routes/auth.ts` means the one file that ends so. */
function bySuffix(word: string, all: ReadonlySet<string>, byName: PathIndex['byName']): string | null {
  const parts = word.split('/').filter(Boolean);
  if (parts.length < 2 || !byName.has(parts.at(-1)!)) return null;
  for (let from = 1; from < parts.length; from++) {
    const suffix = parts.slice(from).join('/');
    if (all.has(suffix) && (suffix.includes('/') || isFileName(suffix))) return suffix;
  }
  const ends = (byName.get(parts.at(-1)!) ?? []).filter((path) => path.endsWith(`/${parts.join('/')}`));
  return ends.length === 1 ? ends[0]! : null;
}

/** A bare word counts as a file's name only when it looks like one; `test` or `readme` in prose does not. */
function isFileName(word: string): boolean {
  return /^[^/]*\.[A-Za-z][A-Za-z0-9]{0,9}$/.test(word) || /^(Makefile|Dockerfile|Gemfile|Rakefile|Justfile|Procfile)$/.test(word);
}

function standsAlone(text: string, path: string): boolean {
  const at = text.indexOf(path);
  if (at < 0) return false;
  const isWord = (char: string | undefined) => char !== undefined && /[\p{L}\p{N}_]/u.test(char);
  return !isWord(text[at - 1]) && !isWord(text[at + path.length]);
}
