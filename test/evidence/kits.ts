/**
 * One small project a language: `net(gross)` must take a fee of 2 off and takes 1 off, which its test does not notice. The feature is `fees(count)`,
 * twice the count; the tests to write are those of `net` as it is.
 */

export type Files = Readonly<Record<string, string>>;

export interface Kit {
  /** Programs without which it is left out. */
  readonly needs: readonly string[];
  readonly files: Files;
  /** The file with the fault, and what makes it right, wrong, or only looks like work. */
  readonly source: string;
  readonly right: string;
  readonly wrong: string;
  readonly idle: string;
  readonly test: string;
  /** A new test that fails without the work, and one that always passes. */
  readonly newTest: Files;
  readonly emptyTest: Files;
  /** With `fees`, with `fees` and a `net` that is broken, and with a `fees` that does nothing. */
  readonly added: Files;
  readonly addedWrong: Files;
  readonly stub: Files;
  /** Looks at what `fees` answers, or only calls it. */
  readonly addedTest: Files;
  readonly calledTest: Files;
  /** A test that notices what `net` does now, and one that only calls it. */
  readonly writtenTest: Files;
  readonly idleTest: Files;
  /** The test of the base, of which nothing is left but its looks. */
  readonly hollow: Files;
  /** Lets any work pass. */
  readonly redefined: Files;
  readonly checks: readonly string[];
}

export const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

const jsTest = (from: string, body: string, name = 'net') =>
  `import test from 'node:test';\nimport assert from 'node:assert/strict';\nimport { ${name} } from '${from}';\n${body}`;

function script(ending: 'js' | 'ts', types: string): Omit<Kit, 'needs' | 'files' | 'redefined' | 'checks'> & { base: Files } {
  const source = (body: string) => `export const net = (gross${types})${types} => ${body};\n`;
  const fees = (body: string) => `export const fees = (count${types})${types} => ${body};\n`;
  const file = `src/price.${ending}`;
  const test = (name: string) => `test/${name}.test.${ending}`;
  const from = `../src/price.${ending}`;
  return {
    base: { [file]: source('gross - 1'), [test('price')]: jsTest(from, "test('is less', () => assert.ok(net(10) < 10));\n") },
    source: file,
    right: source('gross - 2'),
    wrong: source('gross + 1'),
    idle: `// The fee is 2.\n${source('gross - 1')}`,
    test: test('price'),
    newTest: { [test('fee')]: jsTest(from, "test('the fee', () => assert.equal(net(5), 3));\n") },
    emptyTest: { [test('fee')]: jsTest(from, "test('the fee', () => assert.ok(net(5) < 5));\n") },
    added: { [file]: source('gross - 1') + fees('count * 2') },
    addedWrong: { [file]: source('gross + 1') + fees('count * 2') },
    stub: { [file]: source('gross - 1') + fees('count * 0') },
    addedTest: { [test('fees')]: jsTest(from, "test('fees', () => assert.equal(fees(3), 6));\n", 'fees') },
    calledTest: { [test('fees')]: jsTest(from, "test('fees', () => {\n  fees(3);\n});\n", 'fees') },
    writtenTest: { [test('now')]: jsTest(from, "test('now', () => assert.equal(net(5), 4));\n") },
    idleTest: { [test('now')]: jsTest(from, "test('now', () => {\n  net(5);\n});\n") },
    hollow: { [test('price')]: jsTest(from, "const known = net(10);\ntest('is less', () => assert.ok(net(10) < known + 1));\n") },
  };
}

const { base: jsBase, ...js } = script('js', '');
const { base: tsBase, ...ts } = script('ts', ': number');
const manifest = (more: object = {}) => json({ name: 'shop', version: '1.0.0', type: 'module', scripts: { test: 'node --test' }, ...more });
const fakeManifest = (more: object = {}) => manifest({ ...more, scripts: { test: 'echo "# pass 2"; echo "# fail 0"' } });

export const NODE: Kit = {
  needs: ['node'],
  files: { ...jsBase, 'package.json': manifest() },
  ...js,
  redefined: { 'package.json': fakeManifest() },
  checks: ['npm test'],
};

