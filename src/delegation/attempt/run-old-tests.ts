/**
 * Runs the tests of the base, as they were, on the work of an attempt that changed them. A test can be made to notice nothing in more ways than
 * anybody can list; what it noticed as it was is asked of itself.
 */
import { hasRun } from '../../checks/compare-check.ts';
import { isLookedAtOnly, runsTests } from '../../checks/definition/check-tools.ts';
import { mayHoldTests, withTestsOf } from '../../checks/definition/inline-tests.ts';
import { testsOf } from '../../checks/definition/judge-definition.ts';
import { changesTests, judgeOldTests, touchesTests } from '../../checks/definition/old-tests.ts';
import { asksForChange } from '../../checks/integrity/asked-tests.ts';
import type { Asked } from '../../checks/integrity/rule.ts';
import { isTestPath } from '../../checks/test-files.ts';
import type { CheckComparison, CheckRun, OldTests } from '../../checks/types.ts';
import { filesOf, type Replacement, treeWithFiles } from '../../workspace/tree-with-files.ts';
import type { PrivateGit } from '../../workspace/types.ts';
import type { WayBack } from './check-definitions.ts';
import type { ResultPackages } from './result-packages.ts';
import { sidesOf } from './sides.ts';

/** Checks that take no longer run once more for any change of a file of tests, others where it is none by whole new tests. */
const SHORT_MS = 20_000;
/** What fails counts when it fails twice, where that takes no longer. */
const MOST_MS_TWICE = 60_000;

interface Parts {
  readonly comparisons: readonly CheckComparison[];
  readonly waysBack: ReadonlyMap<number, WayBack>;
  readonly git: PrivateGit;
  readonly base: string;
  /** The commit of the attempt. */
  readonly result: string;
  /** The paths that it changed, both ends of renames. */
  readonly changed: readonly string[];
  readonly asked: Asked;
  /** Runs the first so many checks on a tree. */
  run(tree: string, options: { count: number; packages: keyof ResultPackages['lent'] }): Promise<readonly (CheckRun | null)[]>;
}

export async function runOldTests(parts: Parts): Promise<CheckComparison[]> {
  const { comparisons, waysBack, git, base, result, changed } = parts;
  const some = candidates(comparisons, waysBack);
  if (some.length === 0) return [...comparisons];
  const texts = await textsOfTests(parts);
  // What a text tells is asked only where it saves much.
  const isTouched = takes(comparisons, Math.max(...some)) <= SHORT_MS ? changesTests : touchesTests;
  const touched = new Map([...texts].flatMap(([path, { before, after }]) => (isTouched(path, before, after) ? [[path, before]] : [])));
  if (touched.size === 0) return [...comparisons];

  const old = await testsOfTheBase(git, base, result, changed, texts);
  const runs = async () => {
    const found = new Map<number, CheckRun | null>();
    for (const packages of ['own', 'base', 'before'] as const) {
      const those = some.filter((at) => waysBack.get(at)?.packages === packages);
      if (those.length === 0) continue;
      const put = those.flatMap((at) => waysBack.get(at)?.put ?? []);
      const tree = await treeWithFiles(git, result, unique([...put, ...old]));
      const ran = await parts.run(tree, { count: Math.max(...those) + 1, packages });
      for (const at of those) found.set(at, ran[at] ?? null);
    }
    return found;
  };
  const judgeAll = async () => {
    const ran = await runs();
    return new Map(some.map((at) => [at, judgeOldTests(comparisons[at]!, ran.get(at) ?? null, touched)]));
  };
  const first = await judgeAll();
  const mayRepeat = some.some((at) => first.get(at)?.verdict === 'fail') && takes(comparisons, Math.max(...some)) <= MOST_MS_TWICE;
  const second = mayRepeat ? await judgeAll() : first;
  const isAsked = ({ files }: OldTests) =>
    files.every((file) => asksForChange(parts.asked, file, texts.get(file)?.before ?? '', texts.get(file)?.after ?? null));
  return comparisons.map((comparison, at) => {
    const [one, again] = [first.get(at), second.get(at)];
    if (!one || !again) return comparison;
    return { ...comparison, oldTests: isAsked(one) ? { ...one, asked: true as const } : one };
  });
}

/** Those that run tests: of several those of which that is known by the numbers. */
function candidates(comparisons: readonly CheckComparison[], waysBack: ReadonlyMap<number, WayBack>): number[] {
  const ran = [...waysBack].flatMap(([at, { words }]) => (hasRun(comparisons[at]!.base) ? [{ at, words }] : []));
  const counted = ran.filter(({ at }) => testsOf(comparisons[at]!.base) > 0);
  const called = ran.filter(({ words }) => [...words].some(runsTests));
  const others = ran.filter(({ words }) => ![...words].some(isLookedAtOnly));
  return ([counted, called, others].find((list) => list.length > 0) ?? []).map(({ at }) => at);
}

const takes = (comparisons: readonly CheckComparison[], last: number) =>
  comparisons.slice(0, last + 1).reduce((sum, { result }) => sum + (result?.durationMs ?? 0), 0);

type Texts = ReadonlyMap<string, { readonly before: string; readonly after: string | null }>;

/** Of changed files of the base that hold tests, or that tests may read. */
async function textsOfTests({ git, base, result, changed }: Parts): Promise<Texts> {
  const paths = changed.filter(mayHoldTests);
  const sides = sidesOf(git, base, result);
  const [before, after] = await Promise.all([sides.base(paths), sides.result(paths)]);
  return new Map([...before].map(([path, text]) => [path, { before: text, after: after.get(path) ?? null }]));
}

/** In the place of all tests of the attempt, those in sources too; a module of Rust that is declared stays, empty. */
async function testsOfTheBase(
  git: PrivateGit,
  base: string,
  result: string,
  changed: readonly string[],
  texts: Texts,
): Promise<Replacement[]> {
  const outside = await filesOf(git, base, changed.filter(isTestPath));
  const fresh = outside.flatMap((one) => ('file' in one && one.file === null && one.path.endsWith('.rs') ? [one.path] : []));
  const there = new Set((await sidesOf(git, base, result).result(fresh)).keys());
  const inSources = [...texts].flatMap(([path, { before, after }]) =>
    isTestPath(path) || after === null ? [] : [{ path, text: withTestsOf(before, after) }],
  );
  return [...outside.map((one) => (there.has(one.path) ? { path: one.path, text: '' } : one)), ...inSources];
}

/** Of several for one path the last one. */
const unique = (all: readonly Replacement[]): Replacement[] => [...new Map(all.map((one) => [one.path, one])).values()];
