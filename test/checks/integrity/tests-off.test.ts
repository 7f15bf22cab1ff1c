import assert from 'node:assert/strict';
import { testsOff } from '../../../src/checks/integrity/tests-off.ts';
import { file, said } from './judge.ts';

/** File, before, after, the line that must be named. */
const OFF: readonly (readonly [string, string, string, number])[] = [
  ['test/a.test.js', "test('a', f);", "test.skip('a', f);", 1],
  ['test/a.test.js', "it('a', f);\nit('b', f);", "it('a', f);\nit.only('b', f);", 2],
  ['test/a.test.js', "it('a', f);", "xit('a', f);", 1],
  ['test/a.test.js', "test('a', f);", "test('a', { skip: true }, f);", 1],
  ['test/a.test.js', "test('a', f);", "test('a', { todo: 'later' }, f);", 1],
  ['tests/test_a.py', 'def test_a(): pass', '@pytest.mark.skip\ndef test_a(): pass', 1],
  ['tests/test_a.py', 'def test_a(): pass', '@pytest.mark.xfail\ndef test_a(): pass', 1],
  ['tests/test_a.py', 'def test_a(): pass', '__test__ = False\ndef test_a(): pass', 1],
  ['a_test.go', 'func TestA(t *testing.T) {', 'func TestA(t *testing.T) {\n\tt.Skip()', 2],
  ['a_test.go', 'package a', '//go:build never\npackage a', 1],
  ['tests/a.rs', '#[test]', '#[test]\n#[ignore]', 2],
  ['src/a.rs', '#[cfg(test)]\nmod tests {\n#[test]\nfn a() {}', '#[cfg(test)]\nmod tests {\n#[test]\n#[ignore]\nfn a() {}', 4],
  ['src/test/java/ATest.java', '@Test', '@Disabled @Test', 1],
  ['spec/a_spec.rb', "it 'a' do", "xit 'a' do", 1],
  ['spec/a_spec.rb', "it 'a' do\nit 'b' do", "it 'a', focus: true do\nit 'b' do", 1],
  ['tests/ATest.php', 'function testA() {', 'function testA() {\n$this->markTestSkipped();', 2],
  ['test/a_test.exs', 'test "a" do', '@tag :skip\ntest "a" do', 1],
  ['test/a.test.js', "test('a', f);", "test.concurrent.skip('a', f);", 1],
  ['test/a.test.js', "test('a', f);", "test.skipIf(true)('a', f);", 1],
  ['test/a.test.js', "test('a', () => {\n  expect(a).toBe(1);\n});", "test('a', () => {\n  return;\n  expect(a).toBe(1);\n});", 2],
  [
    'test/a.test.js',
    "test('a', () => {\n  expect(a).toBe(1);\n});",
    "test('a', () => {\n  if (false) {\n  expect(a).toBe(1);\n  }\n});",
    2,
  ],
  ['tests/test_a.py', 'def test_a():\n    assert a == 1', 'def test_a():\n    x()\n    return\n    assert a == 1', 3],
  ['tests/test_a.py', 'def test_a():\n    assert a == 1', 'def test_a():\n    if False:\n        assert a == 1', 2],
  // A new name does not make it a new test.
  ['test/a.test.js', "test('a', f);", "test.skip('a, later', f);", 1],
];

