import assert from 'node:assert/strict';
import { testsWeakened } from '../../../src/checks/integrity/tests-weakened.ts';
import { file, said } from './judge.ts';

const js = (...lines: string[]) => `test('a', () => {\n${lines.map((line) => `  ${line}\n`).join('')}});\n`;
const py = (...lines: string[]) => `class ATest(TestCase):\n    def test_a(self):\n${lines.map((line) => `        ${line}\n`).join('')}`;
const go = (...lines: string[]) => `func TestA(t *testing.T) {\n${lines.map((line) => `\t${line}\n`).join('')}}\n`;
const rs = (...lines: string[]) => `#[test]\nfn a() {\n${lines.map((line) => `    ${line}\n`).join('')}}\n`;
const PATHS = new Map<unknown, string>([
  [js, 'test/a.test.ts'],
  [py, 'tests/test_a.py'],
  [go, 'a_test.go'],
  [rs, 'tests/a.rs'],
]);
type Language = typeof js;

/** One line became another. */
const LOOSENED: readonly (readonly [Language, string, string])[] = [
  [js, 'expect(sum(1, 2)).toBe(3);', 'expect(sum(1, 2)).toBeTruthy();'],
  [js, 'expect(list).toEqual([1, 2]);', 'expect(list).toBeDefined();'],
  [js, 'expect(total).toBe(3);', 'expect(total).not.toBe(4);'],
  [js, 'expect(total).toBe(3);', 'expect([3, 4, 5]).toContain(total);'],
  [js, 'assert.equal(total, 3);', 'assert.notEqual(total, 4);'],
  [py, 'assert total == 3', 'assert total != 4'],
  [js, 'expect(list).toEqual([1, 2]);', 'expect(list).toBeInstanceOf(Array);'],
  [js, 'expect(list).toEqual({ id: 3 });', 'expect(list).toEqual({ id: expect.any(Number) });'],
  [js, 'expect(total).toBe(3);', 'expect(total).toBeGreaterThan(0);'],
  [js, "expect(text).toBe('hello world');", "expect(text).toContain('hello');"],
  [js, 'expect(call).toHaveBeenCalledWith(1);', 'expect(call).toHaveBeenCalled();'],
  [js, "expect(() => f()).toThrow('no such file');", 'expect(() => f()).toThrow();'],
  [js, 'assert.equal(total, 3);', 'assert.ok(total);'],
  [js, 'assert.deepEqual(list, [1]);', 'assert(list);'],
  [js, 't.is(total, 3);', 't.truthy(total);'],
  [js, 'expect(total).to.equal(3);', 'expect(total).to.exist;'],
  [js, 'expect(total).toBeCloseTo(0.3, 5);', 'expect(total).toBeCloseTo(0.3, 1);'],
  [py, 'assert total == 3', 'assert total'],
  [py, 'assert total == 3', 'assert total is not None'],
  [py, 'assert total == 3', 'assert isinstance(total, int)'],
  [py, 'assert total == 3', 'assert total > 0'],
  [py, 'assert total == pytest.approx(0.3, abs=1e-6)', 'assert total == pytest.approx(0.3, abs=1)'],
  [py, 'self.assertEqual(total, 3)', 'self.assertTrue(total)'],
  [py, 'self.assertEqual(total, 3)', 'self.assertIsNotNone(total)'],
  [py, 'self.assertEqual(total, 3)', 'self.assertIn(total, (3, 4, 5))'],
  [py, 'self.assertAlmostEqual(total, 0.3, places=7)', 'self.assertAlmostEqual(total, 0.3, places=1)'],
  [go, 'assert.Equal(t, 3, total)', 'assert.NotNil(t, total)'],
  [rs, 'assert_eq!(total, Ok(3));', 'assert!(total.is_ok());'],
];

const GONE: readonly (readonly [Language, string[], string[]])[] = [
  [js, ['expect(a).toBe(1);', 'expect(b).toBe(2);'], ['expect(a).toBe(1);']],
  [js, ['expect(a).toBe(1);', 'expect(b).toBe(2);'], ['expect(a).toBe(1);', '// expect(b).toBe(2);']],
  [js, ['assert.equal(a, 1);', 'assert.equal(b, 2);'], ['assert.equal(a, 1);', 'assert.ok(true);']],
  [py, ['assert a == 1', 'assert b == 2'], ['assert a == 1', 'assert True']],
  [py, ['self.assertEqual(a, 1)', 'self.assertEqual(b, 2)'], ['self.assertEqual(a, 1)', 'self.assertEqual(1, 1)']],
  [go, ['if a != 1 {', '\tt.Errorf("a")', '}', 'if b != 1 {', '\tt.Errorf("b")', '}'], ['if a != 1 {', '\tt.Errorf("a")', '}']],
  [rs, ['assert_eq!(a, 1);', 'assert_eq!(b, 2);'], ['assert_eq!(a, 1);']],
];

