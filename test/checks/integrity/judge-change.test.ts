import assert from 'node:assert/strict';
import { changedText } from '../../../src/checks/integrity/changed-text.ts';
import { judgeChange } from '../../../src/checks/integrity/judge-change.ts';
import { say } from '../../../src/messages/message.ts';
import { quick } from '../../quick.ts';
import { file, NOTHING_ASKED } from './judge.ts';

const textsOf = (files: Parameters<typeof judgeChange>[0]) =>
  judgeChange(files, NOTHING_ASKED).map(({ text, place }) => `${place.file}: ${say(text, 'en')}`);

describe('a change as a whole', () => {
  it('is told with what blocks first, and repeats counted', () => {
    const workflows = Array.from({ length: 7 }, (_, n) => file(`.github/workflows/${n}.yml`, null, 'a\n'));
    const found = textsOf([file('package.json', '{}', '{"dependencies": {"a": "1"}}'), ...workflows]);
    assert.deepEqual(found, [
      '.github/workflows/0.yml: configures CI or the review',
      '.github/workflows/1.yml: configures CI or the review',
      '.github/workflows/2.yml: configures CI or the review',
      '.github/workflows/3.yml: configures CI or the review (and 3 more of this kind)',
      'package.json: new dependencies: a 1',
    ]);
  });

  it('is told in no sentence that a client would escape', () => {
    for (const { text } of judgeChange([file('CLAUDE.md', 'a', 'b'), file('a.png', null, null)], NOTHING_ASKED))
      assert.doesNotMatch(say(text, 'en'), /[<>&]/);
  });

  it('says nothing of ordinary work', () => {
    const work = [
      file(
        'src/cart.ts',
        'export function total(a: number) {\n  return a;\n}\n',
        'export function total(a: number) {\n  return a * 2;\n}\n',
      ),
      file(
        'test/cart.test.ts',
        "test('a', () => {\n  expect(total(1)).toBe(1);\n});\n",
        "test('a', () => {\n  expect(total(1)).toBe(2);\n});\ntest('b', () => {\n  expect(total(2)).toBe(4);\n});\n",
      ),
      file('README.md', '# a\n', '# a\n\nMore.\n'),
      file('package.json', '{"scripts": {"test": "x"}}', '{"scripts": {"test": "x", "lint": "y"}}'),
      file('package-lock.json', '{}', '{"a": 1}'),
    ];
    assert.deepEqual(textsOf(work), []);
  });

  it('is read in a time that grows with its size, whatever it holds', function () {
    this.timeout(120_000); // processor time counts, of which this one has little on a busy machine
    const SIZE = 100_000;
    const MADE: Readonly<Record<string, string>> = {
      'one line of brackets': '('.repeat(SIZE),
      'assertions that are never closed': 'expect(a(\n'.repeat(SIZE / 10),
      'tests with one title': "test('a', () => { expect(a).toBe(1) })\n".repeat(SIZE / 40),
      'tests with many titles': Array.from({ length: SIZE / 40 }, (_, n) => `test('a${n}', () => { expect(a).toBe(${n}) })\n`).join(''),
      'assertions of one test': `test('a', () => {\n${Array.from({ length: SIZE / 30 }, (_, n) => `expect(a${n}).toBe(${n});\n`).join('')}});`,
      quotes: `${`test(${'"\'`'.repeat(300)}\n`}`.repeat(SIZE / 900),
      blanks: ' '.repeat(SIZE),
      'empty handlers': 'expect(a)\ntry {\n} catch (e) {\n}\n'.repeat(SIZE / 40),
      exports: 'export function a(\n'.repeat(SIZE / 20),
      'definitions in Python': 'def a(\n'.repeat(SIZE / 8),
      'quotes of Python': '"""\'\'\''.repeat(SIZE / 6),
      'attributes of Rust': '#[test]\n#[cfg(x)]\n'.repeat(SIZE / 18),
      'hidden characters': `x\u200b\u202e\u{e0041}${'а'.repeat(10)}\n`.repeat(SIZE / 40),
      'keys without an end': '-----BEGIN PRIVATE KEY-----\n'.repeat(SIZE / 30),
      suppressions: '/* eslint-disable */ // @ts-ignore # noqa\n'.repeat(SIZE / 40),
      dependencies: 'dependencies = ["a'.repeat(SIZE / 18),
      XML: '<dependency>'.repeat(SIZE / 12),
      'JSON of many keys': `{"dependencies": {${Array.from({ length: SIZE / 12 }, (_, n) => `"a${n}": "1"`).join(',')}}}`,
      words: 'assert in in in for = == '.repeat(SIZE / 25),
      numbers: 'timeout 1 2 3 4 '.repeat(SIZE / 16),
    };
    const PATHS = [
      'test/a.test.ts',
      'tests/test_a.py',
      'a_test.go',
      'src/a.rs',
      'src/a.ts',
      'package.json',
      'pyproject.toml',
      'pom.xml',
      'Makefile',
      'a.snap',
    ];
    const many = (line: (n: number) => string) => Array.from({ length: (1024 * 1024) / line(100_000).length }, (_, n) => line(n)).join('');
    const LONG: readonly (readonly [path: string, before: string, after: string])[] = [
      ['test/a.test.ts', '', many((n) => `it('t${n}',()=>{expect(true).toBe(true)});\n`)],
      ['tests/test_a.py', '', many((n) => `def test_${n}():\n    assert True\n`)],
      ['test/a.test.ts', many((n) => `it('t${n}', () => {\n  expect(a).toBe(${n});\n});\n`), many((n) => `it('t${n}', () => {\n});\n`)],
      ['jest.config.js', many((n) => `  lines${n}: 1, // lines ${n}0\n`), many((n) => `  x${n}: 1, // lines ${n}\n`)],
      [
        'package.json',
        many((n) => `"limit": ${n}00,"a${'x'.repeat(n % 50)}"\n`),
        many((n) => `"limit": ${n}01,"b${'x'.repeat(n % 50)}"\n`),
      ],
      ['src/a.ts', many((n) => `export function a${n}(b) {}\n`), many((n) => `export function a${n}(b, c) {}\n`)],
      ['src/a.py', many((n) => `def a${n}(b):\n`), many((n) => `def a${n}(c):\n`)],
      ['src/a.ts', many((n) => `a${n};\n`), many((n) => `// eslint-disable-line ${n}\n`)],
      ['a.snap', many((n) => `exports[\`a ${n}\`] = 1;\n`), many((n) => `exports[\`a ${n}\`] = 2;\n`)],
    ];
    for (const [path, before, after] of LONG)
      quick(() => judgeChange([changedText({ path, before, after })], NOTHING_ASKED), `${path} of ${after.slice(0, 30)}`);
    for (const [what, text] of Object.entries(MADE))
      quick(() => {
        for (const path of PATHS)
          for (const [before, after] of [
            ['', text],
            [text, ''],
            [text, text.replaceAll('a', 'b')],
          ] as const)
            judgeChange([changedText({ path, before, after })], NOTHING_ASKED);
      }, what);
  });
});
