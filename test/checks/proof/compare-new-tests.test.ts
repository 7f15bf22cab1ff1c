import assert from 'node:assert/strict';
import { compareNewTests, type NewTestRuns } from '../../../src/checks/proof/compare-new-tests.ts';
import { goCounts } from '../../../src/checks/proof/go-counts.ts';
import type { CheckRun } from '../../../src/checks/types.ts';

const run = (exitCode: number | null, numbers: [number, number] | null = null, more: Partial<CheckRun> = {}): CheckRun => ({
  exitCode,
  killed: null,
  durationMs: 1000,
  counts: numbers && { passed: numbers[0], failed: numbers[1], skipped: 0 },
  failing: [],
  tail: '',
  ...more,
});

const NODE_LOAD = "SyntaxError: The requested module '../a.js' does not provide an export named 'sub'";
const NODE_ASSERT = 'AssertionError [ERR_ASSERTION]: -1 == 3';

/** base, result and the new tests on the base; what is printed there; what comes of it. */
const CASES: readonly [string, Omit<NewTestRuns, 'output'>, string, unknown][] = [
  [
    'some fail by assertion',
    { base: run(0, [10, 0]), result: run(0, [16, 0]), mixed: run(1, [12, 4]) },
    NODE_ASSERT,
    { newTests: 6, failOnBase: 4, how: 'assertion', pass: 6 },
  ],
  [
    'none fails',
    { base: run(0, [10, 0]), result: run(0, [12, 0]), mixed: run(0, [12, 0]) },
    '',
    { newTests: 2, failOnBase: 0, how: null, pass: 2 },
  ],
  [
    'what fails there does not run on the result',
    { base: run(0, [10, 0]), result: run(0, [10, 0]), mixed: run(1, [10, 1]) },
    NODE_ASSERT,
    { notShown: 'skipped' },
  ],
  [
    'what fails there is left out of the result, and another one comes for it',
    { base: run(0, [10, 0]), result: run(0, [11, 0], { counts: { passed: 11, failed: 0, skipped: 1 } }), mixed: run(1, [10, 1]) },
    NODE_ASSERT,
    { notShown: 'skipped' },
  ],
  [
    'a file does not load, and counts as one',
    { base: run(0, [10, 0]), result: run(0, [16, 0]), mixed: run(1, [10, 1]) },
    NODE_LOAD,
    { newTests: 6, failOnBase: 6, how: 'load', pass: 6 },
  ],
  [
    'old tests of a file that does not load are not counted as new',
    { base: run(0, [10, 0]), result: run(0, [11, 0]), mixed: run(1, [5, 1]) },
    NODE_LOAD,
    { newTests: 1, failOnBase: 1, how: 'load', pass: 1 },
  ],
  [
    'what is called is not there',
    { base: run(0, [2, 0]), result: run(0, [4, 0]), mixed: run(1, [2, 2]) },
    'TypeError [Error]: x.foo is not a function',
    { newTests: 2, failOnBase: 2, how: 'load', pass: 2 },
  ],
  [
    'one file does not load, another asserts',
    { base: run(0, [2, 0]), result: run(0, [6, 0]), mixed: run(1, [2, 2]) },
    `${NODE_LOAD}\n${NODE_ASSERT}`,
    { newTests: 4, failOnBase: 4, how: 'mixed', pass: 4 },
  ],
  [
    'pytest stops at what it cannot collect',
    { base: run(0, [10, 0]), result: run(0, [13, 0]), mixed: run(2, [0, 1]) },
    "E   ImportError: cannot import name 'sub' from 'add'",
    { newTests: 3, failOnBase: 3, how: 'load', pass: 3 },
  ],
  [
    'a compiler in front of the tests prints errors, which are no tests',
    { base: run(0, [10, 0]), result: run(0, [12, 0]), mixed: run(2, [0, 3], { tail: "test/a.test.ts(1,2): error TS2305: no 'sub'" }) },
    "test/a.test.ts(1,2): error TS2305: no 'sub'",
    { newTests: 2, failOnBase: null, how: 'load', pass: 2 },
  ],
  [
    'changed tests fail, none is new',
    { base: run(0, [10, 0]), result: run(0, [10, 0]), mixed: run(1, [8, 2]) },
    'E       assert 1 == 2',
    { newTests: 0, failOnBase: 2, how: 'assertion', pass: 0 },
  ],
  [
    'old failures are no new ones',
    { base: run(1, [9, 1]), result: run(0, [12, 0]), mixed: run(1, [10, 2]) },
    NODE_ASSERT,
    { newTests: 2, failOnBase: 1, how: 'assertion', pass: 2 },
  ],
  [
    'the base fails as much',
    { base: run(1, [9, 1]), result: run(0, [12, 0]), mixed: run(1, [11, 1]) },
    NODE_ASSERT,
    { notShown: 'base_fails' },
  ],
  [
    'the same where all names are told: the new ones pass there',
    {
      base: run(1, [9, 1], { failing: ['known'] }),
      result: run(1, [11, 1], { failing: ['known'] }),
      mixed: run(1, [11, 1], { failing: ['known'] }),
    },
    NODE_ASSERT,
    { newTests: 2, failOnBase: 0, how: null, pass: 2 },
  ],
  [
    'one fails there that does not on the result, which fails as the base',
    {
      base: run(1, [9, 1], { failing: ['known'] }),
      result: run(1, [11, 1], { failing: ['known'] }),
      mixed: run(1, [10, 2], { failing: ['known', 'new'] }),
    },
    NODE_ASSERT,
    { newTests: 2, failOnBase: 1, how: 'assertion', pass: 2 },
  ],
  [
    'one does not load there, and what is asserted is asserted by the base',
    {
      base: run(1, [9, 1], { failing: ['known'] }),
      result: run(1, [10, 1], { failing: ['known'] }),
      mixed: run(1, [9, 2], { failing: ['known', 'new'] }),
    },
    `${NODE_LOAD}\n${NODE_ASSERT}`,
    { newTests: 1, failOnBase: 1, how: 'load', pass: 1 },
  ],
  [
    'another one fails there in its place',
    { base: run(1, [9, 1], { failing: ['known'] }), result: run(1, [11, 1]), mixed: run(1, [11, 1], { failing: ['new'] }) },
    NODE_ASSERT,
    { notShown: 'base_fails' },
  ],
  ['the base fails without numbers', { base: run(1), result: run(0, [12, 0]), mixed: run(1) }, '', { notShown: 'base_fails' }],
  [
    'only the exit code tells',
    { base: run(0), result: run(0), mixed: run(1) },
    NODE_ASSERT,
    { newTests: null, failOnBase: null, how: 'assertion', pass: null },
  ],
  [
    'all pass, and something else fails',
    { base: run(0, [1, 0]), result: run(0, [2, 0]), mixed: run(1, [2, 0]) },
    '',
    { notShown: 'no_counts' },
  ],
  [
    'it is stopped',
    { base: run(0, [1, 0]), result: run(0, [2, 0]), mixed: run(null, null, { killed: 'timeout' }) },
    '',
    { notShown: 'stopped' },
  ],
  ['it does not start', { base: run(0, [1, 0]), result: run(0, [2, 0]), mixed: run(127) }, '', { notShown: 'cannot_run' }],
  [
    'the base has no tests at all',
    { base: run(0, [0, 0]), result: run(0, [3, 0]), mixed: run(1, [1, 2]) },
    NODE_ASSERT,
    { newTests: 3, failOnBase: 2, how: 'assertion', pass: 3 },
  ],
  [
    'tests that were counted in their files, run alone',
    { base: run(0, [90, 0]), result: run(0, [4, 0]), mixed: run(1, [2, 2]), counted: 3 },
    '--- FAIL: TestAdd (0.00s)',
    { newTests: 3, failOnBase: 2, how: 'assertion', pass: 3 },
  ],
];

