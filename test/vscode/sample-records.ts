import type { StartEvent } from '../../src/delegation/journal/journal.ts';
import type { AttemptResult } from '../../src/delegation/result/result-schema.ts';
import type { DelegationRecord } from '../../src/vscode/feed/delegation-reader.ts';
import { sampleResult, sampleStart } from '../delegation/sample-result.ts';
import { inWords } from '../messages/english.ts';

export const TIP = '4f2a91c'.padEnd(40, '0');
export const BASE = '91be003'.padEnd(40, '0');

/** A feature that went well. */
export function result(more: Partial<AttemptResult> = {}): AttemptResult {
  const run = (passed: number, failed = 0) => ({
    exitCode: failed === 0 ? 0 : 1,
    killed: null,
    durationMs: 900,
    counts: { passed, failed, skipped: 0 },
    failing: [],
    tail: '',
  });
  const made = {
    task: 'Limit the rate of requests to /api/auth/*.',
    repository: '/work/shop',
    base: BASE,
    tip: TIP,
    checks: [{ command: 'npm test', base: run(38), result: run(41), verdict: 'pass', newFailures: 0 }],
    warnings: [{ level: 'note', text: inWords('package.json:24 adds express-rate-limit') }],
    change: {
      files: [
        { path: 'src/middleware/rateLimiter.ts', status: 'A', added: 22, removed: 0 },
        { path: 'src/auth.ts', status: 'M', added: 62, removed: 3 },
        { path: 'logo.png', status: 'M', added: null, removed: null },
      ],
      added: 84,
      removed: 3,
      diffs: [],
    },
    network: 'off',
    ignoredSettings: [],
    usage: { input: 412_000, cached: 383_000, output: 9000 },
    cost: { amount: 0.12, currency: 'USD' },
    summary: '10 requests a minute for each IP.',
    commitMessage: 'Limit the rate',
  };
  return sampleResult({ ...made, ...more } as unknown as Partial<AttemptResult>);
}

export const start: StartEvent = sampleStart({
  task: 'Limit the rate of requests to /api/auth/*.',
  checks: ['npm test'],
  base: BASE,
  parent: BASE,
  head: { commit: BASE, branch: 'main' },
});

export const identity = (branch = 'feature/rate-limiting', id = 'a1b2c3d4e5f60718') => ({
  version: 1 as const,
  id,
  commonDir: '/work/shop/.git',
  repository: '/work/shop',
  branch,
  createdAt: '2026-11-22T10:00:00.000Z',
});

/** A delegation whose only attempt ended so. */
export function ended(more: Partial<AttemptResult> = {}, record: Partial<DelegationRecord> = {}): DelegationRecord {
  const attempt = {
    number: 1,
    journal: '/j',
    start: null,
    result: result(more),
    step: 23,
    activity: null,
    cost: { amount: 0.12, currency: 'USD' as const },
    lastAt: 0,
  };
  return { identity: identity(more.branch), state: 'ended', attempts: [attempt], runningSince: null, disposition: null, ...record };
}

/** A delegation whose only attempt runs (or stopped half-way). */
export function unfinished(state: 'running' | 'interrupted', more: Partial<DelegationRecord['attempts'][number]> = {}): DelegationRecord {
  const attempt = {
    number: 1,
    journal: '/j',
    start,
    result: null,
    step: 3,
    activity: { kind: 'tool' as const, tool: 'run_command', title: 'npm test' },
    cost: { amount: 0.05, currency: 'USD' as const },
    lastAt: 1,
    ...more,
  };
  return { identity: identity(), state, attempts: [attempt], runningSince: state === 'running' ? 1 : null, disposition: null };
}
