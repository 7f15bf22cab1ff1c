/** Tests of the base that are not there any more: their file is gone, emptied, or holds fewer. */
import { message, shortList } from '../../messages/message.ts';
import { canFail, countTests, isNamedAsTest, isTestPath } from '../test-files.ts';
import { goneByTask, isAbout } from './asked-removal.ts';
import { assertionsIn } from './assertions.ts';
import { type ChangedText, quote, withoutComments } from './changed-text.ts';
import { blocking, note, type Rule } from './rule.ts';
import { isTable, pairCases, type TestCase, testCases } from './test-cases.ts';

export const testsGone: Rule = (files, { task }) => {
  const gone = goneByTask(task, files);
  const tests = files.filter((file) => file.isTest && file.kind !== 'unread').map((file) => ({ file, ...casesOf(file) }));
  const arrived = new Map<string, number>();
  const running = tests.filter(({ file }) => !isPassedOver(file.path));
  for (const { fresh } of running) for (const { title } of fresh) arrived.set(title, (arrived.get(title) ?? 0) + 1);
  const asserted = new Set(running.flatMap(({ fresh }) => fresh.flatMap(textsOf)));
  /** A test that another file holds now was moved, under another name too. */
  const assertsElsewhere = (one: TestCase) => {
    const texts = textsOf(one);
    return texts.length > 0 && texts.filter((text) => asserted.has(text)).length * 2 > texts.length;
  };
  const isMoved = (one: TestCase) => {
    const left = arrived.get(one.title) ?? 0;
    if (left > 0) arrived.set(one.title, left - 1);
    return left > 0 || assertsElsewhere(one);
  };
  return tests.flatMap(({ file, gone: notThere, fresh, before }) => {
    const had = file.before === null ? 0 : countTests(file.from, withoutComments(file.from, file.before).join('\n'));
    const lost = notThere.filter((one) => !isMoved(one));
    // What is removed as the task asks takes its tests along; a test of it that says more is told of all the same.
    const tell = lost.length > 0 && lost.every((one) => isAbout(gone, one)) ? note : blocking;
    const isElsewhere = notThere.length > 0 && notThere.every((one) => assertsElsewhere(one));
    if (had > 0 && leavesRunner(file)) return [blocking(message('integrity.testsMoved', { count: had, from: file.from }), file.path)];
    if (file.after === null) return lost.length > 0 ? [tell(message('integrity.testsDeleted', { count: lost.length }), file.path)] : [];
    if (had > 0 && !isElsewhere && isEmptied(file)) return [blocking(message('integrity.testsEmptied', { count: had }), file.path)];
    // A test that became a row of a table, or got another name, is not gone.
    const missing = lost.length - fresh.length;
    if (missing <= 0 || fresh.some(isTable) || gainedTable(file, before)) return [];
    const titles = shortList(
      lost.slice(0, 10).map(({ title }) => quote(title, 50)),
      2,
    );
    return [tell(message('integrity.testsGone', { count: missing, titles }), file.path)];
  });
};

/** From where in Rust's modules a name is taken is another matter in another file. */
const textsOf = ({ lines }: TestCase): string[] => assertionsIn(lines).map(({ text }) => text.replace(/\b\w{1,60}::/g, ''));

function casesOf(file: ChangedText) {
  const before = file.before === null ? [] : testCases(file.from, file.before);
  const after = file.after === null ? [] : testCases(file.path, file.after);
  return { before, ...pairCases(before, after) };
}

/** Their runners take any file of a folder of tests. */
const JAVASCRIPT = /\.[cm]?[jt]sx?$/;
/** Folders and names that a compiler or runner passes over; `_windows` in Go is for one system. */
const PASSED_OVER =
  /(^|\/)node_modules\/|(^|\/)([_.][^/]*|testdata)\/.*\.go$|_(windows|darwin|plan9|js|wasm|aix|android|dragonfly|freebsd|illumos|ios|netbsd|openbsd|solaris|386|arm|mips\w*|ppc64\w*|riscv64|s390x)(_test)?\.go$|_(windows|darwin|freebsd|arm|386)_\w+_test\.go$/;

const isPassedOver = (path: string) =>
  PASSED_OVER.test(path) || !(isNamedAsTest(path) || path.endsWith('.rs') || (JAVASCRIPT.test(path) && isTestPath(path)));

/** Whether its new name keeps the tests from running. */
const leavesRunner = ({ path, from, after }: ChangedText): boolean =>
  after !== null && path !== from && !isPassedOver(from) && isPassedOver(path);

function isEmptied({ path, from, before, after }: ChangedText): boolean {
  const now = withoutComments(path, after ?? '');
  return countTests(path, now.join('\n')) === 0 || (withoutComments(from, before ?? '').some(canFail) && !now.some(canFail));
}

function gainedTable(file: ChangedText, before: readonly TestCase[]): boolean {
  const count = (cases: readonly TestCase[]) => cases.filter(isTable).length;
  return count(testCases(file.path, file.after ?? '')) > count(before);
}
