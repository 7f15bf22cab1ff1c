/**
 * Runs the tests of the base, as they were, on the work of an attempt that changed them. A test can be made to notice nothing in more ways than
 * anybody can list; what it noticed as it was is asked of itself. A new file of tests runs beside those that were there, and may change what they test:
 * where the checks are short, they run without it, too.
 */
import { hasRun } from '../../checks/compare-check.ts';
import { isLookedAtOnly, runsTests } from '../../checks/definition/check-tools.ts';
import { holdsTests, mayHoldTests, withTestsOf } from '../../checks/definition/inline-tests.ts';
import { testsOf } from '../../checks/definition/judge-definition.ts';
import { changesTests, goneWith, judgeOldTests, judgeWithoutNew, touchesTests } from '../../checks/definition/old-tests.ts';
import { goneByTask } from '../../checks/integrity/asked-removal.ts';
import { asksForChange } from '../../checks/integrity/asked-tests.ts';
import type { Asked } from '../../checks/integrity/rule.ts';
import { isTestFile } from '../../checks/integrity/test-cases.ts';
import { countTests, isTestPath } from '../../checks/test-files.ts';
import type { CheckComparison, CheckRun, OldTests } from '../../checks/types.ts';
import { listTree } from '../../workspace/read-objects.ts';
import { filesOf, type Replacement, treeWithFiles } from '../../workspace/tree-with-files.ts';
import type { PrivateGit } from '../../workspace/types.ts';
import type { WayBack } from './check-definitions.ts';
import type { ResultPackages } from './result-packages.ts';
import { sidesOf } from './sides.ts';

/** Checks that take no longer, on the base or with the work, which could make them slow, run once more for any change of a file of tests, others where it is none by whole new tests. */
const SHORT_MS = 20_000;
/** A runner in a shell is followed to what its tests start, so that this stands among what says how they run. */
const SCRIPT = /\.(?:ba|da|k|z)?sh$/;
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
  const sides = sidesOf(git, base, result);
  const [before, after] = await Promise.all([sides.base(changed), sides.result(changed)]);
  const both = { before, after };
  const texts = textsOfTests(both);
  // What a text tells is asked only where it saves much.
  const isShort = takes(comparisons, Math.max(...some)) <= SHORT_MS;
  const isTouched = isShort ? changesTests : touchesTests;
  const hasOtherRights = await otherRights(git, base, result);
  const touched = new Map(
    [...texts].flatMap(([path, { before, after }]) =>
      isTouched(path, before, after) || (hasOtherRights(path) && isTestFile(path, before)) ? [[path, before]] : [],
    ),
  );
  const fresh = isShort && touched.size === 0 ? newTests(both) : [];
  if (touched.size === 0 && fresh.length === 0) return [...comparisons];

  const old = [...(await testsOfTheBase(git, base, result, changed, texts)), ...fresh.map(withoutTests)];
  /** @param keeping whether what may be code that is tested stays that of the work */
  const runs = async (keeping: boolean) => {
    const found = new Map<number, CheckRun | null>();
    for (const packages of ['own', 'base', 'before'] as const) {
      const those = some.filter((at) => waysBack.get(at)?.packages === packages);
      if (those.length === 0) continue;
      // A runner that tells no numbers may be made of scripts, and so may what it tests; with these as on the base nothing would fail.
      const isCounted = those.every((at) => testsOf(comparisons[at]!.base) > 0);
      const back = those.flatMap((at) => waysBack.get(at)?.put.filter(({ path }) => !keeping || !mayBeTested(at).includes(path)) ?? []);
      const put = touched.size > 0 || isCounted ? back : [];
      const tree = await treeWithFiles(git, result, unique([...put, ...old]));
      const ran = await parts.run(tree, { count: Math.max(...those) + 1, packages });
      for (const at of those) found.set(at, ran[at] ?? null);
    }
    return found;
  };
  const judge = (sides: CheckComparison, run: CheckRun | null) => {
    if (touched.size > 0) return judgeOldTests(sides, run, touched);
    // A suite without its first tests may not pass; one that passed without them, and tells no numbers, has had others.
    const mayHaveHad = hasRun(sides.base) && sides.base?.exitCode === 0 && sides.base.counts === null;
    return testsOf(sides.base) > 0 || mayHaveHad ? judgeWithoutNew(sides, run, fresh) : null;
  };
  /** Scripts, where a runner tells no numbers: with those of the base nothing would fail, with those of the work they may have a say. */
  const mayBeTested = (at: number): readonly string[] => {
    if (!isShort || touched.size === 0 || testsOf(comparisons[at]!.base) > 0) return [];
    const { unknown = [], put = [] } = waysBack.get(at) ?? {};
    return [...unknown, ...put.flatMap(({ path }) => (SCRIPT.test(path) && !touched.has(path) ? [path] : []))];
  };
  const judgeBy = (ran: ReadonlyMap<number, CheckRun | null>) =>
    new Map(some.map((at) => [at, judge(comparisons[at]!, ran.get(at) ?? null)]));
  const judgeAll = async () => {
    const found = judgeBy(await runs(false));
    const open = new Set(some.filter((at) => !found.get(at) && mayBeTested(at).length > 0));
    if (open.size === 0) return found;
    const kept = judgeBy(await runs(true));
    return new Map([...found].map(([at, one]) => [at, open.has(at) ? (kept.get(at) ?? null) : one]));
  };
  const first = await judgeAll();
  const mayRepeat = some.some((at) => first.get(at)?.verdict === 'fail') && takes(comparisons, Math.max(...some)) <= MOST_MS_TWICE;
  const second = mayRepeat ? await judgeAll() : first;
  const excuse = excusesOf(parts, both, texts);
  return comparisons.map((comparison, at) => {
    const [one, again] = [first.get(at), second.get(at)];
    if (!one || !again) return comparison;
    return { ...comparison, oldTests: { ...one, ...(!one.fresh && excuse(one.files)) } };
  });
}