describe('new tests on the base', () => {
  for (const [name, runs, output, expected] of CASES) it(name, () => assert.deepEqual(compareNewTests({ ...runs, output }), expected));

  it('tells what is not there from what is not as expected, in the words of many languages', () => {
    const base = run(0, [1, 0]);
    const how = (output: string) => {
      const found = compareNewTests({ base, result: run(0, [2, 0]), mixed: run(1, [1, 1]), output });
      return 'how' in found ? found.how : found.notShown;
    };
    for (const output of [
      "Error: Cannot find module './limit.js'",
      'Error: Failed to resolve import "./limit" from "test/limit.test.ts"',
      "ModuleNotFoundError: No module named 'shop.limit'",
      "AttributeError: module 'add' has no attribute 'sub'",
      './b_test.go:3:33: undefined: Sub\nFAIL\tx [build failed]',
      'error[E0425]: cannot find function `sub` in this scope',
      '[ERROR] COMPILATION ERROR :',
      'Tests.cs(3,5): error CS0117: no definition',
      "NoMethodError: undefined method `sub' for Add:Module",
      'Error: Call to undefined function sub()',
      '** (UndefinedFunctionError) function Add.sub/2 is undefined',
      // What a runner repeats of the test asserts nothing.
      "    TypeError: sub is not a function\n\n      1 | const { sub } = require('../add.js');\n    > 2 | test('x', () => expect(sub(3, 1)).not.toBe(4));\n        |                 ^\n\n      at Object.sub (sub.test.js:2:32)\n",
      "TypeError: sub is not a function\n ❯ sub.test.js:3:36\n      2| import { test, expect } from 'vitest';\n      3| test('x', () => expect(lib.sub(3, 1)).not.toBe(4));\n       |              ^\n",
      "     Failure/Error: it('x') { expect(Add.sub(3, 1)).not_to eq 4 }\n     \n     NoMethodError:\n       undefined method `sub' for Add:Module\n",
      "    def test_sub():\n        # AssertionError\n>       assert add.sub(3, 1) != 4\nE       AttributeError: module 'add' has no attribute 'sub'\n\ntest_sub.py:5: AttributeError\n",
      "  File \"/w/tests/test_add.py\", line 7, in test_sub\n    add.sub(3, 1)  # AssertionError\nAttributeError: module 'add' has no attribute 'sub'\n",
      "  Call to undefined function sub()\n\n  at tests/AddTest.php:4\n      3▕ it('x', function () {\n  ➜   4▕     expect(sub(3, 1))->not->toBe(4);\n      5▕ });\n",
      'error: TypeError: sub is not a function\nDeno.test("x", () => expect(sub(3, 1)).not.toBe(4));\n                              ^\n    at file:///w/a.test.ts:3:31\n',
      // Nor does that nothing is thrown.
      '    expect(received).not.toThrow()\n\n    Error name:    "TypeError"\n    Error message: "sub is not a function"\n',
      'AssertionError: expected [Function] to not throw an error but \'TypeError: sub …\' was thrown\n+ Received: \n"TypeError: lib.sub is not a function"\n',
      'AssertionError [ERR_ASSERTION]: Got unwanted exception.\nActual message: "sub is not a function"\n    at TestContext.<anonymous> {\n  actual: TypeError: sub is not a function\n',
    ])
      assert.equal(how(output), 'load', output);
    for (const output of [
      'expect(received).toBe(expected)',
      'AssertionError: expected 1 to equal 2',
      'self.assertEqual(add(1, 2), 3)\nAssertionError: -1 != 3',
      'E       assert 1 == 2',
      'E   Failed: DID NOT RAISE',
      '    --- FAIL: TestAdd/sub (0.00s)',
      "thread 'adds' panicked at src/lib.rs:9:9:",
      'org.opentest4j.AssertionFailedError: expected: <3> but was: <-1>',
      'Failed asserting that -1 matches expected 3.',
      '     Failure/Error: expect(add(1, 2)).to eq(3)\n\n       expected: 3\n            got: -1\n',
      '     Failure/Error:\n       expect(\n         add(1, 2)\n       ).to eq(3)\n     \n       expected: 3\n            got: -1\n',
      'Assertion with == failed',
    ])
      assert.equal(how(output), 'assertion', output);
    assert.equal(how('Segmentation fault'), 'unknown');
  });

  it('tells a name that a source lacks from one that a test lacks', () => {
    const how = (output: string) => {
      const found = compareNewTests({ base: run(0, [1, 0]), result: run(0, [2, 0]), mixed: run(1, [1, 1]), output });
      return 'how' in found ? found.how : found.notShown;
    };
    const pytest = (file: string) => `E       AttributeError: 'set' object has no attribute 'sub'\n\n${file}:9: AttributeError\n`;
    const python = (file: string) =>
      `  File "/home/ann/shop/${file}", line 5, in a\n    b.sub()\nAttributeError: module 'add' has no attribute 'sub'\n`;
    const node = (file: string) => `  TypeError [Error]: x.foo is not a function\n      at TestContext.a (/home/ann/shop/${file}:2:20)\n`;
    const tap = (file: string) =>
      `  error: 'x.foo is not a function'\n  code: 'ERR_TEST_FAILURE'\n  name: 'TypeError'\n  stack: |-\n    TestContext.<anonymous> (/home/ann/shop/${file}:4:23)\n`;
    for (const form of [pytest, python])
      assert.deepEqual(
        ['tests/test_a.py', 'shop/a.py'].map((file) => how(form(file))),
        ['load', 'unknown'],
      );
    for (const form of [node, tap, (file: string) => tap(file).replace('a function', 'defined')])
      assert.deepEqual(
        ['test/a.test.js', 'src/a.js'].map((file) => how(form(file))),
        ['load', 'unknown'],
      );
  });

  it('reads an output of equal characters in no time', () => {
    const started = performance.now();
    const output = `${'TypeError'.repeat(100_000)}\n${"error: '".repeat(100_000)}\n${'expected '.repeat(100_000)}\n${' '.repeat(1_000_000)}${'NoMethodError\n'.repeat(100_000)}`;
    compareNewTests({ base: run(0, [1, 0]), result: run(0, [2, 0]), mixed: run(1, [1, 1]), output });
    assert.ok(performance.now() - started < 2000);
  });

  it('counts tests of Go without those within them', () => {
    const output =
      '=== RUN   TestAdd\n=== RUN   TestAdd/sub\n--- FAIL: TestAdd (0.00s)\n    --- FAIL: TestAdd/sub (0.00s)\n--- PASS: TestZero (0.00s)\nFAIL\n';
    assert.deepEqual(goCounts(output), { counts: { passed: 1, failed: 1, skipped: 0 }, failing: ['TestAdd'] });
    assert.deepEqual(goCounts('FAIL\tshop [build failed]\n'), { counts: null, failing: [] });
  });
});
