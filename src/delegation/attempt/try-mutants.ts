/** Puts small faults into the code that new tests run, one at a time, and sees which of them the tests notice. */
import { posix } from 'node:path';
import { mayHoldTests, withTestsOf } from '../../checks/definition/inline-tests.ts';
import { chooseMutants, type MutantOf } from '../../checks/proof/choose-mutants.ts';
import { importedFiles, type Manifest } from '../../checks/proof/imported-files.ts';
import { mutantsOf, withLine } from '../../checks/proof/mutate.ts';
import { withoutComments } from '../../checks/proof/same-code.ts';
import { takesInNothing } from '../../checks/proof/takes-in.ts';
import type { Mutants, NoMutants } from '../../checks/proof/types.ts';
import { countTests, isTestPath } from '../../checks/test-files.ts';
import { listTree } from '../../workspace/read-objects.ts';
import { filesOf, type Replacement, treeWithFiles } from '../../workspace/tree-with-files.ts';
import { pathsOf } from '../result/out-of-scope.ts';
import { saysAgain } from './by-lot.ts';
import { type ChangedSource, changedSources } from './changed-sources.ts';
import { LEAST_MS, PROOF_MS, type ProofParts, type TestCheck } from './proof-runs.ts';
import { firstTextsOf, readerOf, textsOf } from './sides.ts';
import { durationOf, isRedefined, preparing, testCheck } from './test-check.ts';
import { newTestsAlone } from './tests-alone.ts';
import { noticeRewriting } from './written-otherwise.ts';

const WANTED = 5;
/** Faults that break the code, and lines that do not run, are no answer: so many of them are borne. */
const MOST_RUNS = 20;
/** A function of which so many lines do not run is left. */
const MOST_IDLE = 3;
/** From a test to what it imports, to what that passes on. */
const MOST_ROUNDS = 3;
/** Written otherwise at once. */
const MOST_SOURCES = 5;
/** Where a short check makes the proof seem long. */
const USUAL_MS = 30_000;

const NO_LINES: ReadonlySet<number> = new Set();

const no = (notShown: NoMutants) => ({ notShown });

/** @param lines in which faults are put: of what the new tests import, or those that the attempt changed */
export async function tryMutants(parts: ProofParts, lines: 'imported' | 'changed'): Promise<Mutants | { notShown: NoMutants }> {
  const tests = await writtenTests(parts);
  if (tests.size === 0) return no(parts.files.some(({ path, status }) => status !== 'D' && isTestPath(path)) ? 'not_counted' : 'no_tests');
  const check = await testCheck(parts);
  if (!check) return no(parts.comparisons.some(isRedefined) ? 'redefined' : 'no_check');
  const changed = await changedSources(parts);
  const candidates = lines === 'imported' ? await candidatesFor(parts, tests) : inAddedLines(changed);
  if (candidates.length === 0) {
    const fresh = parts.files.filter(({ path, status }) => status === 'A' && isTestPath(path)).map(({ path }) => path);
    const beside = await readerOf(parts.runs.git, parts.result)(fresh);
    return no([...tests].every(([file, text]) => takesInNothing(file, text, beside)) ? 'nothing_taken' : 'no_source');
  }
  const way = await wayToRun(parts, check, [...tests.keys()]);
  if ('notShown' in way) return way;
  const strong = candidates.filter(({ mutant }) => !mutant.weak);
  const chosen = chooseMutants(strong.length > 0 ? strong : candidates, [...tests.values()].join('\n'), parts.result);
  // What notices any other text would notice every fault.
  const sources = new Map([...new Set(chosen.map(({ file }) => file))].slice(0, MOST_SOURCES).map((file) => [file, NO_LINES]));
  const said = way.alone ? { onResult: { exitCode: 0, counts: null }, onBase: null } : { onResult: check.result, onBase: check.base };
  const texts = await noticeRewriting({ ...parts, until: way.until }, sources, { ...way, ...said });
  return texts && texts !== 'nothing' ? no(texts) : tryInTurn(parts, chosen, way, changed);
}

async function writtenTests({ runs, result, files }: ProofParts): Promise<Map<string, string>> {
  const paths = files.filter(({ path, status }) => status !== 'D' && mayHoldTests(path)).map(({ path }) => path);
  const texts = await firstTextsOf(runs.git, result, paths);
  return new Map([...texts].filter(([path, text]) => countTests(path, text) > 0));
}

const inAddedLines = (sources: ReadonlyMap<string, ChangedSource>): MutantOf[] =>
  [...sources].flatMap(([file, { text, added }]) =>
    mutantsOf(file, text).flatMap((mutant) => (added.has(mutant.line) ? [{ file, text, mutant }] : [])),
  );

