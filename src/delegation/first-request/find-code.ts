/** Which files a task is about that it does not name: those that hold the names, options and messages that it says. */

import { isGenerated, isShowable } from '../../agent/prompt/excerpt.ts';
import { ASIDE } from '../../agent/prompt/folder-tree.ts';
import { isCode, outlineOf, type Part } from '../../agent/prompt/outline.ts';
import { likelyFiles, likelyParts } from '../../agent/prompt/shared-words.ts';
import type { Term } from '../../agent/prompt/task-terms.ts';
import { isTestPath } from '../../checks/test-files.ts';
import { decodeText } from '../../common/text-codec.ts';
import { countWords } from '../../workspace/grep-tree.ts';
import { readDocuments } from '../../workspace/read-objects.ts';
import type { Document } from '../../workspace/remember-documents.ts';
import type { ObjectSource } from '../../workspace/types.ts';

export interface FoundCode {
  /** The likeliest first. */
  readonly code: readonly string[];
  readonly tests: readonly string[];
  readonly documents: ReadonlyMap<string, Document>;
}

export const NO_CODE: FoundCode = { code: [], tests: [], documents: new Map() };

/** The model thinks longer than that about where to look. */
const LIMIT_MS = 1500;
const MOST_READ = 8;
/** So few files of code are all looked through for words of the task. */
const MOST_READ_WHOLE = 60;
const MOST_BYTES_READ = 1024 * 1024;
const MOST_FOUND = 2;
const MOST_TESTS = 3;
/** A word that stands in more files tells nothing. */
const MOST_FILES = 80;
/** What scores less than this, of the best, is left to a search. */
const LEAST_SHARE = 0.4;
/** Where it is defined is where it is changed. */
const DEFINES = 2;
const CALLED_ALIKE = 2;

/** @param codePaths the code of the repository, tests left out */
export async function findCode(
  where: ObjectSource,
  tree: string,
  { task, terms }: { readonly task: string; readonly terms: readonly Term[] },
  codePaths: readonly string[],
  maxBytesEach: number,
): Promise<FoundCode> {
  const words = terms.map(({ text }) => text);
  const counts = await countWords(where, tree, words, LIMIT_MS);
  const paths = [...counts.keys()].filter((path) => isCode(path) && !ASIDE.test(path));
  const own = paths.filter((path) => !isTestPath(path));
  const scores = scoresOf(own, terms, counts);
  const named = likelyFiles(task, codePaths);
  const isSmall = codePaths.length <= MOST_READ_WHOLE;
  const read = isSmall ? codePaths : [...new Set([...byScore(own, scores).slice(0, MOST_READ), ...named])];
  const documents = await readDocuments(where, tree, read, maxBytesEach);
  const texts = textsOf(read, documents);
  const defined = new Map([...texts].map(([path, { parts }]) => [path, definedIn(parts, terms)]));
  for (const path of texts.keys()) if (scores.has(path)) scores.set(path, scores.get(path)! * (1 + DEFINES * shareOf(path, defined)));
  // Alike words alone say little beside a name that is defined.
  const isDefined = [...defined.values()].some((names) => names.length > 0);
  for (const [path, score] of likelyIn(texts, task)) if (scores.has(path) || !isDefined) scores.set(path, (scores.get(path) ?? 0) + score);
  for (const path of named) if (scores.has(path)) scores.set(path, scores.get(path)! * CALLED_ALIKE);
  const code = byScore([...texts.keys()], scores);
  const tests = paths.filter(isTestPath);
  return {
    code: code.filter((path) => scores.get(path)! >= scores.get(code[0]!)! * LEAST_SHARE).slice(0, MOST_FOUND),
    tests: byScore(tests, scoresOf(tests, terms, counts)).slice(0, MOST_TESTS),
    documents,
  };
}

interface Outlined {
  readonly lines: readonly string[];
  readonly parts: readonly Part[];
}

/** Of what people wrote, and no more than is looked through in no time. */
function textsOf(paths: readonly string[], documents: ReadonlyMap<string, Document>): Map<string, Outlined> {
  const texts = new Map<string, Outlined>();
  let left = MOST_BYTES_READ;
  for (const path of paths) {
    const { bytes } = documents.get(path) ?? {};
    left -= bytes?.length ?? 0;
    const text = bytes && left >= 0 ? decodeText(bytes)?.text : undefined;
    if (text === undefined || isGenerated(path, text)) continue;
    const lines = text.split('\n');
    texts.set(path, { lines, parts: outlineOf(path, lines) });
  }
  return texts;
}

const wholeOf = (lines: readonly string[]): Part => ({ name: '', from: 1, to: lines.length });

/** What the likeliest part of each scores. */
function likelyIn(texts: ReadonlyMap<string, Outlined>, task: string): [path: string, score: number][] {
  const shown = [...texts.values()].map(({ lines, parts }) => ({
    lines,
    parts: (parts.length > 0 ? parts : [wholeOf(lines)]).filter(isShowable),
  }));
  const likely = likelyParts(task, shown);
  const best = [...texts.keys()].map((path, at): [string, number] => [path, Math.max(0, ...likely[at]!.map(({ score }) => score))]);
  return best.filter(([, score]) => score > 0);
}

/** A word counts for the more the fewer files hold it. */
function scoresOf(paths: readonly string[], terms: readonly Term[], counts: ReadonlyMap<string, ReadonlyMap<string, number>>) {
  const scores = new Map<string, number>();
  for (const { text, weight } of terms) {
    const holding = paths.filter((path) => counts.get(path)!.has(text));
    if (holding.length > MOST_FILES) continue;
    for (const path of holding) {
      const often = Math.min(1 + Math.log(counts.get(path)!.get(text)!), 2.5);
      scores.set(path, (scores.get(path) ?? 0) + (weight * (text.includes(' ') ? 2 : 1) * often) / Math.sqrt(holding.length));
    }
  }
  return scores;
}

function byScore(paths: readonly string[], scores: ReadonlyMap<string, number>): string[] {
  return paths.filter((path) => scores.has(path)).sort((a, b) => scores.get(b)! - scores.get(a)! || (a < b ? -1 : 1));
}

/** What is meant that a file defines. */
function definedIn(parts: readonly Part[], terms: readonly Term[]): readonly Term[] {
  const names = new Set(parts.map(({ name }) => name.replace(/^#/, '')));
  return terms.filter((term) => names.has(term.text));
}

/** How much a file defines of what is meant; a name that several define is less of each. */
function shareOf(path: string, defined: ReadonlyMap<string, readonly Term[]>): number {
  const definers = (term: Term) => [...defined.values()].filter((terms) => terms.includes(term)).length;
  return defined.get(path)!.reduce((sum, term) => sum + term.weight / 3 / definers(term), 0);
}