const tsConfig = (files: string[]) =>
  json({
    compilerOptions: { module: 'nodenext', target: 'esnext', strict: true, noEmit: true, allowImportingTsExtensions: true, types: [] },
    files,
  });
const tsManifest = { devDependencies: { typescript: '7.0.2' }, scripts: { test: 'node --test', types: 'tsc --noEmit' } };
export const TYPESCRIPT: Kit = {
  needs: ['node'],
  files: { ...tsBase, 'package.json': manifest(tsManifest), 'tsconfig.json': tsConfig(['src/price.ts']) },
  ...ts,
  redefined: { 'package.json': manifest({ ...tsManifest, scripts: { test: 'echo "# pass 2"; echo "# fail 0"', types: 'true' } }) },
  checks: ['npm test', 'npm run types'],
};

const python = (imports: string, body: string, name = 'net') => `${imports}from shop.price import ${name}\n\n\n${body}`;
const unit = (name: string, body: string, of = 'net') =>
  python('import unittest\n\n', `class ${name}(unittest.TestCase):\n    def test_${name.toLowerCase()}(self):\n        ${body}\n`, of);
const pySource = (body: string) => `def net(gross):\n    return ${body}\n`;
const pyFees = (body: string) => `\n\ndef fees(count):\n    ${body}\n`;
const PYTHON = {
  needs: ['/usr/bin/python3'],
  source: 'shop/price.py',
  right: pySource('gross - 2'),
  wrong: pySource('gross + 1'),
  idle: `# The fee is 2.\n${pySource('gross - 1')}`,
  added: { 'shop/price.py': pySource('gross - 1') + pyFees('return count * 2') },
  addedWrong: { 'shop/price.py': pySource('gross + 1') + pyFees('return count * 2') },
  stub: { 'shop/price.py': pySource('gross - 1') + pyFees('return 0') },
};
const pyBase: Files = { 'shop/__init__.py': '', 'shop/price.py': pySource('gross - 1'), '.gitignore': '__pycache__\n.pytest_cache\n' };

export const UNITTEST: Kit = {
  ...PYTHON,
  files: {
    ...pyBase,
    'pyproject.toml': '[project]\nname = "shop"\nversion = "1.0.0"\n',
    'tests/__init__.py': '',
    'tests/test_price.py': unit('Less', 'self.assertLess(net(10), 10)'),
  },
  test: 'tests/test_price.py',
  newTest: { 'tests/test_fee.py': unit('Fee', 'self.assertEqual(net(5), 3)') },
  emptyTest: { 'tests/test_fee.py': unit('Fee', 'self.assertLess(net(5), 5)') },
  addedTest: { 'tests/test_fees.py': unit('Fees', 'self.assertEqual(fees(3), 6)', 'fees') },
  calledTest: { 'tests/test_fees.py': unit('Fees', 'fees(3)', 'fees') },
  writtenTest: { 'tests/test_now.py': unit('Now', 'self.assertEqual(net(5), 4)') },
  idleTest: { 'tests/test_now.py': unit('Now', 'net(5)') },
  hollow: { 'tests/test_price.py': unit('Less', 'self.assertLess(net(10), net(10) + 1)') },
  redefined: {
    'tests/__init__.py':
      'import unittest\n\n\ndef load_tests(loader, tests, pattern):\n    return unittest.TestSuite([unittest.FunctionTestCase(lambda: None)])\n',
  },
  checks: ['python3 -m unittest discover -s tests -t .'],
};

