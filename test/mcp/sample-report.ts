import type { AttemptResult } from '../../src/delegation/result/result-schema.ts';
import { type ReportOptions, renderReport } from '../../src/mcp/render-report.ts';
import { sampleResult } from '../delegation/sample-result.ts';
import { inWords } from '../messages/english.ts';

export const OPTIONS: ReportOptions = { disclosure: 'silent', showTokenStats: true, stored: false, notice: null, fence: '7f3a91' };
export const report = (changes: Partial<AttemptResult> = {}, options: Partial<ReportOptions> = {}) =>
  renderReport(sampleResult(changes), { ...OPTIONS, ...options });

export const pass = { exitCode: 0, killed: null, durationMs: 900, counts: null, failing: [], tail: '' };
export const tests = (passed: number, failed: number, more: object = {}) => ({
  ...pass,
  exitCode: failed > 0 ? 1 : 0,
  counts: { passed, failed, skipped: 0 },
  ...more,
});

export const FULL: Partial<AttemptResult> = {
  checks: [
    { command: 'npm test', base: tests(38, 0), result: tests(41, 0, { durationMs: 12_345 }), verdict: 'pass', newFailures: 0 },
    { command: 'tsc --noEmit', base: pass, result: pass, verdict: 'pass', newFailures: null },
    { command: 'eslint .', base: { ...pass, exitCode: 1 }, result: { ...pass, exitCode: 1 }, verdict: 'still_failing', newFailures: 0 },
  ],
  seen: [
    {
      command: 'npx vitest run test/limit.test.ts',
      exitCode: 0,
      killed: null,
      ms: 900,
      counts: { passed: 3, failed: 0, skipped: 0 },
      afterLastEdit: true,
      before: { exitCode: 1, counts: { passed: 0, failed: 1, skipped: 0 } },
    },
  ],
  commitMessage: 'Limit requests to the auth routes per address\n\nBy address, as there are no accounts there.',
  warnings: [{ level: 'note', text: inWords('package.json:24 adds express-rate-limit') }],
  notSeen: ['src/app.ts', 'notes.md'],
  change: {
    files: [
      { path: 'src/limit.ts', status: 'A', added: 2, removed: 0 },
      { path: 'src/auth.ts', from: 'src/login.ts', status: 'R', added: 1, removed: 1 },
      { path: 'logo.png', status: 'A', added: null, removed: null },
    ],
    added: 3,
    removed: 1,
    diffs: [
      { path: 'src/limit.ts', text: 'diff --git a/src/limit.ts b/src/limit.ts\n@@ -0,0 +1,2 @@\n+one\n+two\n' },
      { path: 'src/auth.ts', text: 'diff --git a/src/login.ts b/src/auth.ts\n@@ -1 +1 @@\n-a\n+b\n' },
      { path: 'logo.png', text: 'diff --git a/logo.png b/logo.png\nBinary files /dev/null and b/logo.png differ\n' },
    ],
  },
  summary: '10 requests a minute.\nThen 429.',
};
