import assert from 'node:assert/strict';
import { changedText } from '../../../src/checks/integrity/changed-text.ts';
import { testsGone } from '../../../src/checks/integrity/tests-gone.ts';
import { file, said } from './judge.ts';

const js = (...titles: string[]) => titles.map((title) => `test('${title}', () => {\n  assert.equal(f('${title}'), 1);\n});\n`).join('\n');
const py = (...names: string[]) => names.map((name) => `def test_${name}():\n    assert ${name}() == 1\n`).join('\n');
const JS = 'test/a.test.js';

describe('tests of the base that are gone', () => {
  it('with their file, in it, or all but its name', () => {
    assert.deepEqual(said(testsGone, [file(JS, js('a', 'b'), null)]), [`! ${JS} testsDeleted`]);
    assert.deepEqual(said(testsGone, [file(JS, js('a', 'b'), js('a'))]), [`! ${JS} testsGone`]);
    assert.deepEqual(said(testsGone, [file(JS, js('a', 'b', 'c'), js('a'))]), [`! ${JS} testsGone`]);
    assert.deepEqual(said(testsGone, [file(JS, js('a'), '')]), [`! ${JS} testsEmptied`]);
    assert.deepEqual(said(testsGone, [file(JS, js('a'), "test('a', () => {});")]), [`! ${JS} testsEmptied`]);
    assert.deepEqual(said(testsGone, [file('tests/test_a.py', py('a', 'b'), py('a'))]), ['! tests/test_a.py testsGone']);
    assert.deepEqual(
      said(testsGone, [
        file(
          'a_test.go',
          'func TestA(t *testing.T) {\n\tt.Error()\n}\nfunc TestB(t *testing.T) {}\n',
          'func TestA(t *testing.T) {\n\tt.Error()\n}\n',
        ),
      ]),
      ['! a_test.go testsGone'],
    );
    assert.deepEqual(
      said(testsGone, [file('src/a.rs', '#[test]\nfn a() { assert!(x) }\n#[test]\nfn b() {}\n', '#[test]\nfn a() { assert!(x) }\n')]),
      ['! src/a.rs testsGone'],
    );
  });

  it('as code that was commented out, or that is called otherwise and runs no more', () => {
    const commented = js('a') + js('b').replace(/^/gm, '// ');
    assert.deepEqual(said(testsGone, [file(JS, js('a', 'b'), commented)]), [`! ${JS} testsGone`]);
    assert.deepEqual(said(testsGone, [file(JS, js('a', 'b'), `${js('a')}/*\n${js('b')}*/\n`)]), [`! ${JS} testsGone`]);
    assert.deepEqual(said(testsGone, [file('tests/test_a.py', py('a', 'b'), `${py('a')}"""\n${py('b')}"""\n`)]), [
      '! tests/test_a.py testsGone',
    ]);
    assert.deepEqual(said(testsGone, [file('tests/test_a.py', py('a', 'b'), py('a', 'b').replace('test_b', '_test_b'))]), [
      '! tests/test_a.py testsGone',
    ]);
  });

  it('with a new name, or in a folder, that no runner looks at', () => {
    const go = 'func TestA(t *testing.T) {\n\tt.Error()\n}\n';
    for (const [from, path, text] of [
      ['src/a.test.js', 'src/a.cases.js', js('a')],
      ['tests/test_a.py', 'tests/cases_a.py', py('a')],
      ['a_test.go', 'a_windows_test.go', go],
      ['sub/a_test.go', 'sub/testdata/a_test.go', go],
      ['sub/a_test.go', '_sub/a_test.go', go],
    ] as const)
      assert.deepEqual(said(testsGone, [changedText({ path, from, before: text, after: text })]), [`! ${path} testsMoved`]);
    assert.deepEqual(said(testsGone, [file('a_test.go', go, null), file('testdata/a_test.go', null, go)]), ['! a_test.go testsDeleted']);
    for (const [from, path, text] of [
      ['src/a.test.js', 'src/__tests__/a.js', js('a')],
      ['tests/test_a.py', 'tests/unit/test_a.py', py('a')],
      ['a_test.go', 'sub/b_test.go', go],
      ['src/a.rs', 'src/b.rs', '#[test]\nfn a() { assert!(x) }\n'],
    ] as const)
      assert.deepEqual(said(testsGone, [changedText({ path, from, before: text, after: text })]), []);
  });

  it('are none that have another name, another place or became rows of a table', () => {
    assert.deepEqual(said(testsGone, [file(JS, js('a', 'b'), js('a', 'c'))]), []);
    assert.deepEqual(said(testsGone, [file(JS, js('a', 'b'), js('a')), file('test/b.test.js', null, js('b'))]), []);
    assert.deepEqual(said(testsGone, [file(JS, js('a', 'b'), null), file('test/b.test.js', null, js('a', 'b'))]), []);
    assert.deepEqual(
      said(testsGone, [file(JS, js('a', 'b', 'c'), `${js('a')}test.each(['b', 'c'])('%s', (x) => assert.equal(f(x), 1));\n`)]),
      [],
    );
    const table = '@pytest.mark.parametrize("x", [1, 2])\ndef test_all(x):\n    assert x\n';
    assert.deepEqual(said(testsGone, [file('tests/test_a.py', py('a', 'b', 'c'), py('a') + table)]), []);
    assert.deepEqual(said(testsGone, [file(JS, `describe('x', () => {\n${js('a')}});\n`, js('a'))]), []);
    // Its assertions are those of a new one elsewhere.
    assert.deepEqual(
      said(testsGone, [file(JS, js('a', 'b'), js('a')), file('test/b.test.js', null, js('b').replace("test('b'", "test('other'"))]),
      [],
    );
    assert.deepEqual(said(testsGone, [file('src/a.js', js('a'), null)]), []);
  });
});