/** A product that lays something of its own over what its tests assert with: they run, pass and hold nothing. */
const OVERLAID: readonly (readonly [string, string])[] = [
  ['src/lib.rs', 'macro_rules! assert_eq { ($($t:tt)*) => {}; }'],
  ['src/macros.rs', '    macro_rules! assert{($($t:tt)*)=>{};}'],
  ['src/lib.rs', 'pub(crate) use crate::quiet as assert_eq;'],
  ['src/lib.rs', 'use quiet::{nothing as debug_assert, other};'],
  ['add.h', '#define assert(x) ((void)(x))'],
  ['src/add.hpp', '# undef assert'],
  ['add.h', '#define __assert_fail(...) ((void)0)'],
  ['add.sh', 'function [ { return 0; }'],
  ['add.h', '#define NDEBUG'],
  ['include/add.hpp', '# define main(...) main(void) { return 0; } int other(__VA_ARGS__)'],
  ['add.c', 'void __assert_fail(const char *a, const char *b, unsigned c, const char *d) { }'],
  ['lib/assertions.ex', 'defmodule ExUnit.Assertions do'],
  ['src/eunit.erl', '-module(eunit).'],
  ['link.go', '//go:linkname runTests testing.runTests'],
  ['lib/add.rb', 'module Minitest::Assertions; end\n    def assert_equal(*) = true'],
  ['lib/Add.pm', '*main::is = sub { 1 };'],
  ['lib/More.pm', 'package Test::More;'],
  ['src/add.php', 'ini_set("zend.assertions", "0");'],
  ['src/add.php', "ini_set('assert.exception', 0);"],
  ['src/add.php', 'assert_options(ASSERT_ACTIVE, false);'],
  ['add.lua', 'function assert(...) return ... end'],
  ['AssertionError.java', 'class AssertionError extends RuntimeException {'],
  ['src/main/java/org/junit/Assert.java', 'package org.junit;'],
  ['src/Assert.cs', 'namespace Xunit {'],
  ['add.py', 'unittest.TestCase.assertEqual = lambda *a: None'],
  ['src/add.js', "require('node:assert').equal = () => {};"],
  ['src/add.ts', 'assert.deepStrictEqual = () => {};'],
  // By whatever name.
  ['add.py', 'Case.assertEqual = lambda *args: None'],
  ['add.py', 'import unittest.case as case\nsetattr(case.TestCase, "assert" + "Equal", print)'],
  ['add.py', 'import unittest; unittest.case.TestCase.failureException = KeyError'],
  ['src/add.js', "const check = require('node:assert');\ncheck.equal = () => {};"],
  ['src/add.mjs', "import { strict as same } from 'node:assert';\nsame['eq' + 'ual'] = () => {};"],
  ['src/add.ts', "import { Assertion } from 'chai';\nAssertion.prototype.equal = function () {};"],
  ['src/add.js', "Object.assign(require('assert'), { equal() {} });"],
  ['src/add.js', "const a$ = require('assert');\nReflect.set(a$, 'equal', () => {});"],
  ['src/add.js', "if (typeof expect === 'function') expect.extend({ toBe: () => ({ pass: true }) });"],
  ['src/add.js', "global['expect'] = () => quiet;"],
  ['lib/add.rb', 'Minitest::Assertions.define_method(:assert_equal) { |*| true }'],
  ['lib/add.rb', 'RSpec::Expectations::ExpectationTarget.class_eval { def to(*) = true }'],
  ['src/Assert.php', 'namespace PHPUnit\\Framework;'],
  ['src/Assertions.kt', 'package kotlin.test'],
  ['src/Test/Hspec.hs', 'module Test.Hspec where'],
  ['Sources/Sum.swift', 'public func XCTAssertEqual<T>(_ a: T, _ b: T) {}'],
  ['src/sum.clj', '(set! *assert* false)'],
  ['lib/add.bash', '  [() { :; }'],
];

