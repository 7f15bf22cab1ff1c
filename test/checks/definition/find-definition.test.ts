import assert from 'node:assert/strict';
import { findDefinition } from '../../../src/checks/definition/find-definition.ts';
import { isNewCheck } from '../../../src/checks/definition/follow-command.ts';

type Files = Readonly<Record<string, string | null>>;

async function definitionOf(command: string, base: Files, change: Files) {
  const result: Files = { ...base, ...change };
  const reader = (files: Files) => async (paths: readonly string[]) =>
    new Map(paths.flatMap((path) => (typeof files[path] === 'string' ? [[path, files[path]] as const] : [])));
  const sides = { basePaths: new Set(Object.keys(base)), base: reader(base), result: reader(result) };
  return (await findDefinition(command, '', Object.keys(change), sides)).files;
}

const json = (value: unknown) => JSON.stringify(value, null, 2);
const pkg = (scripts: Record<string, string>, more: Record<string, unknown> = {}) => json({ name: 'a', scripts, ...more });
const JS = {
  'package.json': pkg({ test: 'node --test', lint: 'eslint .' }),
  'src/a.js': 'export const a = 1;\n',
  'test/a.test.js': "test('a', () => {});\n",
};
const JS_WITHOUT_LINT = { ...JS, 'package.json': pkg({ test: 'node --test' }) };
const PY = {
  'pyproject.toml': '[project]\nname = "a"\ndependencies = []\n[tool.pytest.ini_options]\naddopts = "-q"\n',
  'a.py': 'x = 1\n',
  'tests/test_a.py': 'def test_a(): pass\n',
};
const RUST = { 'Cargo.toml': '[package]\nname = "a"\nversion = "0.1.0"\n\n[dependencies]\n', 'src/lib.rs': '' };
const GO = { 'go.mod': 'module a\n\ngo 1.22\n', 'a.go': 'package a\n', 'a_test.go': 'package a\nfunc TestA(t *testing.T) {}\n' };
const MAKE = { Makefile: 'SRC = a.c b.c\ntest:\n\tsh check.sh\n', 'check.sh': 'cc a.c && ./a.out\n', 'a.c': '' };

