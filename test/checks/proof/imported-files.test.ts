import assert from 'node:assert/strict';
import { chooseMutants } from '../../../src/checks/proof/choose-mutants.ts';
import { importedFiles } from '../../../src/checks/proof/imported-files.ts';
import { mutantsOf } from '../../../src/checks/proof/mutate.ts';

describe('the sources that a test imports', () => {
  it('are found by relative paths and the name of the package', () => {
    const paths = new Set([
      'src/a.ts',
      'src/b/index.ts',
      'src/c.tsx',
      'src/index.ts',
      'test/help.ts',
      'test/a.test.ts',
      'packages/x/src/y.ts',
    ]);
    const found = (text: string, file = 'test/a.test.ts') =>
      importedFiles(file, text, paths, [{ folder: '', name: 'shop', entries: ['./dist/index.js'] }]);
    assert.deepEqual(found("import { a } from '../src/a.js';\nimport b from '../src/b';\nconst c = require('../src/c');"), [
      'src/a.ts',
      'src/b/index.ts',
      'src/c.tsx',
    ]);
    assert.deepEqual(found("import { x } from 'shop';\nimport fs from 'node:fs';\nimport y from 'other';"), ['src/index.ts']);
    assert.deepEqual(found("const shop = require('../');\nconst b = require('..');"), ['src/index.ts']);
    assert.deepEqual(found("import { a } from 'shop/a';\nimport b from '@/b';"), ['src/a.ts', 'src/b/index.ts']);
    for (const built of ['dist', 'dist/commonjs', 'build/esm']) assert.deepEqual(found(`import '../${built}/a.js'`), ['src/a.ts']);
    assert.deepEqual(found("import './help.ts'; import '../../../etc/passwd'"), []);
    assert.deepEqual(found("import { y } from '../src/y'", 'packages/x/test/y.test.ts'), ['packages/x/src/y.ts']);
  });

  it('are modules of Python, from the usual places', () => {
    const paths = new Set([
      'shop/__init__.py',
      'shop/price.py',
      'src/lib/core.py',
      'tests/test_a.py',
      'shop/tests/test_b.py',
      'conftest.py',
    ]);
    const found = (text: string, file = 'tests/test_a.py') => importedFiles(file, text, paths);
    assert.deepEqual(found('from shop.price import net\nimport os\n'), ['shop/price.py']);
    assert.deepEqual(found('from shop import (\n    price,\n    other,\n)\n'), ['shop/price.py', 'shop/__init__.py']);
    assert.deepEqual(found('from pytest import raises\n\nfrom shop.price import net, gross\n'), ['shop/price.py']);
    assert.deepEqual(found('import lib.core as core, sys\n'), ['src/lib/core.py']);
    assert.deepEqual(found('from ..price import net\n', 'shop/tests/test_b.py'), ['shop/price.py']);
    assert.deepEqual(found('from .. import price\n', 'shop/tests/test_b.py'), ['shop/price.py']);
  });

  it('are the other files of a package of Go', () => {
    const paths = new Set(['a/x.go', 'a/y.go', 'a/x_test.go', 'b/z.go']);
    assert.deepEqual(importedFiles('a/x_test.go', 'package a', paths), ['a/x.go', 'a/y.go']);
  });
});

describe('the order of small faults', () => {
  const text = ['one', 'two', 'three'].map((name) => `function ${name}(a, b) {\n  if (a > b) {\n    return a - b;\n  }\n}\n`).join('');
  const all = mutantsOf('a.js', text).map((mutant) => ({ file: 'a.js', text, mutant }));
  const names = (tests: string, seed: string) => chooseMutants(all, tests, seed).map(({ mutant }) => mutant.within);

  it('begins with functions that the tests name, and takes one of each in turn', () => {
    const order = names("test('two', () => two(1, 2)); three();", 'abcdef0123');
    assert.equal(order.length, all.length);
    assert.deepEqual(new Set(order.slice(0, 2)), new Set(['two', 'three']));
    assert.deepEqual(new Set(order.slice(-3)), new Set(['one']));
  });

  it('is the same for the same seed, and another for another', () => {
    const lines = (seed: string) =>
      chooseMutants(all, '', seed)
        .map(({ mutant }) => `${mutant.line} ${mutant.from}`)
        .join();
    assert.equal(lines('abcdef0123'), lines('abcdef0123'));
    assert.ok(new Set(['1', '2', '3', '4', '5'].map((one) => lines(one.repeat(8)))).size > 1);
  });
});
