/** Files and parts of them that share words with a task, where it does not name one. */
import type { Part } from './outline.ts';

/** Against the names that a task says (see `excerptOf`): alike words alone never outweigh one. */
const WEIGHT = 0.4;
const USUAL = new Set(
  wordsOf(`also always another because been before begin being both call called cannot case change code could does done doing each else even ever every expected
  fail fails file files first fix from give given gives have here into just kind last less like line lines made make makes many more most much must need
  never next none only other over part same second should show shows since some still such sure take task tasks test tests text than that them then there these they
  thing this those three time today under until used user uses using very want wanted well were what when where which while will with within without work would your`),
);
/** A word of more paths tells nothing. */
const MOST_PATHS = 12;
const MOST_FILES = 2;
/** One rare word, or two that are less so. */
const LEAST_SCORE = 0.5;

/** By the words in their paths: one that few others have tells most. */
export function likelyFiles(task: string, paths: readonly string[]): string[] {
  const asked = askedIn(task);
  const words = paths.map((path) => new Set(wordsOf(path).filter((word) => asked.has(word))));
  const spread = spreadOf(words);
  const scored = paths.flatMap((path, at) => {
    const telling = [...words[at]!].map((word) => spread.get(word)!).filter((count) => count <= MOST_PATHS);
    const score = telling.reduce((sum, count) => sum + 1 / Math.sqrt(count), 0);
    return score >= LEAST_SCORE ? [{ path, score }] : [];
  });
  return scored
    .sort((a, b) => b.score - a.score)
    .slice(0, MOST_FILES)
    .map(({ path }) => path);
}

/** By how rare the shared words are among the parts of all these files, and how dense in theirs. */
export function likelyParts(
  task: string,
  files: readonly { readonly lines: readonly string[]; readonly parts: readonly Part[] }[],
): { from: number; score: number }[][] {
  const asked = askedIn(task);
  const counted = files.map(({ lines, parts }) => parts.map(({ from, to }) => countOf(asked, lines.slice(from - 1, to))));
  const spread = spreadOf(counted.flat().map((counts) => counts.keys()));
  const all = counted.flat().length;
  return files.map(({ parts }, file) =>
    parts.flatMap(({ from, to }, at) => {
      let score = 0;
      for (const [word, times] of counted[file]![at]!) score += Math.log(all / spread.get(word)!) * (1 + Math.log(times));
      return score > 0 ? [{ from, score: (score * WEIGHT) / (1 + (to - from) / 30) ** 0.25 }] : [];
    }),
  );
}

function askedIn(task: string): Set<string> {
  return new Set(wordsOf(task).filter((word) => !USUAL.has(word)));
}

/** In how many of the sets each word is. */
function spreadOf(sets: readonly Iterable<string>[]): Map<string, number> {
  const spread = new Map<string, number>();
  for (const words of sets) for (const word of words) spread.set(word, (spread.get(word) ?? 0) + 1);
  return spread;
}

function countOf(asked: ReadonlySet<string>, lines: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of lines) for (const word of wordsOf(line)) if (asked.has(word)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

/** `initializeIntervalIfNeeded` holds `interval` as `intervals` does. */
function wordsOf(text: string): string[] {
  const words = text.slice(0, 4000).match(/[A-Z]?[a-z]{2,}|[A-Z]{3,}(?![a-z])/g) ?? [];
  return words.flatMap((word) => {
    const stem = word.toLowerCase().replace(/(?:ing|ed|es|s)$/, '');
    return stem.length >= 4 ? [stem] : [];
  });
}