/** Of the sources that the tests import, and of what those import that only pass it on, or hold too little. */
async function candidatesFor({ runs, result, folder }: ProofParts, tests: ReadonlyMap<string, string>): Promise<MutantOf[]> {
  const paths = new Set((await listTree(runs.git, result)).map(({ path }) => path));
  const manifests = await manifestsOf(runs, result, folder, [...tests.keys()], paths);
  const imported = (texts: ReadonlyMap<string, string>) =>
    [...texts].flatMap(([file, text]) => importedFiles(file, text, paths, manifests));
  const seen = new Set<string>();
  const found: MutantOf[] = [];
  let next = imported(tests);
  for (let round = 0; round < MOST_ROUNDS && next.length > 0; round++) {
    const fresh = [...new Set(next)].filter((path) => !seen.has(path));
    for (const path of fresh) seen.add(path);
    const texts = await textsOf(runs.git, result, fresh);
    const barrels = new Map(texts);
    for (const [file, text] of texts) {
      const mutants = mutantsOf(file, text).map((mutant) => ({ file, text, mutant }));
      for (const one of mutants) found.push(one);
      if (mutants.length > 0) barrels.delete(file);
    }
    next = imported(found.length < WANTED ? texts : barrels);
  }
  return found;
}

async function manifestsOf(
  { git }: ProofParts['runs'],
  result: string,
  folder: string,
  tests: readonly string[],
  paths: ReadonlySet<string>,
): Promise<Manifest[]> {
  const folders = new Set([folder, ...tests.flatMap((test) => upwards(posix.dirname(test)))]);
  const files = [...folders].map((one) => posix.join(one, 'package.json')).filter((path) => paths.has(path));
  return [...(await readerOf(git, result)(files))].flatMap(([path, text]): Manifest[] => {
    try {
      const { name, main, module, exports } = JSON.parse(text) as Record<string, unknown>;
      const entries = [...JSON.stringify([main, module, exports]).matchAll(/"((?:\.\/)?[\w./-]+\.[cm]?[jt]sx?)"/g)].map(
        ([, entry]) => entry!,
      );
      return [{ folder: posix.dirname(path) === '.' ? '' : posix.dirname(path), name: typeof name === 'string' ? name : '', entries }];
    } catch {
      return [];
    }
  });
}

function upwards(folder: string): string[] {
  return folder === '.' || folder === '' ? [''] : [folder, ...upwards(posix.dirname(folder))];
}

interface Way {
  readonly commands: readonly string[];
  readonly timeoutMs: number;
  readonly alone: boolean;
  /** How the tests of the base are run; null = what runs are new tests only, so they alone can have noticed a fault. */
  readonly ofBase: readonly string[] | null;
  readonly until: number;
}

async function wayToRun(parts: ProofParts, check: TestCheck, tests: readonly string[]): Promise<Way | { notShown: NoMutants }> {
  const before = preparing(parts.comparisons, check);
  const takes = durationOf([...before, check]);
  if (durationOf(before) * WANTED > PROOF_MS || parts.until - parts.now() < LEAST_MS) return no('too_long');
  const until = Math.min(parts.until, parts.now() + Math.max(USUAL_MS, 10 * takes));
  const alone = await newTestsAlone(parts, check, before, tests, 'new ones');
  const first = before.map(({ command }) => command);
  const ofBase = [...first, check.command];
  const isNamed = alone !== null && / -run /.test(alone.command);
  const isNew = (test: string) => isNamed || parts.files.some(({ path, status }) => path === test && status === 'A');
  if (alone) {
    const rest = tests.every(isNew) ? null : ofBase;
    return { commands: [...first, alone.command], timeoutMs: alone.timeoutMs, alone: true, ofBase: rest, until };
  }
  // Where some fail anyway, all of them do not tell of one fault more.
  if (check.result.exitCode !== 0) return no('no_check');
  if (takes * 3 > PROOF_MS) return no('too_long');
  return { commands: ofBase, timeoutMs: Math.min(parts.timeoutMs, Math.max(USUAL_MS, 4 * takes)), alone: false, ofBase, until };
}

