/**
 * The tests of the base, as they were, on the work: whatever an attempt made of them, by ways that no list knows, what they protect holds where
 * they still pass.
 */
import { compareCheck, hasRun } from '../compare-check.ts';
import { isAbout } from '../integrity/asked-removal.ts';
import { ATTRIBUTE, indentOf, isTestFile, sharedCode, type TestCase, testCases, titlesIn } from '../integrity/test-cases.ts';
import { lacksSomething } from '../proof/compare-new-tests.ts';
import { countTests } from '../test-files.ts';
import type { CheckComparison, CheckRun, OldTests } from '../types.ts';
import { testModuleLines } from './inline-tests.ts';
import { testsOf } from './judge-definition.ts';

/**
 * Whether anything is another one in a file of tests, or in those of a source.
 * @param before its text on the base
 * @param after null = it is gone, or no text any more
 */
export const changesTests = (path: string, before: string, after: string | null): boolean =>
  after === null ? isTestFile(path, before) : testsIn(path, before, before) !== testsIn(path, after, before);

/** Whether it is another one for the tests that it held, or for those that read it, as far as a text tells: whole new tests beside them change nothing. */
export function touchesTests(path: string, before: string, after: string | null): boolean {
  if (after === null || !changesTests(path, before, after)) return after === null && isTestFile(path, before);
  const [old, now] = [testsIn(path, before, before), testsIn(path, after, before)];
  if (countTests(path, old) === 0) return isTestFile(path, before) || old !== '';
  if (HIDDEN.test(now)) return true;
  const [cases, others] = [testCases(path, old), testCases(path, now)];
  const known = new Set(others.map(linesOf));
  if (!cases.every((one) => known.has(linesOf(one)))) return true;
  const same = new Set(cases.map(linesOf));
  if (others.some((one) => !same.has(linesOf(one)) && runsBeside(one))) return true;
  return codeOf(sharedCode(path, old, cases).lines) !== codeOf(sharedCode(path, now, others).lines);
}

/** How many tests went with what they test; 0 = none did, or anything else is another one, which may be why the others pass. */
export function goneWith(gone: ReadonlySet<string>, path: string, before: string, after: string | null): number {
  const [cases, others] = [testCases(path, before), testCases(path, after ?? '')];
  const [known, left] = [new Set(cases.map(bodyOf)), new Set(others.map(bodyOf))];
  const lost = cases.filter((one) => !left.has(bodyOf(one)));
  if (!lost.every((one) => isAbout(gone, one)) || !others.every((one) => known.has(bodyOf(one)))) return 0;
  if (after === null) return lost.length;
  const [old, now] = [sharedCode(path, before, cases).lines, sharedCode(path, after, others).lines].map(essential) as [string[], string[]];
  const rest = new Set([...old, ...old.map((line) => withoutWords(line, gone))]);
  const there = new Set(now);
  const keeps = old.every((line) => there.has(line) || withoutWords(line, gone) !== line);
  return keeps && now.every((line) => rest.has(line)) ? lost.length : 0;
}

/** What stands above is compared with all that is shared. */
const bodyOf = (one: TestCase): string => linesOf({ ...one, above: [] });
const essential = (lines: readonly string[]): string[] =>
  lines.flatMap((line) => (CLOSING.test(line) ? [] : [line.replace(/[\s,]+/g, ' ').trim()]));
const withoutWords = (line: string, words: ReadonlySet<string>): string =>
  line
    .replace(/[\p{L}_$][\p{L}\p{N}_$]*/gu, (word) => (words.has(word) ? '' : word))
    .replace(/\s+/g, ' ')
    .trim();

/** Of sources only what stands in modules of tests. @param before what the file was on the base tells which it is */
function testsIn(path: string, text: string, before: string): string {
  if (isTestFile(path, before)) return text;
  const own = testModuleLines(path, text);
  return text
    .split('\n')
    .filter((_, at) => own.has(at + 1))
    .join('\n');
}

/** Code behind the end of a comment. */
const HIDDEN = /\*\/[^\S\n]*[^\s,;)*]/;
/** What stands behind a test, and not within it, runs before all of them. */
const runsBeside = ({ lines }: TestCase): boolean => {
  const depth = indentOf(lines[0] ?? '');
  const head = lines.findIndex((line) => !ATTRIBUTE.test(line));
  return lines.some((line, at) => at > head && !CLOSING.test(line) && !ATTRIBUTE.test(line) && indentOf(line) <= depth);
};

const CLOSING = /^[\s)\]};,]*$/;
const codeOf = (lines: readonly string[]): string => lines.filter((line) => line.trim() !== '').join('\n');

/** Brackets at its end may be those of what is around it. */
const linesOf = ({ title, above, lines }: TestCase): string =>
  [title, codeOf(above), codeOf(lines.slice(0, lines.findLastIndex((line) => !CLOSING.test(line)) + 1))].join('\0');

type Sides = Pick<CheckComparison, 'base' | 'result'>;

/** @returns null where they say what they said on the base, or say as little as there */
export function judgeOldTests({ base }: Sides, run: CheckRun | null, files: ReadonlyMap<string, string>): OldTests | null {
  const all = [...files.keys()];
  if (base !== null && !hasRun(base) && run !== null && !hasRun(run) && run.killed === null) return null;
  if (run === null) return { files: all, verdict: 'not_run', failing: [], run };
  if (run.killed !== null) return { files: all, verdict: 'stopped', failing: [], run };
  if (run.exitCode === 0 || compareCheck('', base, run).verdict === 'still_failing' || failsByOthers(base, run))
    return testsOf(run) < testsOf(base) ? { files: all, verdict: 'fewer', failing: [], run } : null;
  const known = new Set(base?.failing);
  const fresh = run.failing.filter((name) => !known.has(name));
  const placed = [...files].flatMap(([file, text]) => {
    const titles = titlesIn(file, text);
    const failing = fresh.filter((name) => titles.some((title) => name.includes(title)));
    return failing.length > 0 ? [{ file, failing }] : [];
  });
  const failing = [...new Set(placed.flatMap((one) => one.failing))];
  if (failing.length > 0) return { files: placed.map(({ file }) => file), verdict: 'fail', failing, run };
  return { files: all, verdict: lacksSomething(run.tail) ? 'do_not_load' : 'fail', failing: fresh, run };
}

/**
 * The same without new files of tests, where no test of the base was changed. What does not load without them is no excuse where tests ran on the base:
 * then code takes something from a test. A script that tells no numbers may only name the file.
 */
export function judgeWithoutNew(sides: Sides, run: CheckRun | null, fresh: readonly string[]): OldTests | null {
  const found = judgeOldTests(sides, run, new Map(fresh.map((file) => [file, ''])));
  const isNamedOnly = found?.verdict === 'do_not_load' && testsOf(sides.base) === 0;
  return found === null || isNamedOnly ? null : { ...found, files: fresh, fresh: true };
}

/** A threshold of coverage, or a linter in the same command: as many tests as before pass. */
const failsByOthers = (base: CheckRun | null, { counts, failing }: CheckRun): boolean =>
  base?.counts != null &&
  counts !== null &&
  failing.length === 0 &&
  counts.failed === 0 &&
  counts.passed >= Math.max(1, base.counts.passed);
