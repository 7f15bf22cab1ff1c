/** Runs the tests of an attempt on the code of the base: what they show is what fails there and passes on the result. */
import { isCode, isProse } from '../../agent/prompt/outline.ts';
import { holdsTests, mayHoldTests, withTestsOf } from '../../checks/definition/inline-tests.ts';
import { holds, testsOf } from '../../checks/definition/judge-definition.ts';
import { compareNewTests, growth, type NewTestRuns } from '../../checks/proof/compare-new-tests.ts';
import { goCounts } from '../../checks/proof/go-counts.ts';
import type { NoRedToGreen, RedToGreen } from '../../checks/proof/types.ts';
import { onlyOwnTests } from '../../checks/proof/what-is-shown.ts';
import { countTests, isTestPath } from '../../checks/test-files.ts';
import type { CheckRun } from '../../checks/types.ts';
import { treeOf } from '../../workspace/read-objects.ts';
import { filesOf, type Replacement, treeWithFiles } from '../../workspace/tree-with-files.ts';
import type { ChangedFile } from '../../workspace/types.ts';
import { pathsOf } from '../result/out-of-scope.ts';
import { saysAgain } from './by-lot.ts';
import { type ChangedSource, changedSources } from './changed-sources.ts';
import { LEAST_MS, PROOF_MS, type ProofParts, type TestCheck } from './proof-runs.ts';
import { sidesOf } from './sides.ts';
import { durationOf, isRedefined, preparing, testCheck } from './test-check.ts';
import { newGoTests, newTestsAlone } from './tests-alone.ts';
import { noticeRewriting } from './written-otherwise.ts';

/** A check that takes longer is not run as a whole where its new tests alone can be. */
const SHORT_MS = 20_000;
/** Snapshots may be thousands. */
const MOST_NAMED = 50;

const no = (notShown: NoRedToGreen) => ({ notShown });

/** To be asked where all checks together prove the work. */
export async function redToGreen(parts: ProofParts): Promise<RedToGreen | { notShown: NoRedToGreen }> {
  const tests = parts.files.filter(({ path, from }) => isTestPath(path) || (from !== undefined && isTestPath(from)));
  const written = tests.filter(({ path, status }) => status !== 'D' && isTestPath(path)).map(({ path }) => path);
  const changed = await changedSources(parts);
  const inSources = testsInSources([...changed.values()]);
  if (written.length === 0 && inSources.length === 0) {
    // What a check counts that was redefined are not tests.
    const grows = parts.comparisons.some(
      ({ base, result, definition }) => result && (!definition || holds(definition.verdict)) && (growth(base, result) ?? 0) > 0,
    );
    return no(grows ? 'in_source' : 'no_tests');
  }
  const check = await testCheck(parts);
  if (!check) return no(parts.comparisons.some(isRedefined) ? 'redefined' : 'no_check');
  const sources = await testSources(parts, tests, changed);
  const how = await waysToRun(parts, check, written, inSources.length > 0 ? [] : sources.holding);
  if ('notShown' in how) return how;

  const ofResult = await filesOf(parts.runs.git, parts.result, pathsOf(tests).filter(isTestPath));
  const tree = await treeWithFiles(parts.runs.git, parts.base, [...ofResult, ...inSources]);
  const ran = await runOn(parts, how, tree, 'new tests on the base');
  if (typeof ran === 'string') return no(ran);
  const found = compareNewTests({ ...how.beside, mixed: ran.run, output: ran.output });
  if ('notShown' in found) return found;
  // Its numbers are those of the base, and there are more tests: they are of another kind, or in another place, than it looks for.
  if (found.newTests === 0 && found.failOnBase === 0 && sources.more > 0) return no('not_run');
  if (found.failOnBase !== 0 && onlyOwnTests(parts.comparisons)) {
    const rewritten = new Map([...changed].map(([path, { added }]) => [path, added]));
    const prose = pathsOf(parts.files).filter((path) => isProse(path) && !isTestPath(path));
    const way = { ...how, onResult: how.beside.result, onBase: how.isAlone ? null : check.base };
    // Texts that only people read stand there as on the base.
    const texts = await noticeRewriting(parts, rewritten, way, await filesOf(parts.runs.git, parts.base, prose));
    if (texts && texts !== 'nothing') return no(texts);
    const again = texts === 'nothing' ? await passesAgain(parts, how) : null;
    if (again) return no(again);
    const withData = await ofResultData(parts, changed);
    if (withData.length > 0) {
      const data = await treeWithFiles(parts.runs.git, parts.base, [...ofResult, ...inSources, ...withData]);
      const onCode = await runOn(parts, how, data, "new tests on the base's code");
      if (typeof onCode === 'string') return no(onCode);
      const still = compareNewTests({ ...how.beside, mixed: onCode.run, output: onCode.output });
      if ('notShown' in still) return still;
      if (still.failOnBase === 0) return no('by_data');
    }
    const chance = await failsByLot(parts, how, tree, ran.run);
    if (chance) return no(chance);
  }
  return {
    command: how.commands.at(-1) ?? check.command,
    files: [...written, ...inSources.map(({ path }) => path)].slice(0, MOST_NAMED),
    ...found,
    ...(canBeFixedBy(tests, parts, check) && !how.isAlone && ran.run.exitCode === 0 && { fixedByTests: true as const }),
  };
}

