import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readFindings } from '../../src/checks/read-test-output.ts';
import { cleanOutput } from '../../src/sandbox/clean-output.ts';
import { quick } from '../quick.ts';

/**
 * The outputs of Automake, mocha, node:test, pytest, unittest, cargo, tsc, ctest, minitest, test-unit, prove, busted, Playwright, Jasmine, jsbt and bats were
 * made by running them; the others follow their documentation. Cypress's is put together after the recordings in its own
 * `system-tests/__snapshots__` (runnable_execution_spec.ts.js), Swift's after what XCTest's own tests expect (swift-corelibs-xctest,
 * `Tests/Functional`), what Swift Testing's `Event.HumanReadableOutputRecorder` writes, and a run in parallel that swift-package-manager's
 * issue 8630 records.
 */
const EXPECTED: Readonly<Record<string, { counts: [passed: number, failed: number, skipped: number]; failing: string[] }>> = {
  automake: { counts: [1, 3, 2], failing: ['b.sh', 'e.sh', 't.tap'] },
  mocha: { counts: [1, 2, 1], failing: ['math breaks too', 'math deep fails here'] },
  'node-spec': { counts: [2, 2, 1], failing: ['fails', 'inner fails'] },
  'node-tap': { counts: [2, 2, 1], failing: ['fails', 'inner fails', 'group'] },
  pytest: { counts: [2, 2, 1], failing: ['test_p.py::test_bad', 'test_p.py::TestU::test_u'] },
  'pytest-q': { counts: [2, 2, 1], failing: ['test_p.py::test_bad', 'test_p.py::TestU::test_u'] },
  unittest: { counts: [1, 1, 0], failing: ['test_u (test_p.TestU.test_u)'] },
  cargo: { counts: [1, 1, 1], failing: ['bad'] },
  tsc: {
    counts: [0, 2, 0],
    failing: [
      "t.ts TS2322: Type 'number' is not assignable to type 'string'.",
      "t.ts TS2322: Type 'string' is not assignable to type 'number'.",
    ],
  },
  'tsc-pretty': {
    counts: [0, 2, 0],
    failing: [
      "t.ts TS2322: Type 'number' is not assignable to type 'string'.",
      "t.ts TS2322: Type 'string' is not assignable to type 'number'.",
    ],
  },
  jest: { counts: [3, 2, 1], failing: ['strings › deep › trims', 'splits', 'Test suite failed to run'] },
  vitest: { counts: [2, 1, 1], failing: ['src/string.test.ts > strings > trims'] },
  go: { counts: [1, 1, 1], failing: ['TestTrim', 'TestTrim/inner', 'example.org/project/text'] },
  'go-v': { counts: [1, 1, 1], failing: ['TestTrim'] },
  maven: { counts: [1, 1, 1], failing: ['AppTest.trims:14'] },
  dotnet: { counts: [4, 1, 2], failing: ['Project.Tests.TextTests.Trims'] },
  rspec: { counts: [2, 1, 1], failing: ['Text trims'] },
  phpunit: { counts: [2, 1, 1], failing: ['TextTest::testTrims'] },
  ava: { counts: [3, 1, 0], failing: ['trims'] },
  ctest: { counts: [1, 1, 0], failing: ['fails'] },
  minitest: { counts: [1, 1, 0], failing: ['A#test_fails'] },
  'test-unit': { counts: [1, 3, 1], failing: ['test_bad(TA)', 'test_err(TA)', 'test: says it(TA::deep)'] },
  googletest: { counts: [2, 1, 0], failing: ['Text.Trims'] },
  mix: { counts: [2, 1, 1], failing: ['test trims (TextTest)'] },
  deno: { counts: [1, 1, 1], failing: ['trims'] },
  bun: { counts: [1, 1, 0], failing: ['strings > trims'] },
  nextest: { counts: [2, 1, 1], failing: ['text tests::trims'] },
  prove: { counts: [5, 2, 1], failing: ['t/a.t', 't/b.t', 'is well'] },
  busted: { counts: [1, 2, 1], failing: ['sums fails', 'sums breaks'] },
  playwright: { counts: [2, 1, 1], failing: ['pw/a.spec.ts › group › takes'] },
  jasmine: { counts: [1, 1, 1], failing: ['sums takes'] },
  'bats-pretty': { counts: [1, 1, 1], failing: ['takes'] },
  cypress: { counts: [3, 2, 2], failing: ['cart removes', 'navigation error in beforeEach "before each" hook for "never gets here"'] },
  jsbt: { counts: [4, 0, 1], failing: [] },
  'jsbt-failing': { counts: [1, 1, 0], failing: ['sums → takes'] },
  swift: { counts: [2, 3, 2], failing: ['ErrorHandling.test_twoFailures', '"An invoice is rounded"', 'rates(of:)'] },
  'swift-parallel': { counts: [1, 2, 0], failing: ['-[ShopTests.CartTests testAlwaysFail]', '-[ShopTests.CartTests testCrash]'] },
  dart: { counts: [2, 1, 1], failing: ['test/text_test.dart: trims'] },
  eslint: { counts: [0, 1, 0], failing: [] },
};

