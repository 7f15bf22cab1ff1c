import assert from 'node:assert/strict';
import { otherExpectation } from '../../../src/checks/proof/other-expectation.ts';

const MARK = '1234567890';

/** Each with the line as it is then; null = it says nothing that can be another value. */
const LINES: Readonly<Record<string, string | null>> = {
  "test('adds', () => assert.equal(add(1, 2), 3));": `test('adds', () => assert.equal(add(1, 2), ${MARK}));`,
  "  assert.strictEqual(name(2), 'two', 'is named');": `  assert.strictEqual(name(2), '${MARK}', 'is named');`,
  '  expect(add(1, 2)).toBe(3);': `  expect(add(1, 2)).toBe(${MARK});`,
  '  expect(add(1, 2)).to.equal(3)': `  expect(add(1, 2)).to.equal(${MARK})`,
  '  t.is(add(1, 2), 3);': `  t.is(add(1, 2), ${MARK});`,
  '    assert add(1, 1) == 2': `    assert add(1, 1) == ${MARK}`,
  '    assert name(2) == "two", "is named"': `    assert name(2) == "${MARK}", "is named"`,
  '        self.assertEqual(add(1, 2), 3)': `        self.assertEqual(add(1, 2), ${MARK})`,
  '        self.assertEqual(3, add(1, 2))': `        self.assertEqual(${MARK}, add(1, 2))`,
  '    assert_equal 3, add(1, 2)': `    assert_equal ${MARK}, add(1, 2)`,
  '    expect(add(1, 2)).to eq(3)': `    expect(add(1, 2)).to eq(${MARK})`,
  '        assert_eq!(add(1, 2), 3);': `        assert_eq!(add(1, 2), ${MARK});`,
  '        $this->assertSame(3, add(1, 2));': `        $this->assertSame(${MARK}, add(1, 2));`,
  '    assertEquals(3, Sum.add(1, 2));': `    assertEquals(${MARK}, Sum.add(1, 2));`,
  '  EXPECT_EQ(add(1, 2), 3);': `  EXPECT_EQ(add(1, 2), ${MARK});`,
  '  MY_CHECK_EQ(add(1, 2), 3);': `  MY_CHECK_EQ(add(1, 2), ${MARK});`,
  'int main(void) { assert(add(1, 2) == 3); return 0; }': null,
  '  assert(add(1, 2) == 3);': `  assert(add(1, 2) == ${MARK});`,
  '    assert add(1, 2) == 3': `    assert add(1, 2) == ${MARK}`,
  "is(add(1, 2), 3, 'adds');": `is(add(1, 2), ${MARK}, 'adds');`,
  '  [ "$output" = "3" ]': `  [ "$output" = "${MARK}" ]`,
  '[ "$(add 1 2)" -eq 3 ] || exit 1': `[ "$(add 1 2)" -eq ${MARK} ] || exit 1`,
  '[ "$(add 1 2)" != 3 ] || exit 1': null,
  '  assert_output "3"': `  assert_output "${MARK}"`,
  '\tif got := Add(1, 2); got != 3 {': `\tif got := Add(1, 2); got != ${MARK} {`,
  '  if (add(1, 2) != 3) return 1;': `  if (add(1, 2) != ${MARK}) return 1;`,
  "add(1, 2) == 3 or die 'no';": `add(1, 2) == ${MARK} or die 'no';`,
  '    add(1, 2) shouldBe 3': `    add(1, 2) shouldBe ${MARK}`,
  '        Sum.Add(1, 2).Should().Be(3);': `        Sum.Add(1, 2).Should().Be(${MARK});`,
  '        Assert.Equal(3, Sum.Add(1, 2));': `        Assert.Equal(${MARK}, Sum.Add(1, 2));`,
  '  TEST_ASSERT_EQUAL(3, add(1, 2));': `  TEST_ASSERT_EQUAL(${MARK}, add(1, 2));`,
  '  REQUIRE(add(1, 2) == 3);': `  REQUIRE(add(1, 2) == ${MARK});`,
  '  (is (= 3 (add 1 2)))': `  (is (= ${MARK} (add 1 2)))`,
  '    assert 3 = Sum.add(1, 2)': `    assert ${MARK} = Sum.add(1, 2)`,
  '        assert_eq!(3, add(1, 2));': `        assert_eq!(${MARK}, add(1, 2));`,
  '\tassert.Equal(t, 3, Add(1, 2))': `\tassert.Equal(t, ${MARK}, Add(1, 2))`,
  '  expect(add(1, 2)).not.toBe(3);': null,
  '  assert.notEqual(add(1, 2), 3);': null,
  '  assert.throws(() => equal(add(), 3));': null,
  '  assert(isEven(2));': null,
  '  assert add(1, 2) >= 3': null,
  '  assert.equal(add(1, 2), three);': null,
  '  assert.equal(add(1, 2), 3.5);': null,
  '  add(1, 2) == 3': null,
};

describe('a test that expects something else', () => {
  for (const [line, wanted] of Object.entries(LINES))
    it(`${wanted === null ? 'is not made' : 'is made'} of: ${line.trim()}`, () =>
      assert.equal(otherExpectation(line, MARK)?.text ?? null, wanted));

  it('is made of the last line that can be another one', () => {
    const lines = ['assert.equal(a(), 1);', 'assert.equal(b(), 2);', 'assert.ok(c());'];
    assert.deepEqual(otherExpectation(lines.join('\n'), MARK), {
      line: 2,
      text: [lines[0], `assert.equal(b(), ${MARK});`, lines[2]].join('\n'),
    });
  });
});