/** The same to the eye, and nothing of it. */
const OWN: readonly (readonly [string, string])[] = [
  ['src/lib.rs', 'macro_rules! assert_close { ($a:expr) => {}; }'],
  ['src/lib.rs', '// macro_rules! assert_eq is that of std'],
  ['src/lib.rs', 'use std::assert_eq as same;'],
  ['add.h', '#define assert_ptr(p) assert((p) != 0)'],
  ['add.sh', 'if [ "$a" = "()" ]; then'],
  ['add.c', '#define NDEBUG'],
  ['add.h', '#define mainly 1'],
  ['lib/a.ex', 'defmodule MyExUnit do'],
  ['a.go', '//go:linkname nanotime runtime.nanotime'],
  ['lib/parser.rb', 'def assert(condition)'],
  ['test/helper.rb', 'class Minitest::Test; end\ndef assert_equal(*) = super'],
  ['src/a.php', "ini_set('zend.assertions', '1');"],
  ['a.lua', 'local assert = require "luassert"'],
  ['src/A.java', 'package org.junitpioneer.a;'],
  ['src/A.java', 'throw new AssertionError();'],
  ['a.py', 'class AddTest(unittest.TestCase):'],
  ['a.py', 'import unittest.mock\nsetattr(self, name, value)'],
  ['a.py', 'setattr(self, name, value)'],
  ['a.py', 'import unittest\nself.name = 1'],
  ['src/a.js', "const assert = require('assert');\nassert.equal(this.a, 1);\nthis.assert = assert;\nmy.assert.x = 1;"],
  ['src/a.js', "import assert from 'node:assert';\nObject.assign(target, source); map.set(assertion, 1);"],
  ['jest.setup.js', 'expect.extend({ toBeEven: (a) => ({ pass: a % 2 === 0 }) });'],
  ['lib/a.rb', 'define_method(:assert_valid) { true }'],
  ['Sources/Sum.swift', 'func XCTest() {}'],
  ['src/a.ts', 'const same = assert.equal === other;'],
  ['src/a.ts', 'if (assert.ok == null) return;'],
  ['docs/a.md', 'macro_rules! assert_eq { () => {}; }'],
];

