import assert from 'node:assert/strict';
import type { AttemptResult } from '../../src/delegation/result/result-schema.ts';
import { inWords } from '../messages/english.ts';
import { FULL, pass, report, tests } from './sample-report.ts';

type CheckVerdict = AttemptResult['checks'][number]['verdict'];

describe('report: what it rests on', () => {
  describe('the line that decides', () => {
    const decides = (changes: Partial<AttemptResult>) => /^decides: (.*)$/m.exec(report({ ...FULL, warnings: [], ...changes }))?.[1];
    const check = (command: string, verdict: CheckVerdict, base: object | null, result: object | null) =>
      ({ command, verdict, base, result, newFailures: verdict === 'regressed' ? 2 : 0 }) as AttemptResult['checks'][number];

    it('names what fails first, then numbers, then what merely passes, and whether something was flagged', () => {
      const checks = [
        check('npm ci', 'installed', pass, pass),
        check('tsc', 'pass', pass, pass),
        check('npm test', 'regressed', tests(9, 0), tests(7, 2)),
        check('npm run e2e', 'fixed', tests(1, 1), tests(2, 0)),
        check('biome ci', 'pass', pass, pass),
      ];
      assert.equal(decides({ checks }), 'npm test new failures 2; npm run e2e 1/2 exit 1 then 2/2; tsc, biome ci pass; nothing flagged');
      assert.equal(decides({ checks: [check('make test', 'cannot_run', null, null)] }), 'make test could not run; nothing flagged');
    });

    it('counts warnings', () => {
      const warnings = [{ level: 'blocking' as const, text: inWords('b') }, ...FULL.warnings!];
      assert.match(decides({ warnings }) ?? '', /; 1 blocking warning, to be read first$/);
      assert.match(decides({ warnings: FULL.warnings! }) ?? '', /; 1 note$/);
    });

    it('says when no check ran, and what the worker itself saw, as no proof', () => {
      const seen = FULL.seen![0]!;
      assert.equal(decides({ checks: [] }), "no check ran, the worker's own last run passed (seen), which is no proof; nothing flagged");
      assert.equal(decides({ checks: [], seen: [{ ...seen, afterLastEdit: false }] }), 'no check ran; nothing flagged');
      assert.equal(decides({ checks: [], seen: [{ ...seen, afterLastEdit: null }] }), 'no check ran; nothing flagged');
      const failing = { ...seen, counts: { passed: 3, failed: 1, skipped: 0 } };
      assert.equal(decides({ checks: [], seen: [failing] }), "no check ran, and the worker's own last run failed (seen); nothing flagged");
      assert.equal(decides({ checks: [], seen: [{ ...seen, exitCode: null, counts: null }] }), 'no check ran; nothing flagged');
    });

    it('begins with what the tests show', () => {
      const redToGreen = { command: 'npm test', files: ['a.test.js'], newTests: 6, failOnBase: 4, how: 'assertion' as const, pass: 6 };
      const survived = [{ file: 'src/price.js', line: 12, from: 'a >= b', to: 'a > b' }];
      const proof = { redToGreen, mutants: { command: 'npm test', alone: true, tried: 5, caught: 4, survived } };
      const text = report({ ...FULL, proof });
      assert.match(
        text,
        /^decides: 4 of 6 new tests fail on base by assertion, 6 of 6 pass here; mutants: 4 of 5 caught by the new tests; eslint \. fails/m,
      );
      assert.match(text, /^ {2}mutants: 4 of 5 caught by the new tests; survived: src\/price\.js:12 \(a >= b to a > b\)$/m);
      assert.doesNotMatch(text, /proof: /, 'said once');
      const none = report({ ...FULL, proof: { redToGreen: { notShown: 'no_tests' } } });
      assert.match(none, /^decides: eslint/m);
      assert.match(none, /^ {2}proof: not shown that tests fail without the change: no test was added or changed$/m);
    });

    it('is not there where nothing was changed', () => {
      assert.equal(decides({ change: null }), undefined);
      assert.doesNotMatch(
        report({ outcome: 'auth_failed', fallbackNeeded: true, tip: null }),
        /^(decides|checks|warnings|files|commit|sandbox):/m,
      );
    });
  });

  it('tells what the worker ran, where the harness did not run the same', () => {
    const run = FULL.seen![0]!;
    const lines = (changes: Partial<AttemptResult>) => report({ ...FULL, ...changes }).match(/^seen: .*$/gm) ?? [];
    const many = ['a', 'b', 'c', 'd'].map((command) => ({ ...run, command, before: null }));
    assert.deepEqual(lines({ seen: [] }), []);
    assert.deepEqual(lines({ seen: [{ ...run, command: 'npm test' }] }), [], 'a check');
    assert.equal(lines({ seen: many }).length, 1, 'of proved work little is told');
    assert.deepEqual(lines({ outcome: 'unverified', seen: many }), [
      "seen: the worker's last run after its last edit: a, exit 0, 3 passed",
      "seen: the worker's last run after its last edit: b, exit 0, 3 passed",
      "seen: the worker's last run after its last edit: c, exit 0, 3 passed",
    ]);
    assert.deepEqual(
      lines({
        outcome: 'unverified',
        seen: [
          { ...run, before: null, afterLastEdit: false, exitCode: null, killed: 'timeout', counts: null },
          { ...run, before: null, afterLastEdit: null, exitCode: null, counts: { passed: 0, failed: 1, skipped: 2 } },
        ],
      }),
      [
        "seen: the worker's last run, before its last edit: npx vitest run test/limit.test.ts, stopped (timeout)",
        "seen: the worker's last run, after its last edit unless a later command changed files: npx vitest run test/limit.test.ts, exit code not told, 1 failed, 2 skipped",
      ],
    );
  });

  it('says nothing of a scope that was not given', () => {
    assert.doesNotMatch(report(FULL), /scope/);
    assert.match(report({ ...FULL, scope: ['src/**'] }), /^files: 3, \+3 -1, all in scope$/m);
    assert.match(report({ ...FULL, outOfScope: ['logo.png'] }), /^files: 3, \+3 -1, 1 out of scope$/m);
  });

  it('cuts a long summary behind a sentence, and a stored report has the rest', () => {
    const sentence = 'The limit is counted by address, since these routes know no account. ';
    const summary = sentence.repeat(60).trim();
    const [, told = '', rest] = /^summary .*\n {2}\| (.*)\n(.*)$/m.exec(report({ ...FULL, summary })) ?? [];
    assert.ok(told.endsWith('know no account.') && told.length > 1000 && told.length < summary.length, told);
    assert.equal(rest, '  ... the rest: get_delegation');
    assert.ok(report({ ...FULL, summary }, { stored: true }).includes(`  | ${summary}\n`));
    const list = Array.from({ length: 200 }, (_, at) => `- did the thing of number ${at}`).join('\n');
    assert.match(report({ ...FULL, summary: list }), /\n {2}\| - did the thing of number \d+\n {2}\.\.\. the rest: get_delegation\n/);
  });
});