describe('check findings', () => {
  for (const [name, { counts, failing }] of Object.entries(EXPECTED)) {
    it(`reads ${name}`, () => {
      const found = readFindings(cleanOutput(readFileSync(new URL(`samples/${name}.txt`, import.meta.url))));
      const [passed, failed, skipped] = counts;
      assert.deepEqual(found, { counts: { passed, failed, skipped }, failing });
    });
  }

  it('adds up the summaries of a monorepo', () => {
    const found = readFindings('Tests:       2 passed, 2 total\n...\nTests:       1 failed, 3 passed, 4 total\n');
    assert.deepEqual(found.counts, { passed: 5, failed: 1, skipped: 0 });
  });

  it('counts what prove reports of files that passed or could not be read', () => {
    const report = (lines: string) =>
      `t/x.t .. \n\nTest Summary Report\n-------------------\n${lines}\nFiles=1, Tests=20,  0 wallclock secs\n`;
    const todo = readFindings(report('t/x.t (Wstat: 0 Tests: 20 Failed: 0)\n  TODO passed:   16'));
    assert.deepEqual(todo, { counts: { passed: 20, failed: 0, skipped: 0 }, failing: [] });
    const noPlan = readFindings(report('t/x.t (Wstat: 0 Tests: 20 Failed: 0)\n  Parse errors: No plan found in TAP output'));
    assert.deepEqual(noPlan, { counts: { passed: 20, failed: 1, skipped: 0 }, failing: ['t/x.t'] });
  });

  it('counts what Dart skips, also where nothing else runs', () => {
    const { counts } = readFindings('00:00 +0: a\n00:00 +0 ~1: b\n00:00 +0 ~2: All tests skipped.\n');
    assert.deepEqual(counts, { passed: 0, failed: 0, skipped: 2 });
  });

  it('counts a test of Swift that ended its process', () => {
    const found = readFindings(
      "Test Suite 'All tests' started at 2026-11-29 09:15:01.101\nTest Case 'A.testCrash' started at 2026-11-29 09:15:01.102\nA.swift:9: Fatal error: no\n",
    );
    assert.deepEqual(found, { counts: { passed: 0, failed: 1, skipped: 0 }, failing: ['A.testCrash'] });
  });

  it('tells no tests of Swift from no output', () => {
    const none =
      "Test Suite 'All tests' started at 2026-11-29 09:15:01.101\n\t Executed 0 tests, with 0 failures (0 unexpected) in 0.000 seconds\n";
    for (const text of [none, `${none}✔ Test run with 0 tests in 0 suites passed after 0.001 seconds.\n`])
      assert.deepEqual(readFindings(text), { counts: { passed: 0, failed: 0, skipped: 0 }, failing: [] });
  });

  it('knows nothing about other output', () => {
    for (const text of ['', 'Build complete\n', 'I have 3 passing thoughts\n', 'ok, 2 passed the door\n']) {
      assert.deepEqual(readFindings(text), { counts: null, failing: [] });
    }
  });

  it('keeps names few and short', () => {
    const many = Array.from({ length: 80 }, (_, i) => `FAILED t.py::test_${i}${'x'.repeat(300)}`).join('\n');
    const { failing } = readFindings(`${many}\n80 failed in 0.1s\n`);
    assert.equal(failing.length, 50);
    assert.ok(failing.every((name) => name.length <= 200));
  });

  /** reader -> what makes it look at the rest, and lines that a careless pattern reads again from each of their characters */
  const HOSTILE: Readonly<Record<string, { sign?: string; lines: (n: number) => string[] }>> = {
    vitest: {
      sign: '      Tests  1 passed (1)',
      lines: (n) => [` FAIL ${' '.repeat(n)}`, `FAIL ${'a > '.repeat(n)}`, `      Tests  ${'1 a | '.repeat(n)}`],
    },
    jest: { sign: 'Tests: 1 total', lines: (n) => [`Tests: ${'1'.repeat(n)}`, `Tests: ${'1 a, '.repeat(n)}`, `Tests:${' '.repeat(n)}`] },
    'node:test': {
      sign: 'ℹ pass 1\n✖ failing tests:',
      lines: (n) => [`✖ ${' (1'.repeat(n)}`, `✖ a (${'1'.repeat(n)}`, `ℹ pass ${'1'.repeat(n)}`],
    },
    mocha: { sign: '  1 failing', lines: (n) => [`  1) ${'a'.repeat(n)}`, `  ${'1'.repeat(n)}`, ' '.repeat(n)] },
    pytest: {
      sign: '1 failed in 1s',
      lines: (n) => [
        `FAILED ${'a['.repeat(n)}`,
        `FAILED a[${']'.repeat(n)} `,
        `FAILED ${'[] - '.repeat(n)}`,
        `${'1 a, '.repeat(n)}`,
        '1'.repeat(n),
      ],
    },
    unittest: { sign: 'Ran 1 test in 1s\n\nFAILED (failures=1)', lines: (n) => [`Ran ${'1'.repeat(n)}`, `FAIL: ${' '.repeat(n)}`] },
    cargo: { sign: 'test result: FAILED. 1 passed; 1 failed; 1 ignored', lines: (n) => [`test ${' ... FAILE'.repeat(n)}`] },
    go: { sign: 'FAIL\ta', lines: (n) => [' '.repeat(n), `--- FAIL: ${'a'.repeat(n)} `] },
    'go -v': { sign: '=== RUN \n--- FAIL: a', lines: (n) => [' '.repeat(n), `--- FAIL: ${'a'.repeat(n)} `] },
    maven: {
      sign: 'Tests run: 1, Failures: 1, Errors: 0, Skipped: 0',
      lines: (n) => [`[ERROR] ${'a.'.repeat(n)}`, `[ERROR]${' '.repeat(n)}`, `[ERROR] ${'a'.repeat(n)}:1`, `[ERROR] a:${'1'.repeat(n)}`],
    },
    dotnet: { sign: 'Failed! - Failed: 1, Passed: 1, Skipped: 1', lines: (n) => [`  Failed ${'a'.repeat(n)}`, ' '.repeat(n)] },
    rspec: { sign: '1 example, 1 failure', lines: (n) => [`rspec ${'a'.repeat(n)} #`, '1'.repeat(n)] },
    phpunit: {
      sign: 'Tests: 1, Assertions: 1.',
      lines: (n) => [
        `Tests: 1, Assertions: ${'1'.repeat(n)}`,
        `Tests: 1, Assertions: 1${', Failures: 1'.repeat(n)}`,
        `1) ${'a::'.repeat(n)}`,
      ],
    },
    ava: { sign: '  1 test failed', lines: (n) => [`  ✘ [fail]: ${' ('.repeat(n)}`, `  ✘ [fail]:${' '.repeat(n)}`, ' '.repeat(n)] },
    ctest: {
      sign: '50% tests passed, 1 tests failed out of 2\nThe following tests FAILED:',
      lines: (n) => [`  1 - ${'a'.repeat(n)}`, `  1 - a (${'a '.repeat(n)}`, '\t'.repeat(n), `  ${'1'.repeat(n)}`, '\n'.repeat(n)],
    },
    minitest: {
      sign: '2 runs, 2 assertions, 1 failures, 0 errors',
      lines: (n) => [
        ' '.repeat(n),
        `  1) Failure:\n${'a#'.repeat(n)}`,
        `${'1'.repeat(n)} runs`,
        `1 runs, 1 assertions, 1 failures, 1 errors${', 1'.repeat(n)}`,
        `1 runs, 1 assertions, 1 failures, 1 errors, ${'1'.repeat(n)}`,
        `Failure: ${'a('.repeat(n)}`,
        `Failure: a(${'A::'.repeat(n)}`,
      ],
    },
    googletest: { sign: '[  PASSED  ] 1 test.', lines: (n) => [`[  FAILED  ] ${'a.'.repeat(n)}`, `[  FAILED  ] ${'1'.repeat(n)}`] },
    mix: { sign: '1 test, 1 failure', lines: (n) => [`  ${'1'.repeat(n)}`, `  1) test ${' '.repeat(n)}`, `${'1'.repeat(n)} tests`] },
    deno: { sign: 'FAILED | 1 passed | 1 failed', lines: (n) => [`a${' ... FAILE'.repeat(n)}`, `ok | ${'1'.repeat(n)}`] },
    cypress: {
      sign: '  (Run Finished)\n    1 of 1 failed (100%)  1s  1  -  1  -  -',
      lines: (n) => [
        `    ${'1'.repeat(n)} of`,
        `    All specs passed!${' '.repeat(n)}`,
        `    All specs passed! ${'1 '.repeat(n)}`,
        ' '.repeat(n),
      ],
    },
    jsbt: {
      sign: '2 tests started (JSBT_QUIET=0)\n✕ a',
      lines: (n) => [`${'1'.repeat(n)} tests passed in`, ` ☆ ${' (skip'.repeat(n)}`, ' '.repeat(n), '☆ '.repeat(n)],
    },
    swift: {
      sign: "Test Suite 'A' started at 1\n✘ Test run with 1 test failed after 1 seconds.",
      lines: (n) => [
        `Test Case '${"' started".repeat(n)}`,
        `✘ Test ${' failed after 1'.repeat(n)}`,
        `✘ Test ${' with 1 test case'.repeat(n)}`,
        `✘ Test ${' skipped'.repeat(n)}`,
        `✘ Test run with ${'1'.repeat(n)}`,
        `[1/${'1'.repeat(n)}`,
        ' '.repeat(n),
      ],
    },
    bun: { sign: 'bun test v1\n 1 pass', lines: (n) => [`(fail) ${' [1'.repeat(n)}`, ' '.repeat(n), ` ${'1'.repeat(n)}`] },
    nextest: {
      sign: '     Summary [   0.005s] 1 test run: 1 passed',
      lines: (n) => [`  FAIL [${'] ['.repeat(n)}`, `  FAIL [1] (${') ('.repeat(n)}`, ' '.repeat(n), `  Summary [${'1'.repeat(n)}`],
    },
    tap: {
      sign: '1..2\nnot ok 1',
      lines: (n) => [
        `ok ${'1'.repeat(n)} # SKIP`,
        `not ok ${'1'.repeat(n)} # TODO`,
        `ok ${'1'.repeat(n)}`,
        `not ok 1 ${'#'.repeat(n)}`,
        ' '.repeat(n),
      ],
    },
    prove: {
      sign: 'Test Summary Report\nFiles=1, Tests=1',
      lines: (n) => [
        `a${' '.repeat(n)}`,
        `a (Wstat: ${'1'.repeat(n)}`,
        `a (Wstat: 1${' Tests: 1 Failed: 1'.repeat(n)}`,
        `  ${'Parse errors'.repeat(n)}`,
        `a ${'.'.repeat(n)}`,
        `#${' '.repeat(n)}`,
        `#   Failed test '${"'".repeat(n)}`,
        'a (Wstat: 1 Tests: 1 Failed: 1)',
      ],
    },
    busted: {
      sign: '1 success / 1 failure / 0 errors / 0 pending : 0 seconds',
      lines: (n) => [`Failure -> ${' @ 1'.repeat(n)}`, `Failure -> a @ 1\n${'a'.repeat(n)}`, `${'1'.repeat(n)} successes`],
    },
    tsc: {
      sign: 'a(1,1): error TS1: a',
      lines: (n) => ['a(1'.repeat(n), `a(${'1'.repeat(n)}`, ':1'.repeat(n), `a:1:${'1'.repeat(n)}`, 'a(1,1): error TS1'.repeat(n)],
    },
    eslint: { sign: '✖ 1 problem (1 error, 0 warnings)', lines: (n) => [`✖ ${'1'.repeat(n)}`] },
    errors: { sign: 'Found 1 error', lines: (n) => [`Found ${'1'.repeat(n)}`] },
    none: { lines: (n) => ['1'.repeat(n), ' '.repeat(n), '\t'.repeat(n), 'a'.repeat(n), '('.repeat(n), '='.repeat(n)] },
  };
  const SIZE = 1_000_000;

  for (const [name, { sign, lines }] of Object.entries(HOSTILE)) {
    it(`reads a hostile output of ${name} quickly, in one line and in many`, () => {
      for (const length of [SIZE, 1900, 300]) {
        for (const line of lines(length)) {
          const cut = line.slice(0, length);
          const text = `${sign ?? ''}\n${`${cut}\n`.repeat(SIZE / length)}`;
          quick(() => readFindings(text), `a text in lines of ${length} like ${cut.slice(0, 40)}`);
        }
      }
    });
  }

  it('reads many failures of mocha quickly', () => {
    for (const text of ['  1) a\n'.repeat(20_000), `  9 failing\n${`  1) a\n${'      b\n'.repeat(2000)}`}`])
      quick(() => readFindings(text));
  });

  it('does not believe numbers that are none', () => {
    assert.equal(readFindings(`Tests: ${'9'.repeat(400)} passed, 1 total\n`).counts, null);
  });

  it('reads names with brackets, blanks and remarks', () => {
    const names = (text: string) => readFindings(text).failing;
    assert.deepEqual(
      names('FAILED t.py::test[a - b] - assert 1 == 2\nFAILED a[1]/t.py::test - x\nFAILED t.py::two[[x]]\nERROR t.py\n4 failed in 0.1s\n'),
      ['t.py::test[a - b]', 'a[1]/t.py::test', 't.py::two[[x]]', 't.py'],
    );
    assert.deepEqual(names('  ✘ [fail]: trims (2ms) (why)\n  ✘ [fail]: splits (odd\n  2 tests failed\n'), ['trims', 'splits (odd']);
  });
});
