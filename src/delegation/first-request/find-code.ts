/** Which files a task is about that it does not name: those that hold the names, options and messages that it says. */
import { ASIDE } from '../../agent/prompt/folder-tree.ts';
import { isCode, outlineOf } from '../../agent/prompt/outline.ts';
import type { Term } from '../../agent/prompt/task-terms.ts';
import { isTestPath } from '../../checks/test-files.ts';
import { decodeText } from '../../common/text-codec.ts';
import { countWords } from '../../workspace/grep-tree.ts';
import { type Document, readDocuments } from '../../workspace/read-objects.ts';
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
const MOST_FOUND = 3;
const MOST_TESTS = 3;
/** A word that stands in more files tells nothing. */
const MOST_FILES = 80;
/** What scores less than this, of the best, is left to a search. */
const LEAST_SHARE = 0.4;
/** Where it is defined is where it is changed. */
const DEFINES = 2;

export async function findCode(where: ObjectSource, tree: string, terms: readonly Term[], maxBytesEach: number): Promise<FoundCode> {
  const counts = await countWords(
    where,
    tree,
    terms.map(({ text }) => text),
    LIMIT_MS,
  );
  const paths = [...counts.keys()].filter((path) => isCode(path) && !ASIDE.test(path));
  const own = paths.filter((path) => !isTestPath(path));
  const scores = scoresOf(own, terms, counts);
  const read = byScore(own, scores).slice(0, MOST_READ);
  const documents = await readDocuments(where, tree, read, maxBytesEach);
  const defined = new Map(read.map((path) => [path, definedIn(path, documents.get(path), terms)]));
  for (const path of read) scores.set(path, scores.get(path)! * (1 + DEFINES * shareOf(path, defined)));
  const code = byScore(read, scores);
  const tests = paths.filter(isTestPath);
  return {
    code: code.filter((path) => scores.get(path)! >= scores.get(code[0]!)! * LEAST_SHARE).slice(0, MOST_FOUND),
    tests: byScore(tests, scoresOf(tests, terms, counts)).slice(0, MOST_TESTS),
    documents,
  };
}

/** A word counts for the more the fewer files hold it. */
function scoresOf(paths: readonly string[], terms: readonly Term[], counts: ReadonlyMap<string, ReadonlyMap<string, number>>) {
  const scores = new Map<string, number>();
  for (const { text, weight } of terms) {
    const holding = paths.filter((path) => counts.get(path)!.has(text));
    if (holding.length > MOST_FILES) continue;
    for (const path of holding) {
      const often = Math.min(1 + Math.log(counts.get(path)!.get(text)!), 2.5);
      scores.set(path, (scores.get(path) ?? 0) + (weight * often) / Math.sqrt(holding.length));
    }
  }
  return scores;
}

function byScore(paths: readonly string[], scores: ReadonlyMap<string, number>): string[] {
  return paths.filter((path) => scores.has(path)).sort((a, b) => scores.get(b)! - scores.get(a)! || (a < b ? -1 : 1));
}

/** The names that a file defines. */
function definedIn(path: string, document: Document | undefined, terms: readonly Term[]): readonly Term[] {
  const text = document?.bytes ? decodeText(document.bytes)?.text : undefined;
  if (text === undefined) return [];
  const names = new Set(outlineOf(path, text.split('\n')).map(({ name }) => name.replace(/^#/, '')));
  return terms.filter((term) => names.has(term.text));
}

/** How much a file defines of what is meant; a name that several define is less of each. */
function shareOf(path: string, defined: ReadonlyMap<string, readonly Term[]>): number {
  const definers = (term: Term) => [...defined.values()].filter((terms) => terms.includes(term)).length;
  return defined.get(path)!.reduce((sum, term) => sum + term.weight / 3 / definers(term), 0);
}