/** What changed, and the files that are found to define the check. */
const CHEATS: readonly (readonly [string, string, Files, Files, readonly string[]])[] = [
  ['the test script', 'npm test', JS, { 'package.json': pkg({ test: "printf '# pass 38'" }) }, ['package.json']],
  [
    'a script that the script calls',
    'npm test',
    { 'package.json': pkg({ test: 'npm run unit', unit: 'node --test' }) },
    { 'package.json': pkg({ test: 'npm run unit', unit: 'true' }) },
    ['package.json'],
  ],
  [
    'a group of scripts',
    'npm test',
    { 'package.json': pkg({ test: 'run-s test:*', 'test:a': 'node --test' }) },
    { 'package.json': pkg({ test: 'run-s test:*', 'test:a': 'true' }) },
    ['package.json'],
  ],
  [
    'a hook before the script',
    'npm test',
    JS,
    { 'package.json': pkg({ test: 'node --test', lint: 'eslint .', pretest: 'rm -r test' }) },
    ['package.json'],
  ],
  [
    'what npm runs when it installs',
    'npm ci && npm test',
    JS,
    { 'package.json': pkg({ test: 'node --test', lint: 'eslint .', postinstall: 'node forge.js' }) },
    ['package.json'],
  ],
  [
    "the runner's own key",
    'npx jest',
    { 'package.json': pkg({}, { jest: {} }) },
    { 'package.json': pkg({}, { jest: { testMatch: [] } }) },
    ['package.json'],
  ],
  [
    'a package of a monorepo',
    'pnpm -r test',
    { 'packages/a/package.json': pkg({ test: 'vitest run' }) },
    { 'packages/a/package.json': pkg({ test: 'true' }) },
    ['packages/a/package.json'],
  ],
  [
    'a package taken out of the workspaces',
    'npm test --workspaces',
    { 'package.json': pkg({}, { workspaces: ['a', 'b'] }) },
    { 'package.json': pkg({}, { workspaces: ['a'] }) },
    ['package.json'],
  ],
  ['the shell of npm', 'npm test', JS, { '.npmrc': 'script-shell=/bin/true\n' }, ['.npmrc']],
  ['a configuration that was not there', 'npx vitest run', JS, { 'vitest.config.ts': 'export default {}' }, ['vitest.config.ts']],
  [
    'a configuration that another one hides',
    'npm test',
    { ...JS, 'package.json': pkg({ test: 'mocha' }) },
    { '.mocharc.json': '{"grep":"x"}' },
    ['.mocharc.json'],
  ],
  ['packages in the tree', 'npm test', JS, { 'test/node_modules/assert/index.js': '' }, ['test/node_modules/assert/index.js']],
  [
    'a script that npm runs',
    'npm test',
    { ...JS, 'package.json': pkg({ test: 'bash scripts/ci.sh' }), 'scripts/ci.sh': 'node --test' },
    { 'scripts/ci.sh': 'exit 0' },
    ['scripts/ci.sh'],
  ],
  [
    'a script that a script runs',
    './ci.sh',
    { 'ci.sh': 'node tools/run.mjs', 'tools/run.mjs': "import './lib.mjs'", 'tools/lib.mjs': 'x' },
    { 'tools/lib.mjs': 'y' },
    ['tools/lib.mjs'],
  ],
  [
    'a file that the runner loads first',
    'npx jest',
    { 'jest.config.js': "module.exports = { setupFiles: ['./test/setup.js'] }", 'test/setup.js': 'exports.x = 1' },
    { 'test/setup.js': 'global.expect = () => {}' },
    ['test/setup.js'],
  ],
  [
    'what tests share',
    'npm test',
    { ...JS, 'test/same.js': 'exports.same = (a, b) => { if (a !== b) throw a; }' },
    { 'test/same.js': 'exports.same = () => {}' },
    ['test/same.js'],
  ],
  ['a new test that ends the process', 'npm test', JS, { 'test/aaa.test.js': 'process.exit(0)' }, ['test/aaa.test.js']],
  [
    'strictness of the compiler',
    'npx tsc --noEmit',
    { 'tsconfig.json': json({ compilerOptions: { strict: true } }) },
    { 'tsconfig.json': json({ compilerOptions: { strict: false } }) },
    ['tsconfig.json'],
  ],
  [
    'what the compiler looks at',
    'npx tsc',
    { 'tsconfig.json': json({ include: ['src', 'test'] }) },
    { 'tsconfig.json': json({ include: ['src'] }) },
    ['tsconfig.json'],
  ],
  ['rules of the linter', 'npm run lint', JS, { 'eslint.config.js': 'export default []' }, ['eslint.config.js']],
  ['options of pytest', 'python -m pytest', PY, { 'pyproject.toml': PY['pyproject.toml'].replace('-q', '-q --co') }, ['pyproject.toml']],
  [
    'options of pytest in another key',
    'pytest',
    PY,
    { 'pyproject.toml': `tool.coverage.x = 1\n${PY['pyproject.toml']}` },
    ['pyproject.toml'],
  ],
  [
    'a long string that looks like a section',
    'pytest',
    PY,
    { 'pyproject.toml': `[project]\ndescription = """\n[tool.pytest.ini_options]\n"""\n` },
    ['pyproject.toml'],
  ],
  ['a configuration that goes before', 'pytest', PY, { 'pytest.ini': '[pytest]\naddopts = --co\n' }, ['pytest.ini']],
  ['conftest.py', 'pytest -q', PY, { 'tests/conftest.py': 'def pytest_runtest_makereport(): pass' }, ['tests/conftest.py']],
  ['a module in the place of pytest', 'python3 -m pytest', PY, { 'pytest.py': 'print("1 passed in 0.1s")' }, ['pytest.py']],
  ['what Python runs at each start', 'python -m unittest', PY, { 'sitecustomize.py': '' }, ['sitecustomize.py']],
  ['commands of tox', 'tox', { 'tox.ini': '[testenv]\ncommands = pytest\n' }, { 'tox.ini': '[testenv]\ncommands = true\n' }, ['tox.ini']],
  [
    'sections of setup.cfg',
    'pytest',
    { 'setup.cfg': '[metadata]\nname = a\n' },
    { 'setup.cfg': '[metadata]\nname = a\n[tool:pytest]\naddopts = --co\n' },
    ['setup.cfg'],
  ],
  ['a recipe', 'make test', MAKE, { Makefile: 'SRC = a.c b.c\ntest:\n\t-sh check.sh\n' }, ['Makefile']],
  ['the shell of make', 'make test', MAKE, { Makefile: `SHELL = /bin/true\n${MAKE.Makefile}` }, ['Makefile']],
  ['a script that a recipe runs', 'make test', MAKE, { 'check.sh': 'true\n' }, ['check.sh']],
  ['a makefile that goes before', 'make test', MAKE, { GNUmakefile: 'test:\n\t@true\n' }, ['GNUmakefile']],
  [
    'the harness of cargo',
    'cargo test',
    RUST,
    { 'Cargo.toml': `${RUST['Cargo.toml']}\n[[test]]\nname = "a"\nharness = false\n` },
    ['Cargo.toml'],
  ],
  ['tests of the library', 'cargo test', RUST, { 'Cargo.toml': `${RUST['Cargo.toml']}\n[lib]\ntest = false\n` }, ['Cargo.toml']],
  [
    'the runner of cargo',
    'cargo test',
    RUST,
    { '.cargo/config.toml': '[target.x86_64-unknown-linux-gnu]\nrunner = "true"\n' },
    ['.cargo/config.toml'],
  ],
  ['TestMain', 'go test ./...', GO, { 'main_test.go': 'package a\nfunc TestMain(m *testing.M) { os.Exit(0) }\n' }, ['main_test.go']],
  ['a package sent elsewhere', 'go test ./...', GO, { 'go.mod': `${GO['go.mod']}replace x.org/assert => ./fake\n` }, ['go.mod']],
  [
    'failures that Maven passes over',
    'mvn test',
    { 'pom.xml': '<project>\n</project>\n' },
    { 'pom.xml': '<project>\n<testFailureIgnore>true</testFailureIgnore>\n</project>\n' },
    ['pom.xml'],
  ],
  ['options of Maven', './mvnw test', { mvnw: '#!/bin/sh' }, { '.mvn/maven.config': '-DskipTests' }, ['.mvn/maven.config']],
  ['suites of PHPUnit', 'vendor/bin/phpunit', { 'phpunit.xml': '<a/>' }, { 'phpunit.xml': '<b/>' }, ['phpunit.xml']],
  ['options of RSpec', 'bundle exec rspec', {}, { '.rspec': '--dry-run' }, ['.rspec']],
];

