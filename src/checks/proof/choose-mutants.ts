import type { Mutant } from './mutate.ts';

export interface MutantOf {
  readonly file: string;
  /** What the file holds. */
  readonly text: string;
  readonly mutant: Mutant;
}

/**
 * An order in which the first few say most: functions that the tests name before others, then one of each function in turn. The same for
 * the same seed.
 */
export function chooseMutants(all: readonly MutantOf[], tests: string, seed: string): MutantOf[] {
  const random = randomFrom(seed);
  const groups = new Map<string, MutantOf[]>();
  for (const one of all) {
    const key = `${one.file}\0${one.mutant.within}`;
    const group = groups.get(key);
    if (group) group.push(one);
    else groups.set(key, [one]);
  }
  const isNamed = ([first]: readonly MutantOf[]) =>
    first!.mutant.within !== '' && new RegExp(`\\b${escaped(first!.mutant.within)}\\b`).test(tests);
  const shuffled = shuffle([...groups.values()], random).map((group) => eachLineFirst(shuffle(group, random)));
  const [named, others] = [shuffled.filter(isNamed), shuffled.filter((group) => !isNamed(group))];
  return [...inTurn(named), ...inTurn(others)];
}

function inTurn(groups: readonly (readonly MutantOf[])[]): MutantOf[] {
  const longest = Math.max(0, ...groups.map(({ length }) => length));
  return Array.from({ length: longest }).flatMap((_, round) => groups.flatMap((group) => group[round] ?? []));
}

function eachLineFirst(group: readonly MutantOf[]): MutantOf[] {
  const firsts = new Map<number, MutantOf>();
  for (const one of group) if (!firsts.has(one.mutant.line)) firsts.set(one.mutant.line, one);
  return [...firsts.values(), ...group.filter((one) => firsts.get(one.mutant.line) !== one)];
}

function shuffle<T>(list: readonly T[], random: () => number): T[] {
  const left = [...list];
  return list.map(() => left.splice(Math.floor(random() * left.length), 1)[0]!);
}

const escaped = (name: string) => name.replaceAll('$', '\\$');

/** @param seed hexadecimal, as ids of commits are */
function randomFrom(seed: string): () => number {
  let state = Number.parseInt(seed.slice(0, 8), 16) || 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
