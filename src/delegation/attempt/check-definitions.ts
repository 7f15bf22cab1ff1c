/**
 * Runs checks once more, on the same work, with the base's definition of them, where the attempt changed it: whoever defines a check can make
 * it pass.
 */
import { basename, extname } from 'node:path';
import { hasRun } from '../../checks/compare-check.ts';
import { isLookedAtOnly, runsTests } from '../../checks/definition/check-tools.ts';
import { type DefiningFile, type Definition, findDefinition, packagesIn } from '../../checks/definition/find-definition.ts';
import { isNewCheck, type Sides } from '../../checks/definition/follow-command.ts';
import { holdsTests, testsOfBase } from '../../checks/definition/inline-tests.ts';
import { holds, judgeDefinition, testsOf } from '../../checks/definition/judge-definition.ts';
import { notUnderstood } from '../../checks/definition/understood.ts';
import { isTestFile } from '../../checks/integrity/test-cases.ts';
import { failsAsBefore } from '../../checks/judge-checks.ts';
import { isTestPath } from '../../checks/test-files.ts';
import type { CheckComparison, CheckRun, DefinitionCheck } from '../../checks/types.ts';
import { changesDependencies } from '../../sandbox/ecosystems.ts';
import { listTree, type TreeFile } from '../../workspace/read-objects.ts';
import { filesOf, type Replacement, treeWithFiles } from '../../workspace/tree-with-files.ts';
import type { PrivateGit } from '../../workspace/types.ts';
import type { ResultPackages } from './result-packages.ts';
import { sidesOf } from './sides.ts';

interface Suspect {
  readonly comparison: CheckComparison;
  readonly index: number;
  readonly definition: Definition;
  /** Of whose files only is not known that they have no say. */
  readonly unknown: readonly string[];
  /** What of packages speaks against it. */
  readonly packages: readonly string[];
}

/** How a check that holds is run with what the base says of it. */
export interface WayBack {
  /** What stands in the place of files of the attempt. */
  readonly put: readonly Replacement[];
  /** Paths of these of which only is not known that they have no say: what is tested may be among them. */
  readonly unknown: readonly string[];
  readonly packages: keyof ResultPackages['lent'];
  /** What its command comes to. */
  readonly words: ReadonlySet<string>;
}

