import assert from 'node:assert/strict';
import { canFail, countTests, isNamedAsTest, isTestHelper } from '../../src/checks/test-files.ts';

const A_TEST: readonly (readonly [string, string])[] = [
  ['test/a.test.js', "test('a', () => {});"],
  ['src/a.spec.ts', "  it.each`x`('a', () => {});"],
  ['test/a.test.ts', "Deno.test('a', () => {});"],
  ['test/a.spec.js', "t.test('a', (t) => {});"],
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
      '\tassert x == 3',
      'expect(a).toBe(1)',
      'assert_eq!(a, b);',
      'self.assertEqual(1, 2)',
      't.Errorf("x")',
      'a.should.equal(3)',
      'throw new Error("x")',
    ];
    for (const line of asserting) assert.equal(canFail(line), true, line);
    const others = [
      "const assert = require('node:assert');",
      "import { assert } from 'chai';",
      'use assert_cmd::Command;',
      "const { expect } = require('chai');",
    ];
    for (const line of others) assert.equal(canFail(line), false, line);
  });
});