/** A script that may not be started any more is passed by, or is none. */
async function otherRights(git: PrivateGit, base: string, result: string): Promise<(path: string) => boolean> {
  const [before, after] = await Promise.all(
    [base, result].map(async (commit) => new Map((await listTree(git, commit)).map((file) => [file.path, file.mode]))),
  );
  return (path) => before?.has(path) === true && after?.has(path) === true && before.get(path) !== after.get(path);
}

/** Whether the task asks for what became of files of tests: for another test, another name, or to remove what they test. */
function excusesOf({ changed, asked }: Parts, { before, after }: Both, texts: Texts) {
  const sources = changed.map((path) => ({ path, before: before.get(path) ?? null, after: after.get(path) ?? null }));
  const gone = goneByTask(asked.task, sources);
  const fresh = [...after].filter(([path]) => !before.has(path) && isTestPath(path));
  return (files: readonly string[]): Pick<OldTests, 'asked' | 'removed'> => {
    let removed = 0;
    const isAsked = files.every((file) => {
      const { before: old, after: now } = texts.get(file) ?? { before: '', after: null };
      if (old === now) return false; // Nobody asks for other rights.
      const lost = gone.size > 0 ? goneWith(gone, file, old, now) : 0;
      removed += lost;
      return lost > 0 || asksForChange(asked, file, old, now ?? likest(old, fresh)?.[1] ?? null);
    });
    return isAsked ? { asked: true, ...(removed > 0 && { removed }) } : {};
  };
}

/** Those that run tests, by their numbers or their tools, or may run some by a program that nothing here knows. */
function candidates(comparisons: readonly CheckComparison[], waysBack: ReadonlyMap<number, WayBack>): number[] {
  // What could not run on the base passes here, so what its tests say as they were counts all the more.
  const hasSaid = ({ base, result }: CheckComparison) => hasRun(base) || (base !== null && base.killed === null && result?.exitCode === 0);
  const ran = [...waysBack].flatMap(([at, { words }]) => (hasSaid(comparisons[at]!) ? [{ at, words }] : []));
  const run = ran.filter(
    ({ at, words }) => testsOf(comparisons[at]!.base) > 0 || [...words].some(runsTests) || ![...words].some(isLookedAtOnly),
  );
  return run.map(({ at }) => at);
}

