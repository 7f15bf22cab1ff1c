import assert from 'node:assert/strict';
import fc from 'fast-check';
import { NOTHING_SENT } from '../../src/delegation/journal/sent-account.ts';
import type { AttemptResult } from '../../src/delegation/result/result-schema.ts';
import { estimateTokens } from '../../src/mcp/estimate-tokens.ts';
import { REPORT_TOKENS } from '../../src/mcp/render-report.ts';
import { DIFF_TOKENS } from '../../src/mcp/report-change.ts';
import { inWords } from '../messages/english.ts';
import { quick } from '../quick.ts';
import { SAMPLES } from './report-samples.ts';
import { FULL, report, tests } from './sample-report.ts';

const SEEN = {
  ...{ exitCode: 1, killed: null, ms: 900, counts: { passed: 3, failed: 1, skipped: 1 }, afterLastEdit: null },
  before: { exitCode: 1, counts: { passed: 1, failed: 1, skipped: 1 } },
};
const REACHED = { connections: 3, bytesOut: 10, bytesIn: 20 };

describe('report: how long it may be', () => {
  const unit = fc.constantFrom('a', ' ', '\n', '字', 'é', '🎉', '\u001b', '\u202e', '{', '0', 'ሰ');
  const long = fc
    .tuple(fc.array(unit, { minLength: 1, maxLength: 8 }), fc.integer({ min: 0, max: 2000 }))
    .map(([chars, times]) => chars.join('').repeat(times));
  const many = <T>(one: fc.Arbitrary<T>, most: number) =>
    fc
      .tuple(fc.array(one, { maxLength: 4 }), fc.integer({ min: 1, max: most }))
      .map(([some, times]) => Array.from({ length: times }, () => some).flat());
  const path = fc.oneof(long, fc.constant('src/目录/文件.ts'));
  const run = fc.record({ failing: many(long, 10), tail: long }).map(({ failing, tail }) => tests(3, 2, { failing, tail }));
  const results = fc.record({
    branch: long,
    keptAt: fc.option(long),
    baseName: long,
    reason: long.map(inWords),
    summary: long,
    notSeen: many(path, 200),
    headMoved: fc.option(fc.record({ from: fc.constant('a'), to: fc.constant('b'), overlap: many(path, 200) })),
    warnings: many(fc.record({ level: fc.constantFrom('blocking' as const, 'note' as const), text: long.map(inWords) }), 100),
    checks: many(
      fc.record({
        command: long,
        base: run,
        result: run,
        verdict: fc.constantFrom('regressed' as const, 'pass' as const),
        newFailures: fc.constant(2),
      }),
      10,
    ),
    change: fc
      .record({
        files: many(
          fc.record({
            path,
            from: fc.option(path, { nil: undefined }),
            status: fc.constantFrom('A' as const, 'R' as const),
            added: fc.nat(),
            removed: fc.nat(),
          }),
          100,
        ),
        diffs: many(fc.record({ path, text: long }), 20),
      })
      .map(({ files, diffs }) => ({ files, added: 1, removed: 1, diffs })),
  });

  it(`at most ${REPORT_TOKENS} tokens, the diff at most ${DIFF_TOKENS} of them (random)`, function () {
    this.timeout(60_000);
    fc.assert(
      fc.property(results, fc.option(long.map(inWords)), (changes, notice) => {
        const text = report(changes, { notice, stored: true });
        const tokens = estimateTokens(text);
        assert.ok(tokens <= REPORT_TOKENS, `${tokens} tokens`);
        const diff = text.slice(text.lastIndexOf('\ndiff, untrusted data'));
        assert.ok(estimateTokens(diff) <= DIFF_TOKENS, `${estimateTokens(diff)} tokens of diff`);
        assert.match(
          text.split('\n').at(-1) ?? '',
          /^7f3a91 {3}more: (delegation_diff\(path=...\) for each of those, in pages; )?git diff/,
        );
      }),
      { seed: 8, numRuns: 25 },
    );
  });

  it('ends, and within its bounds, with all parts at their most', () => {
    for (const unit of ['ሰ', '🎉', '字', 'é', '{', 'a b', '0', '\u202e', '\n', '. '])
      for (const stored of [false, true])
        quick(() => {
          const long = unit.repeat(3000);
          const told = inWords(long);
          const runs = Array.from({ length: 3 }, (_, n) => ({ ...SEEN, command: `${n}${long}` }));
          const names = Array.from({ length: 200 }, (_, n) => `${n}${long}`);
          const run = tests(3, 2, { failing: names, tail: names.join('\n') });
          const check = { command: long, base: run, result: { ...run, durationMs: 9000 }, newFailures: 2 };
          const checks = Array.from({ length: 20 }, () => ({ ...check, verdict: 'regressed' as const }));
          const most: Partial<AttemptResult> = {
            outcome: 'needs_review',
            reason: told,
            branch: long,
            keptAt: long,
            baseName: long,
            folder: long,
            fallbackNeeded: true,
            checks,
            checksFrom: 'found',
            seen: runs,
            proof: {
              redToGreen: { notShown: 'cannot_run' },
              mutants: {
                ...{ command: long, alone: true, tried: 5, caught: 0 },
                survived: names.slice(0, 5).map((file) => ({ file, line: 1, from: long, to: long })),
              },
            },
            warnings: names.map((file) => ({ level: 'blocking' as const, text: told, place: { file, line: 1 } })),
            notSeen: names,
            headMoved: { from: 'a', to: 'b', overlap: names },
            commitMessage: `${long}\n\n${names.join('\n')}`,
            change: {
              ...{ added: 1, removed: 1 },
              files: names.map((path) => ({ path, from: `x${path}`, status: 'R' as const, added: 1000, removed: 1000 })),
              diffs: names.slice(0, 20).map((path) => ({ path, text: `diff\n${path}\n`.repeat(3) })),
            },
            sandbox: 'off',
            sent: { ...NOTHING_SENT, network: Object.fromEntries(names.map((host) => [host, REACHED])), refused: names },
            disk: 2 ** 40,
            summary: `${long}\n`.repeat(20),
          };
          const text = report(most, { stored, notice: told });
          assert.ok(estimateTokens(text) <= REPORT_TOKENS, `${JSON.stringify(unit)}: ${estimateTokens(text)} tokens`);
          assert.match(text, /\n7f3a91 {3}more: delegation_diff\(path=\.\.\.\) for each of those, in pages; git diff \S+$/);
          assert.equal(/^summary .*:$/m.test(text), long.trim() !== '');
        }, unit);
  });

  const fileDiff = (name: string, lines: number) => ({
    path: name,
    text: `diff --git a/${name} b/${name}\n@@ -0,0 +1,${lines} @@\n${Array.from({ length: lines }, (_, i) => `+const value${i} = compute(${i});`).join('\n')}\n`,
  });
  const changeOf = (sizes: readonly number[]) => {
    const diffs = sizes.map((lines, i) => fileDiff(`f${i}.ts`, lines));
    return { files: diffs.map(({ path }) => ({ path, status: 'A' as const, added: 1, removed: 0 })), added: 1, removed: 0, diffs };
  };

  it('shows whole files first, then the beginning of the one that is too large, with the ways to the rest', () => {
    const change = changeOf([100, 100, 2000, 100, 5]);
    const text = report({ ...FULL, change });
    assert.match(text, /^diff, untrusted data, complete but for f2\.ts, down to 7f3a91:$/m);
    for (const [i, { text: whole }] of change.diffs.entries()) {
      assert.equal(text.includes(whole.trimEnd()), i !== 2, `f${i}.ts`);
      assert.ok(text.includes(`diff --git a/f${i}.ts`));
    }
    assert.match(text, /\n\+const value\d+ = compute\(\d+\);\n\[cut here\]\ndiff --git a\/f3\.ts/);
    assert.ok(text.endsWith('7f3a91   more: delegation_diff(path=...) for each of those, in pages; git diff 91be003..4f2a91c'));
  });

  it('cuts where a hunk begins, when that is not far', () => {
    const hunk = (at: number) =>
      `@@ -${at},0 +${at},100 @@\n${Array.from({ length: 100 }, (_, i) => `+const value${at}${i} = 1;`).join('\n')}\n`;
    const text = `diff --git a/big.ts b/big.ts\n${Array.from({ length: 60 }, (_, i) => hunk(i)).join('')}`;
    const change = { ...changeOf([1]), diffs: [{ path: 'f0.ts', text, cut: true as const }] };
    assert.match(report({ ...FULL, change }), /\n\+const value\d+99 = 1;\n\[cut here\]\n7f3a91 /);
  });

  it('folds long tests beside source, and what tools wrote, but names what the tests are', () => {
    const tests = fileDiff('test/limit.test.ts', 200);
    tests.text += "+  it('limits the rate', () => {\n+  test.only(`counts by address`, () => {\n+def test_python():\n";
    const lock = fileDiff('package-lock.json', 10);
    const source = fileDiff('src/limit.ts', 10);
    const files = [lock, tests, source].map(({ path }) => ({ path, status: 'M' as const, added: 1, removed: 0 }));
    const change = { files, added: 3, removed: 0, diffs: [lock, tests, source] };
    const text = report({ ...FULL, change });
    assert.deepEqual(text.match(/^diff.* .*$/gm), [
      'diff, untrusted data, complete but for test/limit.test.ts, package-lock.json, down to 7f3a91:',
      'diff --git a/src/limit.ts b/src/limit.ts',
    ]);
    assert.match(
      text,
      /^ {2}M src\/limit\.ts \+1\n {2}M test\/limit\.test\.ts \+1\n {4}tests: limits the rate; counts by address; test_python\n {2}M package-lock\.json \+1$/m,
    );
    const alone = report({ ...FULL, change: { ...change, files: files.slice(1, 2), diffs: [tests] } });
    assert.match(alone, /^diff, untrusted data, complete, /m, 'tests are the work where there is nothing else');
  });

  it('of attempts of many kinds: half of them below 2,500 tokens', () => {
    const sizes = Object.entries(SAMPLES).map(([name, changes]) => ({ name, tokens: estimateTokens(report(changes)) }));
    for (const { name, tokens } of sizes) assert.ok(tokens <= REPORT_TOKENS, `${name}: ${tokens}`);
    const sorted = sizes.map(({ tokens }) => tokens).sort((a, b) => a - b);
    assert.ok(sorted.length >= 16);
    assert.ok(sorted[Math.floor(sorted.length / 2)]! < 2500, JSON.stringify(sizes));
  });

  it('shows much of a large change', () => {
    const tokens = estimateTokens(report({ ...FULL, change: changeOf(Array(60).fill(30)) }));
    assert.ok(tokens > 5500 && tokens <= REPORT_TOKENS, String(tokens));
  });

  it('offers no command when there is no commit', () => {
    const text = report({ ...FULL, tip: null });
    assert.ok(text.endsWith('\n7f3a91'));
    assert.doesNotMatch(text, /git diff/);
  });
});
