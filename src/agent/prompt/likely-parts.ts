/** Parts of a file that share many words with a task, where it does not name one. */
import type { Part } from './outline.ts';

/** Against the names that a task says (see `excerptOf`): alike words alone never outweigh one. */
const WEIGHT = 0.4;
const USUAL = new Set(
  `also always another because been before begin being both call called cannot case change code could does done doing each else even ever every expected
  fail fails file files first fix from give given gives have here into just kind last less like line lines made make makes many more most much must need
  never next none only other over part same second should show shows since some still such sure take task tasks test tests text than that them then there these they
  thing this those three time today under until used user uses using very want wanted well were what when where which while will with within without work would your`.split(
    /\s+/,
  ),
);

/** By how rare the shared words are among the parts, and how dense in theirs. */
export function likelyParts(task: string, lines: readonly string[], parts: readonly Part[]): { from: number; score: number }[] {
  const asked = new Set(wordsOf(task.slice(0, 4000)).filter((word) => !USUAL.has(word)));
  const counted = parts.map(({ from, to }) => countOf(asked, lines.slice(from - 1, to)));
  const spread = new Map<string, number>();
  for (const counts of counted) for (const word of counts.keys()) spread.set(word, (spread.get(word) ?? 0) + 1);
  return parts.flatMap(({ from, to }, at) => {
    let score = 0;
    for (const [word, times] of counted[at]!) score += Math.log(parts.length / spread.get(word)!) * (1 + Math.log(times));
    return score > 0 ? [{ from, score: (score * WEIGHT) / Math.sqrt(1 + (to - from) / 30) }] : [];
  });
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
