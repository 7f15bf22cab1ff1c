import { OUTCOME_RULES } from '../../delegation/result/outcomes.ts';
import type { AttemptResult } from '../../delegation/result/result-schema.ts';
import { placeText } from '../../delegation/result/result-text.ts';
import { oneLine } from '../../mcp/escape-untrusted.ts';
import { newFailures } from '../../mcp/report-checks.ts';
import { joinNames, messageText, type Translate } from '../../messages/translate.ts';
import { endReasonText } from './end-reason.ts';
import { checkRunText, outcomeText } from './translated-result.ts';

type Check = AttemptResult['checks'][number];

const NAMED = 3;

/** What an attempt came to, in a sentence that a decision can rest on: which tests fail, or what proves the work. */
export function verdictText(result: AttemptResult, t: Translate): string {
  const reason = result.reason ? oneLine(endReasonText(result.reason, t), 500) : '';
  switch (result.outcome) {
    case 'ready':
      return provedBy(result.checks, t);
    case 'checks_failed': {
      const bad = result.checks.find(isBad);
      return bad ? failureText(bad, t) : reason;
    }
    case 'needs_review': {
      const blocking = result.warnings.filter(({ level }) => level === 'blocking');
      const first = blocking[0] ? oneLine(placeText(blocking[0]) + messageText(blocking[0].text, t), 300) : reason;
      return blocking.length > 1 ? t('{0} blocking warnings, the first: {1}', blocking.length, first) : first;
    }
    case 'cancelled':
      return t('Cancelled. The work so far is kept.');
    default:
      if (result.reason?.code === 'end.clientGone')
        return t('The program that had started it was closed or reloaded. Resume continues after step {0}.', result.steps);
      return reason || outcomeText(result.outcome, t);
  }
}

/** The verdict behind the outcome, for where it stands alone. */
export function outcomeAndVerdict(result: AttemptResult, t: Translate): string {
  const [outcome, verdict] = [outcomeText(result.outcome, t), verdictText(result, t)];
  return verdict && verdict !== outcome && result.outcome !== 'cancelled' ? t('{0}: {1}', outcome, verdict) : verdict;
}

/** One check in words, beside the list of its failing tests; empty where its numbers say everything. */
export function checkVerdictText(check: Check, t: Translate): string {
  if (isBad(check)) return failureText(check, t, false);
  if (check.verdict === 'fixed') return t('failed before, passes now');
  return check.verdict === 'installed' ? t('installs only, and proves nothing') : '';
}

const isBad = ({ verdict }: Check) => ['regressed', 'still_failing', 'cannot_run'].includes(verdict);

function failureText(check: Check, t: Translate, named = true): string {
  const command = oneLine(check.command, 80);
  if (!check.result) return t('{0} was not run.', command);
  if (check.result.killed) return t('{0} was stopped: {1}.', command, checkRunText(check.result, t));
  if (check.verdict === 'cannot_run') return t('{0} could not run: {1}.', command, checkRunText(check.result, t));
  const failing = check.verdict === 'regressed' ? newFailures(check) : check.result.failing;
  if (failing.length === 0) {
    return check.verdict === 'regressed' ? t('{0} fails, and did not before.', command) : t('{0} fails as before.', command);
  }
  const count = Math.max(failing.length, check.verdict === 'regressed' ? (check.newFailures ?? 0) : 0);
  if (!named) {
    if (check.verdict === 'still_failing') return t('fails as before');
    return count === 1 ? t('1 test fails that did not before') : t('{0} tests fail that did not before', count);
  }
  const shown = failing.slice(0, NAMED).map((name) => oneLine(name, 120));
  const names = joinNames(count > shown.length ? [...shown, '…'] : shown, t);
  if (check.verdict === 'still_failing') return t('{0} fails as before: {1}', command, names);
  return count === 1 ? t('1 test fails that did not before: {0}', names) : t('{0} tests fail that did not before: {1}', count, names);
}

function provedBy(checks: readonly Check[], t: Translate): string {
  const proving = checks.filter(({ verdict }) => verdict === 'pass' || verdict === 'fixed');
  const best = proving.find(({ verdict }) => verdict === 'fixed') ?? proving.find(({ result }) => result?.counts) ?? proving[0];
  if (!best) return '';
  const command = oneLine(best.command, 80);
  const [before, after] = [checkRunText(best.base, t), checkRunText(best.result, t)];
  const said =
    best.verdict === 'fixed'
      ? t('{0} failed before and passes now: {1} → {2}', command, before, after)
      : t('{0} passes: {1} → {2}', command, before, after);
  const more = proving.length - 1;
  return more > 0 ? t('{0}; {1} more pass', said, more) : said;
}

/** How it looks: the sign of the outcome decides. */
export function verdictTone(result: AttemptResult): 'good' | 'warning' | 'bad' | 'plain' {
  const { sign } = OUTCOME_RULES[result.outcome];
  if (sign === 'good' || sign === 'bad') return sign;
  return sign === 'unproven' ? 'plain' : 'warning';
}