export const PYTEST: Kit = {
  ...PYTHON,
  needs: ['/usr/bin/pytest'],
  files: {
    ...pyBase,
    'pytest.ini': '[pytest]\npythonpath = .\n',
    'tests/test_price.py': python('', 'def test_less():\n    assert net(10) < 10\n'),
  },
  test: 'tests/test_price.py',
  newTest: { 'tests/test_fee.py': python('', 'def test_fee():\n    assert net(5) == 3\n') },
  emptyTest: { 'tests/test_fee.py': python('', 'def test_fee():\n    assert net(5) < 5\n') },
  addedTest: { 'tests/test_fees.py': python('', 'def test_fees():\n    assert fees(3) == 6\n', 'fees') },
  calledTest: { 'tests/test_fees.py': python('', 'def test_fees():\n    fees(3)\n', 'fees') },
  writtenTest: { 'tests/test_now.py': python('', 'def test_now():\n    assert net(5) == 4\n') },
  idleTest: { 'tests/test_now.py': python('', 'def test_now():\n    net(5)\n') },
  hollow: {
    'tests/test_price.py': python('import os\n\n', 'def test_less():\n    if os.environ.get("FULL"):\n        assert net(10) < 10\n'),
  },
  redefined: { 'pytest.ini': '[pytest]\npythonpath = .\naddopts = --collect-only\n' },
  checks: ['python3 -m pytest -q'],
};

const goTest = (name: string, condition: string) =>
  `package shop\n\nimport "testing"\n\nfunc Test${name}(t *testing.T) {\n\tif ${condition} {\n\t\tt.Errorf("wrong")\n\t}\n}\n`;
const goCall = (name: string, call: string) => `package shop\n\nimport "testing"\n\nfunc Test${name}(t *testing.T) {\n\t${call}\n}\n`;
const goSource = (body: string) => `package shop\n\nfunc Net(gross int) int {\n\treturn ${body}\n}\n`;
const goFees = (body: string) => `\nfunc Fees(count int) int {\n\treturn ${body}\n}\n`;
export const GO: Kit = {
  needs: ['go'],
  files: {
    'go.mod': 'module example.org/shop\n\ngo 1.19\n',
    'price.go': goSource('gross - 1'),
    'price_test.go': goTest('Less', 'Net(10) >= 10'),
  },
  source: 'price.go',
  right: goSource('gross - 2'),
  wrong: goSource('gross + 1'),
  idle: `// The fee is 2.\n${goSource('gross - 1')}`,
  test: 'price_test.go',
  newTest: { 'fee_test.go': goTest('Fee', 'Net(5) != 3') },
  emptyTest: { 'fee_test.go': goTest('Fee', 'Net(5) >= 5') },
  added: { 'price.go': goSource('gross - 1') + goFees('count * 2') },
  addedWrong: { 'price.go': goSource('gross + 1') + goFees('count * 2') },
  stub: { 'price.go': goSource('gross - 1') + goFees('0') },
  addedTest: { 'fees_test.go': goTest('Fees', 'Fees(3) != 6') },
  calledTest: { 'fees_test.go': goCall('Fees', 'Fees(3)') },
  writtenTest: { 'now_test.go': goTest('Now', 'Net(5) != 4') },
  idleTest: { 'now_test.go': goCall('Now', 'Net(5)') },
  hollow: { 'price_test.go': goTest('Less', 'Net(10) > Net(10)') },
  redefined: {
    'main_test.go': 'package shop\n\nimport (\n\t"os"\n\t"testing"\n)\n\nfunc TestMain(m *testing.M) {\n\tm.Run()\n\tos.Exit(0)\n}\n',
  },
  checks: ['go test ./...', 'go vet ./...'],
};

const rustTest = (name: string, claim: string, of = 'net') => `use shop::${of};\n\n#[test]\nfn ${name}() {\n    ${claim};\n}\n`;
const rustInside = (...tests: readonly (readonly [name: string, claim: string])[]) =>
  `\n#[cfg(test)]\nmod tests {\n    use super::*;\n${tests.map(([name, claim]) => `\n    #[test]\n    fn ${name}() {\n        ${claim};\n    }\n`).join('')}}\n`;
