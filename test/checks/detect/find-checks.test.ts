import assert from 'node:assert/strict';
import { findChecks, manifestsToRead } from '../../../src/checks/detect/find-checks.ts';
import { listing } from '../../../src/checks/detect/project.ts';
import { quick } from '../../quick.ts';

type Files = Readonly<Record<string, string>>;

function look(files: Files, { task = '', folder = '', named = [] as string[] } = {}) {
  const paths = Object.keys(files);
  const looked = { files: listing(paths), folder, named };
  const texts = new Map(manifestsToRead(looked).map((path) => [path, files[path] ?? '']));
  return findChecks(task, looked, texts);
}

const commands = (...words: Parameters<typeof look>) => look(...words).checks.map(({ command }) => command);
const scripts = (all: Record<string, string>) => JSON.stringify({ scripts: all });

const MONOREPO: Files = {
  'package.json': scripts({ test: 'turbo run test', lint: 'biome ci .' }),
  'pnpm-lock.yaml': '',
  'pnpm-workspace.yaml': '',
  'packages/api/package.json': scripts({ test: 'vitest run', typecheck: 'tsc --noEmit' }),
  'packages/api/src/user.ts': '',
  'packages/web/package.json': scripts({ test: 'vitest run' }),
  'packages/web/src/page.ts': '',
  'packages/icons/package.json': '{}',
  'packages/icons/a.ts': '',
  'tools/x.js': '',
};

describe('checks that nobody gave', () => {
  it('are tests first, then types, then lint, at most three', () => {
    const files = {
      'package.json': scripts({ lint: 'eslint .', typecheck: 'tsc --noEmit', test: 'jest' }),
      'go.mod': '',
      Makefile: 'test:\n\t./a\n',
    };
    assert.deepEqual(commands(files), ['npm test', 'go test ./...', 'npm run typecheck']);
  });

  it('of a sub-project run as its workspace says, by the nearest lock file', () => {
    for (const [lock, run] of [
      ['uv.lock', 'uv run'],
      ['poetry.lock', 'poetry run'],
      ['pdm.lock', 'pdm run'],
      ['Pipfile', 'pipenv run'],
    ] as const) {
      const files = { [lock]: '', 'pkg/pytest.ini': '', 'pkg/test_a.py': '', 'pkg/a.py': '' };
      assert.deepEqual(commands(files, { named: ['pkg/a.py'] }), [`cd pkg && ${run} pytest -q`]);
      const nearer = { ...files, 'pkg/poetry.lock': '' };
      assert.deepEqual(commands(nearer, { named: ['pkg/a.py'] }), ['cd pkg && poetry run pytest -q'], lock);
    }
  });

  it('of a folder that looks like an option are entered all the same', () => {
    const files = { '-x/package.json': scripts({ test: 'jest' }), '-x/a.js': '' };
    assert.deepEqual(commands(files, { named: ['-x/a.js'] }), ['cd ./-x && npm test']);
    assert.deepEqual(commands({ '- y/package.json': scripts({ test: 'jest' }), '- y/a.js': '' }, { named: ['- y/a.js'] }), [
      "cd './- y' && npm test",
    ]);
  });

  it('are found in a time that grows with what the repository says', () => {
    const each = (count: number, one: (n: number) => string) => Array.from({ length: count }, (_, n) => one(n));
    const names = each(40, (n) => `test-${n}`);
    const Makefile = `test: ${names.join(' ')}\n${names.map((name) => `${name}: ${names.join(' ')}\n\tpytest ${name}\n`).join('')}`;
    const many = `${each(3000, (n) => `test-${n}: test-${n + 1}\n\tpytest ${n}\n`).join('')}test: test-0\n`;
    const called = names.map((name) => `npm run ${name}`).join(' && ');
    const all = Object.fromEntries([['test', called], ...names.map((name) => [name, called])]);
    for (const makefile of [Makefile, many])
      assert.deepEqual(
        quick(() => commands({ Makefile: makefile })),
        ['make test'],
      );
    assert.deepEqual(
      quick(() => commands({ 'package.json': scripts(all) })),
      ['npm test'],
    );
    const task = each(300, (n) => `\`make test-${n}\``).join(' ');
    quick(() => commands({ Makefile: many }, { task }), 'targets that a task names');
  });

  it('are those of make only where nothing else tests', () => {
    const Makefile = 'test:\n\t./a\n';
    assert.deepEqual(commands({ Makefile }), ['make test']);
    assert.deepEqual(commands({ Makefile, 'Cargo.toml': '[package]\n' }), ['cargo test']);
    assert.deepEqual(commands({ Makefile, 'package.json': scripts({ lint: 'eslint .' }) }), ['make test', 'npm run lint']);
  });

  it('of a monorepo are those of the package whose files the task names, and for the rest those of the root', () => {
    assert.deepEqual(commands(MONOREPO, { named: ['packages/api/src/user.ts'] }), [
      'cd packages/api && pnpm test',
      'cd packages/api && pnpm run typecheck',
      'pnpm run lint',
    ]);
    assert.deepEqual(commands(MONOREPO, { named: ['packages/api/src/user.ts', 'packages/web/src/page.ts'] }).slice(0, 2), [
      'cd packages/api && pnpm test',
      'cd packages/web && pnpm test',
    ]);
    for (const named of [[], ['tools/x.js'], ['packages/icons/a.ts']])
      assert.deepEqual(commands(MONOREPO, { named }), ['pnpm test', 'pnpm run lint']);
    const covered = look(MONOREPO, { named: ['packages/api/src/user.ts'] }).checks.map(({ folder, file }) => [folder, file]);
    assert.deepEqual(covered[0], ['packages/api', 'packages/api/package.json']);
  });

  it('begin where the call points, and go up from there', () => {
    assert.deepEqual(commands(MONOREPO, { folder: 'packages/api' }), ['pnpm test', 'pnpm run typecheck', 'cd ../.. && pnpm run lint']);
    assert.deepEqual(commands(MONOREPO, { folder: 'tools' }), ['cd .. && pnpm test', 'cd .. && pnpm run lint']);
  });

  it('go into folders of any name', () => {
    const files = { "it's/package.json": scripts({ test: 'jest' }), "it's/a.js": '' };
    assert.deepEqual(commands(files, { named: ["it's/a.js"] }), ["cd 'it'\\''s' && npm test"]);
  });

  it('of which there are none say which manifests were silent', () => {
    const { checks, silent } = look({ 'package.json': '{}', 'tsconfig.json': '{}', 'src/a.ts': '' });
    assert.deepEqual([checks, silent], [[], ['package.json', 'tsconfig.json']]);
    assert.deepEqual(look({ 'README.md': '' }).silent, []);
  });
});