/** @returns the comparisons, and by their places how those are run of which nothing says that tests of the base were changed */
export async function checkDefinitions(parts: {
  comparisons: readonly CheckComparison[];
  git: PrivateGit;
  /** Where the checks run, relative to the root. */
  folder: string;
  base: string;
  /** The commit of the attempt. */
  result: string;
  /** The paths that it changed. */
  changed: readonly string[];
  packages: Pick<ResultPackages, 'replaced' | 'begun'>;
  /** Runs the first so many checks on a tree. */
  run(tree: string, options: { count: number; packages: keyof ResultPackages['lent'] }): Promise<readonly (CheckRun | null)[]>;
}): Promise<{ comparisons: CheckComparison[]; waysBack: ReadonlyMap<number, WayBack> }> {
  const { comparisons, git, base, result, changed } = parts;
  const { replaced, begun } = parts.packages;
  if (!comparisons.some((one) => isPassing(one) || failsAsBefore(one))) return { comparisons: [...comparisons], waysBack: new Map() };
  // One that fails as before, beside one that passes, does not stand in the way: it too must be what it was.
  const counting = comparisons.flatMap((comparison, index) =>
    isPassing(comparison) || (comparison.verdict === 'still_failing' && !comparison.result?.killed) ? [{ comparison, index }] : [],
  );

  const files = await listTree(git, base);
  const ofBase = new Map(files.map((file) => [file.path, file]));
  const sides = { basePaths: new Set(ofBase.keys()), ...sidesOf(git, base, result) };
  const changedTests = await testFiles(changed, sides);
  const inSources = await inlineTests(changed, sides);
  const ofResult = await listTree(git, result);
  const odd = oddPaths([...files, ...ofResult]);
  const moved = movedFiles(files, ofResult);
  const unknownIn = notUnderstood(changed, { basePaths: sides.basePaths, odd, moved, texts: await sides.result(changedTests) });
  const found = await Promise.all(
    counting.map(async (one): Promise<Suspect> => {
      const { command, base: ran } = one.comparison;
      const changedToo = changedTests
        .filter((path) => ofBase.has(path) || mayForgive(path, command, ran))
        .map((path) => ({ path, text: undefined }));
      const known = withTests(one.comparison, await findDefinition(command, parts.folder, changed, sides), [...changedToo, ...inSources]);
      const { definition, unknown } = withUnknown(known, unknownIn(packagesIn(known.followed.texts)));
      return { ...one, definition, unknown, packages: hasRun(ran) ? [...replaced, ...begun] : replaced };
    }),
  );
  const suspects = found.filter(({ definition, packages }) => definition.files.length > 0 || packages.length > 0);
  const findings = new Map<number, DefinitionCheck>();
  const { simpleCommands } = await import('../../sandbox/parse-shell.ts'); // with a parser that most starts of the server do not need
  const isNew = ({ comparison: { base: run, command }, definition }: Suspect) =>
    run !== null &&
    run.exitCode !== 0 &&
    run.killed === null &&
    testsOf(run) === 0 &&
    isNewCheck(simpleCommands(command), parts.folder, definition.followed, sides.basePaths);
  const note = ({ index, definition, unknown, packages }: Suspect, verdict: DefinitionCheck['verdict'], run: CheckRun | null) => {
    const all = [...definition.files.map(({ path }) => path), ...packages];
    // What turned out to have no say is not told of.
    const files = holds(verdict) ? all.filter((path) => !unknown.includes(path)) : all;
    if (files.length > 0) findings.set(index, { files, verdict, run, ...(!holds(verdict) && unknown.length > 0 && { unknown }) });
    else findings.delete(index);
  };
  for (const suspect of suspects.filter(isNew)) note(suspect, 'new', null);

  const changesTests = changedTests.length > 0;
  const runWith = async (some: readonly Suspect[], more: readonly Replacement[]) => {
    const tree = await treeWithFiles(git, result, [...replacementsFor(some, ofBase), ...more]);
    const runs: (CheckRun | null)[] = [];
    for (const packages of ['own', 'base', 'before'] as const) {
      const those = some.filter((one) => packagesFor(one, parts.packages) === packages);
      if (those.length === 0) continue;
      const ran = await parts.run(tree, { count: Math.max(...those.map(({ index }) => index)) + 1, packages });
      for (const { index } of those) runs[index] = ran[index] ?? null;
    }
    return runs;
  };
  const compared = suspects.filter((one) => !isNew(one));
  if (compared.length > 0) {
    const runs = await runWith(compared, []);
    for (const one of compared) note(one, judgeDefinition(one.comparison, runs[one.index] ?? null, changesTests), runs[one.index] ?? null);
  }
  // New tests may need what was changed with them: then the tests of the base tell whether everything else holds without it.
  const open = compared.filter(({ index }) => findings.get(index)?.verdict === 'fails');
  if (open.length > 0 && changesTests) {
    const runs = await runWith(open, await filesOf(git, base, changedTests));
    for (const one of open) {
      const run = runs[one.index] ?? null;
      if (holds(judgeDefinition(one.comparison, run, true))) note(one, 'base_tests', run);
    }
  }
  const holding = found.filter((one) => {
    const verdict = findings.get(one.index)?.verdict;
    return one.comparison.verdict !== 'fixed' && (verdict === undefined || verdict === 'same');
  });
  const wayBack = (one: Suspect): WayBack => ({
    put: replacementsFor([one], ofBase),
    unknown: one.unknown,
    packages: packagesFor(one, parts.packages),
    words: one.definition.followed.words,
  });
  return {
    comparisons: comparisons.map((comparison, index) => {
      const definition = findings.get(index);
      return definition ? { ...comparison, definition } : comparison;
    }),
    waysBack: new Map(holding.map((one) => [one.index, wayBack(one)])),
  };
}

/** By their names, and those of the base by what they hold. */
async function testFiles(changed: readonly string[], sides: Sides): Promise<string[]> {
  const texts = await sides.base(changed.filter((path) => !isTestPath(path)));
  return changed.filter((path) => isTestFile(path, texts.get(path) ?? ''));
}

/**
 * Whether a new file of tests is no part of why a check failed: in the same process it could forgive the others. A runner without numbers may
 * run tests, too, but where its command names the file, that was what it missed.
 */
