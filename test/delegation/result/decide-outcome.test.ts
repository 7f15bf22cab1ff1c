import assert from 'node:assert/strict';
import { type FailKind, NO_MUTANTS, NO_RED_TO_GREEN } from '../../../src/checks/proof/types.ts';
import type { CheckComparison, CheckKind, CheckRun } from '../../../src/checks/types.ts';
import type { Delivery } from '../../../src/delegation/attempt/commit-and-import.ts';
import { decideOutcome } from '../../../src/delegation/result/decide-outcome.ts';
import type { AttemptResult } from '../../../src/delegation/result/result-schema.ts';
import { message } from '../../../src/messages/message.ts';
import { english, inWords } from '../../messages/english.ts';

const run = (exitCode: number, counts: CheckRun['counts'] = null): CheckRun => ({
  exitCode,
  killed: null,
  durationMs: 1,
  counts,
  failing: [],
  tail: '',
});
const check = (
  verdict: CheckComparison['verdict'],
  result = run(verdict === 'pass' || verdict === 'fixed' ? 0 : 1),
): AttemptResult['checks'][number] => ({
  command: 'npm test',
  base: null,
  result: { ...result, failing: [...result.failing] },
  verdict,
  newFailures: null,
});
const delivery = (checks: AttemptResult['checks'], ending: Delivery['ending'] = { kind: 'done', tip: 'a'.repeat(40) }): Delivery => ({
  change: null,
  checks,
  silentManifests: null,
  ownPackages: [],
  integrity: [],
  headMoved: null,
  ending,
});
const SOME = { passed: 2, failed: 1, skipped: 0 };
/** One that nobody gave. */
const found = (
  verdict: CheckComparison['verdict'],
  base: CheckRun = run(0),
  kind: CheckKind = 'test',
  more: { inTask?: true } = {},
): AttemptResult['checks'][number] => ({
  ...check(verdict),
  base: { ...base, failing: [...base.failing] },
  found: { kind, file: 'package.json', folder: '', ...more },
});
const changing = (files: string[]): Delivery => ({
  proof: { redToGreen: onBase(1) },
  ...delivery([{ ...found('pass'), found: { kind: 'test', file: 'packages/a/package.json', folder: 'packages/a', endings: ['.ts'] } }]),
  change: {
    base: 'b',
    tip: 'a',
    files: files.map((path) => ({ path, status: 'M', added: 1, removed: 0 })),
    added: 1,
    removed: 0,
    diffs: [],
  },
});
const blocking = [{ level: 'blocking' as const, text: inWords('x') }];
const note = [{ level: 'note' as const, text: inWords('x') }];
const BUG_UNSHOWN = [{ level: 'note' as const, text: message('warning.noTestOfBug') }];
const showing = (redToGreen: NonNullable<AttemptResult['proof']>['redToGreen']): Delivery => ({
  ...delivery([found('pass')]),
  proof: { redToGreen },
});
const onBase = (failOnBase: number | null, how: FailKind | null = 'assertion') => ({
  ...{ command: 'make test', files: ['a'], newTests: 1, failOnBase, pass: 1 },
  how: failOnBase === 0 ? null : how,
});
const noticing = (caught: number) => ({ command: 'npm test', alone: true, tried: 5, caught, survived: [] });
const proving = (proof: Delivery['proof'], checks = [found('pass')]): Delivery => ({ ...delivery(checks), proof });
const UNNOTICED = NO_MUTANTS.map((notShown) => ({ notShown }));
/** The base fails by one test of three, and so does the result. */
const asBefore = (more: { newFailures?: number | null; inTask?: true; passed?: number } = {}): AttemptResult['checks'][number] => ({
  ...found('still_failing', run(1, SOME), 'test', more.inTask ? { inTask: true } : {}),
  result: { ...run(1, { passed: more.passed ?? 3, failed: 1, skipped: 0 }), failing: ['known'] },
  newFailures: more.newFailures === undefined ? 0 : more.newFailures,
});
/** Named by the caller. */
const stuck: AttemptResult['checks'][number] = { ...check('still_failing'), base: { ...run(1, SOME), failing: ['known'] }, newFailures: 0 };
/** Nothing tells whether it fails by the same tests. */
const untold = { ...stuck, newFailures: null };
const emptyRun = check('pass', run(0, { passed: 0, failed: 0, skipped: 0 }));

