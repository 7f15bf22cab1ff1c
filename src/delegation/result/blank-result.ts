import { currencyOf } from '../../common/currency.ts';
import { reachableHosts } from '../../config.ts';
import type { Change } from '../../workspace/types.ts';
import type { Call } from '../attempt/attempt-input.ts';
import type { StartEvent } from '../journal/journal.ts';
import type { AttemptResult } from './result-schema.ts';

/** As much of the diffs as is kept; a report shows less, and git has the rest. */
const KEPT_DIFF_CHARS = 64_000;

/** The result of an attempt that has done nothing yet: who, where and since when, with the outcome that needs no proof. */
export function blankResult({ repository, request, context }: Call, start: StartEvent, startedAt: number): AttemptResult {
  const { values: settings } = context.settings;
  const endedAt = context.clock.now();
  return {
    version: 1,
    kind: start.kind,
    outcome: 'unverified',
    reason: null,
    fallbackNeeded: false,
    attempt: start.attempt,
    maxAttempts: Math.max(settings.maxAttempts, start.attempt),
    task: start.task,
    repository: repository.root,
    branch: request.branch,
    base: start.base,
    baseName: start.baseName,
    ...(start.found !== undefined && { found: start.found }),
    tip: null,
    keptAt: null,
    checks: [],
    ...(start.checksFrom && { checksFrom: start.checksFrom }),
    warnings: [],
    notSeen: [],
    headMoved: null,
    change: null,
    scope: start.scope,
    ...(start.folder && { folder: start.folder }),
    outOfScope: [],
    sandbox: 'none',
    reach: reachableHosts(settings),
    steps: 0,
    maxSteps: start.maxSteps,
    usage: { input: 0, cached: 0, output: 0 },
    cost: { amount: 0, currency: currencyOf(settings.baseUrl) },
    retries: 0,
    durationMs: endedAt - startedAt,
    summary: '',
    commitMessage: null,
    startedAt: new Date(startedAt).toISOString(),
    endedAt: new Date(endedAt).toISOString(),
  };
}

/** The change as it is kept: every file, and the diffs of the first ones. */
export function keptChange(change: Change): NonNullable<AttemptResult['change']> {
  const diffs: { path: string; text: string }[] = [];
  let room = KEPT_DIFF_CHARS;
  for (const diff of change.diffs) {
    if (diff.text.length > room) continue;
    room -= diff.text.length;
    diffs.push({ path: diff.path, text: diff.text });
  }
  return { files: change.files.map((file) => ({ ...file })), added: change.added, removed: change.removed, diffs };
}
