import assert from 'node:assert/strict';
import { testsWeakened } from '../../../src/checks/integrity/tests-weakened.ts';
import { file, said } from './judge.ts';

const HEAD = "import { test } from 'node:test';\nimport assert from 'node:assert/strict';\nimport { add } from '../add.js';\n";
const js = (body: string, head = HEAD) => `${head}test('adds', () => ${body});\n`;
const py = (body: string, more = '') => `class AddTest(unittest.TestCase):\n${more}    def test_adds(self):\n        ${body}\n`;

/** Assertions that are all there, and cannot fail. */
const HOLLOWED: Readonly<Record<string, readonly [string, string, string]>> = {
  'a stub in the place of the library': [
    'test/a.test.js',
    js('assert.equal(add(1, 2), 3)'),
    js('assert.equal(add(1, 2), 3)', HEAD.replace(/import assert.*\n/, 'const assert = { equal: () => {} };\n')),
  ],
  'an own file in the place of the library': [
    'test/a.test.js',
    js('assert.equal(add(1, 2), 3)'),
    js('assert.equal(add(1, 2), 3)', HEAD.replace("'node:assert/strict'", "'./assert.js'")),
  ],
  'a function by its name': [
    'test/a.test.js',
    js('assert.equal(add(1, 2), 3)'),
    `${js('assert.equal(add(1, 2), 3)')}function assert() {}\n`,
  ],
  'a method of the case by its name': [
    'tests/test_a.py',
    py('self.assertEqual(add(1, 2), 3)'),
    py('self.assertEqual(add(1, 2), 3)', '    def assertEqual(self, *args):\n        pass\n\n'),
  ],
  'set on the case': [
    'tests/test_a.py',
    py('self.assertEqual(add(1, 2), 3)'),
    py('self.assertEqual(add(1, 2), 3)', '    def setUp(self):\n        self.assertEqual = print\n\n'),
  ],
  'called back when the test is over': [
    'test/a.test.js',
    js('assert.equal(add(1, 2), 3)'),
    js('{ setTimeout(() => assert.equal(add(1, 2), 3), 0); }'),
  ],
  'in a promise that nobody waits for': [
    'test/a.test.js',
    js('assert.equal(add(1, 2), 3)'),
    js('{ Promise.resolve().then(() => assert.equal(add(1, 2), 3)); }'),
  ],
  'caught in its line': ['test/a.test.js', js('assert.equal(add(1, 2), 3)'), js('{ try { assert.equal(add(1, 2), 3); } catch {} }')],
  'a value compared with itself': ['test/a.test.js', js('assert.equal(add(1, 2), 3)'), js('assert.equal(add(1, 2), add(1, 2))')],
  'the same by expect': ['test/a.test.ts', js('expect(add(1, 2)).toBe(3)'), js('expect(add(1, 2)).toBe(add(1, 2))')],
  'the same in Python': ['tests/test_a.py', py('assert add(1, 2) == 3'), py('assert add(1, 2) == add(1, 2)')],
};

/** What looks like it. */
const HONEST: typeof HOLLOWED = {
  'a test that waits for its time': [
    'test/a.test.js',
    js('assert.equal(add(1, 2), 3)'),
    js('{ assert.equal(add(1, 2), 3); return new Promise((done) => setTimeout(() => done(assert.ok(add)), 1)); }'),
  ],
  'another library': [
    'test/a.test.js',
    js('assert.equal(add(1, 2), 3)'),
    js('assert.equal(add(1, 2), 3)', HEAD.replace("'node:assert/strict'", "'chai'")),
  ],
  'one more test that compares twice': [
    'test/a.test.js',
    js('assert.equal(add(1, 2), 3)'),
    `${js('assert.equal(add(1, 2), 3)')}test('same', () => assert.equal(add(1), add(1)));\n`,
  ],
  'a helper of its own': [
    'tests/test_a.py',
    py('self.assertEqual(add(1, 2), 3)'),
    py('self.assertEqual(add(1, 2), 3)', '    def assert_sum(self, a):\n        pass\n\n'),
  ],
};

describe('tests whose assertions cannot fail any more', () => {
  for (const [what, [path, before, after]] of Object.entries(HOLLOWED))
    it(`are told: ${what}`, () => assert.equal(said(testsWeakened, [file(path, before, after)]).length > 0, true));
  for (const [what, [path, before, after]] of Object.entries(HONEST))
    it(`are none: ${what}`, () => assert.deepEqual(said(testsWeakened, [file(path, before, after)]), []));
});
