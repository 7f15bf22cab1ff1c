import assert from 'node:assert/strict';
import { proofFacts, proofTexts, proofWarnings } from '../../../src/delegation/result/proof-text.ts';
import { type AttemptResult, resultSchema } from '../../../src/delegation/result/result-schema.ts';
import { proofLines } from '../../../src/mcp/proof-lines.ts';
import { say } from '../../../src/messages/message.ts';
import { sampleResult } from '../sample-result.ts';

type Proof = NonNullable<AttemptResult['proof']>;

const red = (more: Record<string, unknown>): Proof => ({
  redToGreen: { command: 'npm test', files: ['a.test.js'], newTests: 6, failOnBase: 4, how: 'assertion', pass: 6, ...more },
});
const survived = [{ file: 'src/price.js', line: 12, from: 'a >= b', to: 'a > b' }];
const mutants = (more: Record<string, unknown>): Proof => ({
  mutants: { command: 'npm test', alone: true, tried: 5, caught: 4, survived, ...more },
});

const SAID: readonly [Proof, string][] = [
  [red({}), 'proof: 4 of 6 new tests fail on base by assertion, 6 of 6 pass here'],
  [red({ how: 'load', failOnBase: 6 }), 'proof: 6 of 6 new tests fail on base as they use what the change adds, 6 of 6 pass here'],
  [red({ how: 'load', failOnBase: null }), 'proof: the new tests do not load on base, as they use what the change adds, 6 of 6 pass here'],
  [red({ how: null, failOnBase: 0 }), 'proof: the new tests (6) pass on base too'],
  [red({ how: null, failOnBase: 0, newTests: 0, pass: 0 }), 'proof: the changed tests pass on base too'],
  [red({ newTests: 0, failOnBase: 2, pass: 0 }), 'proof: 2 of the new or changed tests fail on base by assertion'],
  [red({ newTests: null, failOnBase: null, pass: null, how: 'unknown' }), 'proof: the new tests fail on base by an error'],
  [
    { redToGreen: { notShown: 'too_long' } },
    'proof: not shown that tests fail without the change: the check takes too long to run once more',
  ],
  [mutants({}), 'mutants: 4 of 5 caught by the new tests; survived: src/price.js:12 (a >= b to a > b)'],
  [mutants({ alone: false, tried: 2, caught: 2, survived: [], cut: true }), 'mutants: 2 of 2 caught by all tests, with no time for more'],
  [
    { mutants: { notShown: 'no_source' } },
    'mutants: not shown that the new tests notice faults: they import no code whose lines can be changed here',
  ],
];

describe('what is said of a proof', () => {
  for (const [proof, text] of SAID)
    it(text, () => {
      assert.deepEqual(
        proofTexts({ proof }).map((one) => say(one, 'en')),
        [text],
      );
      const fact = proofFacts({ proof }).map((one) => say(one, 'en'));
      assert.deepEqual(fact, [text.replace(/^proof: /, '')], 'as a window says it below its checks');
      const chinese = proofTexts({ proof }).map((one) => say(one, 'zh-cn'))[0]!;
      assert.match(chinese, /^(证明|变异)：/);
      assert.doesNotMatch(chinese, /\{|undefined/);
      const stored = resultSchema.parse(JSON.parse(JSON.stringify(sampleResult({ proof }))));
      assert.deepEqual(stored.proof, proof);
    });

  it('is nothing of results that have none', () => {
    assert.deepEqual(proofTexts(sampleResult()), []);
    assert.deepEqual(proofLines(sampleResult()), []);
  });

  it('is one line of the report, whatever code stands in it', () => {
    const [line = ''] = proofLines({ checks: [], proof: mutants({ survived: [{ ...survived[0]!, from: 'a\u202e\n<b>'.repeat(200) }] }) });
    assert.doesNotMatch(line, /[\n\u202e]/);
    assert.ok(line.length <= 420);
  });
});

describe('warnings of a proof', () => {
  const check = (verdict: 'pass' | 'fixed') => ({ command: 'npm test', base: null, result: null, verdict, newFailures: 0 });
  const warned = (kind: AttemptResult['kind'], proof: Proof, verdict: 'pass' | 'fixed' = 'pass') => {
    const found = proofWarnings(kind, proof, [check(verdict)]);
    return found.map(({ level, text }) => `${level === 'blocking' ? '! ' : ''}${text.code}`);
  };
  const none = { failOnBase: 0, how: null };

  it('block a fix of which no new test fails on the base, and are notes elsewhere', () => {
    assert.deepEqual(warned('bug', red(none)), ['! warning.testsShowNoBug']);
    assert.deepEqual(warned('feature', red(none)), ['warning.testsPassOnBase']);
    assert.deepEqual(warned('bug', red({ ...none, newTests: 0 })), ['warning.noTestOfBug']);
    assert.deepEqual(warned('bug', { redToGreen: { notShown: 'no_tests' } }), ['warning.noTestOfBug']);
    assert.deepEqual(warned('bug', { redToGreen: { notShown: 'not_run' } }), ['warning.testsNotRun']);
  });

  it('are none where the check itself failed before, some test fails, or nothing could be shown', () => {
    assert.deepEqual(warned('bug', red(none), 'fixed'), []);
    // Where it failed for want of the new tests only, it says no more than they do.
    assert.deepEqual(warned('bug', red({ ...none, fixedByTests: true }), 'fixed'), ['! warning.testsShowNoBug']);
    for (const proof of [red({}), red({ how: 'load' }), red({ failOnBase: null })]) assert.deepEqual(warned('bug', proof), []);
    for (const notShown of ['in_source', 'no_check', 'base_fails', 'no_counts', 'too_long', 'stopped', 'cannot_run'] as const)
      assert.deepEqual(warned('bug', { redToGreen: { notShown } }), []);
  });

  it('block tests that notice none of four faults or more', () => {
    assert.deepEqual(warned('tests', mutants({ caught: 0 })), ['! warning.testsCatchNothing']);
    assert.deepEqual(warned('tests', mutants({ caught: 0, tried: 3 })), []);
    assert.deepEqual(warned('tests', mutants({ caught: 1 })), []);
    assert.deepEqual(warned('tests', { mutants: { notShown: 'not_executed' } }), ['warning.testsRunNothing']);
  });
});
