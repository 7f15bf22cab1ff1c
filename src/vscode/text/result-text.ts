import { SIGN } from '../../common/currency.ts';
import type { Outcome } from '../../delegation/result/outcomes.ts';
import type { AttemptResult } from '../../delegation/result/result-schema.ts';
import type { Translate } from '../../messages/translate.ts';

/** An outcome in two or three words, for rows. */
export function outcomeText(outcome: Outcome, t: Translate): string {
  switch (outcome) {
    case 'ready':
      return t('ready');
    case 'unverified':
      return t('not verified');
    case 'needs_review':
      return t('warning to read');
    case 'no_changes':
      return t('nothing changed');
    case 'checks_failed':
      return t('checks failed');
    case 'step_limit':
      return t('step or time limit reached');
    case 'budget_exhausted':
      return t('budget used up');
    case 'loop_detected':
      return t('went in circles');
    case 'rate_limited':
      return t('rate limit');
    case 'quota_exhausted':
      return t('account balance used up');
    case 'auth_failed':
      return t('key refused');
    case 'api_unreachable':
      return t('Kimi not reachable');
    case 'content_refused':
      return t('content refused');
    case 'sandbox_unavailable':
      return t('no sandbox');
    case 'environment_broken':
      return t('environment broken');
    case 'branch_moved':
      return t('branch moved meanwhile');
    case 'busy':
      return t('already running');
    case 'invalid_request':
      return t('request refused');
    case 'storage_error':
      return t('disk problem');
    case 'cancelled':
      return t('cancelled');
    case 'interrupted':
      return t('interrupted');
    case 'internal_error':
      return t('internal error');
  }
}

/** `$0.12`; amounts below a cent are not shown as nothing, and a price that is not known never as 0. */
export function costText(cost: AttemptResult['cost'], t: Translate): string {
  if (cost.amount === null) return t('cost unknown');
  const sign = SIGN[cost.currency];
  if (cost.amount > 0 && cost.amount < 0.01) return `<${sign}0.01`;
  return `${sign}${cost.amount.toFixed(2)}`;
}

/** `+84 −3`, with a real minus sign. */
export function sizeText(change: { added: number; removed: number }): string {
  return `+${change.added} −${change.removed}`;
}

export function filesText(change: NonNullable<AttemptResult['change']>, t: Translate): string {
  return change.files.length === 1 ? t('1 file') : t('{0} files', change.files.length);
}

export function stepsText(steps: number, t: Translate): string {
  return steps === 1 ? t('1 step') : t('{0} steps', steps);
}

/** `4m 10s` */
export function durationText(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes}m ${String(seconds % 60).padStart(2, '0')}s` : `${Math.floor(minutes / 60)}h ${minutes % 60}m`;
}

type Run = AttemptResult['checks'][number]['result'];

/** What the checks came to on the result: `41/41`, `checks pass`, `1 of 2 checks fail`. Empty when none were run. */
export function checksText(checks: AttemptResult['checks'], t: Translate): string {
  const runs = checks.map(({ result }) => result);
  if (runs.length === 0) return '';
  if (runs.every((run) => run === null)) return t('checks not run');
  const counted = runs.flatMap((run) => (run?.counts ? [run.counts] : []));
  const passed = counted.reduce((sum, { passed }) => sum + passed, 0);
  const total = counted.reduce((sum, { passed, failed }) => sum + passed + failed, 0);
  const others = runs.filter((run) => !run?.counts && !passes(run)).length;
  const plain = runs.length > 1 ? t('{0} of {1} checks fail', others, runs.length) : t('check fails');
  if (total === 0) return others === 0 ? t('checks pass') : plain;
  return others === 0 ? `${passed}/${total}` : `${passed}/${total}, ${plain}`;
}

/** One side of a check: `38/38`, `pass`, `exit 2`, `time limit`. */
export function checkRunText(run: Run, t: Translate): string {
  if (!run) return t('not run');
  if (run.killed) return t('stopped ({0})', run.killed);
  if (run.counts) return `${run.counts.passed}/${run.counts.passed + run.counts.failed}`;
  return passes(run) ? t('pass') : t('exit {0}', run.exitCode ?? '?');
}

const passes = (run: Run) => run !== null && run.exitCode === 0;