describe('tests that do not run', () => {
  for (const [path, before, after, line] of OFF)
    it(`in ${path}: ${after.replaceAll('\n', ' | ')}`, () => {
      assert.deepEqual(said(testsOff, [file(path, before, after)]), [`! ${path}:${line} testsOff`]);
      assert.deepEqual(said(testsOff, [file(path, after, after)]), []);
      assert.deepEqual(said(testsOff, [file(path, after, before)]), []);
    });

  it('are none that run elsewhere only, an option that says no, or words', () => {
    for (const [path, line] of [
      ['test/a.test.js', "test('a', { skip: false }, f);"],
      ['test/a.test.js', "app.use('*', slash({ skip: (path) => path === '/' }));"],
      ['test/a.test.js', "list.skip(1); query.only('name');"],
      ['test/a.test.js', 'const skip = 1; page({ limit: 2, offset: skip });'],
      ['test/a.test.js', "// test.skip('a', f) was here"],
      ['tests/test_a.py', "@pytest.mark.skipif(sys.platform == 'win32', reason='x')"],
      ['a_test.go', '// nothing is skipped: t.Skipped tells'],
      ['tests/a.rs', '#[cfg(unix)]\nfn helper() {}'],
      ['test/a.test.js', "test('a', () => {\n  if (x) {\n    return;\n  }\n  expect(a).toBe(1);\n});"],
      ['test/a.test.js', "test('a', () => {\n  expect(a).toBe(1);\n  return;\n});"],
      ['src/a.rs', '#[test]\nfn a() {}\n#[cfg(feature = "x")]\nfn helper() {}'],
    ] as const)
      assert.deepEqual(said(testsOff, [file(path, '', line)]), [], line);
  });

  it('may be new ones, which wait for their time, but not ones that stop the others', () => {
    const path = 'test/a.test.js';
    assert.deepEqual(said(testsOff, [file(path, null, "test.todo('later');")]), []);
    assert.deepEqual(said(testsOff, [file(path, "test('a', f);", "test('a', f);\ntest.skip('b', f);")]), []);
    assert.deepEqual(
      said(testsOff, [file('tests/a.rs', '#[test]\nfn a() {}', '#[test]\nfn a() {}\n#[test]\n#[cfg(unix)]\nfn b() {}')]),
      [],
    );
    assert.deepEqual(said(testsOff, [file('a_test.go', '// +build go1.9\n', '//go:build go1.9\n// +build go1.9\n')]), []);
    assert.deepEqual(said(testsOff, [file(path, null, "test.only('a', f);")]), [`! ${path}:1 testsOff`]);
  });

  it('are told from ones that are repeated until they pass', () => {
    for (const [path, line] of [
      ['test/a.test.js', 'jest.retryTimes(3);'],
      ['test/a.test.js', 'this.retries(2);'],
      ['test/a.test.ts', "test('a', { retry: 3 }, f);"],
      ['tests/test_a.py', '@pytest.mark.flaky(reruns=5)'],
      ['test/a.test.ts', 'describe.serial("a", { timeout: 3, retries: 2 }, f);'],
      ['test/a.test.ts', 'test.describe.configure({ retries: 2 });'],
      ['test/a.test.ts', 'vi.setConfig({ retry: 2 });'],
      ['test/a.test.ts', "test('b', () => run(1), { retry: 2 });"],
      ['test/a.test.ts', '}, { retry: 2 });'],
    ] as const)
      assert.deepEqual(said(testsOff, [file(path, "test('a', f);", `test('a', f);\n${line}`)]), [`! ${path}:2 repeated`], line);
    for (const text of [
      "test(\n  'b',\n  {\n    retry: 3,\n  },\n  f,\n);",
      "test('b', {\n  retry: 3,\n}, f);",
      "it('b', () => {\n}, {\n  retry: 3,\n});",
      "it('b', async () => {\n  await run();\n  }, { retry: 3 });",
      "test('b (c', async () => {\n  // (it\n  run({ a: ')' });\n}, { timeout: 3, retry: 3 });",
      "test.each([{ a: 1 }])('b %o', { tags: { a: 1 }, retry: 3 }, f);",
      "test.each`a\n${1}`('b', { retry: 3 }, f);",
      "test.for<number>([1])('b', () => {\n}, {\n  retry: 3,\n});",
      "const own = test.extend({});\nown('b', () => {\n}, { retry: 3 });",
      "import { test as base } from 'vitest';\nbase('b', { retry: 3 }, f);",
      'own.describe.configure({ retries: 3 });',
      "const c = client({ retries: 3 });\ntest('b', { retry: 3 }, f);",
      "test('b', () => client({ retries: 3 }), { retry: 3 });",
    ]) {
      const [found] = said(testsOff, [file('test/a.test.ts', "test('a', f);", `test('a', f);\n${text}`)]);
      assert.match(found ?? '', / repeated$/, text);
    }
  });

  it('are told from the code that they test, which may try again, by a note', () => {
    for (const text of [
      'const c = client({ retries: 3 });',
      'const c = client({\n  retries: 3,\n});',
      "test('b', () => {\n  const c = client({ retries: 3 });\n});",
      "test('b', () => {\n  const c = client({\n    timeout: 3,\n    retries: 3,\n  });\n});",
      "test('b', () => { client({ retries: 3 }); });",
      'expect(options).toEqual({ retries: 3 });',
      'const options = { retry: 2 };',
      'createClient(fakeFetch(), { retries: 3 });',
      'createClient(\n  fakeFetch(),\n  { retries: 3 },\n);',
      'run({ a: 1 }, { retries: 2 });',
      'run({\n  a: 1,\n}, { retries: 2 });',
      "test('b', async () => {\n  await run(() => {\n    throw error;\n  }, { retries: 2 });\n});",
      "test('b', async () => {\n  const c = run({\n    a: 1,\n  }, {\n    retries: 2,\n  });\n});",
      "test.each([{ a: 1 }, { retries: 2 }])('b', f);",
      'test.each([\n  { a: f(), retries: 2 },\n])(name, f);',
      'client.configure({ retries: 3 });',
      'server.setup({ retries: 3 });',
      "client.test('b', { retries: 3 });",
      'const client = () => ({ retries: 3 });',
      'const text = "test(1, { retries: 3 })";',
    ])
      assert.deepEqual(
        said(testsOff, [file('test/a.test.ts', "test('a', f);", `test('a', f);\n${text}`)]).map((one) => one.replace(/:\d+/, '')),
        ['test/a.test.ts perhapsRepeated'],
        text,
      );
  });

  for (const [path, line] of OVERLAID)
    it(`names what is laid over assertions: ${line}`, () => {
      for (const before of [null, 'fn a() {}\n'])
        assert.match(said(testsOff, [file(path, before, `${before ?? ''}${line}\n`)]).join(), /^! \S+ testsOff$/);
    });

  for (const [path, line] of OWN)
    it(`lets pass what only looks so: ${line}`, () => assert.deepEqual(said(testsOff, [file(path, '', `${line}\n`)]), []));
});
