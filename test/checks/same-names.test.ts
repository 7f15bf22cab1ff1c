import assert from 'node:assert/strict';
import { tellApart } from '../../src/checks/same-names.ts';

const js = (...titles: string[]) => titles.map((title) => `test('${title}', () => equal(a(), 1));\n`).join('');
const suite = (name: string, title: string) => `describe('${name}', () => {\n  it('${title}', () => equal(a(), 1));\n});\n`;
const py = (...names: string[]) => names.map((name) => `def ${name}():\n    assert a() == 1\n\n\n`).join('');
const rs = (name: string) => `#[cfg(test)]\nmod tests {\n    #[test]\n    fn ${name}() {\n        assert_eq!(a(), 1);\n    }\n}\n`;
const go = (name: string) => `package a\n\nfunc ${name}(t *testing.T) {\n\tt.Fatal("a")\n}\n`;

const PROJECTS: Readonly<Record<string, readonly [names: readonly string[], files: Readonly<Record<string, string>>, wanted: boolean]>> = {
  'a title that one test has': [['works'], { 'a.test.js': js('works'), 'b.test.js': js('does more') }, true],
  'a title of two files': [['works'], { 'a.test.js': js('works'), 'b.test.js': js('works') }, false],
  'a title twice in a file': [['works'], { 'a.test.js': js('works', 'works') }, false],
  'one of two that is told apart by its suite': [
    ['sum works'],
    { 'a.test.js': suite('sum', 'works'), 'b.test.js': suite('product', 'works') },
    true,
  ],
  'a suite of two files': [['sum works'], { 'a.test.js': suite('sum', 'works'), 'b.test.js': suite('sum', 'works') }, false],
  'a longer title that holds another one': [['works well'], { 'a.test.js': js('works', 'works well'), 'b.test.js': js('works') }, true],
  'a name with its file': [['tests/test_a.py::test_one'], { 'tests/test_a.py': py('test_one'), 'tests/test_b.py': py('test_one') }, true],
  'a name with its module': [['test_one (test_a)'], { 'test_a.py': py('test_one'), 'test_b.py': py('test_one') }, true],
  'functions of two packages of Go': [['TestAdd'], { 'a/a_test.go': go('TestAdd'), 'b/b_test.go': go('TestAdd') }, false],
  'functions of two crates': [['tests::adds'], { 'one/src/lib.rs': rs('adds'), 'two/src/lib.rs': rs('adds') }, false],
  'a name of no file': [['generated 1'], { 'a.test.js': js('works') }, true],
  'one of several names': [['goes', 'works'], { 'a.test.js': js('works', 'goes'), 'b.test.js': js('works') }, false],
};

describe('names of failing tests', () => {
  for (const [what, [names, files, wanted]] of Object.entries(PROJECTS))
    it(`${wanted ? 'tell' : 'do not tell'} which ones failed by ${what}`, () => {
      assert.equal(tellApart(names, new Map(Object.entries(files))), wanted);
    });
});