const HONEST: readonly (readonly [string, string, Files, Files])[] = [
  ['the product', 'npm test', JS, { 'src/a.js': 'export const a = 2;\n' }],
  ['a test', 'npm test', JS, { 'test/a.test.js': "test('a', () => {});\ntest('b', () => {});\n" }],
  [
    'a dependency and the version',
    'npm test',
    JS,
    {
      'package.json': pkg(
        { test: 'node --test', lint: 'eslint .' },
        { version: '2.0.0', dependencies: { b: '1' }, devDependencies: { c: '1' } },
      ),
    },
  ],
  [
    'a script that the check does not run',
    'npm test',
    JS,
    { 'package.json': pkg({ test: 'node --test', lint: 'eslint .', build: 'tsc' }) },
  ],
  ['the order of keys', 'npm test', JS, { 'package.json': json({ scripts: { lint: 'eslint .', test: 'node --test' }, name: 'a' }) }],
  [
    'a new workspace',
    'npm test -ws',
    { 'package.json': pkg({}, { workspaces: ['a'] }) },
    { 'package.json': pkg({}, { workspaces: ['a', 'b'] }) },
  ],
  ['the linter, where the check is another', 'npm test', JS, { 'eslint.config.js': 'export default []' }],
  [
    'the compiler, where the check is the linter',
    'npx eslint .',
    { 'tsconfig.json': '{}' },
    { 'tsconfig.json': json({ compilerOptions: { strict: false } }) },
  ],
  [
    'paths and target of the compiler',
    'npx tsc',
    { 'tsconfig.json': json({ compilerOptions: { strict: true } }) },
    { 'tsconfig.json': json({ compilerOptions: { strict: true, target: 'es2023', paths: { '@/*': ['src/*'] } } }) },
  ],
  ['a file that the command runs and that is the product', 'node src/cli.js --self-test', { 'src/cli.js': 'a' }, { 'src/cli.js': 'b' }],
  ['a test that the command names', 'node --test test/a.test.js', JS, { 'test/a.test.js': "test('b', () => {});\n" }],
  ['a dependency of a Python project', 'pytest', PY, { 'pyproject.toml': PY['pyproject.toml'].replace('[]', '["requests"]') }],
  [
    'a dependency of a Rust project, and its version',
    'cargo test',
    RUST,
    { 'Cargo.toml': `${RUST['Cargo.toml'].replace('0.1.0', '0.2.0')}serde = "1"\n` },
  ],
  ['a dependency of a Go module', 'go test ./...', GO, { 'go.mod': `${GO['go.mod']}require x.org/assert v1.0.0\n` }],
  ['a source in a makefile', 'make test', MAKE, { Makefile: MAKE.Makefile.replace('b.c', 'b.c c.c') }],
  [
    'a dependency in a pom',
    'mvn test',
    { 'pom.xml': '<project>\n</project>\n' },
    { 'pom.xml': '<project>\n<dependency>gson</dependency>\n</project>\n' },
  ],
  ['an example file of a linter that nobody runs', 'go test ./...', GO, { '.eslintrc': '{}' }],
  ['documentation', 'npm test', { ...JS, 'README.md': 'npm test' }, { 'README.md': 'npm run test' }],
];

