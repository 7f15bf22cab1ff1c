import assert from 'node:assert/strict';
import { notUnderstood } from '../../../src/checks/definition/understood.ts';

const BASE = [
  ...['package.json', 'add.js', 'eslint.config.js', 'data.json', 'release.sh', 'src/price.ts', 'src/i18n/en.json', 'src/plot.wasm'],
  ...['test/price.test.ts', 'test/same.ts', 'test/fixtures/a.json', 'dist/old.js', '.gitignore', 'scripts/build.js'],
  ...['shop/__init__.py', 'shop/price.py', 'flat.py', 'lib/shop/price.rb', 'lib/shop.rb', 'main.go', 'src/Shop.java', 'src/a.h'],
];
const TEST = "test('a', () => {});\n";

const left = (
  changed: readonly string[],
  more: { texts?: Record<string, string>; odd?: readonly string[]; base?: readonly string[] } = {},
) =>
  notUnderstood(changed, {
    basePaths: new Set([...BASE, ...(more.base ?? [])]),
    odd: new Set(more.odd),
    texts: new Map(Object.entries(more.texts ?? {})),
  })(new Set(['chai', '@acme/kit']));

describe('what is known not to decide how checks run', () => {
  const KNOWN: Readonly<Record<string, readonly string[]>> = {
    'sources of the base': ['add.js', 'src/price.ts', 'shop/price.py', 'flat.py', 'lib/shop/price.rb', 'main.go', 'src/Shop.java'],
    'new sources beside others of their language': [
      'mul.js',
      'src/tax.ts',
      'src/tax/rate.ts',
      'main_other.go',
      'pkg/tax/rate.go',
      'src/b.h',
    ],
    'new modules within what is searched': ['shop/tax.py', 'shop/tax/rate.py', 'lib/shop/tax.rb'],
    'data beside others of its kind': ['src/i18n/en.json', 'src/i18n/de.json'],
    prose: ['README.md', 'docs/a/b.rst', 'CHANGELOG', 'LICENSE.txt', 'notes.txt', 'media/icon.svg'],
    'lock files, and manifests of which parts count': ['package.json', 'package-lock.json', 'Cargo.lock', 'go.mod', 'tsconfig.json'],
    'what a platform reads after a push': ['.github/workflows/ci.yml', '.github/CODEOWNERS'],
    'tests of the base, and data for them': ['test/price.test.ts', 'test/same.ts', 'test/fixtures/b.json', 'test/fixtures/c.snap'],
  };
  it('a new folder within a package of tests', () => {
    const base = ['tests/__init__.py', 'tests/unit.py', 'tests/api/test_a.py', 'shop/tests.py'];
    const judged = (path: string, text = '') => left([path], { base, texts: { [path]: text } });
    assert.deepEqual(judged('tests/cart/__init__.py'), []);
    for (const path of ['tests/unit/__init__.py', 'tests/api/__init__.py', 'test/__init__.py', 'test/cart/__init__.py'])
      assert.deepEqual(judged(path), [path]);
    assert.deepEqual(judged('tests/cart/__init__.py', 'import os\n'), ['tests/cart/__init__.py']);
  });

  it('a file of the base under another name, as it was', () => {
    const judged = (path: string) =>
      notUnderstood([path], { basePaths: new Set(BASE), odd: new Set(), texts: new Map(), moved: new Set([path]) })(new Set(['chai']));
    assert.deepEqual(judged('arith.py'), []);
    for (const path of ['chai.js', 'conftest.py', 'scripts/run.py', 'run_setup.py']) assert.deepEqual(judged(path), [path]);
  });

  for (const [what, paths] of Object.entries(KNOWN)) it(what, () => assert.deepEqual(left(paths), []));

  it('new files that hold tests', () => {
    const program = { 'test/CalcTest.java': 'if (Calc.add(1, 2) != 3) throw new AssertionError();\n', 'test/RunTest.java': 'run();\n' };
    assert.deepEqual(left(Object.keys(program), { texts: program }), ['test/RunTest.java']);
    assert.deepEqual(left(['test/tax.test.ts', 'src/tax.spec.js'], { texts: { 'test/tax.test.ts': TEST, 'src/tax.spec.js': TEST } }), []);
  });

  it('scripts where tests are written for them', () => {
    assert.deepEqual(left(['release.sh', 'libexec/release'], { base: ['test/release.bats', 'libexec/release'] }), []);
  });
});