describe('checks that the task names', () => {
  const files = {
    'package.json': scripts({
      test: 'jest',
      'test:e2e': 'node e2e.js',
      lint: 'eslint .',
      fix: 'eslint --fix .',
      build: 'tsc',
      deploy: 'x',
      watch: 'jest --watch',
    }),
    'packages/a/package.json': scripts({ test: 'jest' }),
    Makefile: 'verify-tests:\n\t./t\nrelease:\n\t./r\n',
  };
  const cases: [string, string[]][] = [
    ['`npm test` must pass', ['npm test', 'npm run lint']],
    ['`npm run test:e2e` must pass', ['npm run test:e2e', 'npm run lint']],
    // A part of the tests proves nothing about the others.
    ['`npx jest test/a.test.js` fails', ['npx jest test/a.test.js', 'npm test', 'npm run lint']],
    ['`npm test -- -t "adds up"` fails', ['npm test -- -t "adds up"', 'npm test', 'npm run lint']],
    ['`npm run lint` must pass', ['npm test', 'npm run lint']],
    ['`cd packages/a && npm test` fails', ['cd packages/a && npm test', 'npm run lint']],
    ['`make verify-tests` fails', ['make verify-tests', 'npm run lint']],
    ['`$ go test ./...` fails', ['go test ./...', 'npm run lint']],
    ['`python -m pytest tests/test_a.py::test_b[1]` fails', ['python -m pytest tests/test_a.py::test_b[1]', 'npm test', 'npm run lint']],
  ];
  for (const [task, expected] of cases) it(task, () => assert.deepEqual(commands(files, { task }), expected));

  const no = [
    'npm run deploy',
    'npm run build',
    'npm run fix',
    'npm run watch',
    'npm run missing',
    'npm install',
    'npm publish',
    'npm ci',
    'npx jest --watch',
    'npx tsc -w',
    'npx eslint --fix .',
    'npm test > out.txt',
    'npm test; curl x',
    'npm test && rm -rf x',
    'npm test | tee x',
    'pytest $(x)',
    'X=1 npm test',
    'cd ../other && npm test',
    'cd /tmp && npm test',
    'make release',
    'make missing-test',
    'pytest --pdb',
    'npm test &',
    'go run ./test',
    'jest.config.js',
    'test',
    'npx jest -u',
    'cargo publish',
    'bash test.sh',
    'git test',
    'npm --version',
    'pytest --help',
  ];
  for (const command of no) {
    it(`takes no \`${command}\``, () => assert.deepEqual(look(files, { task: `See \`${command}\` there.` }).inTask, false));
  }

  it('reads no block of output', () =>
    assert.equal(look(files, { task: 'It says:\n```\n`npx jest a.test.js` failed\n```\n' }).inTask, false));
  it('says so', () => {
    const { checks, inTask } = look(files, { task: 'Run `npx jest a.test.js`' });
    assert.deepEqual([inTask, checks[0]?.file, checks[1]?.file], [true, null, 'package.json']);
  });
});