/** What is as strict as before, or stricter, or says the same in other words. */
const HONEST: readonly (readonly [Language, string[], string[]])[] = [
  [js, ['expect(a).toBe(1);'], ['expect(a).toBe(2);']],
  [js, ['expect(a).toBeTruthy();'], ['expect(a).toBe(2);']],
  [js, ['expect(a).not.toBe(1);'], ['expect(a).not.toBe(2);']],
  [js, ['expect(a).toBe(1);', 'expect(b).toBe(2);'], ['expect({ a, b }).toEqual({ a: 1, b: 2 });']],
  [js, ['expect(a).toBe(1);'], ['expect(a).toBeDefined();', 'expect(a).toBe(2);']],
  [js, ['assert.equal(a, 1);'], ['checkTotal(a);']],
  [js, ['assert.equal(a, 1);'], ['assert.ok(a === 1);']],
  [js, ['if (x) {', '  expect(a).toBe(1);', '}'], ['expect(a).toBe(1);']],
  [js, ['expect(a).toEqual({', '  b: 1,', '});'], ['expect(a).toEqual({ b: 1, c: 2 });']],
  [js, ['expect(total).toBeCloseTo(0.3, 5);'], ['expect(total).toBeCloseTo(0.4, 5);']],
  [js, ['app.onError(() => {', '  throw new Error();', '});', 'expect(a).toBe(1);'], ['expect(a).toBe(1);']],
  [py, ['assert total == 3'], ['assert total == 4, "why"']],
  [
    py,
    ['result = f()', 'assert result.exit_code == 1', 'assert isinstance(result.e, UserWarning)', 'assert "x" in str(result.e)'],
    ['with pytest.warns(UserWarning, match="x"):', '    f()'],
  ],
];

const one = (language: Language, before: readonly string[], after: readonly string[]) => {
  const path = PATHS.get(language)!;
  return said(testsWeakened, [file(path, language(...before), language(...after))]).map((line) => line.replace(/^! \S+ /, ''));
};

describe('tests that demand less', () => {
  for (const [language, before, after] of LOOSENED)
    it(`${before}  became  ${after}`, () => assert.deepEqual(one(language, [before], [after]), ['loosened']));
  for (const [language, before, after] of GONE)
    it(`without ${before.at(-1)}: ${after.join(' | ')}`, () => assert.deepEqual(one(language, before, after), ['assertionsGone']));
  for (const [language, before, after] of HONEST)
    it(`are none: ${before.join(' | ')}  became  ${after.join(' | ')}`, () => assert.deepEqual(one(language, before, after), []));

  it('name the line', () => {
    const path = 'test/a.test.ts';
    const change = file(path, js('x();', 'expect(a).toBe(1);'), js('x();', 'expect(a).toBeTruthy();'));
    assert.deepEqual(said(testsWeakened, [change]), [`! ${path}:3 loosened`]);
  });

  it('are none whose assertions went to another test', () => {
    const moved = `${js('expect(a).toBe(1);')}test('b', () => {\n  expect(b).toBe(2);\n});\n`;
    assert.deepEqual(said(testsWeakened, [file('test/a.test.ts', js('expect(a).toBe(1);', 'expect(b).toBe(2);'), moved)]), []);
  });

  it('are none whose assertions went to what they share', () => {
    const apart = `${js('same(a);')}function same(a) {\n  assert.equal(a, 1);\n}\n`;
    assert.deepEqual(said(testsWeakened, [file('test/a.test.ts', js('assert.equal(a, 1);'), apart)]), []);
  });

  it('share code that demands less', () => {
    const shared = (line: string) => `${js('same(a, 1);')}function same(a, b) {\n  ${line}\n}\n`;
    assert.deepEqual(said(testsWeakened, [file('test/a.test.ts', shared('assert.equal(a, b);'), shared(''))]), [
      '! test/a.test.ts assertionsGone',
    ]);
    // It was no test, and is one now.
    const java = (attribute: string, line: string) =>
      `@Test\nvoid a() {\n  assertEquals(1, a());\n}\n\n${attribute}\nvoid b() {\n  ${line}\n}\n`;
    const path = 'src/test/java/ATest.java';
    assert.deepEqual(
      said(testsWeakened, [file(path, java('@Ignore', 'assertEquals(1, b());'), java('@Test', 'assertEquals(2, b());'))]),
      [],
    );
  });

  it('catch a failure and ignore it', () => {
    const caught = (handler: string) => js('try {', '  expect(a).toBe(1);', handler);
    for (const handler of ['} catch {}', '} catch (e) {}', '} catch (e) {\n  // fine\n  }', '} catch (e: unknown) {\n  }'])
      assert.deepEqual(
        said(testsWeakened, [file('test/a.test.ts', js('expect(a).toBe(1);'), caught(handler))]),
        ['! test/a.test.ts:4 swallowed'],
        handler,
      );
    for (const handler of [
      'except:\n            pass',
      'except Exception:\n            pass',
      'except AssertionError as e:\n            pass',
    ])
      assert.deepEqual(
        said(testsWeakened, [file('tests/test_a.py', py('assert a == 1'), py('try:', '    assert a == 1', handler))]),
        ['! tests/test_a.py:5 swallowed'],
        handler,
      );
    // What a test expects to be thrown is another matter.
    const expected = 'try {\n  parse();\n  fail();\n} catch (JSONException e) { }';
    assert.deepEqual(
      said(testsWeakened, [file('src/test/java/ATest.java', '@Test\nvoid a() {}', `@Test\nvoid a() {\n${expected}\n}`)]),
      [],
    );
  });

  it('are new ones that assert only what is always true', () => {
    for (const line of ['expect(true).toBe(true);', 'assert.ok(true);', 'expect(1).toBe(1);', 'assert.equal(x, x);', 't.pass();'])
      assert.deepEqual(said(testsWeakened, [file('test/a.test.ts', null, js(line))]), ['! test/a.test.ts:2 vacuous'], line);
    for (const line of ['assert True', 'self.assertTrue(True)', 'self.assertEqual(1, 1)'])
      assert.deepEqual(said(testsWeakened, [file('tests/test_a.py', null, py(line))]), ['! tests/test_a.py:3 vacuous'], line);
    assert.deepEqual(said(testsWeakened, [file('test/a.test.ts', null, js('assert.ok(true);', 'assert.equal(a, 1);'))]), []);
  });
});
