import assert from 'node:assert/strict';
import { hiddenCharacters } from '../../../src/checks/integrity/hidden-characters.ts';
import type { Rule } from '../../../src/checks/integrity/rule.ts';
import { secrets } from '../../../src/checks/integrity/secrets.ts';
import { testsOff } from '../../../src/checks/integrity/tests-off.ts';
import { testsWeakened } from '../../../src/checks/integrity/tests-weakened.ts';
import { file, said } from './judge.ts';

describe('in a line without an end', () => {
  /** What stands to the left of a change: code, text or blanks. */
  const LEFT = { code: 'a(1); '.repeat(300), text: `/* ${'x'.repeat(1500)} */ `, blanks: `a(1);${' '.repeat(1500)}` };
  const token = ['ghp_', 'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'].join('');

  it('a change is seen wherever it stands', () => {
    const RULES: readonly (readonly [Rule, path: string, before: string, after: string, said: string])[] = [
      [secrets, 'a.json', '"k": "v"', `"k": "${token}"`, 'secret'],
      [hiddenCharacters, 'src/a.ts', 'b(2);', '/* \u202e */ b(2);', 'reordered'],
      [hiddenCharacters, 'src/a.ts', 'b(2);', 'is\u200bAdmin(2);', 'invisibleInName'],
      [hiddenCharacters, 'src/a.ts', 'b(2);', 'p\u0430ss(2);', 'lookAlike'],
      [testsOff, 'test/a.test.js', "it('a', f);", "it.only('a', f);", 'testsOff'],
      [testsOff, 'test/a.test.js', "it('a', f);", "it.skip('a', f);", 'testsOff'],
      [testsOff, 'test/a.test.js', "it('a', f);", "xit('a', f);", 'testsOff'],
    ];
    for (const [what, left] of Object.entries(LEFT))
      for (const [rule, path, before, after, code] of RULES) {
        const change = file(path, `${left}${before}\n`, `${left}${after}\n`);
        assert.deepEqual(said(rule, [change]), [`! ${path}:1 ${code}`], `${code} behind ${what}`);
      }
  });

  it('nothing hides behind blanks', () => {
    const blanks = ' '.repeat(1500);
    const test = (rest: string) => `it('a', () => {\n  run(a);${blanks}${rest}\n});\n`;
    assert.deepEqual(said(testsWeakened, [file('test/a.test.js', test('expect(a).toBe(1);'), test(''))]), [
      '! test/a.test.js:1 assertionsGone',
    ]);
  });

  it('nothing is told of what the base had, or of the end of a name', () => {
    const left = `${LEFT.code}'\u202e'; p\u0430ss(1); ${'x'.repeat(493)}`;
    assert.deepEqual(said(hiddenCharacters, [file('src/a.ts', `${left}b\n`, `${left}c\n`)]), []);
    for (let at = 380; at < 520; at++) {
      const line = `${'x'.repeat(at)}it.only(a); wait.skip(b);\n`;
      assert.deepEqual(said(testsOff, [file('test/a.test.js', '\n', line)]), [], String(at));
    }
  });
});
