import assert from 'node:assert/strict';
import { countAssertions, countTests, isNamedAsTest, isTestHelper, newlyOff } from '../../src/checks/test-files.ts';

const A_TEST: readonly (readonly [string, string])[] = [
  ['test/a.test.js', "test('a', () => {});"],
  ['src/a.spec.ts', "  it.each`x`('a', () => {});"],
  ['test/a.test.ts', "Deno.test('a', () => {});"],
  ['tests/test_a.py', '    async def test_a(self):'],
  ['a_test.go', 'func TestA(t *testing.T) {'],
  ['src/lib.rs', '    #[tokio::test]'],
  ['src/test/java/ATest.java', '  @Test'],
  ['Shop.Tests/CartTests.cs', '  [Fact]'],
  ['spec/a_spec.rb', "  it 'adds' do"],
  ['tests/ATest.php', '  public function testAdds()'],
  ['test/a_test.exs', '  test "adds" do'],
  ['tests/a_test.cpp', 'TEST_F(A, Adds) {'],
];

const OFF: readonly (readonly [string, string, string])[] = [
  ['test/a.test.js', "test('a', f);", "test.skip('a', f);"],
  ['test/a.test.js', "it('a', f);\nit('b', f);", "it('a', f);\nit.only('b', f);"],
  ['test/a.test.js', "it('a', f);", "xit('a', f);"],
  ['test/a.test.js', "test('a', f);", "test('a', { skip: true }, f);"],
  ['test/a.test.js', "test('a', f);", "test('a', { todo: 'later' }, f);"],
  ['tests/test_a.py', 'def test_a(): pass', '@pytest.mark.skip\ndef test_a(): pass'],
  ['tests/test_a.py', 'def test_a(): pass', '@pytest.mark.xfail\ndef test_a(): pass'],
  ['tests/test_a.py', 'def test_a(): pass', '__test__ = False\ndef test_a(): pass'],
  ['a_test.go', 'func TestA(t *testing.T) {', 'func TestA(t *testing.T) {\n\tt.Skip()'],
  ['a_test.go', 'package a', '//go:build never\npackage a'],
  ['tests/a.rs', '#[test]', '#[test]\n#[ignore]'],
  ['src/test/java/ATest.java', '@Test', '@Disabled @Test'],
  ['spec/a_spec.rb', "it 'a' do", "xit 'a' do"],
  ['spec/a_spec.rb', "it 'a' do\nit 'b' do", "it 'a', focus: true do\nit 'b' do"],
  ['tests/ATest.php', 'function testA() {', 'function testA() {\n$this->markTestSkipped();'],
  ['test/a_test.exs', 'test "a" do', '@tag :skip\ntest "a" do'],
];

describe('test files', () => {
  it('are told from what lies beside them and what they share by their names', () => {
    const tests = A_TEST.map(([file]) => file).filter((file) => file !== 'src/lib.rs');
    const others = [
      ...['conftest.py', 'tests/conftest.py', 'src/__mocks__/api.js', 'test/fixtures/app.js', 'tests/test_data.json', 'test-utils.ts'],
      ...['src/__snapshots__/a.test.js.snap', 'test/helper.js', 'tests/common/mod.rs', 'src/lib.rs', 'openapi-spec.json'],
    ];
    assert.deepEqual([...others, ...tests, 'tests/parse.rs'].filter(isNamedAsTest), [...tests, 'tests/parse.rs']);
  });

  for (const [file, line] of A_TEST) it(`${file} holds a test: ${line}`, () => assert.equal(countTests(file, `x\n${line}\n`), 1));

  for (const [file, before, after] of OFF)
    it(`${file} has tests switched off: ${after.replaceAll('\n', ' | ')}`, () => {
      assert.ok(newlyOff(file, before, after));
      assert.equal(newlyOff(file, after, after), null);
      assert.equal(newlyOff(file, after, before), null);
    });

  it('have nothing switched off by a test that runs elsewhere only, an option that says no, or words', () => {
    for (const [file, line] of [
      ['test/a.test.js', "test('a', { skip: false }, f);"],
      ['test/a.test.js', "app.use('*', slash({ skip: (path) => path === '/' }));"],
      ['test/a.test.js', "list.skip(1); query.only('name');"],
      ['test/a.test.js', 'const skip = 1; page({ limit: 2, offset: skip });'],
      ['tests/test_a.py', "@pytest.mark.skipif(sys.platform == 'win32', reason='x')"],
      ['a_test.go', '// nothing is skipped: t.Skipped tells'],
    ] as const)
      assert.equal(newlyOff(file, '', line), null, line);
  });

  it('that are new may wait for their time, but not stop the others', () => {
    assert.equal(newlyOff('test/a.test.js', null, "test.todo('later');"), null);
    assert.equal(newlyOff('test/a.test.js', null, "test.only('a', f);")?.line, 1);
  });

  it('are told from what they share', () => {
    assert.equal(isTestHelper('test/helpers/same.js', 'exports.same = 1'), true);
    assert.equal(isTestHelper('tests/conftest.py', 'def pytest_configure(): pass'), true);
    assert.equal(isTestHelper('helpers_test.go', 'func same(a, b int) {}'), true);
    assert.equal(isTestHelper('test/a.test.js', 'assert(1)'), false);
    assert.equal(isTestHelper('test/a.js', "test('a', f)"), false);
    assert.equal(isTestHelper('test/data.json', '{}'), false);
    assert.equal(isTestHelper('src/a.js', 'exports.a = 1'), false);
  });

  it('can fail by what asserts, not by what imports it', () => {
    const asserting = [
      'assert.equal(a, b)',
      '  assert x == 3',
      'expect(a).toBe(1)',
      'assert_eq!(a, b);',
      'self.assertEqual(1, 2)',
      't.Errorf("x")',
      'a.should.equal(3)',
    ];
    for (const line of asserting) assert.equal(countAssertions(line), 1, line);
    const others = [
      "const assert = require('node:assert');",
      "import { assert } from 'chai';",
      'use assert_cmd::Command;',
      "const { expect } = require('chai');",
    ];
    for (const line of others) assert.equal(countAssertions(line), 0, line);
  });
});