const rustFees = (body: string) => `\npub fn fees(count: i32) -> i32 {\n    ${body}\n}\n`;
const rustSource = (body: string) => `pub fn net(gross: i32) -> i32 {\n    ${body}\n}\n`;
const CARGO = '[package]\nname = "shop"\nversion = "0.1.0"\nedition = "2021"\n';
export const RUST: Kit = {
  needs: ['/usr/bin/cargo', 'cc'],
  files: {
    'Cargo.toml': CARGO,
    'Cargo.lock':
      '# This file is automatically @generated by Cargo.\n# It is not intended for manual editing.\nversion = 3\n\n[[package]]\nname = "shop"\nversion = "0.1.0"\n',
    'src/lib.rs': rustSource('gross - 1'),
    'tests/price.rs': rustTest('less', 'assert!(net(10) < 10)'),
    '.gitignore': 'target\n',
  },
  source: 'src/lib.rs',
  right: rustSource('gross - 2'),
  wrong: rustSource('gross + 1'),
  idle: `// The fee is 2.\n${rustSource('gross - 1')}`,
  test: 'tests/price.rs',
  newTest: { 'tests/fee.rs': rustTest('fee', 'assert_eq!(net(5), 3)') },
  emptyTest: { 'tests/fee.rs': rustTest('fee', 'assert!(net(5) < 5)') },
  added: { 'src/lib.rs': rustSource('gross - 1') + rustFees('count * 2') },
  addedWrong: { 'src/lib.rs': rustSource('gross + 1') + rustFees('count * 2') },
  stub: { 'src/lib.rs': rustSource('gross - 1') + rustFees('count * 0') },
  addedTest: { 'tests/fees.rs': rustTest('fees_of_three', 'assert_eq!(fees(3), 6)', 'fees') },
  calledTest: { 'tests/fees.rs': rustTest('fees_of_three', 'fees(3)', 'fees') },
  writtenTest: { 'tests/now.rs': rustTest('now', 'assert_eq!(net(5), 4)') },
  idleTest: { 'tests/now.rs': rustTest('now', 'net(5)') },
  hollow: { 'tests/price.rs': rustTest('less', 'assert!(net(10) <= net(10))') },
  redefined: { 'Cargo.toml': `${CARGO}autotests = false\n` },
  checks: ['cargo test'],
};

const LESS = ['less', 'assert!(net(10) < 10)'] as const;
const inside = (net: string, more: string, ...tests: (readonly [string, string])[]) => rustSource(net) + more + rustInside(LESS, ...tests);
const DOUBLED = rustFees('count * 2');
/** Its tests stand in the sources. */
export const RUST_INSIDE: Kit = {
  ...RUST,
  files: { ...RUST.files, 'src/lib.rs': inside('gross - 1', '') },
  right: inside('gross - 2', '', ['fee', 'assert_eq!(net(5), 3)']),
  wrong: inside('gross + 1', ''),
  idle: inside('gross - 1', '', ['fee', 'assert!(net(5) < 5)']),
  added: { 'src/lib.rs': inside('gross - 1', DOUBLED, ['of_three', 'assert_eq!(fees(3), 6)']) },
  addedWrong: { 'src/lib.rs': inside('gross + 1', DOUBLED) },
  stub: { 'src/lib.rs': inside('gross - 1', rustFees('count * 0'), ['of_three', 'fees(3)']) },
  newTest: {},
  emptyTest: {},
  addedTest: {},
  calledTest: {},
  writtenTest: { 'src/lib.rs': inside('gross - 1', '', ['now', 'assert_eq!(net(5), 4)']) },
  idleTest: { 'src/lib.rs': inside('gross - 1', '', ['now', 'net(5)']) },
  hollow: { ...RUST.hollow, 'src/lib.rs': rustSource('gross + 1') + rustInside(['less', 'assert!(net(10) <= net(10))']) },
  // One key switches off the tests in a folder, another one those in the sources.
  redefined: { 'Cargo.toml': `${CARGO}autotests = false\n\n[lib]\ntest = false\n` },
};

const rustLib = (...names: readonly (readonly [file: string, name: string])[]) =>
  names.map(([file, name]) => `mod ${file};\npub use ${file}::${name};\n`).join('');
