import assert from 'node:assert/strict';
import { readWorkerRun } from '../../src/checks/worker-run.ts';
import { NO_USE } from '../../src/sandbox/types.ts';

const PYTEST = '== 1 failed, 2 passed in 0.12s ==\n';

const read = (command: string, output = '') =>
  readWorkerRun(command, {
    exitCode: 0,
    killed: null,
    head: output,
    tail: '',
    totalBytes: output.length,
    outputFile: null,
    durationMs: 1,
    sandboxed: true,
    use: NO_USE,
  });

describe('runs of the worker', () => {
  const TESTS = [
    'npm test',
    'npm run test:unit',
    'cd web && npx vitest run test/a.test.ts 2>&1 | tail -20',
    'CI=1 timeout 60 npm test',
    './node_modules/.bin/jest --silent',
    'node --test',
    'node test/a.js',
    'python3.12 -m pytest -q',
    'python -m unittest',
    'uv run pytest',
    'bundle exec rspec',
    'go test ./...',
    'go vet ./...',
    'cargo clippy',
    'cargo check',
    'make check',
    './gradlew :app:test',
    'mvn -q verify',
    'npx tsc --noEmit',
    'npx eslint .',
    'npx prettier --check src',
    'npm test > /tmp/out.txt 2>&1',
    'npm test && npx tsc --noEmit',
    '(npm test)',
  ];
  for (const command of TESTS) it(`takes as a test: ${command}`, async () => assert.ok(await read(command)));

  const OTHERS = [
    'ls test',
    'cat test/out.txt',
    'git diff -- test',
    'npm install vitest',
    'npm ci',
    'npm view jest version',
    'npx vitest --version',
    'npx prettier --write src',
    'node -e "require(\'./test/a\')"',
    'npm run build',
    'go build ./...',
    'make',
    'cargo fmt',
    'npm test &',
    'npm test; rm -rf src/old',
    'npm test && sed -i s/a/b/ src/a.ts',
    'npm test; echo "x" > src/a.ts',
    'node scripts/latest.js',
  ];
  for (const command of OTHERS) it(`takes as no test: ${command}`, async () => assert.equal(await read(command), null));

  it('takes a command of unknown name by its numbers, but none that only prints', async () => {
    assert.deepEqual((await read('./run.sh', PYTEST))?.counts, { passed: 2, failed: 1, skipped: 0 });
    assert.deepEqual((await read('cd a && ./run.sh; git status', PYTEST))?.counts, { passed: 2, failed: 1, skipped: 0 });
    for (const command of [
      'echo "== 2 passed in 1s =="',
      'cat out.txt',
      'echo "== 2 passed in 1s =="; true',
      'tail -5 /tmp/out.txt | grep passed',
    ])
      assert.equal(await read(command, PYTEST), null, command);
  });

  it('knows where the exit code is not that of the tests', async () => {
    const tells = async (command: string) => (await read(command))?.tellsExit;
    for (const command of ['npm test', 'cd a; npm test', 'npm test | tail -5', 'time npm test | tail', 'npm test && npx tsc && echo fine'])
      assert.equal(await tells(command), true, command);
    for (const command of [
      'npm test; echo "exit $?"',
      'npm test || true',
      'npm test\necho done',
      'npm run lint; npm test',
      '! npm test',
      'test -f a || npm test',
      'if npm test; then echo fine; fi',
      'for i in 1 2; do npm test; done',
      '{ npm test; true; }',
    ])
      assert.equal(await tells(command), false, command);
  });
});
