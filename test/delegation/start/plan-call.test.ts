import assert from 'node:assert/strict';
import type { Outcome } from '../../../src/delegation/result/outcomes.ts';
import { checksOf, countedAttempts, givenChecks, isResumable, planCall } from '../../../src/delegation/start/plan-call.ts';
import type { StoredAttempt } from '../../../src/delegation/store/delegation-folder.ts';
import { sampleResult, sampleStart } from '../sample-result.ts';

/** Attempts in the words of the table: `A:ready` had the text A and ended as ready, `B:crashed` has no end. */
function attempts(words: string): StoredAttempt[] {
  return words
    .split(' ')
    .filter(Boolean)
    .map((word, index) => {
      const [task = '', end = ''] = word.split(':');
      const result = end === 'crashed' ? null : sampleResult({ outcome: end as Outcome });
      return { number: index + 1, folder: '', journal: '', start: sampleStart({ task, kind: 'feature' }), result };
    });
}

/** A check that passed. */
const ran = (command: string) => ({ command, base: null, result: null, verdict: 'pass' as const, newFailures: null });

describe('plan: what a call on a branch means', () => {
  /** before | text of the call (null = resume_delegation) | meaning */
  const TABLE: readonly [string, string | null, string][] = [
    // The first call.
    ['', 'A', 'attempt, 0 failed, answers nothing'],
    ['', null, 'nothing to resume'],
    // The same text after an end: the stored report, for nothing.
    ['A:ready', 'A', 'stored 1'],
    ['A:unverified', 'A', 'stored 1'],
    ['A:needs_review', 'A', 'stored 1'],
    ['A:no_changes', 'A', 'stored 1'],
    ['A:checks_failed', 'A', 'stored 1'],
    ['A:step_limit', 'A', 'stored 1'],
    ['A:budget_exhausted', 'A', 'stored 1'],
    ['A:loop_detected', 'A', 'stored 1'],
    ['A:content_refused', 'A', 'stored 1'],
    ['A:branch_moved', 'A', 'stored 1'],
    ['A:ready B:ready', 'B', 'stored 2'],
    // Other text: the next attempt, and the one before counts as failed.
    ['A:ready', 'B', 'attempt, 1 failed, answers 1'],
    ['A:unverified', 'B', 'attempt, 1 failed, answers 1'],
    ['A:needs_review', 'B', 'attempt, 1 failed, answers 1'],
    ['A:no_changes', 'B', 'attempt, 1 failed, answers 1'],
    ['A:checks_failed', 'B', 'attempt, 1 failed, answers 1'],
    // Stopped half-way, the same text (or resume_delegation): it goes on.
    ['A:cancelled', 'A', 'resume 1, 0 failed'],
    ['A:interrupted', 'A', 'resume 1, 0 failed'],
    ['A:crashed', 'A', 'resume 1, 0 failed'],
    ['A:cancelled', null, 'resume 1, 0 failed'],
    ['A:crashed', null, 'resume 1, 0 failed'],
    ['A:rate_limited', 'A', 'resume 1, 0 failed'],
    ['A:api_unreachable', 'A', 'resume 1, 0 failed'],
    ['A:auth_failed', 'A', 'resume 1, 0 failed'],
    ['A:quota_exhausted', 'A', 'resume 1, 0 failed'],
    ['A:sandbox_unavailable', 'A', 'resume 1, 0 failed'],
    ['A:checks_failed B:interrupted', 'B', 'resume 2, 1 failed'],
    ['A:checks_failed B:crashed', null, 'resume 2, 1 failed'],
    // Stopped half-way, other words: they are added to the conversation.
    ['A:cancelled', 'B', 'resume 1, 0 failed, in the words B'],
    ['A:interrupted', 'B', 'resume 1, 0 failed, in the words B'],
    ['A:crashed', 'B', 'resume 1, 0 failed, in the words B'],
    ['A:rate_limited', 'B', 'resume 1, 0 failed, in the words B'],
    ['A:internal_error', 'B', 'resume 1, 0 failed, in the words B'],
    ['A:cancelled B:cancelled C:crashed', 'D', 'resume 3, 0 failed, in the words D'],
    ['A:ready B:cancelled', 'C', 'resume 2, 1 failed, in the words C'],
    ['A:ready B:ready C:cancelled', 'D', 'resume 3, 2 failed, in the words D'],
    ['A:branch_moved', 'B', 'attempt, 0 failed, answers 1'],
    // After two that count it is over, whatever else was cancelled.
    ['A:ready B:ready', 'C', 'exhausted 2'],
    ['A:checks_failed B:no_changes', 'C', 'exhausted 2'],
    ['A:ready B:cancelled C:ready', 'D', 'exhausted 3'],
    ['A:ready B:ready', 'A', 'exhausted 2'],
    // resume_delegation where nothing is left open.
    ['A:ready', null, 'nothing to resume'],
    ['A:checks_failed', null, 'nothing to resume'],
    ['A:cancelled B:ready', null, 'nothing to resume'],
  ];

  for (const [before, text, meaning] of TABLE) {
    it(`${before || 'nothing yet'} + ${text === null ? 'resume_delegation' : `text ${text}`} = ${meaning}`, () => {
      assert.equal(tell(planCall(attempts(before), text, text === null ? null : 'feature', 2)), meaning);
    });
  }

  describe('what the call gives beside the same text', () => {
    const steps = (maxSteps: number) => ({ maxSteps, budget: null, checks: [] });
    const money = (budget: number) => ({ maxSteps: null, budget, checks: [] });
    const time = (maxMinutes: number) => ({ maxSteps: null, budget: null, maxMinutes, checks: [] });
    const checks = (...list: string[]) => ({ maxSteps: null, budget: null, checks: list });
    const ended = (result: Parameters<typeof sampleResult>[0], before = ''): StoredAttempt[] => [
      ...attempts(before),
      { number: 9, folder: '', journal: '', start: sampleStart({ task: 'A', budget: 1 }), result: sampleResult(result) },
    ];
    const limited = ended({ outcome: 'step_limit', steps: 50, maxSteps: 50 });
    const timed = ended({ outcome: 'step_limit', steps: 23, maxSteps: 50, timeLimit: 120 });
    const spent = ended({ outcome: 'budget_exhausted', cost: { amount: 1.2, currency: 'USD' } });
    const lacking = { outcome: 'unverified' as const, checks: [ran('a'), { ...ran('b'), verdict: 'cannot_run' as const }] };
    const missing = ended(lacking);
    const TABLE: readonly [string, StoredAttempt[], string | null, Parameters<typeof planCall>[4], string][] = [
      ['more steps', limited, 'A', steps(80), 'resume 9, 0 failed'],
      ['more steps, by resume_delegation', limited, null, steps(80), 'resume 9, 0 failed'],
      ['as many steps', limited, 'A', steps(50), 'stored 9'],
      ['fewer steps', limited, 'A', steps(20), 'stored 9'],
      ['more money for steps', limited, 'A', money(9), 'stored 9'],
      ['more steps, other text', limited, 'B', steps(80), 'attempt, 1 failed, answers 9'],
      ['more steps for a full window', ended({ outcome: 'step_limit', steps: 23, maxSteps: 50 }), 'A', steps(80), 'stored 9'],
      [
        'more steps for attempt 2',
        ended({ outcome: 'step_limit', steps: 50, maxSteps: 50 }, 'B:ready'),
        'A',
        steps(80),
        'resume 9, 1 failed',
      ],
      ['more time', timed, 'A', time(240), 'resume 9, 0 failed'],
      ['more time, by resume_delegation', timed, null, time(240), 'resume 9, 0 failed'],
      ['as much time', timed, 'A', time(120), 'stored 9'],
      ['more steps for time', timed, 'A', { ...steps(80), maxMinutes: 120 }, 'stored 9'],
      ['more time for steps', limited, 'A', time(240), 'stored 9'],
      ['more money', spent, 'A', money(2), 'resume 9, 0 failed'],
      ['more money, by resume_delegation', spent, null, money(2), 'resume 9, 0 failed'],
      ['more money than the budget, less than was spent', spent, 'A', money(1.1), 'stored 9'],
      ['more steps for money', spent, null, steps(80), 'nothing to resume'],
      ['more of both for what is complete', ended({ outcome: 'ready' }), 'A', { maxSteps: 300, budget: 9, checks: [] }, 'stored 9'],
      ['checks where none were run', ended({ outcome: 'unverified' }), 'A', checks('npm test'), 'recheck 9'],
      ['checks, by resume_delegation', ended({ outcome: 'unverified' }), null, checks('npm test'), 'recheck 9'],
      ['other checks', ended({ outcome: 'checks_failed', checks: [ran('npm t')] }), 'A', checks('npm test'), 'recheck 9'],
      ['the same checks', ended({ outcome: 'ready', checks: [ran('a'), ran('b')] }), 'A', checks('a', 'b'), 'stored 9'],
      ['the same checks, one of which missed something', missing, 'A', checks('a', 'b'), 'recheck 9 again'],
      ['no checks, where one missed something', missing, 'A', checks(), 'recheck 9 again'],
      ['resume_delegation, where one missed something', missing, null, checks(), 'recheck 9 again'],
      ['other checks, where one missed something', missing, 'A', checks('c'), 'recheck 9'],
      ['attempt 10, where one missed something', missing, 'A', { ...checks(), attempt: 10 }, 'attempt, 1 failed, answers 9'],
      ['a person, where one missed something', missing, 'A', { ...checks(), byPerson: true }, 'attempt, 1 failed, answers 9'],
      ['other text, where one missed something', missing, 'B', checks(), 'attempt, 1 failed, answers 9'],
      ['the same checks for what is on another branch', ended({ ...lacking, keptAt: 'x-kimi-1' }), 'A', checks('a', 'b'), 'stored 9'],
      ['the same checks for unfinished work', ended({ ...lacking, outcome: 'loop_detected' }), 'A', checks('a', 'b'), 'stored 9'],
      ['checks for unfinished work', ended({ outcome: 'loop_detected' }), 'A', checks('npm test'), 'stored 9'],
      ['checks where nothing was handed back', ended({ outcome: 'checks_failed', tip: null }), 'A', checks('npm test'), 'stored 9'],
      ['checks for what is on another branch', ended({ outcome: 'ready', keptAt: 'x-kimi-1' }), 'A', checks('npm test'), 'stored 9'],
    ];
    for (const [what, before, text, offer, meaning] of TABLE) {
      it(`${what} = ${meaning}`, () => assert.equal(tell(planCall(before, text, text === null ? null : 'feature', 2, offer)), meaning));
    }
  });

  it('the same text for another tool is another task', () => {
    assert.equal(tell(planCall(attempts('A:ready'), 'A', 'tests', 2)), 'attempt, 1 failed, answers 1');
  });

  it('a stopped attempt of another tool is not continued in other words', () => {
    assert.equal(tell(planCall(attempts('A:cancelled'), 'B', 'tests', 2)), 'attempt, 0 failed, answers 1');
  });

  describe('the attempt that the caller names', () => {
    const NAMED: readonly [string, string, number, string][] = [
      ['A:ready', 'A', 2, 'attempt, 1 failed, answers 1'],
      ['A:checks_failed', 'A', 2, 'attempt, 1 failed, answers 1'],
      ['A:ready', 'A', 1, 'stored 1'],
      ['A:ready', 'A', 0, 'stored 1'],
      ['A:ready A:ready', 'A', 2, 'exhausted 2'],
      ['A:ready A:ready', 'A', 3, 'exhausted 2'],
      ['A:cancelled', 'A', 2, 'resume 1, 0 failed'],
      ['A:cancelled', 'B', 2, 'attempt, 0 failed, answers 1'],
      ['A:cancelled', 'B', 1, 'resume 1, 0 failed, in the words B'],
    ];
    for (const [before, text, attempt, meaning] of NAMED) {
      it(`${before} + text ${text}, attempt ${attempt} = ${meaning}`, () => {
        const options = { maxSteps: null, budget: null, checks: [], attempt };
        assert.equal(tell(planCall(attempts(before), text, 'feature', 2, options)), meaning);
      });
    }

    it('counts before other checks do', () => {
      const options = { maxSteps: null, budget: null, checks: ['npm test'], attempt: 2 };
      assert.equal(tell(planCall(attempts('A:unverified'), 'A', 'feature', 2, options)), 'attempt, 1 failed, answers 1');
    });
  });

  it('a resume knows the attempt that it corrects', () => {
    const previous = (before: string) => {
      const plan = planCall(attempts(before), null, null, 2);
      return plan?.kind === 'resume' ? (plan.earlier.at(-1)?.number ?? null) : 'no resume';
    };
    assert.equal(previous('A:checks_failed B:crashed'), 1);
    assert.equal(previous('A:crashed'), null);
  });

  it('max attempts is a setting', () => {
    assert.equal(tell(planCall(attempts('A:ready'), 'B', 'feature', 1)), 'exhausted 1');
    assert.equal(tell(planCall(attempts('A:ready B:ready'), 'C', 'feature', 3)), 'attempt, 2 failed, answers 2');
  });

  it('the limit is one for Claude: a person who asks gets another attempt, with the same words too', () => {
    const asked = (before: string, text: string) =>
      tell(planCall(attempts(before), text, 'feature', 2, { maxSteps: null, budget: null, checks: [], byPerson: true }));
    assert.equal(asked('A:ready B:ready', 'C'), 'attempt, 2 failed, answers 2');
    assert.equal(asked('A:ready B:ready C:cancelled', 'D'), 'resume 3, 2 failed, in the words D');
    assert.equal(asked('A:ready B:checks_failed', 'B'), 'attempt, 2 failed, answers 2');
    assert.equal(asked('A:ready B:cancelled', 'B'), 'resume 2, 1 failed');
  });

  it('counts and resumes by the same words', () => {
    assert.equal(countedAttempts(attempts('A:ready B:cancelled C:crashed D:interrupted E:busy F:step_limit')).length, 2);
    assert.equal(isResumable({ result: null }), true);
    assert.equal(isResumable({ result: sampleResult({ outcome: 'ready' }) }), false);
    assert.equal(isResumable({ result: sampleResult({ outcome: 'budget_exhausted' }) }), false);
    assert.equal(isResumable({ result: sampleResult({ outcome: 'budget_exhausted', resumable: true }) }), true, 'a daily budget: tomorrow');
  });
});

