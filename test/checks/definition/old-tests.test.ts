import assert from 'node:assert/strict';
import { judgeOldTests, touchesTests } from '../../../src/checks/definition/old-tests.ts';
import type { CheckRun } from '../../../src/checks/types.ts';

const JS = "import { a } from './a.js';\n\ntest('one', () => {\n  equal(a(), 1);\n});\n";
const PY = 'from a import a\n\n\ndef test_one():\n    assert a() == 1\n';
const RS =
  'pub fn a() -> u8 {\n    1\n}\n\n#[cfg(test)]\nmod tests {\n    use super::*;\n\n    #[test]\n    fn one() {\n        assert_eq!(a(), 1);\n    }\n}\n';

/** Path, text on the base, text of the attempt, whether the tests of the base are other ones by that. */
const CHANGES: Readonly<Record<string, readonly [string, string, string | null, boolean]>> = {
  'a new test behind the others': ['test/a.test.js', JS, `${JS}\ntest('two', () => {\n  equal(a(), 2);\n});\n`, false],
  'a new test before the others': ['test/a.test.js', JS, JS.replace('test(', "test('two', () => {});\n\ntest("), false],
  'a new test within a suite': [
    'test/a.test.js',
    "describe('a', () => {\n  it('one', () => equal(a(), 1));\n});\n",
    "describe('a', () => {\n  it('one', () => equal(a(), 1));\n  it('two', () => equal(a(), 2));\n});\n",
    false,
  ],
  'blank lines': ['tests/test_a.py', PY, PY.replace('\n\n\n', '\n\n'), false],
  'a new function of Python': ['tests/test_a.py', PY, `${PY}\n\ndef test_two():\n    assert a() != 2\n`, false],
  'code behind the end of a comment': ['test/a.test.js', JS, JS.replace('\n\n', '\n\n/* note\n*/ equal = () => {};\n'), true],
  'code behind a new test': ['test/a.test.js', JS, `${JS}\ntest('two', () => {});\nObject.assign(own, other);\n`, true],
  'code behind a new function of Python': ['tests/test_a.py', PY, `${PY}\n\ndef test_two():\n    pass\n\n\na = lambda: 1\n`, true],
  'another value': ['test/a.test.js', JS, JS.replace('1)', '2)'), true],
  'a line more in a test': ['test/a.test.js', JS, JS.replace('  equal', '  if (process.env.NEVER)\n  equal'), true],
  'a line more around tests': ['test/a.test.js', JS, JS.replace('\n\n', '\n\nconst equal = () => {};\n'), true],
  'another import': ['test/a.test.js', JS, JS.replace('./a.js', './b.js'), true],
  'another name': ['test/a.test.js', JS, JS.replace("'one'", "'two'"), true],
  'a decorator': ['tests/test_a.py', PY, PY.replace('def', '@quiet\ndef'), true],
  'a file that is gone': ['tests/test_a.py', PY, null, true],
  'another value in a file that only its text tells to be of tests': ['calc/testcalc.py', PY, PY.replace('== 1', '== 2'), true],
  'another value in a short file of a suite': [
    'sums/testadd.py',
    'import unittest\nfrom sums import add\n\n\nclass AddTest(unittest.TestCase):\n    def test_adds(self):\n        self.assertEqual(add(1, 2), 3)\n',
    'import unittest\nfrom sums import add\n\n\nclass AddTest(unittest.TestCase):\n    def test_adds(self):\n        self.assertEqual(add(1, 2), 4)\n',
    true,
  ],
  'another value in src/test-a.js': [
    'src/test-a.js',
    JS.replace('equal', 'assert.equal'),
    JS.replace('equal', 'assert.equal').replace('1)', '2)'),
    true,
  ],
  'another value in a source with a few tests in it': ['calc.py', `${'x = 1\n'.repeat(9)}${PY}`, `${'x = 2\n'.repeat(9)}${PY}`, false],
  'a module of tests that is declared no more': ['src/a.rs', '#[cfg(test)]\nmod tests;\n', 'fn a() {}\n', true],
  'a table that tests read': ['test/a.json', '[1]', '[2]', true],
  'the program beside tests of Rust': ['src/a.rs', RS, RS.replace('    1\n', '    2\n'), false],
  'a new test of Rust': ['src/a.rs', RS, RS.replace('    }\n}\n', '    }\n\n    #[test]\n    fn two() {}\n}\n'), false],
  'another value in a source of Rust': ['src/a.rs', RS, RS.replace('a(), 1', 'a(), a()'), true],
  'a helper in a module of tests': ['src/a.rs', RS, RS.replace('use super::*;', 'fn a() -> u8 { 1 }'), true],
  'a source that is gone': ['src/a.rs', RS, null, false],
};