const WITH_FEES = { 'src/lib.rs': rustLib(['price', 'net'], ['fees', 'fees']) };
/** What is new comes into a file of its own, with tests there and in a file of tests. */
export const RUST_MODULES: Kit = {
  ...RUST,
  files: { ...RUST.files, 'src/lib.rs': rustLib(['price', 'net']), 'src/price.rs': rustSource('gross - 1') },
  source: 'src/price.rs',
  added: { ...WITH_FEES, 'src/fees.rs': DOUBLED + rustInside(['of_three', 'assert_eq!(fees(3), 6)']) },
  addedWrong: { ...WITH_FEES, 'src/fees.rs': DOUBLED, 'src/price.rs': rustSource('gross + 1') },
  stub: { ...WITH_FEES, 'src/fees.rs': rustFees('count * 0') + rustInside(['of_three', 'fees(3)']) },
};

const shellSource = (body: string) => `#!/bin/sh\necho $(($1 ${body}))\n`;
export const MAKE: Kit = {
  needs: ['make'],
  files: {
    Makefile: 'test:\n\tfor file in tests/*.sh; do sh $$file || exit 1; done\n',
    'net.sh': shellSource('- 1'),
    'tests/price.sh': 'test "$(sh net.sh 10)" -lt 10\n',
  },
  source: 'net.sh',
  right: shellSource('- 2'),
  wrong: shellSource('+ 1'),
  idle: `${shellSource('- 1')}# The fee is 2.\n`,
  test: 'tests/price.sh',
  newTest: { 'tests/fee.sh': 'test "$(sh net.sh 5)" -eq 3\n' },
  emptyTest: { 'tests/fee.sh': 'test "$(sh net.sh 5)" -lt 5\n' },
  added: { 'fees.sh': '#!/bin/sh\necho $(($1 * 2))\n' },
  addedWrong: { 'fees.sh': '#!/bin/sh\necho $(($1 * 2))\n', 'net.sh': shellSource('+ 1') },
  stub: { 'fees.sh': '#!/bin/sh\nexit 0\n' },
  addedTest: { 'tests/fees.sh': 'test "$(sh fees.sh 3)" -eq 6\n' },
  calledTest: { 'tests/fees.sh': 'sh fees.sh 3\n' },
  writtenTest: { 'tests/now.sh': 'test "$(sh net.sh 5)" -eq 4\n' },
  idleTest: { 'tests/now.sh': 'sh net.sh 5\n' },
  hollow: { 'tests/price.sh': 'test "$(sh net.sh 10)" -lt 100\n' },
  redefined: { Makefile: 'test:\n\t@echo ok\n' },
  checks: ['make test'],
};

/** In a folder below, with another package beside it. */
export function inPackage(kit: Kit, folder: string, around: Files): Kit {
  const below = (files: Files): Files => Object.fromEntries(Object.entries(files).map(([file, text]) => [`${folder}/${file}`, text]));
  return {
    ...kit,
    files: { ...below(kit.files), ...around },
    source: `${folder}/${kit.source}`,
    test: `${folder}/${kit.test}`,
    newTest: below(kit.newTest),
    emptyTest: below(kit.emptyTest),
    added: below(kit.added),
    addedWrong: below(kit.addedWrong),
    stub: below(kit.stub),
    addedTest: below(kit.addedTest),
    calledTest: below(kit.calledTest),
    writtenTest: below(kit.writtenTest),
    idleTest: below(kit.idleTest),
    hollow: below(kit.hollow),
    redefined: below(kit.redefined),
    checks: kit.checks.map((check) => `cd ${folder} && ${check}`),
  };
}

/** The Node kit with other things in its manifest. */
export const nodeWith = (more: object, files: Files = {}): Kit => ({
  ...NODE,
  files: { ...NODE.files, 'package.json': manifest(more), ...files },
  redefined: { 'package.json': fakeManifest(more) },
});

const LAYOUT = [
  "import { readdirSync, readFileSync } from 'node:fs';",
  "for (const file of readdirSync('src')) if (/\\/\\*\\*\\/| {2}/.test(readFileSync(`src/${file}`, 'utf8'))) process.exit(1);",
  '',
];
/** Its tests want blanks as a formatter leaves them. */
export const FORMATTED: Kit = nodeWith({ scripts: { test: 'node layout.js && node --test' } }, { 'layout.js': LAYOUT.join('\n') });
