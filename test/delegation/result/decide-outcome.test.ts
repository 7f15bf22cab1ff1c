import assert from 'node:assert/strict';
import type { CheckComparison, CheckRun } from '../../../src/checks/types.ts';
import type { Delivery } from '../../../src/delegation/attempt/commit-and-import.ts';
import { decideOutcome } from '../../../src/delegation/result/decide-outcome.ts';
import type { AttemptResult } from '../../../src/delegation/result/result-schema.ts';
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
  ownPackages: [],
  integrity: [],
  headMoved: null,
  ending,
});
const blocking = [{ level: 'blocking' as const, text: inWords('x') }];
const note = [{ level: 'note' as const, text: inWords('x') }];
const emptyRun = check('pass', run(0, { passed: 0, failed: 0, skipped: 0 }));

describe('judge: from facts to the outcome', () => {
  const TABLE: readonly [string, Delivery, AttemptResult['warnings'], AttemptResult['kind'], string][] = [
    ['nothing changed', delivery([], { kind: 'nothing' }), [], 'feature', 'no_changes'],
    ['nothing changed, whatever the checks say', delivery([check('pass')], { kind: 'nothing' }), [], 'feature', 'no_changes'],
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