function tell(plan: ReturnType<typeof planCall>): string {
  switch (plan?.kind) {
    case undefined:
      return 'nothing to resume';
    case 'attempt':
      return `attempt, ${plan.failed} failed, answers ${plan.earlier.at(-1)?.number ?? 'nothing'}`;
    case 'resume':
      return `resume ${plan.attempt.number}, ${plan.failed} failed${plan.words === undefined ? '' : `, in the words ${plan.words}`}`;
    case 'recheck':
      return `recheck ${plan.attempt.number}${plan.again ? ' again' : ''}`;
    default:
      return `${plan?.kind} ${plan?.attempt.number}`;
  }
}

describe('checks of the next attempt', () => {
  const withChecks = (start: object, result: object = {}): StoredAttempt => ({
    ...attempts('A:unverified')[0]!,
    start: { ...sampleStart({ task: 'A', kind: 'feature' }), ...start },
    result: sampleResult({ checks: [], ...result }),
  });
  const found = { kind: 'test', file: 'package.json', folder: '' } as const;

  it('are those of the call, then those given before, then those of the settings', () => {
    assert.deepEqual(givenChecks(['a'], withChecks({ checks: ['b'], checksFrom: 'call' }), ['c']), { checks: ['a'], checksFrom: 'call' });
    assert.deepEqual(givenChecks([], withChecks({ checks: ['b'], checksFrom: 'call' }), ['c']), { checks: ['b'], checksFrom: 'call' });
    assert.deepEqual(givenChecks([], withChecks({ checks: ['b'] }), ['c']).checks, ['b']);
    assert.deepEqual(givenChecks([], null, ['c']), { checks: ['c'], checksFrom: 'settings' });
  });

  it('are looked for anew where nobody gave them', () => {
    for (const checksFrom of ['task', 'found'] as const)
      assert.deepEqual(givenChecks([], withChecks({ checks: ['b'], checksFrom }), []), { checks: [] });
    assert.deepEqual(givenChecks([], withChecks({ checks: ['b'], checksFrom: 'found' }), ['c']), { checks: ['c'], checksFrom: 'settings' });
  });

  it('are known of an attempt as it ran them last', () => {
    const attempt = withChecks({ checks: [], checksFrom: 'found' }, { checks: [{ ...ran('npm test'), found }], checksFrom: 'found' });
    assert.deepEqual(checksOf(attempt), { checks: ['npm test'], checksFrom: 'found', foundChecks: [{ command: 'npm test', ...found }] });
  });

  it('are not run again by the same call where a limit stopped them before the work, but where they missed something', () => {
    const stuck = (killed: string | null) => ({
      ...ran('npm test'),
      verdict: 'cannot_run' as const,
      base: { exitCode: killed ? null : 127, killed, durationMs: 1, counts: null, failing: [], tail: '' },
      found,
    });
    const planOf = (killed: string | null) =>
      planCall(
        [withChecks({ checks: ['npm test'], checksFrom: 'found' }, { outcome: 'unverified', checks: [stuck(killed)] })],
        'A',
        'feature',
        2,
      )?.kind;
    assert.deepEqual([planOf('timeout'), planOf(null)], ['stored', 'recheck']);
  });
});
