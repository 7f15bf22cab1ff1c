import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readFindings } from '../../src/checks/counts.ts';
import { cleanOutput } from '../../src/sandbox/output.ts';

/** The outputs of mocha, node:test, pytest, unittest, cargo and tsc were made by running them; the others follow their documentation. */
const EXPECTED: Readonly<Record<string, { counts: [passed: number, failed: number, skipped: number]; failing: string[] }>> = {
  mocha: { counts: [1, 2, 1], failing: ['math breaks too', 'math deep fails here'] },
  'node-spec': { counts: [2, 2, 1], failing: ['fails', 'inner fails'] },
  'node-tap': { counts: [2, 2, 1], failing: ['fails', 'inner fails', 'group'] },
  pytest: { counts: [2, 2, 1], failing: ['test_p.py::test_bad', 'test_p.py::TestU::test_u'] },
  'pytest-q': { counts: [2, 2, 1], failing: ['test_p.py::test_bad', 'test_p.py::TestU::test_u'] },
  unittest: { counts: [1, 1, 0], failing: ['test_u (test_p.TestU.test_u)'] },
  cargo: { counts: [1, 1, 1], failing: ['bad'] },
  tsc: {
    counts: [0, 2, 0],
    failing: [
      "t.ts TS2322: Type 'number' is not assignable to type 'string'.",
      "t.ts TS2322: Type 'string' is not assignable to type 'number'.",
    ],
  },
  'tsc-pretty': {
    counts: [0, 2, 0],
    failing: [
      "t.ts TS2322: Type 'number' is not assignable to type 'string'.",
      "t.ts TS2322: Type 'string' is not assignable to type 'number'.",
    ],
  },
  jest: { counts: [3, 2, 1], failing: ['strings › deep › trims', 'splits', 'Test suite failed to run'] },
  vitest: { counts: [2, 1, 1], failing: ['src/string.test.ts > strings > trims'] },
  go: { counts: [1, 1, 1], failing: ['TestTrim', 'TestTrim/inner', 'example.org/project/text'] },
  'go-v': { counts: [1, 1, 1], failing: ['TestTrim'] },
  maven: { counts: [1, 1, 1], failing: ['AppTest.trims:14'] },
  dotnet: { counts: [4, 1, 2], failing: ['Project.Tests.TextTests.Trims'] },
  rspec: { counts: [2, 1, 1], failing: ['Text trims'] },
  phpunit: { counts: [2, 1, 1], failing: ['TextTest::testTrims'] },
  ava: { counts: [3, 1, 0], failing: ['trims'] },
  eslint: { counts: [0, 1, 0], failing: [] },
};

describe('check findings', () => {
  for (const [name, { counts, failing }] of Object.entries(EXPECTED)) {
    it(`reads ${name}`, () => {
      const found = readFindings(cleanOutput(readFileSync(new URL(`samples/${name}.txt`, import.meta.url))));
      const [passed, failed, skipped] = counts;
      assert.deepEqual(found, { counts: { passed, failed, skipped }, failing });
    });
  }

  it('adds up the summaries of a monorepo', () => {
    const found = readFindings('Tests:       2 passed, 2 total\n...\nTests:       1 failed, 3 passed, 4 total\n');
    assert.deepEqual(found.counts, { passed: 5, failed: 1, skipped: 0 });
  });

  it('knows nothing about other output', () => {
    for (const text of ['', 'Build complete\n', 'I have 3 passing thoughts\n', 'ok, 2 passed the door\n']) {
      assert.deepEqual(readFindings(text), { counts: null, failing: [] });
    }
  });

  it('keeps names few and short', () => {
    const many = Array.from({ length: 80 }, (_, i) => `FAILED t.py::test_${i}${'x'.repeat(300)}`).join('\n');
    const { failing } = readFindings(`${many}\n80 failed in 0.1s\n`);
    assert.equal(failing.length, 50);
    assert.ok(failing.every((name) => name.length <= 200));
  });

  it('reads a hostile output quickly', () => {
    const started = performance.now();
    for (const text of [
      '  1) a\n'.repeat(20_000),
      `  9 failing\n${`  1) a\n${'      b\n'.repeat(2000)}`}`,
      `${'1 failed, '.repeat(20_000)}`,
      ' '.repeat(200_000),
    ]) {
      readFindings(text);
    }
    assert.ok(performance.now() - started < 2000);
  });
});
