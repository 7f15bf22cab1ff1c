import assert from 'node:assert/strict';
import { squeezeOutput } from '../../../src/agent/tools/squeeze-output.ts';
import { quick } from '../../quick.ts';

const squeeze = (text: string) =>
  squeezeOutput(text)
    .lines.map((line) => line.text)
    .join('\n');
const times = (count: number, line: (n: number) => string) => Array.from({ length: count }, (_, n) => `${line(n + 1)}\n`).join('');

describe('squeezing an output', () => {
  const LISTS: Record<string, (n: number) => string> = {
    'node:test': (n) => `  ✔ does ${n} (0.${n}ms)`,
    mocha: (n) => `    ✓ does ${n}`,
    ava: (n) => `  ✔ file › does ${n}`,
    'jest, files': (n) => `PASS test/a${n}.test.js`,
    tap: (n) => `ok ${n} - does it`,
    'go test -v': (n) => `=== RUN   TestA${n}\n--- PASS: TestA${n} (0.00s)`,
    'cargo test': (n) => `test a::b${n} ... ok`,
    'pytest -v': (n) => `tests/test_a.py::test_${n} PASSED [ ${n}%]`,
    unittest: (n) => `test_${n} (tests.A.test_${n}) ... ok`,
    ctest: (n) => `test b${n} ... ok`,
  };
  for (const [name, line] of Object.entries(LISTS))
    it(`leaves out long lists of passed tests: ${name}`, () => {
      const failed = '  ✖ fails\n    expected 1';
      assert.equal(
        squeeze(`begin\n${times(30, line)}${failed}\n${times(3, line)}end`),
        `begin\n[30 lines of passed tests]\n${failed}\n${times(3, line)}end`,
      );
    });

  it('leaves out the groups of passed tests with them, and no group of one that failed', () => {
    const group = (n: number) => `  group ${n}\n    ✓ a\n    ✓ b\n`;
    const text = `${times(6, group)}\n  group 7\n    ✓ a\n    1) b\n\n  13 passing\n  1 failing`;
    assert.equal(squeeze(text), '[12 lines of passed tests]\n  group 7\n    ✓ a\n    1) b\n\n  13 passing\n  1 failing');
  });

  it('leaves passed tests that somebody has to look at', () => {
    assert.equal(squeeze(times(20, (n) => `ok ${n} - later # TODO`)).split('\n').length, 20);
    assert.equal(squeeze(times(5, (n) => `✓ ${n}`)).split('\n').length, 5);
    const prose = times(20, (n) => `PASSWORD ${n}`);
    assert.equal(squeeze(prose), prose.trimEnd());
  });

  it('leaves of a large coverage table the head and the sum', () => {
    const row = (n: number) => ` file${n}.js | 100 | ${n} | 100 | 100 | ${n}-12`;
    const table = (rows: number) =>
      `File | % Stmts | % Branch | % Funcs | % Lines | Uncovered\nAll files | 98 | 97 | 96 | 95 |\n${times(rows, row)}`;
    assert.equal(
      squeeze(`${table(40)}done`),
      'File | % Stmts | % Branch | % Funcs | % Lines | Uncovered\nAll files | 98 | 97 | 96 | 95 |\n[coverage of 40 files and folders]\ndone',
    );
    assert.equal(squeeze(table(9)), table(9).trimEnd());
    const other = times(40, (n) => `a | b | c | ${n}`);
    assert.equal(squeeze(other), other.trimEnd(), 'a table that is no coverage');
  });

  it('leaves the last line of a progress, and of repeats the first', () => {
    assert.equal(squeeze(`${times(50, (n) => `Downloading ${'#'.repeat(n)} ${n * 2}%`)}done`), `Downloading ${'#'.repeat(50)} 100%\ndone`);
    assert.equal(squeeze(`${times(9, () => 'warning: old')}end`), 'warning: old\n[this line 8 more times]\nend');
    const tries = times(5, (n) => `WARNING: Retrying (Retry(total=${5 - n}, connect=None)) after connection broken: /simple/mypy/`);
    assert.equal(squeeze(`${tries}ERROR: none`), `${tries.trimEnd().split('\n').at(-1)}\nERROR: none`);
    assert.equal(squeeze('a\na\na\nb'), 'a\na\na\nb');
    const numbers = times(30, (n) => `${n}`);
    assert.equal(squeeze(numbers), numbers.trimEnd());
  });

  it('leaves a table of percentages as it is, which is no progress', () => {
    const table = times(12, (n) => `size ${n}: ${(n * 37) % 100}% hits`);
    assert.equal(squeeze(table), table.trimEnd());
    assert.equal(squeeze(`${times(50, (n) => `${n} of 50 (${(n * 2).toFixed(1)}%)`)}`), '50 of 50 (100.0%)');
  });

  it('shortens rules and runs of blank lines, and no code', () => {
    assert.equal(squeeze(`${'='.repeat(70)}\n\n\n\nx\n\n\n`), '===\n\nx');
    assert.equal(squeeze(`${'='.repeat(20)} 2 failed in 1.2s ${'='.repeat(20)}`), '=== 2 failed in 1.2s ===');
    const code = '# -----------------------------\n    if (a) {}\n            ^^^^^^^^^^^^^^^^\n~~~~~~~~~~~~';
    assert.equal(squeeze(code), code);
  });

  it('says when something is missing that somebody may want to see, and keeps the numbers of lines', () => {
    assert.equal(squeezeOutput(times(20, (n) => `✓ ${n}`)).isShort, true);
    assert.equal(squeezeOutput(`a\n\n\n\n${'-'.repeat(30)}`).isShort, false);
    const { lines } = squeezeOutput(`a\n${times(20, (n) => `✓ ${n}`)}b\nc`);
    assert.deepEqual(
      lines.map(({ at, text }) => [at, text]),
      [
        [1, 'a'],
        [2, '[20 lines of passed tests]'],
        [22, 'b'],
        [23, 'c'],
      ],
    );
  });

  it('takes time in proportion to the output', () => {
    for (const line of ['✓ a', ' x', '| | | | 1%', '=', '1% ', '', 'File | % |'])
      for (const text of [`${line}\n`.repeat(100_000), line.repeat(100_000)]) quick(() => squeezeOutput(text), line);
  });
});
