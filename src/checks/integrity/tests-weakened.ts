/** Tests that are still there and demand less: assertions gone, expectations loosened, failures caught. */
import { message } from '../../messages/message.ts';
import { ASSERTION, isTestPath } from '../test-files.ts';
import { type Assertion, assertionsIn, comparesWithItself, isAbout, isVacuous, strengthOf, subjectsOf, without } from './assertions.ts';
import { type ChangedText, quote, withoutComments } from './changed-text.ts';
import { blocking, type Finding, type Rule } from './rule.ts';
import { type PairedCases, pairCases, sharedCode, type TestCase, testCases } from './test-cases.ts';
import { hollowed } from './tests-hollowed.ts';
import { widened } from './widened.ts';

export const testsWeakened: Rule = (files) => {
  const tests = files.filter((file) => file.isTest && file.after !== null);
  const paired = tests.map(pairOf);
  const ofFresh = paired.flatMap(({ fresh, shared }) => [
    ...fresh.flatMap(({ lines }) => assertionsIn(lines)),
    ...without(assertionsIn(shared.after.lines), assertionsIn(shared.before.lines)),
  ]);
  const movedTo = new Set([...ofFresh.map(({ text }) => text), ...tests.flatMap(({ added }) => added.map(({ text }) => text.trim()))]);
  return paired.flatMap(({ file, both, fresh }) => {
    const ofCases = both.flatMap((pair) => weakenedCase(file, pair.before, pair.after, movedTo));
    return [...ofCases, ...fresh.flatMap((one) => onlyVacuous(file, one)), ...swallowed(file), ...hollowed(file)];
  });
};

interface Paired extends PairedCases {
  readonly file: ChangedText;
  readonly shared: { readonly before: TestCase; readonly after: TestCase };
}

function pairOf(file: ChangedText): Paired {
  const before = file.before === null ? [] : testCases(file.from, file.before);
  const after = testCases(file.path, file.after ?? '');
  const paired = pairCases(before, after);
  const shared = { before: sharedCode(file.from, file.before ?? '', before), after: sharedCode(file.path, file.after ?? '', after) };
  // What was shared may have become a test; beside Rust's tests stands the program.
  const isAlike = file.before !== null && isTestPath(file.path) && paired.gone.length + paired.fresh.length === 0;
  return { file, ...paired, both: isAlike ? [...paired.both, shared] : paired.both, shared };
}

/** Each with each: no test that somebody reads has more. */
const MOST_COMPARED = 100;

function weakenedCase(file: ChangedText, before: TestCase, after: TestCase, movedTo: ReadonlySet<string>): Finding[] {
  const [old, now] = [assertionsIn(before.lines), assertionsIn(after.lines)];
  const lost = without(old, now).filter((one) => !isVacuous(one));
  const came = without(now, old).filter((one) => !comparesWithItself(one));
  const at = (one: Assertion | undefined) => after.line + (one?.line ?? 1) - 1;
  const found: Finding[] = [];
  for (const one of lost.slice(0, MOST_COMPARED)) {
    const looser = looserThan(one, came.slice(0, MOST_COMPARED), movedTo);
    if (!looser) continue;
    const args = { before: quote(one.text, 60), after: quote(looser.text, 60) };
    found.push(blocking(message('integrity.loosened', args), file.path, at(looser)));
  }
  if (found.length > 0) return found;
  const gone = lost.filter(({ text }) => !movedTo.has(text));
  const instead = came.filter((one) => !isVacuous(one)).length + helperCalls(after, before);
  if (gone.length === 0 || (instead > 0 && (gone.length < 4 || instead * 3 > gone.length))) return [];
  const args = { count: gone.length - instead, line: quote(gone[0]!.text, 60) };
  return [blocking(message('integrity.assertionsGone', args), file.path, after.title === '' ? undefined : after.line)];
}

const RANK = { any: 0, part: 1, exact: 2 } as const;