const run = (exitCode: number | null, passed: number, failing: readonly string[] = [], more: Partial<CheckRun> = {}): CheckRun => ({
  ...{ exitCode, killed: null, durationMs: 1, counts: { passed, failed: failing.length, skipped: 0 }, failing, tail: '' },
  ...more,
});
const FILES = new Map([
  ['test/a.test.js', JS],
  ['tests/test_a.py', PY],
]);
const BOTH = [...FILES.keys()];
const LACKS = 'tests/test_a.py:1: in <module>\nE   ImportError: cannot import name';

/** Base, tests of the base on the work, what comes of it: verdict, files, names. */
const RUNS: Readonly<Record<string, readonly [CheckRun, CheckRun | null, readonly [string, readonly string[], readonly string[]] | null]>> =
  {
    'they pass': [run(0, 2), run(0, 2), null],
    'they pass, with others': [run(0, 2), run(0, 3), null],
    'one fails': [run(0, 2), run(1, 1, ['suite > one']), ['fail', ['test/a.test.js'], ['suite > one']]],
    'one of another file fails': [
      run(0, 2),
      run(1, 1, ['tests/test_a.py::test_one']),
      ['fail', ['tests/test_a.py', 'test/a.test.js'], ['tests/test_a.py::test_one']],
    ],
    'one fails that no file has': [run(0, 2), run(1, 1, ['three']), ['fail', BOTH, ['three']]],
    'nothing is named': [run(0, 2), run(1, 1, [], { counts: null }), ['fail', BOTH, []]],
    'all pass, and a threshold is missed': [run(0, 2), run(1, 2), null],
    'some pass, and it ends with an error': [run(0, 2), run(1, 1), ['fail', BOTH, []]],
    'it failed before': [run(1, 1, ['one']), run(1, 1, ['one']), null],
    'another one failed before': [run(1, 1, ['old']), run(1, 0, ['old', 'one']), ['fail', ['test/a.test.js'], ['one']]],
    'a file does not load': [run(0, 2), run(2, 1, ['tests/test_x.py'], { tail: LACKS }), ['do_not_load', BOTH, ['tests/test_x.py']]],
    'one does not load and one fails': [
      run(0, 2),
      run(2, 0, ['tests/test_x.py', 'one'], { tail: LACKS }),
      ['fail', ['test/a.test.js'], ['one']],
    ],
    'fewer run': [run(0, 2), run(0, 1), ['fewer', BOTH, []]],
    'they do not end': [run(0, 2), run(null, 0, [], { killed: 'timeout' }), ['stopped', BOTH, []]],
    'they cannot be run': [run(0, 2), null, ['not_run', BOTH, []]],
  };

describe('tests of the base that an attempt changed', () => {
  for (const [what, [path, before, after, isTouched]] of Object.entries(CHANGES))
    it(`are ${isTouched ? 'other' : 'the same'} ones by ${what}`, () => assert.equal(touchesTests(path, before, after), isTouched));

  for (const [what, [base, old, wanted]] of Object.entries(RUNS))
    it(`are ${wanted?.[0] ?? 'no matter'} where ${what}`, () => {
      const found = judgeOldTests({ base, result: run(0, 2) }, old, FILES);
      assert.deepEqual(
        found && [found.verdict, [...found.files].sort(), found.failing],
        wanted && [wanted[0], [...wanted[1]].sort(), wanted[2]],
      );
    });
});