const takes = (comparisons: readonly CheckComparison[], last: number) =>
  comparisons.slice(0, last + 1).reduce((sum, { base, result }) => sum + Math.min(...timesOf(base), ...timesOf(result)), 0);

/** A run that could not start, or was ended, tells nothing of how long it takes. */
const timesOf = (run: CheckRun | null): number[] => (run && hasRun(run) ? [run.durationMs] : []);

/** The changed files that are texts, as they were and as they are, by their paths. */
interface Both {
  readonly before: ReadonlyMap<string, string>;
  readonly after: ReadonlyMap<string, string>;
}

type Texts = ReadonlyMap<string, { readonly before: string; readonly after: string | null }>;

/** Of changed files of the base that hold tests, or that tests may read; a source that went elsewhere with its tests under its new name. */
function textsOfTests({ before, after }: Both): Texts {
  const fresh = [...after].filter(([path]) => !before.has(path));
  return new Map(
    [...before].flatMap(([path, text]): [string, { before: string; after: string | null }][] => {
      const now = after.get(path) ?? null;
      if (now === null && !isTestFile(path, text) && holdsTests(path, text)) {
        const moved = likest(
          text,
          fresh.filter(([other]) => mayHoldTests(other)),
        );
        return moved ? [[moved[0], { before: text, after: moved[1] }]] : [];
      }
      return isTestFile(path, text) || mayHoldTests(path) ? [[path, { before: text, after: now }]] : [];
    }),
  );
}

/** New files that hold tests, by their names or by what they hold; another new file beside tests is asked about as one that may decide how checks run. */
function newTests({ before, after }: Both): string[] {
  const holds = (path: string, text: string) =>
    isTestFile(path, text) && (countTests(path, text) > 0 || (isTestPath(path) && /\.(?:ba|z|k)?sh$/.test(path)));
  return [...after].flatMap(([path, text]) => (!before.has(path) && holds(path, text) ? [path] : []));
}

/** A module of Rust that is declared must be there. */
const withoutTests = (path: string): Replacement => (path.endsWith('.rs') ? { path, text: '' } : { path, file: null });

/** Of files that came new the one with the most lines of a text, if it has some. */
function likest(text: string, fresh: readonly [string, string][]): [string, string] | null {
  const known = new Set(text.split('\n').filter((line) => line.trim().length > 3));
  const shared = (other: string) => new Set(other.split('\n').filter((line) => known.has(line))).size;
  const [best] = fresh.map((one) => ({ one, lines: shared(one[1]) })).sort((a, b) => b.lines - a.lines);
  return best && best.lines > 0 ? best.one : null;
}

/** In the place of all tests of the attempt, those in sources too; a module of Rust that is declared stays, empty. */
async function testsOfTheBase(
  git: PrivateGit,
  base: string,
  result: string,
  changed: readonly string[],
  texts: Texts,
): Promise<Replacement[]> {
  const isTest = (path: string) => isTestPath(path) || isTestFile(path, texts.get(path)?.before ?? '');
  const outside = await filesOf(git, base, changed.filter(isTest));
  const fresh = outside.flatMap((one) => ('file' in one && one.file === null && one.path.endsWith('.rs') ? [one.path] : []));
  const there = new Set((await sidesOf(git, base, result).result(fresh)).keys());
  const inSources = [...texts].flatMap(([path, { before, after }]) =>
    isTest(path) || after === null ? [] : [{ path, text: withTestsOf(before, after) }],
  );
  return [...outside.map((one) => (there.has(one.path) ? { path: one.path, text: '' } : one)), ...inSources];
}

/** Of several for one path the last one. */
const unique = (all: readonly Replacement[]): Replacement[] => [...new Map(all.map((one) => [one.path, one])).values()];
