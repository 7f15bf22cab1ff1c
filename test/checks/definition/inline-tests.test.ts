import assert from 'node:assert/strict';
import { holdsTests, testModuleLines, testsOfBase, withTestsOf } from '../../../src/checks/definition/inline-tests.ts';
import { quick } from '../../quick.ts';

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
    assert.deepEqual([...testModuleLines('src/a.rs', source('a', 1))], [5, 6, 7, 8, 9, 10, 11, 12]);
    assert.equal(testModuleLines('src/a.ts', source('a', 1)).size, 0);
  });

  it('stay in the modules whose code they test', () => {
    const nested = (body: string, expected: number) => {
      const inner = source(body, expected)
        .trimEnd()
        .split('\n')
        .map((line) => (line === '' ? '' : `    ${line}`));
      return `mod first {\n${inner.join('\n')}\n}\n\nmod second {\n${inner.join('\n').replaceAll('add', 'sum')}\n}\n\n${source(body, expected)}pub fn last() {}\n`;
    };
    assert.equal(put(nested('a * b', 3), nested('a - b', 2)), nested('a - b', 3));
    assert.equal(withTestsOf(nested('a - b', 4), nested('a * b', 3)), nested('a * b', 4));
    assert.equal(put(nested('a * b', 3), `${nested('a - b', 2)}\n${tests(9)}`), `${nested('a - b', 3)}\n`);
  });

  for (const [what, text] of Object.entries({
    'in a module that others see': '#[cfg(test)]\npub(crate) mod tests {\n    NOTE\n}\n',
    'in a module whose brace is on the next line': '#[cfg(test)]\nmod tests\n{\n    NOTE\n}\n',
    'in a module with a further condition': '#[cfg(all(test, feature = "std"))]\nmod tests {\n    NOTE\n}\n',
    'in a module behind its attribute': '#[cfg(test)] mod tests {\n    NOTE\n}\n',
    'in a module of one line': '#[cfg(test)]\nmod tests { NOTE }\n',
    'in a function of its own': '#[test]\nfn adds() {\n    NOTE\n}\n',
    'in a function that is awaited':
      '#[tokio::test(flavor = "current_thread")]\n#[ignore]\nasync fn adds() -> Result<(), Error> {\n    NOTE\n}\n',
    'in a helper of tests': '#[cfg(test)]\nfn sample() -> u8 {\n    NOTE\n}\n',
    'in a file of its own': '#[cfg(test)]\nmod NOTE;\n',
  }))
    it(`are those of the base ${what}`, () => {
      const [old, now] = ['one', 'two'].map((note) => `fn a() {\n    ${note}\n}\n\n${text.replace('NOTE', note)}`);
      assert.equal(put(old!, now!), `fn a() {\n    two\n}\n\n${text.replace('NOTE', 'one')}`);
      assert.ok(holdsTests('src/a.rs', old));
    });

  it('are none where only others run without them', () => {
    for (const text of [
      '#[cfg(not(test))]\nmod a {\n}\n',
      '#[cfg(all(unix, not(test)))]\nmod a {\n}\n',
      '#[cfg(unix)]\nfn a() {\n}\n',
      '#[test_only]\nfn a() {\n}\n',
    ])
      assert.ok(!holdsTests('src/a.rs', text), text);
  });

  it('are found in a time that grows with the text', () => {
    for (const one of ['#[cfg(test)]\nmod a {\n', '#[cfg(test)]\n', '#[cfg(test)]\n#[a]\n\n', '#[cfg(test)]\nmod a {\n}\n', '    }\n'])
      quick(() => {
        const text = one.repeat((1024 * 1024) / one.length);
        withTestsOf(text, `${text}fn a() {}\n${one}`);
        withTestsOf(`${one}${text}`, text.replaceAll('a {', 'b {'));
        testModuleLines('src/a.rs', text);
        holdsTests('src/a.rs', text);
      }, one);
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