const mayForgive = (path: string, command: string, base: CheckRun | null): boolean => {
  if (base === null || base.exitCode === 0 || base.killed !== null) return false;
  return base.counts === null ? !command.includes(basename(path)) : base.counts.failed > 0;
};

/** A check that failed on the base must be fixed by the work, not by changing the tests that failed. */
function withTests({ verdict }: CheckComparison, definition: Definition, tests: readonly DefiningFile[]): Definition {
  const words = [...definition.followed.words];
  // What a makefile or a script runs may be a test that nothing here knows by its name.
  if (verdict !== 'fixed' || (!words.some(runsTests) && words.some(isLookedAtOnly))) return definition;
  const known = new Set(definition.files.map(({ path }) => path));
  return { ...definition, files: [...definition.files, ...tests.filter(({ path }) => !known.has(path))] };
}

/** What is empty is the same everywhere. */
const EMPTY = /^(?:e69de29bb2d1d6434b8b29ae775ad8c2e48c5391|473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813)$/;

/** New names, of the same kind, of files that are gone under their old ones, with nothing else in them. */
function movedFiles(before: readonly TreeFile[], after: readonly TreeFile[]): Set<string> {
  const there = new Set(after.map(({ path }) => path));
  const gone = new Set(
    before.flatMap(({ path, id, mode }) => (there.has(path) || EMPTY.test(id) ? [] : [`${mode} ${id} ${extname(path)}`])),
  );
  const known = new Set(before.map(({ path }) => path));
  return new Set(after.flatMap(({ path, id, mode }) => (!known.has(path) && gone.has(`${mode} ${id} ${extname(path)}`) ? [path] : [])));
}

/** Links and submodules. */
export const oddPaths = (files: readonly TreeFile[]) => new Set(files.flatMap(({ path, mode }) => (mode.startsWith('100') ? [] : [path])));

function withUnknown(definition: Definition, paths: readonly string[]): Pick<Suspect, 'definition' | 'unknown'> {
  const known = new Set(definition.files.map(({ path }) => path));
  const unknown = paths.filter((path) => !known.has(path));
  return { definition: { ...definition, files: [...definition.files, ...unknown.map((path) => ({ path, text: undefined }))] }, unknown };
}

const NOTHING_KNOWN = { reached: new Set<string>(), asked: new Set<string>(), packages: new Set<string>() };

/** Sources in which the attempt changed tests of the base. */
async function inlineTests(changed: readonly string[], sides: Sides): Promise<DefiningFile[]> {
  const sources = changed.filter((path) => path.endsWith('.rs') && !isTestPath(path) && sides.basePaths.has(path));
  const [before, now] = await Promise.all([sides.base(sources), sides.result(sources)]);
  return sources.flatMap((path): DefiningFile[] => {
    const [base, result] = [before.get(path), now.get(path)];
    if (!holdsTests(path, base) || result === undefined) return [];
    const text = testsOfBase(base ?? null, result, NOTHING_KNOWN);
    return text === result ? [] : [{ path, text }];
  });
}

const isPassing = ({ verdict }: CheckComparison) => verdict === 'pass' || verdict === 'fixed';

function packagesFor({ packages }: Suspect, { replaced, begun }: Pick<ResultPackages, 'replaced' | 'begun'>): keyof ResultPackages['lent'] {
  if (packages.length === 0) return 'own';
  return begun.length > 0 && packages.length > replaced.length ? 'before' : 'base';
}

/** Lines that the attempt wrote into manifests and lock files. */
export async function saidByManifests(git: PrivateGit, base: string, result: string, changed: readonly string[]): Promise<string[]> {
  const sides = sidesOf(git, base, result);
  const paths = changed.filter((path) => changesDependencies([path]));
  const [before, now] = await Promise.all([sides.base(paths), sides.result(paths)]);
  const known = new Set([...before.values()].flatMap((text) => text.split('\n')));
  return [...now.values()].flatMap((text) => text.split('\n')).filter((line) => !known.has(line));
}

function replacementsFor(suspects: readonly Suspect[], ofBase: ReadonlyMap<string, TreeFile>): Replacement[] {
  const files = new Map(suspects.flatMap(({ definition }) => definition.files.map((file) => [file.path, file])));
  return [...files.values()].map(({ path, text }) =>
    typeof text === 'string' ? { path, text } : { path, file: ofBase.get(path) ?? null },
  );
}
