/** Reads test counts and the names of failing tests from what test runners, type checkers and linters print. */
import { inTimeOr } from '../common/in-time.ts';
import { automakeCounts, automakeNames } from './automake-output.ts';
import { cypressCounts } from './cypress-output.ts';
import { filesOfProve, proveCounts } from './prove-output.ts';
import { swiftCounts, swiftNames } from './swift-output.ts';
import type { CheckRun, Counted } from './types.ts';

export interface CheckFindings {
  readonly counts: CheckRun['counts'];
  readonly failing: readonly string[];
}

const MOST_NAMES = 50;
/** A hundred times what a usual output takes; other attempts wait meanwhile. */
const MOST_MS = 5000;
const LONGEST_NAME = 200;
/** No summary and no name needs more of a line. */
const LONGEST_LINE = 2000;

interface Reader {
  /** The runner, for people who read this table. */
  readonly name: string;
  /** Every summary of the run (a monorepo prints several); they are added up. Named groups hold numbers. */
  readonly summaries: (text: string) => Counted[];
  readonly failing: (text: string) => string[];
}

/**
 * The first runner whose summary is found gives the counts. Test runners stand before type checkers and linters.
 * The output is hostile: in a pattern, no two repeats beside each other may match the same character, or the time grows with the
 * square of a line's length.
 */
