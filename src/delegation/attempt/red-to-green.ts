/** Runs the tests of an attempt on the code of the base: what they show is what fails there and passes on the result. */
import { isProse } from '../../agent/prompt/outline.ts';
import { runsTests } from '../../checks/definition/check-tools.ts';
import { followCommand } from '../../checks/definition/follow-command.ts';
import { holdsTests, mayHoldTests, withTestsOf } from '../../checks/definition/inline-tests.ts';
import { holds, testsOf } from '../../checks/definition/judge-definition.ts';
import { addedLines } from '../../checks/integrity/changed-text.ts';
import { failsAsBefore } from '../../checks/judge-checks.ts';
import { compareNewTests, growth, type NewTestRuns } from '../../checks/proof/compare-new-tests.ts';
import { goCounts } from '../../checks/proof/go-counts.ts';
import type { NoRedToGreen, RedToGreen } from '../../checks/proof/types.ts';
import { onlyFound } from '../../checks/proof/what-is-shown.ts';
import { countTests, isTestPath } from '../../checks/test-files.ts';
import type { CheckComparison } from '../../checks/types.ts';
import { listTree, readBlobs, type TreeFile } from '../../workspace/read-objects.ts';
import { type Replacement, treeWithFiles } from '../../workspace/tree-with-files.ts';
import type { ChangedFile } from '../../workspace/types.ts';
import { pathsOf } from '../result/out-of-scope.ts';
import { sidesOf } from './check-definitions.ts';
import { type PassingCheck, PROOF_MS, type ProofParts } from './proof-runs.ts';
import { newGoTests, newTestsAlone } from './tests-alone.ts';
import { type Rewritten, readTexts } from './written-otherwise.ts';

/** A check that takes longer is not run as a whole where its new tests alone can be. */
const SHORT_MS = 20_000;
/** Snapshots may be thousands. */
const MOST_NAMED = 50;
/** No runner has started in less. */
const LEAST_MS = 1000;
const MOST_BYTES = 1024 * 1024;

const no = (notShown: NoRedToGreen) => ({ notShown });

/** To be asked where all checks together prove the work. */
export async function redToGreen(parts: ProofParts): Promise<RedToGreen | { notShown: NoRedToGreen }> {
  const tests = parts.files.filter(({ path, from }) => isTestPath(path) || (from !== undefined && isTestPath(from)));
  const written = tests.filter(({ path, status }) => status !== 'D' && isTestPath(path)).map(({ path }) => path);
  const inSources = await testsInSources(parts);
  if (written.length === 0 && inSources.length === 0) {
    // What a check counts that was redefined are not tests.
    const grows = parts.comparisons.some(
      ({ base, result, definition }) => result && (!definition || holds(definition.verdict)) && (growth(base, result) ?? 0) > 0,
    );
    return no(grows ? 'in_source' : 'no_tests');
  }
  const check = await testCheck(parts);
  if (!check) return no('no_check');
  const sources = await testSources(parts, tests);
  const how = await waysToRun(parts, check, written, inSources.length > 0 ? [] : sources.holding);
  if ('notShown' in how) return how;

  const { git } = parts.runs;
  const ofResult = new Map((await listTree(git, parts.result)).map((file) => [file.path, file]));
  const ends = [...new Set(tests.flatMap(({ path, from }) => (from === undefined ? [path] : [path, from])))].filter(isTestPath);
  const tree = await treeWithFiles(git, parts.base, [...ends.map((path) => ({ path, file: ofResult.get(path) ?? null })), ...inSources]);
  const timeoutMs = Math.min(how.timeoutMs, parts.until - parts.now());
  if (timeoutMs < LEAST_MS) return no('too_long');
  const ran = await parts.runs.run({ tree, commands: how.commands, how: 'new tests on the base', timeoutMs });
  if (!ran) return no('cannot_run');
  const mixed = how.topLevel ? { ...ran.run, ...goCounts(ran.output) } : ran.run;
  const found = compareNewTests({ ...how.beside, mixed, output: ran.output });
  if ('notShown' in found) return found;
  // Its numbers are those of the base, and new files hold tests: they are of another kind, or in another place, than it looks for.
  if (found.newTests === 0 && found.failOnBase === 0 && sources.more > 0) return no('not_run');
  if (found.failOnBase !== 0 && onlyFound(parts.comparisons)) {
    const texts = await readTexts(parts, await changedSources(parts), { ...how, timeoutMs }, how.beside.result, await proseOfBase(parts));
    if (texts) return no(texts);
  }
  return {
    command: how.commands.at(-1) ?? check.command,
    files: [...written, ...inSources.map(({ path }) => path)].slice(0, MOST_NAMED),
    ...found,
  };
}

/** With the lines that the base has not. */
async function changedSources({ runs, base, result, files }: ProofParts): Promise<Rewritten> {
  const sources = files.filter(({ path, status }) => status !== 'D' && !isTestPath(path));
  const sides = sidesOf(runs.git, base, result);
  const [before, now] = await Promise.all([
    sides.base(sources.map(({ path, from }) => from ?? path)),
    sides.result(sources.map(({ path }) => path)),
  ]);
  return new Map(
    sources.map(({ path, from }) => [path, new Set(addedLines(before.get(from ?? path) ?? '', now.get(path) ?? ''))] as const),
  );
}

/** Texts that only people read, as the base has them. */
async function proseOfBase({ runs, base, files }: ProofParts): Promise<Replacement[]> {
  const prose = pathsOf(files).filter((path) => isProse(path) && !isTestPath(path));
  if (prose.length === 0) return [];
  const ofBase = new Map((await listTree(runs.git, base)).map((file) => [file.path, file]));
  return prose.map((path) => ({ path, file: ofBase.get(path) ?? null }));
}

