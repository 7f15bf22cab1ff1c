import assert from 'node:assert/strict';
import { splitInstalls } from '../../src/sandbox/find-installs.ts';

describe('installations in a command', () => {
  for (const script of [
    'npm install --no-audit --no-fund',
    'npm ci',
    'npm ci 2>&1 | tail -5',
    'npm --prefix web ci',
    'CI=1 npm i --silent',
    'cd web && npm ci',
    '(cd web && npm ci) && cd api && npm ci',
    'npm ci || npm install',
    'timeout 300 npm ci',
    'pnpm install --frozen-lockfile',
    'pnpm -C web install',
    'corepack enable && pnpm i',
    'yarn',
    'yarn install --immutable',
    'yarn --frozen-lockfile',
    'bun install',
    'npx playwright install --with-deps chromium',
    'pip install -r requirements.txt',
    'pip3 install -e ".[test]"',
    'python3 -m pip install pytest',
    'python3 -m venv .venv && . .venv/bin/activate && pip install -e .',
    'uv sync --all-extras',
    'uv pip install -e .',
    'poetry install --no-root',
    'bundle install --jobs 4',
    'bundle',
    'composer install --no-interaction',
    'go mod download',
    'cargo fetch --locked',
    'dotnet restore',
    'mix deps.get',
    'mvn -B dependency:go-offline',
    'set -e\nnpm ci\npip install x',
  ])
    it(`only: ${script.replaceAll('\n', ' ⏎ ')}`, () => {
      assert.deepEqual(splitInstalls(script), { install: script, rest: null });
    });

  for (const [script, install, rest] of [
    ['npm install && npm test', 'npm install', 'true && npm test'],
    [
      'npm install --no-audit --no-fund && npx mocha test/a.test.js',
      'npm install --no-audit --no-fund',
      'true && npx mocha test/a.test.js',
    ],
    ['cd web && npm ci && npm test', 'cd web && npm ci', 'cd web && true && npm test'],
    [
      'python -m venv .venv && . .venv/bin/activate && pip install -e . && pytest -q',
      'python -m venv .venv && . .venv/bin/activate && pip install -e .',
      'python -m venv .venv && . .venv/bin/activate && true && pytest -q',
    ],
    ['npm ci; npm run build; npm test', 'npm ci', 'true; npm run build; npm test'],
    ['npm ci\nnpm test', 'npm ci', 'true\nnpm test'],
    ['(cd a && npm ci) && (cd b && npm ci) && npm test', '(cd a && npm ci) && (cd b && npm ci)', 'true && true && npm test'],
    // What fills a checkout is done by then, and could not write into git's folder.
    ['git submodule update --init --recursive', 'true', null],
    ['git -C web submodule init && git lfs pull', 'true && true', null],
    ['git submodule update --init && npm ci', 'true && npm ci', null],
    ['git submodule update --init && npm ci && npm test', 'true && npm ci', 'true && true && npm test'],
    ['git submodule sync; git submodule update --init -q; make test', null, 'true; true; make test'],
    ['git lfs install --local && git lfs checkout && npm test', null, 'true && true && npm test'],
    ['npm ci >/dev/null 2>&1 && npm test', 'npm ci >/dev/null 2>&1', 'true && npm test'],
  ] as const)
    it(`before a check: ${script.replaceAll('\n', ' ⏎ ')}`, () => assert.deepEqual(splitInstalls(script), { install, rest }));

  for (const script of [
    'npm test',
    'npm run install',
    'npm run ci',
    'npm install-test',
    'npm it',
    'yarn test',
    'yarn run install',
    'pnpm run install',
    'pnpm test && pnpm install',
    'npm exec mocha',
    'npx mocha',
    'npx install-peerdeps',
    'python setup.py install',
    'python -m pytest',
    'go test ./...',
    'cargo test',
    'mvn -q test',
    'mvn dependency:go-offline test',
    'make install',
    'bundle exec rspec',
    'bundle exec install',
    'composer test',
    'echo "npm install"',
    'sh -c "npm install && npm test"',
    'if true; then npm test; npm ci; fi',
    'npm ci & npm test',
    'npm --version',
    'git submodule update --remote && npm test',
    'git submodule foreach make',
    'git submodule status',
    'git fetch --tags && npm test',
    'npm test && git lfs pull',
    '',
    '((',
  ])
    it(`none: ${script}`, () => assert.deepEqual(splitInstalls(script), { install: null, rest: script }));

  it('are not looked for in a text that is too long or nested too deep', () => {
    for (const script of [`npm ci ${' '.repeat(20_000)}`, '('.repeat(15_000)]) assert.equal(splitInstalls(script).install, null);
  });
});
