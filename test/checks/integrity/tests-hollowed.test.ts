import assert from 'node:assert/strict';
import { testsWeakened } from '../../../src/checks/integrity/tests-weakened.ts';
import { file, said } from './judge.ts';

const HEAD = "import { test } from 'node:test';\nimport assert from 'node:assert/strict';\nimport { add } from '../add.js';\n";
const js = (body: string, head = HEAD) => `${head}test('adds', () => ${body});\n`;
const py = (body: string, more = '') => `class AddTest(unittest.TestCase):\n${more}    def test_adds(self):\n        ${body}\n`;

const CHAI = HEAD.replace('assert from', 'chai from').replace('node:assert/strict', 'chai');
const NODE = HEAD.replace('assert from', 'nodeAssert from').replace('/strict', '');
/** A line behind the imports that says what asserts. */
const naming = (line: string, head: string, call = 'assert.equal(add(1, 2), 3)'): [string, string, string] => [
  'test/a.test.js',
  js(call, HEAD),
  js(call, `${head}${line}\n`),
];

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
  'a part of a package that asserts nothing': naming('const assert = nodeAssert.doesNotMatch;', NODE),
  'a part of a package under its name': naming('const { noop: assert } = lodash;', `${NODE}import lodash from 'lodash';\n`),
  'a package by another name': naming('const assert = lodash;', `${NODE}import lodash from 'lodash';\n`),
  'a mock': naming('const assert = vi.fn();', `${NODE}import { vi } from 'vitest';\n`),
  'one of two': naming('const expect = chai.expect && (() => fake);', CHAI),
  'a part of an own file': naming(
    'const { expect } = chai;',
    HEAD.replace('assert from', 'chai from').replace('node:assert/strict', './chai.js'),
  ),
  'a part of what the file makes': naming('const { assert } = chai;', `${NODE}const chai = { assert() {} };\n`),
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
  ...Object.fromEntries(
    [
      ['const { expect } = chai;', CHAI],
      ['const { assert, expect: e } = chai;', CHAI],
      ['const expect = chai.expect;', CHAI],
      ['var should = chai.should();', CHAI],
      ['export const expect = chai.expect; // of chai', CHAI],
      ['const { expect } = chai.use(http);', CHAI],
      ['const expect = chai.use(http).use(promised).expect;', CHAI],
      ['const expect: Chai.ExpectStatic = chai.expect as Chai.ExpectStatic;', CHAI],
      ['const kit = chai.use(http);\nconst { expect } = kit;', CHAI],
      ['const expect = use(promised).expect;', "import {\n  use,\n} from 'chai';\n"],
      ['const { expect } = chai;', "import * as chai from 'chai';\n"],
      ['const { expect } = chai;', "const chai = await import('chai');\n"],
      ['const expect = Code.expect;', "const Code = require('@hapi/code');\n"],
      ["const expect = require('chai').expect;", ''],
      ["const { expect } = (await import('chai'));", ''],
      ['const assert = nodeAssert.strict;', NODE],
      ['const { strict: assert } = nodeAssert;', NODE],
      ['const assert = nodeAssert;', NODE],
      ['export const expect = baseExpect.extend({', "import { test, expect as baseExpect } from '@playwright/test';\n"],
      ['const expect = test.expect;', "import { test } from '@playwright/test';\n"],
    ].map(([line = '', head = '']) => [`${head}${line}`.replaceAll('\n', ' | '), naming(line, head)]),
  ),
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