describe('judge: from facts to the outcome', () => {
  const TABLE: readonly [string, Delivery, AttemptResult['warnings'], AttemptResult['kind'], string][] = [
    ['nothing changed', delivery([], { kind: 'nothing' }), [], 'feature', 'no_changes'],
    ['nothing changed, whatever the checks say', delivery([check('pass')], { kind: 'nothing' }), [], 'feature', 'no_changes'],
    ['found checks that passed before, and a bug that nothing shows', delivery([found('pass')]), BUG_UNSHOWN, 'bug', 'unverified'],
    ...NO_RED_TO_GREEN.map((notShown): (typeof TABLE)[number] => [`the same: ${notShown}`, showing({ notShown }), [], 'bug', 'unverified']),
    ['the same: new tests pass on the base', showing(onBase(0)), [], 'bug', 'unverified'],
    ['a bug that a new test shows', showing(onBase(1)), [], 'bug', 'ready'],
    ['a bug that a new test shows by the exit code', showing(onBase(null)), [], 'bug', 'ready'],
    ...NO_RED_TO_GREEN.map((notShown): (typeof TABLE)[number] => [
      `a feature that nothing shows: ${notShown}`,
      showing({ notShown }),
      [],
      'feature',
      'unverified',
    ]),
    ['a feature without tests', delivery([found('pass')]), [], 'feature', 'unverified'],
    ['a feature whose new tests pass on the base', showing(onBase(0)), [], 'feature', 'unverified'],
    ['a feature that a new test shows', showing(onBase(1)), [], 'feature', 'ready'],
    ['the same, some by what is not there', showing(onBase(1, 'mixed')), [], 'feature', 'ready'],
    ...(['load', 'unknown'] as const).flatMap((how): (typeof TABLE)[number][] => [
      [`tests of a feature that fail on the base by ${how}`, proving({ redToGreen: onBase(1, how) }), [], 'feature', 'unverified'],
      [`the same, and they notice a fault (${how})`, proving({ redToGreen: onBase(1, how), mutants: noticing(1) }), [], 'feature', 'ready'],
      [
        `the same, and they notice none (${how})`,
        proving({ redToGreen: onBase(1, how), mutants: noticing(0) }),
        [],
        'feature',
        'unverified',
      ],
    ]),
    ...UNNOTICED.map((mutants): (typeof TABLE)[number] => [
      `the same, and no fault could be tried: ${mutants.notShown}`,
      proving({ redToGreen: onBase(1, 'load'), mutants }),
      [],
      'feature',
      'unverified',
    ]),
    ['a test of a bug that fails on the base since it calls what is new', showing(onBase(1, 'load')), [], 'bug', 'unverified'],
    ['the same, and it notices a fault', proving({ redToGreen: onBase(1, 'load'), mutants: noticing(2) }), [], 'bug', 'ready'],
    ['a test of a bug that fails on the base by an error', showing(onBase(1, 'unknown')), [], 'bug', 'ready'],
    ['a feature whose check the caller gave', delivery([check('pass')]), [], 'feature', 'ready'],
    ['a feature, and a check that was found is fixed', delivery([found('fixed')]), [], 'feature', 'ready'],
    ['written tests that notice a fault', proving({ mutants: noticing(1) }), [], 'tests', 'ready'],
    ['written tests that notice none', proving({ mutants: noticing(0) }), [], 'tests', 'unverified'],
    [
      'a bug whose new tests fail without code that does the same',
      { ...changing(['packages/a/src/x.ts', 'packages/a/test/x.test.ts']), effect: 'tests' },
      [],
      'bug',
      'unverified',
    ],
    ['a bug whose new tests fail on the base', changing(['packages/a/src/x.ts', 'packages/a/test/x.test.ts']), [], 'bug', 'ready'],
    ['written tests of which nothing is known', delivery([found('pass')]), [], 'tests', 'unverified'],
    ...UNNOTICED.map((mutants): (typeof TABLE)[number] => [
      `written tests: ${mutants.notShown}`,
      proving({ mutants }),
      [],
      'tests',
      'unverified',
    ]),
    ['written tests whose check the caller gave', delivery([check('pass')]), [], 'tests', 'ready'],
    ['the same tests fail as on the base', delivery([asBefore()]), [], 'feature', 'unverified'],
    ['the same, and new ones show the feature', proving({ redToGreen: onBase(1) }, [asBefore()]), [], 'feature', 'ready'],
    ['the same, and new ones show the bug', proving({ redToGreen: onBase(1) }, [asBefore()]), [], 'bug', 'ready'],
    ['the same, and written ones notice faults', proving({ mutants: noticing(3) }, [asBefore()]), [], 'tests', 'ready'],
    [
      'the same where the task names that check',
      proving({ redToGreen: onBase(1) }, [asBefore({ inTask: true })]),
      [],
      'bug',
      'checks_failed',
    ],
    ['the same where names do not tell', proving({ redToGreen: onBase(1) }, [asBefore({ newFailures: null })]), [], 'bug', 'unverified'],
    ['the same where fewer pass', proving({ redToGreen: onBase(1) }, [asBefore({ passed: 1 })]), [], 'bug', 'unverified'],
    ['the same where a check that was found failed before', delivery([found('fixed')]), BUG_UNSHOWN, 'bug', 'ready'],
    ['the same where the caller gave the check', delivery([check('pass')]), BUG_UNSHOWN, 'bug', 'ready'],
    ['found checks of work that is only text', changing(['packages/a/NOTES.md']), [], 'feature', 'unverified'],
    [
      'the branch moved',
      delivery([check('pass')], { kind: 'moved', tip: 'a', keptAt: 'x-kimi-1', reason: inWords('r') }),
      [],
      'feature',
      'branch_moved',
    ],
    ['git refused the objects', delivery([check('pass')], { kind: 'rejected', reason: inWords('r') }), [], 'feature', 'checks_failed'],
    ['a check passes', delivery([check('pass')]), [], 'feature', 'ready'],
    ['a check is fixed', delivery([check('fixed')]), [], 'bug', 'ready'],
    ['one passes, one fails as before', delivery([check('pass'), check('still_failing')]), [], 'feature', 'ready'],
    ["one passes, the bug's own test fails as before", delivery([check('pass'), stuck]), [], 'bug', 'checks_failed'],
    ['the same before a warning', delivery([check('pass'), stuck]), blocking, 'bug', 'checks_failed'],
    ['the same, a feature', delivery([check('pass'), stuck]), [], 'feature', 'ready'],
    ['the same, another check is fixed', delivery([check('fixed'), stuck]), [], 'bug', 'ready'],
    ['the same, and new tests show the fix', { ...showing(onBase(1)), checks: [check('pass'), stuck] }, [], 'bug', 'ready'],
    ['one passes, another fails by who knows which tests', delivery([check('pass'), untold]), [], 'feature', 'unverified'],
    ['one is fixed, another fails by who knows which tests', delivery([check('fixed'), untold]), [], 'bug', 'unverified'],
    [
      'one fails as before, and new tests alone make another one pass',
      { ...delivery([check('fixed'), stuck]), proof: { redToGreen: { ...onBase(0), fixedByTests: true } } },
      [],
      'bug',
      'checks_failed',
    ],
    [
      'one fails as before, another one is fixed',
      { ...delivery([check('fixed'), stuck]), proof: { redToGreen: onBase(0) } },
      [],
      'bug',
      'ready',
    ],
    ['one passes, a linter complains as before', delivery([check('pass'), check('still_failing')]), [], 'bug', 'ready'],
    ['a note does no harm', delivery([check('pass')]), note, 'feature', 'ready'],
    ['a regression', delivery([check('pass'), check('regressed')]), [], 'feature', 'checks_failed'],
    ['a regression before a warning', delivery([check('regressed')]), blocking, 'feature', 'checks_failed'],
    ['a blocking warning before a pass', delivery([check('pass')]), blocking, 'feature', 'needs_review'],
    ['a blocking warning without a check', delivery([]), blocking, 'feature', 'needs_review'],
    ['no check at all', delivery([]), [], 'feature', 'unverified'],
    ['no check at all, a bug', delivery([]), [], 'bug', 'unverified'],
    ['a pass that ran no test proves nothing', delivery([emptyRun]), [], 'tests', 'unverified'],
    ['fails as before, nothing new: a feature has no proof', delivery([check('still_failing')]), [], 'feature', 'unverified'],
    ['fails as before, nothing new: a bug is not fixed', delivery([check('still_failing')]), [], 'bug', 'checks_failed'],
    ['no check could be started', delivery([check('cannot_run', run(127))]), [], 'feature', 'unverified'],
    ['no check of a fix could be started', delivery([check('cannot_run', run(127))]), [], 'bug', 'unverified'],
    ['no check was found', { ...delivery([]), silentManifests: ['package.json'] }, [], 'bug', 'unverified'],
    ['a found test passes on both', showing(onBase(1)), [], 'feature', 'ready'],
    ['a found test was broken and passes', delivery([found('fixed', run(1, { passed: 2, failed: 1, skipped: 0 }))]), [], 'bug', 'ready'],
    ['a found test fails in a new way', delivery([found('regressed')]), [], 'feature', 'checks_failed'],
    ['a found linter complains anew', delivery([found('pass'), found('regressed', run(0), 'lint')]), [], 'feature', 'checks_failed'],
    ['only a found linter passes', delivery([found('pass', run(0), 'lint')]), [], 'feature', 'unverified'],
    [
      'a found test runs nothing on the base',
      delivery([found('fixed', run(5, { passed: 0, failed: 0, skipped: 0 }))]),
      [],
      'tests',
      'unverified',
    ],
    ['a found test misses something on the base', delivery([found('pass', run(127))]), [], 'feature', 'unverified'],
    ['a found test of a fix could not run', delivery([found('cannot_run', run(127))]), [], 'bug', 'unverified'],
    ['a found test fails as before, a bug', delivery([found('still_failing', run(1, SOME))]), [], 'bug', 'unverified'],
    [
      'a test that the bug report names fails as before',
      delivery([found('still_failing', run(1, SOME), 'test', { inTask: true })]),
      [],
      'bug',
      'checks_failed',
    ],
    [
      'a test that the bug report names misses something',
      delivery([found('cannot_run', run(127), 'test', { inTask: true })]),
      [],
      'bug',
      'unverified',
    ],
    ['a found test covers all that was changed', changing(['packages/a/x.ts', 'README.md', 'package-lock.json']), [], 'feature', 'ready'],
    ['a found test covers another language', changing(['packages/a/x.ts', 'packages/a/y.py']), [], 'feature', 'unverified'],
    ['a found test covers a part of it', changing(['packages/a/x.ts', 'packages/b/y.ts']), [], 'feature', 'unverified'],
    ['one could not be started, another passes', delivery([check('cannot_run', run(127)), check('pass')]), [], 'feature', 'ready'],
  ];
  for (const [name, hand, warnings, kind, outcome] of TABLE) {
    it(`${name}: ${outcome}`, () => {
      const judged = decideOutcome(hand, warnings, kind);
      assert.equal(judged.outcome, outcome);
      if (outcome !== 'ready') assert.ok(english(judged.reason).length > 0, 'every outcome but ready has a reason');
    });
  }
});