/** What keeps tests from being run at all: such a fault is none that a test could miss. */
const BROKEN =
  /error\[E\d+\]|could not compile `|error: aborting due to|PHP Parse error|SyntaxError|IndentationError|TabError|\[(?:build|setup) failed\]|error TS\d+|Transform failed|Test suite failed to run|ERROR collecting|Failed to import test module|does not provide an export/;

/** In place of all tests that the attempt wrote or changed, those in sources too. */
async function testsOfTheBase({ runs, base, files }: ProofParts, sources: ReadonlyMap<string, ChangedSource>): Promise<Replacement[]> {
  const tests = await filesOf(runs.git, base, pathsOf(files).filter(isTestPath));
  // A module of Rust that is declared must be there.
  const there = tests.map((one) => ('file' in one && one.file === null && one.path.endsWith('.rs') ? { path: one.path, text: '' } : one));
  const inSources = [...sources].flatMap(([path, source]) =>
    mayHoldTests(path) ? [{ path, text: withoutNewTests(source, source.text) }] : [],
  );
  return [...there, ...inSources];
}

/** Examples in comments are tests, too. */
const withoutNewTests = ({ file: { path }, before, added }: ChangedSource, text: string): string =>
  withTestsOf(before, withoutComments(path, text, added));

async function tryInTurn(
  parts: ProofParts,
  chosen: readonly MutantOf[],
  way: Way,
  sources: ReadonlyMap<string, ChangedSource>,
): Promise<Mutants | { notShown: NoMutants }> {
  const survived: Mutants['survived'][number][] = [];
  /** Lines of functions that the tests do not run. */
  const idle = new Map<string, Set<number>>();
  let [tried, caught, runs, skipped, known] = [0, 0, 0, 0, 0];
  let cut = false;
  /** How long the last run took. */
  let lastMs = 0;
  const old = way.ofBase === null ? [] : await testsOfTheBase(parts, sources);
  /** passes, fails or broken; null = there is no time for it. */
  const runWith = async ({ file, text: source, mutant }: MutantOf, instead: string, how: string, tests: 'new' | 'old' = 'new') => {
    const timeoutMs = Math.min(way.timeoutMs, way.until - parts.now());
    if (timeoutMs < way.timeoutMs / 4) return null;
    runs += 1;
    const text = withLine(source, mutant, instead);
    const changed = sources.get(file);
    const code = tests === 'old' && changed && mayHoldTests(file) ? withoutNewTests(changed, text) : text;
    const others = tests === 'old' ? old.filter(({ path }) => path !== file) : [];
    const tree = await treeWithFiles(parts.runs.git, parts.result, [...others, { path: file, text: code }]);
    const commands = tests === 'old' ? (way.ofBase ?? way.commands) : way.commands;
    const ran = await parts.runs.run({ tree, commands, how, timeoutMs });
    lastMs = ran?.run.durationMs ?? 0;
    if (!ran || (ran.run.killed === 'timeout' && timeoutMs < way.timeoutMs)) return null;
    if (ran.run.exitCode === 0) return 'passes';
    // Where a build failed, and no test passed either, there was nothing to be tested; linters and types may fail beside tests that run.
    const isBuilt = ran.isPrepared || (ran.run.counts?.passed ?? 0) > 0;
    return ran.run.killed === null && (!isBuilt || BROKEN.test(ran.output)) ? 'broken' : 'fails';
  };

  for (const one of chosen) {
    if (tried === WANTED || runs >= MOST_RUNS) break;
    const { file, mutant } = one;
    const group = `${file}\0${mutant.within}`;
    const notRun = idle.get(group) ?? new Set();
    if (notRun.has(mutant.line) || notRun.size >= MOST_IDLE) continue;
    const how = `mutant ${tried + 1} of ${WANTED}`;
    const answer = await runWith(one, mutant.fault, how);
    const isRun = answer === 'passes' ? await runWith(one, mutant.probe, `${how}: is its line run`) : answer;
    const isOld =
      answer === 'fails' && way.ofBase !== null ? await runWith(one, mutant.fault, `${how}: tests of the base`, 'old') : 'passes';
    cut = isRun === null || isOld === null;
    if (cut) break;
    // What the tests that were there notice, too, says nothing of the new ones.
    if (answer === 'fails' && isOld !== 'passes') {
      skipped += 1;
      known += 1;
      continue;
    }
    if (answer === 'fails' && caught === 0 && mutant.same !== null) {
      const minds = (tests: 'new' | 'old') => runWith(one, mutant.same ?? '', `${how}: beside what does nothing`, tests);
      if ((await minds('new')) === 'fails' && (way.ofBase === null || (await minds('old')) === 'passes')) return no('by_text');
    }
    if (answer === 'fails' && caught === 0) {
      const saysAs = async (instead: string, said: 'passes' | 'fails') => {
        const again = await runWith(one, instead, `${how}: ${said === 'fails' ? 'again' : 'without it'}, in an order drawn by lot`);
        return again === null ? 'stopped' : again === said;
      };
      const right = one.text.split('\n')[mutant.line - 1] ?? '';
      const inTurn = { fault: () => saysAs(mutant.fault, 'fails'), right: () => saysAs(right, 'passes') };
      const chance = await saysAgain(inTurn, lastMs, parts.lot);
      if (chance === 'by_chance') return no(chance);
      cut = chance !== null;
      if (cut) break;
    }
    if (answer === 'fails') caught += 1;
    else if (answer === 'passes' && isRun === 'fails') survived.push({ file, line: mutant.line, from: mutant.from, to: mutant.to });
    else {
      skipped += 1;
      if (isRun === 'passes') idle.set(group, notRun.add(mutant.line));
      continue;
    }
    tried += 1;
  }
  if (tried === 0) return no(cut ? 'stopped' : known > 0 ? 'known' : skipped > 0 ? 'not_executed' : 'no_source');
  return { command: way.commands.at(-1) ?? '', alone: way.alone, tried, caught, survived, ...(cut && { cut: true as const }) };
}
