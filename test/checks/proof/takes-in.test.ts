import assert from 'node:assert/strict';
import { takesInNothing } from '../../../src/checks/proof/takes-in.ts';

const NOTHING: readonly (readonly [string, string])[] = [
  ['a.test.js', "const { test } = require('node:test');\nconst add = (a, b) => a + b;\ntest('adds', () => {});\n"],
  ['a.test.ts', "import { expect, it } from 'vitest';\n// import { add } from '../add.ts';\nit('adds', () => expect(1 + 2).toBe(3));\n"],
  ['a.test.js', "test('adds', () => expect(1).toBe(1));\n"],
  [
    'test_a.py',
    'import unittest\nfrom unittest import mock\n\n\nclass A(unittest.TestCase):\n    def test_a(self):\n        self.assertEqual(1, 1)\n',
  ],
  ['test_a.py', 'def test_a():\n    assert 1 + 2 == 3\n'],
  ['test_a.py', 'class TestA:\n    def test_a(self, tmp_path):\n        assert 1 + 2 == 3\n'],
  ['test_a.py', 'import pytest\n\n\n@pytest.mark.parametrize("a, b", [(1, 2)])\ndef test_a(a, b):\n    assert a + b == 3\n'],
  [
    'a.test.js',
    "function add(a, b) {\n  return Math.max(a + b, a);\n}\n\ntest('adds', () => {\n  [1].forEach((a) => expect(add(a, 2)).toBe(3));\n});\n",
  ],
  [
    'a.test.ts',
    "import { expect, it } from 'vitest';\n\nclass Sum {\n  of(a: number) {\n    return a;\n  }\n}\n\nit('adds', () => {\n  const sum = new Sum();\n  expect(sum.of(1)).toBe(1);\n});\n",
  ],
];
const SOMETHING: readonly (readonly [string, string])[] = [
  ['a.test.js', "const { add } = require('../add.js');\n"],
  ['a.test.ts', "import { add } from '@app/add';\n"],
  ['a.test.ts', "import '../add.ts';\n"],
  ['a.test.js', 'const { add } = require(`../${name}.js`);\n'],
  ['a.test.js', "import { test } from 'node:test';\nimport { execFileSync } from 'node:child_process';\n"],
  ['a.test.js', "test('page', async ({ page }) => { await page.goto('/'); });\n"],
  ['a.test.js', "test('global', () => expect(window.add(1)).toBe(1));\n"],
  ['a.test.js', "test('global', () => expect(add(1, 2)).toBe(3));\n"],
  ['a.test.js', "test('global', () => {\n  const cart = new Cart();\n  expect(Cart.of(cart)).toBe(cart);\n});\n"],
  ['test_a.py', 'class TestA:\n    def test_a(self, calc):\n        assert calc.add(1, 2) == 3\n'],
  [
    'test_a.py',
    'import pytest\n\n\n@pytest.mark.usefixtures("calc")\nclass TestA:\n    def test_a(self):\n        assert self.calc.add(1, 2) == 3\n',
  ],
  ['test_a.py', 'from .add import add\n'],
  ['test_a.py', 'import add\n'],
  ['test_a.py', 'def test_a(client):\n    assert client.get("/")\n'],
  ['test_a.py', 'import subprocess\n'],
  ['a_test.go', 'package a\n'],
  ['ATest.java', 'class ATest {}\n'],
];

describe('a test beside another file that came with it', () => {
  const test = "const { add } = require('./sum');\n";
  const inPython = 'import unittest\nfrom tests.sums import add\n';
  it('takes in nothing where that does not either', () => {
    assert.equal(takesInNothing('test/a.test.js', test, new Map([['test/sum.js', 'exports.add = (a, b) => a + b;\n']])), true);
    assert.equal(takesInNothing('test/a.test.js', test, new Map([['test/sum.js', "module.exports = require('../add.js');\n"]])), false);
    assert.equal(takesInNothing('test/a.test.js', test, new Map()), false);
    assert.equal(takesInNothing('tests/test_a.py', inPython, new Map([['tests/sums.py', 'def add(a, b):\n    return a + b\n']])), true);
    assert.equal(takesInNothing('tests/test_a.py', inPython, new Map([['tests/sums.py', 'from calc import add\n']])), false);
  });
});

describe('a test', () => {
  it('takes in nothing where it has its runner only, and something where that is not certain', () => {
    assert.deepEqual(
      NOTHING.filter(([file, text]) => !takesInNothing(file, text)),
      [],
    );
    assert.deepEqual(
      SOMETHING.filter(([file, text]) => takesInNothing(file, text)),
      [],
    );
  });
});

describe('a long test', () => {
  it('is read in a time that grows with it only', () => {
    const pieces = ['a(', '(', 'a ', 'a=>', 'const ', 'a.b', 'a(b){', 'def test(', "parametrize('a', ", 'parametrize(', '\n', ' '];
    for (const piece of pieces)
      for (const file of ['a.test.ts', 'test_a.py'])
        assert.equal(typeof takesInNothing(file, `${piece.repeat(120_000 / piece.length)}y`), 'boolean', piece);
  }).timeout(10_000);
});