describe('what may decide how checks run', () => {
  const UNKNOWN: Readonly<Record<string, readonly string[]>> = {
    'hidden files, wherever they lie': ['.anything', '.anything.js', 'src/.env', 'test/.setup.json', '.config/a.toml', '.gitignore'],
    'settings by their form': ['any.config.js', 'eslint.config.js', 'src/any.setup.ts', 'any.workspace.json'],
    'scripts, and files without an ending': ['run', 'bin/grep', 'release.sh', 'src/x.sh', 'scripts/build.js', 'ci/a.js'],
    'data at the root, or of a kind that is not there': ['data.json', 'any.yml', 'src/any.yml', 'any/de.json', 'src/i18n/setup.json'],
    'code that is called as texts for people are': ['news.py', 'history.rb', 'scripts/todo.js', 'changes.sh'],
    'what is compiled or built': ['src/plot.wasm', 'src/plot.node', 'a.so', 'a.pyc', 'target/any.js', 'build/any.js'],
    'headers that may be found in the place of others': [
      'src/assert.h',
      'src/features.h',
      'include/a.h',
      'src/gtest/gtest.h',
      'src/bits/types.h',
    ],
    'packages of others': ['node_modules/chai/index.js', 'vendor/a/a.go', 'test/node_modules/a.js', 'src/__mocks__/fs.ts'],
    'sources of a language that is not there, or not in this part': ['src/price.js', 'add.mjs', 'chk.pl', 'other/price.ts'],
    'modules where a search begins': ['pygments.py', 'price/__init__.py', 'test/attr.py', 'src/yaml.py', 'lib/English.rb', 'lib/Test2.pm'],
    'sources by the name of a package': ['src/chai.ts', 'src/chai/index.ts'],
    'what is run before something by its name': ['setup.js', 'preload.js'],
  };
  for (const [what, paths] of Object.entries(UNKNOWN)) it(what, () => assert.deepEqual(left(paths), paths));

  it('new code of tests that holds none, and lists among them', () => {
    const paths = ['test/same.js', 'test/helpers/any.ts', 'test/tests.txt', 'test/run'];
    assert.deepEqual(left(paths, { texts: { 'test/same.js': 'exports.same = () => {};\n' } }), [
      'test/same.js',
      'test/helpers/any.ts',
      'test/tests.txt',
      'test/run',
    ]);
  });

  it('is looked up, and not searched for: all files of the base are walked through once', () => {
    let walks = 0;
    class Walked extends Set<string> {
      override [Symbol.iterator]() {
        walks++;
        return super[Symbol.iterator]();
      }
    }
    const basePaths = new Walked([...BASE, 'test/a.bats', 'bin/run']);
    walks = 0;
    const changed = [
      'include/new.h',
      'src/b.h',
      'zpkg/a.rb',
      'lib/shop/b.rb',
      'lua/a.lua',
      'shop/b.py',
      'release.sh',
      'bin/run',
      'src/chai.ts',
    ];
    const unknownIn = notUnderstood([...changed, ...changed], { basePaths, odd: new Set(), texts: new Map() });
    const unknown = ['zpkg/a.rb', 'lua/a.lua'];
    assert.deepEqual(unknownIn(new Set()), [...unknown, ...unknown]);
    assert.deepEqual(unknownIn(new Set(['chai'])), [...unknown, 'src/chai.ts', ...unknown, 'src/chai.ts']);
    assert.equal(walks, 1);
  });

  it('links and submodules, by whatever name', () => {
    assert.deepEqual(left(['add.js', 'README.md'], { odd: ['add.js', 'README.md'] }), ['add.js', 'README.md']);
  });
});
