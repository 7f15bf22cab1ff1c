/** A result and a start event to change in tests. */
import type { StartEvent } from '../../src/delegation/journal/journal.ts';
import type { AttemptResult } from '../../src/delegation/result/result-schema.ts';

export function sampleResult(changes: Partial<AttemptResult> = {}): AttemptResult {
  return {
    version: 1,
    kind: 'feature',
    outcome: 'ready',
    reason: null,
    fallbackNeeded: false,
    attempt: 1,
    maxAttempts: 2,
    task: 'Limit the rate.',
    repository: '/home/ann/shop',
    branch: 'feature/rate-limiting',
    base: '91be0031111111111111111111111111111111ab',
    baseName: 'HEAD, main',
    tip: '4f2a91c2222222222222222222222222222222cd',
    keptAt: null,
    checks: [],
    warnings: [],
    notSeen: [],
    headMoved: null,
    change: null,
    scope: [],
    outOfScope: [],
    sandbox: 'on',
    steps: 23,
    maxSteps: 50,
    usage: { input: 412_000, cached: 383_160, output: 9_000 },
    cost: { amount: 0.1234, currency: 'USD' },
    retries: 0,
    durationMs: 250_000,
    summary: '',
    commitMessage: null,
    startedAt: '2026-11-22T10:00:00.000Z',
    endedAt: '2026-11-22T10:04:10.000Z',
    ...changes,
  };
}

export function sampleStart(changes: Partial<StartEvent> = {}): StartEvent {
  return {
    type: 'start',
    version: 1,
    attempt: 1,
    kind: 'feature',
    task: 'Limit the rate.',
    model: 'kimi-k2.6',
    maxSteps: 50,
    budget: 1,
    checks: [],
    scope: [],
    base: 'b'.repeat(40),
    baseName: 'HEAD, main',
    parent: 'b'.repeat(40),
    expected: null,
    head: { commit: 'b'.repeat(40), branch: 'main' },
    startTree: null,
    ...changes,
  };
}
