import { currencyOf } from '../../common/currency.ts';
import { wholeLines } from '../../common/cut-text.ts';
import { reachableHosts } from '../../config.ts';
import type { Change } from '../../workspace/types.ts';
import type { Call } from '../attempt/attempt-input.ts';
import type { StartEvent } from '../journal/journal.ts';
import { inReadingOrder } from './reading-order.ts';
import type { AttemptResult } from './result-schema.ts';

/** As much of the diffs as is kept; a report shows less, and git has the rest. */
const KEPT_DIFF_CHARS = 64_000;
/** Of a diff that is larger than that. */
const KEPT_START_CHARS = 24_000;

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

/** The change as it is kept: every file, and the diffs of the first ones that a reviewer reads. */
export function keptChange(change: Change): NonNullable<AttemptResult['change']> {
  const diffs: { path: string; text: string; cut?: true }[] = [];
  let room = KEPT_DIFF_CHARS;
  for (const { path, text } of inReadingOrder(change.diffs)) {
    const kept =
      text.length <= room
        ? { path, text }
        : { path, text: wholeLines(text.slice(0, Math.min(room, KEPT_START_CHARS)), 'head'), cut: true as const };
    if (kept.text === '') continue;
    room -= kept.text.length;
    diffs.push(kept);
  }
  return { files: change.files.map((file) => ({ ...file })), added: change.added, removed: change.removed, diffs };
}