function looserThan(one: Assertion, came: readonly Assertion[], movedTo: ReadonlySet<string>): Assertion | null {
  if (movedTo.has(one.text)) return null;
  const wider = came.find((other) => widened(one.text, other.text));
  if (wider) return wider;
  const strength = strengthOf(one);
  if (strength === null || strength === 'any') return null;
  const subjects = subjectsOf(one);
  const about = came.filter((other) => isAbout(subjects, subjectsOf(other)));
  const strengths = about.map(strengthOf);
  if (strengths.some((other) => other === null || RANK[other] >= RANK[strength])) return null;
  return about[strengths.indexOf('any')] ?? (strength === 'exact' ? (about[0] ?? null) : null);
}

/** Assertions of one's own, by their usual names: `checkOutput(x)`. */
const HELPER = /^\s*(?:await\s+|return\s+)?(?:[\w.]+\.)?(?:check|verify|ensure|validate|test|run)[A-Z_]\w*\s*\(/;

function helperCalls(after: TestCase, before: TestCase): number {
  const count = ({ lines }: TestCase) => lines.filter((line) => HELPER.test(line)).length;
  return Math.max(0, count(after) - count(before));
}

function onlyVacuous(file: ChangedText, one: TestCase): Finding[] {
  const all = assertionsIn(one.lines);
  if (all.length === 0 || !all.every(isVacuous)) return [];
  return [blocking(message('integrity.vacuous', { line: quote(all[0]!.text) }), file.path, one.line + all[0]!.line - 1)];
}

/** What catches everything and goes on: its first line, and all of it where that is one line. */
const CATCHES =
  /\btry\s*\{.*\bcatch\s*(?:\([^)]{0,100}\)\s*)?\{\s*\}|\bcatch\s*(?:\(\s*(?:(?:final\s+)?(?:java\.lang\.)?(?:Exception|Throwable|Error|AssertionError)\s+)?\w*(?:\s*:\s*\w+)?\s*\)\s*)?\{\s*\}?\s*$|^\s*except(?:\s+(?:Base)?Exception|\s+AssertionError)?(?:\s+as\s+\w+)?\s*:\s*(?:pass)?\s*$|\.catch\(\s*\(?\w*\)?\s*=>\s*(?:\{\s*\}|null|undefined)\s*\)|\brescue\b[^;]*(?:;|$)|\bcontextlib\.suppress\((?:Base)?(?:Exception|AssertionError)/;
const NOTHING = /^\s*(?:(?:pass|nil|\}|end|return;?|continue;?)\s*)?(?:[;)]+\s*)?$/;

/** One handler more that does nothing and stands behind an assertion. */
function swallowed(file: ChangedText): Finding[] {
  const now = swallowing(file.path, file.after ?? '');
  if (now.length === 0 || now.length <= swallowing(file.from, file.before ?? '').length) return [];
  const added = new Set(file.added.map(({ line }) => line));
  return [blocking(message('integrity.swallowed'), file.path, now.find((line) => added.has(line)) ?? now[0])];
}

function swallowing(path: string, text: string): number[] {
  const lines = withoutComments(path, text);
  return lines.flatMap((own, at) => {
    if (!CATCHES.test(own)) return [];
    const next = lines.slice(at + 1, at + 5).find((one) => one.trim() !== '') ?? '';
    const isWhole = /\{\s*\}|=>|:\s*pass|suppress\(/.test(own);
    if (!isWhole && !NOTHING.test(next)) return [];
    const guarded = own.includes('suppress(') ? lines.slice(at + 1, at + 11) : triedBefore(lines, at + 1);
    return guarded.some((one) => ASSERTION.test(one)) ? [at + 1] : [];
  });
}

const MOST_TRIED = 40;

/** The lines from the `try` to the handler. */
function triedBefore(lines: readonly string[], line: number): readonly string[] {
  const above = lines.slice(Math.max(0, line - MOST_TRIED), line);
  const start = above.findLastIndex((one) => /\btry\b|\bbegin\b/.test(one));
  return start < 0 ? above.slice(-1) : above.slice(start);
}