/** Whether new files of tests alone can have mended a check; a test of the base, or what such a one lacked, may be just what the task asks for. */
function canBeFixedBy(tests: readonly ChangedFile[], { files }: ProofParts, { verdict, base }: TestCheck): boolean {
  if (verdict !== 'fixed' || tests.some(({ status }) => status !== 'A')) return false;
  return testsOf(base) === 0 || pathsOf(files).some((path) => !isTestPath(path));
}

async function runOn(parts: ProofParts, { commands, topLevel, ...way }: Way, tree: string, how: string) {
  const timeoutMs = Math.min(way.timeoutMs, parts.until - parts.now());
  if (timeoutMs < LEAST_MS) return 'too_long';
  const ran = await parts.runs.run({ tree, commands, how, timeoutMs });
  if (!ran) return 'cannot_run';
  return topLevel ? { ...ran, run: { ...ran.run, ...goCounts(ran.output) } } : ran;
}

/** What fails and passes by chance, or by the time of day, could have failed on the base only. */
async function passesAgain(parts: ProofParts, way: Way): Promise<NoRedToGreen | null> {
  const again = await runOn(parts, way, await treeOf(parts.runs.git, parts.result), 'new tests once more');
  if (typeof again === 'string') return again;
  if (again.run.killed !== null) return 'stopped';
  return again.run.exitCode === way.beside.result.exitCode ? null : 'by_chance';
}

/** The same two trees once more, in an order that no test can know. */
async function failsByLot(parts: ProofParts, way: Way, tree: string, failed: CheckRun): Promise<NoRedToGreen | null> {
  const result = await treeOf(parts.runs.git, parts.result);
  const saysAs = async (on: string, first: CheckRun) => {
    const again = await runOn(parts, way, on, 'new tests, in an order drawn by lot');
    if (typeof again === 'string') return again;
    return again.run.killed === null && again.run.exitCode === first.exitCode;
  };
  const runs = { fault: () => saysAs(tree, failed), right: () => saysAs(result, way.beside.result) };
  return saysAgain(runs, failed.durationMs, parts.lot);
}

/** What is shown by pages, styles, tables of a database and the like is work, too. */
const WORKS =
  /\.(html?|css|s[ac]ss|less|styl|vue|svelte|astro|hbs|ejs|erb|haml|pug|jinja2?|j2|tmpl|twig|blade|graphqls?|gql|proto|sql|sh|bash|fish|zsh)$/i;

/**
 * Of an attempt that changed code, what it changed of other files: a test that only needs these shows nothing of the code. Texts that people read are
 * looked at before.
 */
async function ofResultData({ runs, result, files }: ProofParts, changed: ReadonlyMap<string, ChangedSource>): Promise<Replacement[]> {
  const others = pathsOf(files).filter((path) => !isTestPath(path) && !isProse(path));
  // One of which only the rights changed is another file with the same code.
  const isSame = (path: string) => changed.get(path)?.before === changed.get(path)?.text;
  const code = others.filter((path) => isCode(path) && !isSame(path));
  if (code.length === 0) return [];
  return filesOf(
    runs.git,
    result,
    others.filter((path) => !WORKS.test(path) && (!isCode(path) || (changed.has(path) && isSame(path)))),
  );
}

/** Sources of the base with the tests that stand in those of the result, where these were changed. */
function testsInSources(sources: readonly ChangedSource[]): { path: string; text: string }[] {
  return sources.flatMap(({ file: { path, status }, before, text: tests }) => {
    if (status !== 'M' || before === '' || !mayHoldTests(path) || !holdsTests(path, tests)) return [];
    const text = withTestsOf(tests, before);
    return text === before ? [] : [{ path, text }];
  });
}

/** Changed test files that hold tests, and how many tests more there are: those that only moved, out of sources too, are not. */
async function testSources({ runs, base, result }: ProofParts, tests: readonly ChangedFile[], changed: ReadonlyMap<string, ChangedSource>) {
  const sides = sidesOf(runs.git, base, result);
  const [before, after] = await Promise.all([
    sides.base(tests.flatMap(({ path, from, status }) => (status === 'A' ? [] : [from ?? path]))),
    sides.result(tests.flatMap(({ path, status }) => (status === 'D' ? [] : [path]))),
  ]);
  const counts = tests.map(({ path, from }) => ({
    path,
    before: countTests(from ?? path, before.get(from ?? path) ?? ''),
    now: countTests(path, after.get(path) ?? ''),
  }));
  const left = [...changed.values()].filter(({ file: { path } }) => mayHoldTests(path));
  const lost = left.map(({ file: { path }, before: old, text }) => Math.max(0, countTests(path, old) - countTests(path, text)));
  return {
    holding: counts.filter(({ now }) => now > 0).map(({ path }) => path),
    more: counts.reduce((sum, one) => sum + one.now - one.before, 0) - lost.reduce((sum, one) => sum + one, 0),
  };
}

interface Way {
  readonly commands: readonly string[];
  readonly timeoutMs: number;
  /** What to compare with. */
  readonly beside: Omit<NewTestRuns, 'mixed' | 'output'>;
  /** Go counts packages, and tests within tests, where it is not told otherwise. */
  readonly topLevel?: true;
  /** Whether only the new tests run, not the check as a whole. */
  readonly isAlone: boolean;
}

/** The whole check, or where that takes long, or counts no tests, the new tests alone. */
async function waysToRun(
  parts: ProofParts,
  check: TestCheck,
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
    isAlone: false,
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
      const commands = [...before.map((one) => one.command), command];
      return { commands, timeoutMs, beside, isAlone: true, ...(isGo && { topLevel: true as const }) };
    }
  }
  return takes > PROOF_MS / 1.5 ? no('too_long') : whole;
}
