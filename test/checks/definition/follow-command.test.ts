import assert from 'node:assert/strict';
import { findDefinition } from '../../../src/checks/definition/find-definition.ts';
import { isNewCheck } from '../../../src/checks/definition/follow-command.ts';
import { simpleCommands } from '../../../src/sandbox/parse-shell.ts';
import { quick } from '../../quick.ts';
import { definitionOf, type Files, GO, JS, JS_WITHOUT_LINT, MAKE, PY, pkg, RUST } from './projects.ts';

describe('a command', () => {
  it('is followed in a moment through many manifests and scripts that call each other', async () => {
    const scripts = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`s:${n}`, `npm run s:${(n + 1) % 50} && run-s s:*`]));
    const manifests = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`packages/${n}/package.json`, pkg(scripts)]));
    const change = { 'packages/7/package.json': pkg({ ...scripts, 's:9': 'true' }) };
    const files = await quick(() => definitionOf('npm run s:0', manifests, change));
    assert.deepEqual(
      files.map(({ path }) => path),
      ['packages/7/package.json'],
    );
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
    return isNewCheck(simpleCommands(command), '', followed, sides.basePaths);
  };
  for (const [command, base] of [
    ['npm test', { 'package.json': pkg({}) }],
    ['npm test', {}],
    ['npm test', { 'package.json': pkg({ test: 'echo "Error: no test specified" && exit 1' }) }],
    ['npm ci && npm run lint', JS_WITHOUT_LINT],
    ['npm run lint && npm run types', JS_WITHOUT_LINT],
    ['make test', {}],
    ['make test', { Makefile: 'build:\n\ttest x\n' }],
    ['sh scripts/check.sh', JS],
    ['CI=1 timeout 60 sh scripts/check.sh', JS],
    ['cd . && (npm run missing | tail -5)', JS],
    ['./run_tests.py', PY],
    ['npx jest', { 'package.json': pkg({}), 'src/a.js': '' }],
    ['pytest -q', { 'a.py': '' }],
  ] as const)
    it(`is told by the base: ${command} in ${JSON.stringify(Object.keys(base))}`, async () =>
      assert.equal(await isNew(command, base), true));

  for (const [command, base] of [
    ['npm test', JS],
    ['npm run lint', JS],
    ['npm run lint && npm test', JS_WITHOUT_LINT],
    ['sh check.sh && sh lint.sh', MAKE],
    ['make test && make lint', MAKE],
    ['sh lint.sh; pytest', PY],
    ['make test', MAKE],
    ['make', { Makefile: 'all:\n' }],
    ['make test', { Makefile: 'include rules.mk\n' }],
    ['sh check.sh', MAKE],
    ['python3 -m pytest', PY],
    ['.venv/bin/python -c "import shop; shop.total(1)"', PY],
    [`node -e "const shop = require('./index.js'); shop.run()"`, JS],
    ['npx vitest run', JS],
    ['python3 -c "import shop.total"', PY],
    ["sh -c 'npm test; ls missing.sh'", JS],
    ['CI=1 timeout 60 npm test', JS],
    ['cargo test', RUST],
    ['go test ./...', GO],
    ['grep -q x a.txt', {}],
    ['node -e 1', {}],
    ['yarn jest', JS],
  ] as const)
    it(`is none: ${command}`, async () => assert.equal(await isNew(command, base), false));
});
