/** What a result says in a word or two, for rows of every screen. */

import { SIGN, USUAL_BUDGET } from '../../common/currency.ts';
import { callerSum, netOf } from '../../economics/saving.ts';
import { type Code, type Message, message } from '../../messages/message.ts';
import type { KillReason } from '../../sandbox/run-program.ts';
import { BUILT } from '../first-request/conventions.ts';
import type { Outcome } from './outcomes.ts';
import type { AttemptResult } from './result-schema.ts';

const OUTCOME_CODES = {
  ready: 'outcome.ready',
  unverified: 'outcome.unverified',
  needs_review: 'outcome.needsReview',
  no_changes: 'outcome.noChanges',
  checks_failed: 'outcome.checksFailed',
  step_limit: 'outcome.stepLimit',
  budget_exhausted: 'outcome.budgetExhausted',
  loop_detected: 'outcome.loopDetected',
  rate_limited: 'outcome.rateLimited',
  quota_exhausted: 'outcome.quotaExhausted',
  auth_failed: 'outcome.authFailed',
  api_unreachable: 'outcome.apiUnreachable',
  content_refused: 'outcome.contentRefused',
  sandbox_unavailable: 'outcome.sandboxUnavailable',
  environment_broken: 'outcome.environmentBroken',
  checks_cannot_run: 'outcome.checksCannotRun',
  branch_moved: 'outcome.branchMoved',
  busy: 'outcome.busy',
  invalid_request: 'outcome.invalidRequest',
  storage_error: 'outcome.storageError',
  cancelled: 'outcome.cancelled',
  interrupted: 'outcome.interrupted',
  internal_error: 'outcome.internalError',
} as const satisfies Readonly<Record<Outcome, Code>>;

export const outcomeText = (outcome: Outcome): Message => message(OUTCOME_CODES[outcome]);

/** `$0.12`; amounts below a cent are not shown as nothing, and a price that is not known never as 0. */
export function costText({ amount, currency }: AttemptResult['cost']): Message {
  if (amount === null) return message('result.costUnknown');
  const sign = SIGN[currency];
  return message('text', { text: amount > 0 && amount < 0.01 ? `<${sign}0.01` : `${sign}${amount.toFixed(2)}` });
}

/** What the delegation saved against the model that asked for it, or cost more; null where that is not known. */
export function savingText({ saving, cost }: Pick<AttemptResult, 'saving' | 'cost'>): Message | null {
  if (!saving) return null;
  const { name: model, prices: month, same } = saving;
  const rate = USUAL_BUDGET.CNY / USUAL_BUDGET.USD;
  const prices = cost.currency === 'CNY' ? message('saving.pricesRate', { month, rate }) : message('saving.prices', { month });
  const told = {
    model,
    prices,
    worker: aboutMoney(saving.worker),
    caller: aboutMoney(callerSum(saving.caller)),
    same: rangeText(same.low, same.high),
  };
  const net = netOf(saving);
  if (same.high === 0) return message('saving.none', told);
  if (net.low >= 0) return message('saving.saved', { ...told, net: rangeText(net.low, net.high) });
  if (net.high <= 0) return message('saving.dearer', { ...told, net: rangeText(-net.high, -net.low) });
  return message('saving.between', { ...told, loss: aboutMoney(-net.low), gain: aboutMoney(net.high) });
}

export function rangeText(low: number, high: number): Message {
  const [from, to] = [aboutMoney(low), aboutMoney(high)];
  return from === to ? message('text', { text: from }) : message('result.range', { low: from, high: to });
}

/** Two digits are as much as an estimate knows. */
function aboutMoney(amount: number): string {
  const digits = amount >= 0.1 ? 2 : Math.min(4, 1 - Math.floor(Math.log10(Math.max(amount, 0.0001))));
  return `${SIGN.USD}${amount.toFixed(digits)}`;
}

/** What was sent of a repository: a file, or what stands in the place of one. */
export const sentFileText = (file: string): Message => (file === BUILT ? message('result.sentBuilt') : message('text', { text: file }));

/** `3× task, read_file` */
export function sentByText({ times, by }: { times: number; by: readonly string[] }): Message {
  return message('result.sentBy', { times, by: by.map((name) => (name === 'task' ? message('result.sentTask') : name)) });
}

/** `src/cart.ts:12 `, before what a warning says of it; nothing where it is of no file. */
export function placeText({ place }: AttemptResult['warnings'][number]): string {
  if (!place) return '';
  return place.line === undefined ? `${place.file} ` : `${place.file}:${place.line} `;
}

/** `4m 10s` */
export function durationText(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes}m ${String(seconds % 60).padStart(2, '0')}s` : `${Math.floor(minutes / 60)}h ${minutes % 60}m`;
}

type Run = AttemptResult['checks'][number]['result'];

/** What the checks came to on the result: `41/41`, `checks pass`, `1 of 2 checks fail`. Null when none were run. */
export function checksText(checks: AttemptResult['checks']): Message | null {
  const runs = checks.map(({ result }) => result);
  if (runs.length === 0) return null;
  if (runs.every((run) => run === null)) return message('result.checksNotRun');
  const counted = runs.flatMap((run) => (run?.counts ? [run.counts] : []));
  const passed = counted.reduce((sum, { passed }) => sum + passed, 0);
  const total = counted.reduce((sum, { passed, failed }) => sum + passed + failed, 0);
  const others = runs.filter((run) => !run?.counts && !passes(run)).length;
  const plain = runs.length > 1 ? message('result.checksFail', { failing: others, all: runs.length }) : message('result.checkFails');
  if (total === 0) return others === 0 ? message('result.checksPass') : plain;
  return others === 0 ? message('text', { text: `${passed}/${total}` }) : message('result.countsAnd', { passed, total, rest: plain });
}

/** Where the checks come from, when nobody gave them with the call; null = there is nothing to say of it. */
export function checksFromText({ checks, checksFrom }: Pick<AttemptResult, 'checks' | 'checksFrom'>): Message | null {
  if (checks.length === 0 || checksFrom === undefined || checksFrom === 'call') return null;
  if (checksFrom === 'settings') return message('result.checksOfSettings');
  const files = [...new Set(checks.flatMap(({ found }) => found?.file ?? []))];
  if (checksFrom === 'found') return message('result.checksFound', { files });
  return files.length > 0 ? message('result.checksNamedAndFound', { files }) : message('result.checksNamed');
}

/** One side of a check: `38/38`, `pass`, `exit 2`, `time limit`. */
export function checkRunText(run: Run): Message {
  if (!run) return message('result.notRun');
  if (run.killed)
    return isKillReason(run.killed) ? message(`result.stopped.${run.killed}`) : message('result.stopped', { why: run.killed });
  if (run.counts) return message('text', { text: `${run.counts.passed}/${run.counts.passed + run.counts.failed}` });
  return passes(run) ? message('result.pass') : message('result.exit', { code: run.exitCode ?? '?' });
}

/** A result that a newer version wrote may know others. */
/** Of a command that was killed by us. */
export const isKillReason = (why: string): why is KillReason => ['timeout', 'memory', 'processes', 'disk', 'cancelled'].includes(why);

const passes = (run: Run) => run !== null && run.exitCode === 0;
