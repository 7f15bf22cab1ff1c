import assert from 'node:assert/strict';
import { holdsTests, testModuleLines, testsOfBase, withTestsOf } from '../../../src/checks/definition/inline-tests.ts';

const tests = (expected: number) =>
  `#[cfg(test)]\nmod tests {\n    use super::*;\n    #[test]\n    fn adds() {\n        assert_eq!(add(1, 2), ${expected});\n    }\n}\n`;
const source = (body: string, expected: number) => `pub fn add(a: u32, b: u32) -> u32 {\n    ${body}\n}\n\n${tests(expected)}`;
const put = (base: string, result: string) =>
  testsOfBase(base, result, { reached: new Set(), asked: new Set(), packages: new Set() }) ?? '';

describe('tests that stand in the sources', () => {
  it('are those of the base, with the code of the result', () => {
    assert.equal(put(source('a * b', 3), source('a - b', 2)), source('a - b', 3));
    assert.equal(
      put(source('a * b', 3), source('a - b', 3).replace('#[cfg(test)]', '// gone').replace('mod tests', 'mod others')).split('mod tests')
        .length,
      2,
    );
    const gone = 'pub fn add(a: u32, b: u32) -> u32 {\n    1\n}\n';
    assert.equal(put(source('a * b', 3), gone), `${gone}\n${tests(3)}`);
  });

  it('are put onto the code of the base, and their lines are known', () => {
    assert.equal(withTestsOf(source('a - b', 4), source('a * b', 3)), source('a * b', 4));
    const code = 'pub fn add(a: u32, b: u32) -> u32 {\n    1\n}\n';
    assert.equal(withTestsOf(source('a - b', 4), code), `${code}\n${tests(4)}`);
    assert.deepEqual([...testModuleLines('src/a.rs', source('a', 1))], [5, 6, 7, 8, 9, 10, 11, 12, 13]);
    assert.equal(testModuleLines('src/a.ts', source('a', 1)).size, 0);
  });

  it('are left as they are where they did not change, or there were none', () => {
    const result = source('a + b', 3);
    assert.equal(put(source('a * b', 3), result), result);
    assert.equal(put('fn a() {}\n', result), `pub fn add(a: u32, b: u32) -> u32 {\n    a + b\n}\n\n`);
    assert.ok(holdsTests('src/a.rs', result));
    for (const [path, text] of [
      ['src/a.rs', 'fn a() {}\n'],
      ['src/a.ts', result],
      ['src/a.rs', undefined],
    ] as const)
      assert.ok(!holdsTests(path, text));
  });
});