/** Sources of the base with the tests that stand in those of the result, where these were changed. */
async function testsInSources({
  runs,
  base,
  result,
  files,
}: ProofParts): Promise<{ path: string; text: string; mode: TreeFile['mode'] }[]> {
  const paths = files.filter(({ path, status }) => status === 'M' && !isTestPath(path) && mayHoldTests(path)).map(({ path }) => path);
  if (paths.length === 0) return [];
  const sides = sidesOf(runs.git, base, result);
  const [before, now, tree] = await Promise.all([sides.base(paths), sides.result(paths), listTree(runs.git, base)]);
  const modes = new Map(tree.map(({ path, mode }) => [path, mode]));
  return paths.flatMap((path) => {
    const [code, tests] = [before.get(path), now.get(path)];
    if (code === undefined || tests === undefined || !holdsTests(path, tests)) return [];
    const text = withTestsOf(tests, code);
    return text === code ? [] : [{ path, text, mode: modes.get(path) ?? '100644' }];
  });
}

/** The check that tells most of tests: of those that pass, or fail by the same tests as on the base, the one that runs most new ones, that was found as a test, or that calls a runner. */
export async function testCheck({ comparisons, runs, base, result, folder }: ProofParts): Promise<PassingCheck | null> {
  const passing = comparisons.flatMap((check): PassingCheck[] => {
    const passes = check.verdict === 'pass' || check.verdict === 'fixed' || failsAsBefore(check);
    const counts = passes && (!check.definition || holds(check.definition.verdict));
    return counts && check.result ? [{ ...check, result: check.result }] : [];
  });
  const counted = passing.filter((check) => testsOf(check.result) > 0);
  const rank = (check: PassingCheck) => (growth(check.base, check.result) ?? 0) * 1e6 + testsOf(check.result);
  const best = counted.sort((a, b) => rank(b) - rank(a))[0];
  const named = best ?? passing.find(({ found }) => found?.kind === 'test');
  if (named) return named;
  const basePaths = new Set((await listTree(runs.git, base)).map(({ path }) => path));
  const sides = { basePaths, ...sidesOf(runs.git, base, result) };
  for (const check of passing) {
    const { words } = await followCommand(check.command, folder, sides);
    if ([...words].some(runsTests)) return check;
  }
  return null;
}

/** Changed test files that hold tests, and how many tests more the added ones hold. */
async function testSources({ runs, base, result }: ProofParts, tests: readonly ChangedFile[]) {
  const [before, after] = await Promise.all([
    readBlobs(
      runs.git,
      base,
      tests.flatMap(({ path, from, status }) => (status === 'A' ? [] : [from ?? path])),
      MOST_BYTES,
    ),
    readBlobs(
      runs.git,
      result,
      tests.flatMap(({ path, status }) => (status === 'D' ? [] : [path])),
      MOST_BYTES,
    ),
  ]);
  const counts = tests.map(({ path, from }) => ({
    path,
    before: countTests(from ?? path, before.get(from ?? path)?.toString() ?? ''),
    now: countTests(path, after.get(path)?.toString() ?? ''),
  }));
  return {
    holding: counts.filter(({ now }) => now > 0).map(({ path }) => path),
    more: counts.reduce((sum, one) => sum + Math.max(0, one.now - one.before), 0),
  };
}

interface Way {
  readonly commands: readonly string[];
  readonly timeoutMs: number;
  /** What to compare with. */
  readonly beside: Omit<NewTestRuns, 'mixed' | 'output'>;
  /** Go counts packages, and tests within tests, where it is not told otherwise. */
  readonly topLevel?: true;
}

/** The whole check, or where that takes long, or counts no tests, the new tests alone. */
async function waysToRun(
  parts: ProofParts,
  check: PassingCheck,
  written: readonly string[],
  holding: readonly string[],
): Promise<Way | { notShown: NoRedToGreen }> {
  const { base, result } = check;
  const isGo = holding.length > 0 && holding.every((file) => file.endsWith('.go'));
  const before = preparing(parts.comparisons, check);
  const whole: Way = {
    commands: [...before.map(({ command }) => command), check.command],
    timeoutMs: parts.timeoutMs,
    beside: { base, result },
  };
  const takes = durationOf([...before, check]);
  if (durationOf(before) * 2 > PROOF_MS) return no('too_long');
  // Which failures are old is told by the whole run only.
  if ((takes > SHORT_MS || isGo) && base?.exitCode === 0) {
    const alone = await newTestsAlone(parts, check, before, holding);
    if (alone) {
      const { command, ran, timeoutMs } = alone;
      const counted = isGo ? (await newGoTests(parts, written)).length : growth(base, result);
      const run = isGo ? { ...ran.run, ...goCounts(ran.output) } : ran.run;
      const beside = { base, result: run, counted };
      return { commands: [...before.map((one) => one.command), command], timeoutMs, beside, ...(isGo && { topLevel: true as const }) };
    }
  }
  return takes > PROOF_MS / 1.5 ? no('too_long') : whole;
}

/** Checks before it that install or build: it may need what they leave. */
export function preparing(comparisons: readonly CheckComparison[], check: CheckComparison): CheckComparison[] {
  const at = comparisons.findIndex(({ command }) => command === check.command);
  return comparisons.slice(0, Math.max(0, at)).filter(({ result }) => result?.exitCode === 0 && testsOf(result) === 0);
}

/** On the result. */
export const durationOf = (checks: readonly CheckComparison[]): number =>
  checks.reduce((sum, { result }) => sum + (result?.durationMs ?? 0), 0);
