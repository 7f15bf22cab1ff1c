import assert from 'node:assert/strict';
import { NO_RED_TO_GREEN } from '../../../src/checks/proof/types.ts';
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
const onBase = (failOnBase: number | null) => ({ command: 'make test', files: ['a'], newTests: 1, failOnBase, how: null, pass: 1 });
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
    ['a feature that nothing shows', showing({ notShown: 'no_check' }), [], 'feature', 'ready'],
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
    ['a found test passes on both', delivery([found('pass')]), [], 'feature', 'ready'],
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
