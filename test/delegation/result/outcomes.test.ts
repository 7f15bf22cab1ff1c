import assert from 'node:assert/strict';
import { fallbackNeeded, OUTCOME_RULES, OUTCOMES, type Outcome, type OutcomeRule } from '../../../src/delegation/result/outcomes.ts';

type Fallback = 'at once' | 'after the second' | 'never';

/** The closed set, and when Claude must do the work itself. */
const TABLE: Readonly<Record<Outcome, Fallback>> = {
  ready: 'never',
  unverified: 'never',
  needs_review: 'never',
  no_changes: 'after the second',
  checks_failed: 'after the second',
  step_limit: 'after the second',
  budget_exhausted: 'after the second',
  loop_detected: 'after the second',
  rate_limited: 'after the second',
  quota_exhausted: 'at once',
  auth_failed: 'at once',
  api_unreachable: 'after the second',
  content_refused: 'at once',
  sandbox_unavailable: 'at once',
  environment_broken: 'at once',
  checks_cannot_run: 'never',
  branch_moved: 'never',
  busy: 'never',
  invalid_request: 'never',
  storage_error: 'at once',
  cancelled: 'never',
  interrupted: 'never',
  internal_error: 'after the second',
};

describe('outcomes', () => {
  it('are the closed set of 23', () => assert.deepEqual([...OUTCOMES].sort(), Object.keys(TABLE).sort()));

  for (const outcome of OUTCOMES) {
    const when = TABLE[outcome];
    it(`${outcome}: fallback ${when}`, () => {
      assert.equal(fallbackNeeded(outcome, 1, 2), when === 'at once');
      assert.equal(fallbackNeeded(outcome, 2, 2), when !== 'never');
      assert.equal(fallbackNeeded(outcome, 3, 2), when !== 'never');
      assert.equal(fallbackNeeded(outcome, 2, 3), when === 'at once');
    });
    it(`${outcome}: says what to do next`, () => {
      const { next, kind, retry } = OUTCOME_RULES[outcome];
      assert.ok(next.length > 10 && !next.includes('\n'));
      assert.doesNotMatch(next.replaceAll('{tip}', ''), /[{}]/, 'a placeholder that nobody fills in');
      if (kind === 'failed' && !retry) assert.match(next, /do it yourself/);
    });
  }

  it('go on, are judged anew, are mended by the user and can be merged as ever', () => {
    const those = (holds: (rule: OutcomeRule) => boolean) => OUTCOMES.filter((outcome) => holds(OUTCOME_RULES[outcome])).join(' ');
    assert.equal(
      those(({ goesOn }) => goesOn),
      'rate_limited quota_exhausted auth_failed api_unreachable sandbox_unavailable environment_broken checks_cannot_run storage_error cancelled interrupted internal_error',
    );
    assert.equal(
      those(({ judged }) => judged),
      'ready unverified needs_review checks_failed',
    );
    assert.equal(
      those(({ userMends }) => userMends === 'account'),
      'quota_exhausted auth_failed api_unreachable',
    );
    assert.equal(
      those(({ userMends }) => userMends === 'machine'),
      'sandbox_unavailable environment_broken storage_error',
    );
    assert.equal(
      those(({ mergeable }) => mergeable),
      'ready unverified',
    );
  });
});
