/**
 * What `swift test` and `xcodebuild test` print: lines of XCTest and of Swift Testing, of which one run has both. XCTest's summary counts
 * assertions that failed, not tests, so its tests are counted one by one; with `--parallel` it prints only those that failed whole.
 */
import type { Counted } from './types.ts';

/** Of a process that died the test that it died in has no end. */
const CASE = /^Test Case '(.+)' (started|passed|failed|skipped)\b/gm;
const IN_PARALLEL = /^\[\d+\/\d+\] Testing \S+$/gm;
const RUN = /^\S{1,2} {1,2}Test run with (\d+) tests?(?: in \d+ suites?)? (passed|failed) after /gm;
const FAILED = /^\S{1,2} {1,2}Test (?!run with )(.+?)(?: with \d+ test cases?)? failed after [\d.]+ seconds/gm;
const SKIPPED = /^\S{1,2} {1,2}Test (?!run with )(?:.+ )?skipped(?:\.$|: ")/gm;

export function swiftCounts(text: string): Counted[] {
  const runs = [...text.matchAll(RUN)];
  const isXctest = /^Test Suite '.+' started at /m.test(text) || text.search(IN_PARALLEL) >= 0;
  if (!isXctest) return runs.length === 0 ? [] : [testingCounts(text, runs)];
  const { ended, died } = cases(text);
  const failed = ended.failed.length + died.length;
  const parallel = [...text.matchAll(IN_PARALLEL)].length;
  const passed = parallel > 0 ? Math.max(0, parallel - failed - ended.skipped.length) : ended.passed.length;
  const xctest = { passed, failed, skipped: ended.skipped.length };
  return runs.length === 0 ? [xctest] : [xctest, testingCounts(text, runs)];
}

export function swiftNames(text: string): string[] {
  const { ended, died } = cases(text);
  return [...ended.failed, ...died, ...[...text.matchAll(FAILED)].map(([, name]) => name!)];
}

/** Its sum has the skipped ones in it. A run fails without a test that does where an issue belongs to none. */
function testingCounts(text: string, runs: readonly RegExpMatchArray[]): Counted {
  const all = runs.reduce((sum, [, count]) => sum + Number(count), 0);
  const skipped = [...text.matchAll(SKIPPED)].length;
  const failed = Math.max([...text.matchAll(FAILED)].length, runs.some(([, , how]) => how === 'failed') ? 1 : 0);
  return { passed: Math.max(0, all - failed - skipped), failed, skipped };
}

function cases(text: string): { ended: Record<'passed' | 'failed' | 'skipped', string[]>; died: string[] } {
  const ended: Record<'passed' | 'failed' | 'skipped', string[]> = { passed: [], failed: [], skipped: [] };
  const open = new Set<string>();
  for (const [, name, what] of text.matchAll(CASE)) {
    if (what === 'started') open.add(name!);
    else {
      open.delete(name!);
      ended[what as keyof typeof ended].push(name!);
    }
  }
  return { ended, died: [...open] };
}