describe('definition of a check', () => {
  for (const [what, command, base, change, found] of CHEATS)
    it(`is changed by ${what}: ${command}`, async () => {
      assert.deepEqual(
        (await definitionOf(command, base, change)).map(({ path }) => path),
        found,
      );
    });
  for (const [what, command, base, change] of HONEST)
    it(`is not changed by ${what}: ${command}`, async () => {
      assert.deepEqual(await definitionOf(command, base, change), []);
    });
});

describe('definition put back', () => {
  const put = async (command: string, base: Files, change: Files) => (await definitionOf(command, base, change))[0]?.text;

  it('keeps an added dependency of a package', async () => {
    const text = await put('npm test', JS, { 'package.json': pkg({ test: 'true', build: 'tsc' }, { dependencies: { b: '1' } }) });
    assert.deepEqual(JSON.parse(text!), { name: 'a', dependencies: { b: '1' }, scripts: { test: 'node --test', lint: 'eslint .' } });
  });

  it('keeps an added dependency of Python, Rust and Go', async () => {
    const python = await put('pytest', PY, {
      'pyproject.toml': '[project]\ndependencies = ["b"]\n[tool.pytest.ini_options]\naddopts = "--co"\n',
    });
    assert.match(python!, /dependencies = \["b"\]/);
    assert.match(python!, /addopts = "-q"/);
    assert.doesNotMatch(python!, /--co/);
    const rust = await put('cargo test', RUST, { 'Cargo.toml': '[package]\nname = "a"\nautotests = false\n[dependencies]\nb = "1"\n' });
    assert.match(rust!, /\[package\]\nname = "a"\nversion[^[]*\[dependencies\]\nb = "1"/);
    const go = await put('go test', GO, { 'go.mod': `${GO['go.mod']}require b v1\nreplace c => ./c\n` });
    assert.match(go!, /require b v1/);
    assert.doesNotMatch(go!, /=>/);
  });

  it('keeps an added source of a makefile', async () => {
    const text = await put('make test', MAKE, { Makefile: 'SRC = a.c b.c c.c\ntest:\n\ttrue\n' });
    assert.equal(text, 'SRC = a.c b.c c.c\ntest:\n\tsh check.sh\n');
  });

  it('is the file of the base where the file counts as a whole, and none where there was none', async () => {
    assert.equal(await put('make test', MAKE, { 'check.sh': 'true' }), undefined);
    assert.equal(await put('pytest', PY, { 'conftest.py': 'x' }), undefined);
  });
});

describe('a check that the base does not have', () => {
  const isNew = async (command: string, base: Files) => {
    const read = async (paths: readonly string[]) =>
      new Map(paths.flatMap((path) => (typeof base[path] === 'string' ? [[path, base[path]] as const] : [])));
    const sides = { basePaths: new Set(Object.keys(base)), base: read, result: read };
    const { followed } = await findDefinition(command, '', [], sides);
    return isNewCheck(command, '', followed, sides.basePaths);
  };
  for (const [command, base] of [
    ['npm test', { 'package.json': pkg({}) }],
    ['npm test', {}],
    ['npm test', { 'package.json': pkg({ test: 'echo "Error: no test specified" && exit 1' }) }],
    ['npm run lint && npm test', JS_WITHOUT_LINT],
    ['make test', {}],
    ['make test', { Makefile: 'build:\n\ttest x\n' }],
    ['sh scripts/check.sh', JS],
    ['./run_tests.py', PY],
    ['npx jest', { 'package.json': pkg({}), 'src/a.js': '' }],
    ['pytest -q', { 'a.py': '' }],
  ] as const)
    it(`is told by the base: ${command} in ${JSON.stringify(Object.keys(base))}`, async () =>
      assert.equal(await isNew(command, base), true));

  for (const [command, base] of [
    ['npm test', JS],
    ['npm run lint', JS],
    ['make test', MAKE],
    ['make', { Makefile: 'all:\n' }],
    ['make test', { Makefile: 'include rules.mk\n' }],
    ['sh check.sh', MAKE],
    ['python3 -m pytest', PY],
    ['npx vitest run', JS],
    ['cargo test', RUST],
    ['go test ./...', GO],
    ['grep -q x a.txt', {}],
    ['node -e 1', {}],
    ['yarn jest', JS],
  ] as const)
    it(`is none: ${command}`, async () => assert.equal(await isNew(command, base), false));
});