const READERS: readonly Reader[] = [
  {
    name: 'vitest',
    summaries: (text) => matches(text, /^ +Tests {2}(\d+ [a-z]+(?: \| \d+ [a-z]+)*) \(\d+\)/gm).map(([, list]) => byWord(list!)),
    failing: (text) => names(text, /^ ?FAIL +(\S.* > .+)$/gm),
  },
  {
    name: 'jest',
    summaries: (text) => matches(text, /^Tests: +((?:\d+ [a-z]+, )*\d+ total)/gm).map(([, list]) => byWord(list!)),
    failing: (text) => names(text, /^ {2}● (?!Console$)(.+)$/gm),
  },
  {
    name: 'node:test',
    summaries: (text) => joined(text, /^(?:ℹ|#) pass (\d+)/gm, /^(?:ℹ|#) (?:fail|cancelled) (\d+)/gm, /^(?:ℹ|#) (?:skipped|todo) (\d+)/gm),
    failing: (text) => [...names(after(text, '✖ failing tests:'), /^✖ (.+?)(?: \([\d.]+ms\))?$/gm), ...tapNames(text)],
  },
  { name: 'cypress', summaries: cypressCounts, failing: mochaNames },
  {
    name: 'mocha',
    summaries: (text) => joined(text, /^ {2}(\d+) passing\b/gm, /^ {2}(\d+) failing$/gm, /^ {2}(\d+) pending$/gm),
    failing: mochaNames,
  },
  {
    name: 'playwright',
    summaries: (text) =>
      /^Running \d+ tests? using \d+ workers?/m.test(text)
        ? joined(
            text,
            /^ {2}(\d+) (?:passed \([\d.]+[a-z]+\)|flaky)$/gm,
            /^ {2}(\d+) (?:failed|interrupted)$/gm,
            /^ {2}(\d+) (?:skipped|did not run)$/gm,
          )
        : [],
    failing: playwrightNames,
  },
  {
    name: 'jasmine',
    summaries: (text) =>
      matches(text, /^(\d+) specs?, (\d+) failures?(?:, (\d+) pending specs?)?$/gm).map(([, all, failed, skipped]) =>
        fromTotal(all, failed, skipped),
      ),
    failing: (text) => names(after(text, '\nFailures:\n').split('\nPending:\n')[0]!, /^\d+\) (.+)$/gm),
  },
  {
    name: 'pytest',
    summaries: (text) => matches(text, /^(?:=+ )?(\d+ [a-z]+(?:, \d+ [a-z]+)*) in [\d.]+s\b/gm).map(([, list]) => byWord(list!)),
    failing: (text) => names(text, /^(?:FAILED|ERROR) ([^\s[]+\[.*?\]|\S+)(?: - .*)?$/gm),
  },
  {
    name: 'unittest',
    summaries: (text) => matches(text, /^Ran (\d+) tests? in .*\n\n(OK|FAILED)(?: \((.*)\))?/gm).map(unittestCounts),
    failing: (text) => names(text, /^(?:FAIL|ERROR): (.+)$/gm),
  },
  {
    name: 'cargo',
    summaries: (text) =>
      matches(text, /^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored/gm).map(([, passed, failed, skipped]) =>
        counted(passed, failed, skipped),
      ),
    failing: (text) => names(text, /^test (.+) \.\.\. FAILED$/gm),
  },
  {
    name: 'go -v',
    summaries: (text) => (/^=== RUN /m.test(text) ? joined(text, /^ *--- PASS: /gm, /^ *--- FAIL: /gm, /^ *--- SKIP: /gm) : []),
    failing: (text) => names(text, /^ *--- FAIL: (\S+)/gm),
  },
  {
    name: 'go',
    summaries: (text) => joined(text, /^ok {2}\t\S+/gm, /^FAIL\t\S+/gm, /^\? {3}\t\S+/gm),
    failing: (text) => [...names(text, /^ *--- FAIL: (\S+)/gm), ...names(text, /^FAIL\t(\S+)/gm)],
  },
  {
    name: 'maven',
    summaries: (text) =>
      matches(text, /^(?:\[\w+\] )?Tests run: (\d+), Failures: (\d+), Errors: (\d+), Skipped: (\d+)$/gm).map(junitCounts),
    failing: (text) => names(text, /^\[ERROR\] +([\w.]+:\d+|[\w.]+\.\w+) .*$/gm),
  },
  {
    name: 'dotnet',
    summaries: (text) =>
      matches(text, /^(?:Passed|Failed)! +- Failed: +(\d+), Passed: +(\d+), Skipped: +(\d+)/gm).map(([, failed, passed, skipped]) =>
        counted(passed, failed, skipped),
      ),
    failing: (text) => names(text, /^ +Failed (\S+) \[/gm),
  },
  {
    name: 'rspec',
    summaries: (text) =>
      matches(text, /^(\d+) examples?, (\d+) failures?(?:, (\d+) pending)?/gm).map(([, all, failed, skipped]) =>
        fromTotal(all, failed, skipped),
      ),
    failing: (text) => names(text, /^rspec \S+ # (.+)$/gm),
  },
  {
    name: 'phpunit',
    summaries: (text) => [
      ...matches(text, /^OK \((\d+) tests?, /gm).map(([, all]) => counted(all)),
      ...matches(text, /^Tests: (\d+), Assertions: \d+(,.*)?\.$/gm).map(([, all, rest = '']) =>
        fromTotal(all, String(sum(rest, /(?:Failures|Errors): (\d+)/g)), String(sum(rest, /(?:Skipped|Incomplete): (\d+)/g))),
      ),
    ],
    failing: (text) => names(text, /^\d+\) (\S+::\S+.*)$/gm),
  },
  {
    name: 'ava',
    summaries: (text) => joined(text, /^ {2}(\d+) tests? passed$/gm, /^ {2}(\d+) tests? failed$/gm, /^ {2}(\d+) tests? skipped$/gm),
    failing: (text) => names(text, /^ +✘ \[fail\]: (.+)$/gm).map(withoutRemark),
  },
  {
    name: 'ctest',
    summaries: (text) =>
      matches(text, /^\d+% tests passed, (\d+) tests? failed out of (\d+)$/gm).map(([, failed, all]) => fromTotal(all, failed)),
    failing: (text) => names(after(text, 'The following tests FAILED:'), /^[\t ]+\d+ - (\S+) \([\w ]+\)/gm),
  },
  {
    name: 'minitest and test-unit',
    summaries: (text) =>
      matches(text, /^(\d+) (?:runs|tests), \d+ assertions, (\d+) failures, (\d+) errors(.*)$/gm).map(([, all, failures, errors, rest]) =>
        fromTotal(all, String(Number(failures) + Number(errors)), String(sum(rest!, /, (\d+) (?:skips|pendings|omissions)/g))),
      ),
    failing: (text) => [
      ...names(text, /^ +\d+\) (?:Failure|Error):\n([^\s:#]+#\S+?)(?::| \[)/gm),
      ...names(text, /^(?:Failure|Error): (.+?\([\w:]+\))(?::|$)/gm),
    ],
  },
  {
    name: 'googletest',
    summaries: (text) =>
      joined(
        text,
        /^\[ {2}PASSED {2}\] (\d+) tests?\.$/gm,
        /^\[ {2}FAILED {2}\] (\d+) tests?, listed below:$/gm,
        /^\[ {2}SKIPPED \] (\d+) tests?/gm,
      ),
    failing: (text) => names(text, /^\[ {2}FAILED {2}\] (\w+\.[\w/]+)/gm),
  },
  {
    name: 'mix test, and bats for people',
    summaries: (text) =>
      matches(text, /^(?:\d+ doctests?, )?(\d+) tests?, (\d+) failures?(?:, (\d+) (?:skipped|excluded))?/gm).map(
        ([, all, failed, skipped]) => fromTotal(all, failed, skipped),
      ),
    failing: (text) => [...names(text, /^ {2}\d+\) ((?:test|doctest) .+)$/gm), ...names(text, / ✗ (.+)$/gm)],
  },
  {
    name: 'deno',
    summaries: (text) =>
      matches(text, /^(?:ok|FAILED) \| (\d+) passed(?: \(\d+ steps?\))? \| (\d+) failed(?: \(\d+ steps?\))?(?: \| (\d+) ignored)?/gm).map(
        ([, passed, failed, skipped]) => counted(passed, failed, skipped),
      ),
    failing: (text) => names(text, /^(\S.*?) \.\.\. FAILED/gm),
  },
  {
    name: 'dart',
    summaries: (text) =>
      matches(text, /^\d+:\d\d \+(\d+)(?: ~(\d+))?(?: -(\d+))?: (?:All tests (?:passed!|skipped\.)|Some tests failed\.)$/gm).map(
        ([, passed, skipped, failed]) => counted(passed, failed, skipped),
      ),
    failing: (text) => names(text, /^\d+:\d\d \+\d+(?: ~\d+)? -\d+: (.+) \[E\]$/gm),
  },
  {
    // It ends at the first test that fails, without a summary.
    name: 'jsbt',
    summaries: (text) => {
      const skipped = sum(text, /^ *☆ .* \(skip\)$/gm);
      const passed = matches(text, /^(\d+) tests passed in \d+ sec$/gm).map(([, all]) => fromTotal(all, '0', String(skipped)));
      if (passed.length > 0) return passed;
      return /^\d+ tests started \(JSBT/m.test(text) ? joined(text, /^✓ /gm, /^✕ /gm, /^☆ .* \(skip\)$/gm) : [];
    },
    failing: (text) => names(text, /^✕ (.+)$/gm),
  },
  { name: 'swift', summaries: swiftCounts, failing: swiftNames },
  { name: 'automake', summaries: automakeCounts, failing: automakeNames },
  {
    name: 'bun',
    summaries: (text) => (/^bun test v/m.test(text) ? joined(text, /^ *(\d+) pass$/gm, /^ *(\d+) fail$/gm, /^ *(\d+) skip$/gm) : []),
    failing: (text) => names(text, /^\(fail\) (.+?)(?: \[[\d.]+ms\])?$/gm),
  },
  {
    name: 'nextest',
    summaries: (text) =>
      matches(text, /^ +Summary \[[^\]\n]*\] \d+ tests? run: (\d+) passed(?: \([^)\n]*\))?(?:, (\d+) failed)?(?:, (\d+) skipped)?/gm).map(
        ([, passed, failed, skipped]) => counted(passed, failed, skipped),
      ),
    failing: (text) => names(text, /^ +FAIL \[[^\]\n]*\] (?:\([^)\n]*\) )?(\S+ \S+)$/gm),
  },
  {
    name: 'prove',
    summaries: proveCounts,
    failing: (text) => [...filesOfProve(text), ...names(text, /^ *# {3}Failed test '(.+)'$/gm)],
  },
  {
    name: 'busted',
    summaries: (text) =>
      matches(text, /^(\d+) success(?:es)? \/ (\d+) failures? \/ (\d+) errors? \/ (\d+) pending : /gm).map(
        ([, passed, failures, errors, skipped]) => counted(passed, String(Number(failures) + Number(errors)), skipped),
      ),
    failing: (text) => names(text, /^(?:Failure|Error) -> .* @ \d+\n(.+)$/gm),
  },
  {
    name: 'tap',
    summaries: (text) =>
      /^1\.\.\d+/m.test(text)
        ? joined(
            text,
            /^ok \d+\b(?!.*# (?:SKIP|TODO))/gim,
            /^not ok \d+\b(?!.*# (?:SKIP|TODO))/gim,
            /^(?:not )?ok \d+\b.*# (?:SKIP|TODO)/gim,
          )
        : [],
    failing: tapNames,
  },
  {
    name: 'tsc',
    summaries: (text) => {
      const errors = typeErrors(text).length;
      return errors > 0 ? [{ passed: 0, failed: errors, skipped: 0 }] : [];
    },
    failing: typeErrors,
  },
  {
    name: 'eslint',
    summaries: (text) => matches(text, /^✖ \d+ problems? \((\d+) errors?, \d+ warnings?\)/gm).map(([, errors]) => counted('0', errors)),
    failing: () => [],
  },
  {
    name: 'errors',
    summaries: (text) => matches(text, /^Found (\d+) errors?\b/gm).map(([, errors]) => counted('0', errors)),
    failing: () => [],
  },
];

/** `counts` is null when no format is recognized, or it would take too long. Names: at most 50, each at most 200 characters. */
export function readFindings(output: string): CheckFindings {
  return inTimeOr(MOST_MS, { counts: null, failing: [] }, () => findingsOf(output));
}

function findingsOf(output: string): CheckFindings {
  const text = cutLines(output);
  for (const { summaries, failing } of READERS) {
    const found = summaries(text);
    if (found.length === 0) continue;
    const unique = [...new Set(failing(text).map((name) => name.trim().slice(0, LONGEST_NAME)))];
    const counts = found.reduce(add);
    return { counts: Object.values(counts).every(Number.isSafeInteger) ? counts : null, failing: unique.slice(0, MOST_NAMES) };
  }
  return { counts: null, failing: [] };
}

function cutLines(text: string): string {
  return text
    .split('\n')
    .map((line) => line.slice(0, LONGEST_LINE))
    .join('\n');
}

function matches(text: string, pattern: RegExp): RegExpMatchArray[] {
  return [...text.matchAll(pattern)];
}

function names(text: string, pattern: RegExp): string[] {
  return matches(text, pattern).map((match) => match[1]!);
}

function counted(passed = '0', failed = '0', skipped = '0'): Counted {
  return { passed: Number(passed), failed: Number(failed), skipped: Number(skipped) };
}

function fromTotal(all = '0', failed = '0', skipped = '0'): Counted {
  return { passed: Number(all) - Number(failed) - Number(skipped), failed: Number(failed), skipped: Number(skipped) };
}

function add(one: Counted, other: Counted): Counted {
  return { passed: one.passed + other.passed, failed: one.failed + other.failed, skipped: one.skipped + other.skipped };
}

/** Adds up the numbers that a pattern captures; a pattern without a number counts its matches. */
function sum(text: string, pattern: RegExp): number {
  return matches(text, pattern).reduce((total, match) => total + Number(match[1] ?? 1), 0);
}

/** One summary from three patterns; none when passed and failed are both missing from the text. */
function joined(text: string, passed: RegExp, failed: RegExp, skipped: RegExp): Counted[] {
  if (text.search(passed) < 0 && text.search(failed) < 0) return [];
  return [{ passed: sum(text, passed), failed: sum(text, failed), skipped: sum(text, skipped) }];
}

/** `1 failed, 2 passed | 3 skipped`: a test that could not run (`error`) counts as failed. */
function byWord(list: string): Counted {
  const of = (words: string) => sum(list, new RegExp(`(?<!\\d)(\\d+) (?:${words})\\b`, 'g'));
  return { passed: of('passed|xpassed'), failed: of('failed|errors?'), skipped: of('skipped|pending|todo|xfailed') };
}

function unittestCounts([, all, , details = '']: RegExpMatchArray): Counted {
  const failed = sum(details, /(?:failures|errors|unexpected successes)=(\d+)/g);
  return fromTotal(all, String(failed), String(sum(details, /(?:skipped|expected failures)=(\d+)/g)));
}

function junitCounts([, all, failures, errors, skipped]: RegExpMatchArray): Counted {
  return fromTotal(all, String(Number(failures) + Number(errors)), skipped);
}

function tapNames(text: string): string[] {
  return names(text, /^ *not ok \d+ (?:- )?(.+?)$/gm).filter((name) => !/# (?:SKIP|TODO)/i.test(name));
}

/** Below the number of those that failed, one a line, filled up to the width of the terminal. Where they stand in their file may change. */
function playwrightNames(text: string): string[] {
  const lists = matches(text, /^ {2}\d+ (?:failed|interrupted)\n((?: {4}.+\n)+)/gm).map(([, list]) => list!.trim());
  return lists
    .flatMap((list) => list.split('\n'))
    .map((line) =>
      line
        .trim()
        .replace(/ ─+$/, '')
        .replace(/:\d+:\d+(?= › )/, ''),
    );
}

/** mocha lists failures as `1) suite`, further suites and the test below each other, the last line with a colon. */
function mochaNames(text: string): string[] {
  const found: string[] = [];
  let parts: string[] | null = null;
  for (const line of after(text, ' failing\n').split('\n')) {
    const first = /^ {2}\d+\) (.+)$/.exec(line)?.[1];
    if (first !== undefined) parts = [first];
    else if (parts && /^ {7,}\S/.test(line)) parts.push(line.trim());
    else parts = null;
    if (!parts || !line.trimEnd().endsWith(':')) continue;
    found.push(parts.join(' ').trimEnd().slice(0, -1));
    parts = null;
  }
  return found;
}

/** `trims (12ms)`, `trims (details)` -> `trims` */
function withoutRemark(name: string): string {
  const at = name.endsWith(')') ? name.indexOf(' (') : -1;
  return at > 0 ? name.slice(0, at) : name;
}

/** File, code and message without line numbers, which move with every edit. */
function typeErrors(text: string): string[] {
  return [...matches(text, /^(\S.*?)\(\d+,\d+\): error (TS\d+: .*)$/gm), ...matches(text, /^(\S.*?):\d+:\d+ - error (TS\d+: .*)$/gm)].map(
    ([, file, error]) => `${file} ${error}`,
  );
}

function after(text: string, mark: string): string {
  const at = text.indexOf(mark);
  return at < 0 ? '' : text.slice(at + mark.length);
}
