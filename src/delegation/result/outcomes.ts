/**
 * How an attempt ended: a closed set. The table is the one place that says what each outcome means, for Claude and for the
 * window. Only three other lists exist, and the compiler compares each with this one: with what the loop itself may stop
 * (`AgentEnd` in agent/types.ts, and its schema in journal.ts), and the words for people (result-text.ts).
 */
export const OUTCOMES = [
  'ready',
  'unverified',
  'needs_review',
  'no_changes',
  'checks_failed',
  'step_limit',
  'budget_exhausted',
  'loop_detected',
  'rate_limited',
  'quota_exhausted',
  'auth_failed',
  'api_unreachable',
  'content_refused',
  'sandbox_unavailable',
  'environment_broken',
  'checks_cannot_run',
  'branch_moved',
  'busy',
  'invalid_request',
  'storage_error',
  'cancelled',
  'interrupted',
  'internal_error',
] as const;

export type Outcome = (typeof OUTCOMES)[number];

export interface OutcomeRule {
  /** `reviewable`: there is work to judge. `failed`: counts towards the two attempts. `neutral`: never counts. */
  readonly kind: 'reviewable' | 'failed' | 'neutral';
  /** Whether calling again (with feedback, or later) can end better without somebody changing the set-up first. */
  readonly retry: boolean;
  /** Whether the same call goes on with the attempt instead of getting its report: nothing was wrong with the task or the work. */
  readonly goesOn: boolean;
  /** Whether checks judged the work, so that other checks can judge it anew. */
  readonly judged: boolean;
  /**
   * What stands in the way until the user mends it: the account with its key and endpoint, or the machine. The fallback would hide it for
   * weeks, so every door says it aloud; an endpoint that cannot be reached may be a wrong one.
   */
  readonly userMends: 'account' | 'machine' | null;
  /** Whether its work can be merged as it is; anything else needs somebody's attention first. */
  readonly mergeable: boolean;
  /** The sign that it has in a list. */
  readonly sign: 'good' | 'unproven' | 'paused' | 'warning' | 'bad';
  /** What Claude should do next; `{tip}` is filled in by the report. */
  readonly next: string;
}

export const OUTCOME_RULES: Readonly<Record<Outcome, OutcomeRule>> = {
  ready: {
    kind: 'reviewable',
    retry: true,
    goesOn: false,
    judged: true,
    userMends: null,
    mergeable: true,
    sign: 'good',
    next: 'review the diff, then merge_delegation(expected_tip={tip}) when the user agrees; not good enough: same branch with exact feedback (on a line: `src/a.ts:12: text`)',
  },
  unverified: {
    kind: 'reviewable',
    retry: true,
    goesOn: false,
    judged: true,
    userMends: null,
    mergeable: true,
    sign: 'unproven',
    next: 'no check proves this work: run the tests yourself, or the same call runs its `checks` on it again once what they missed is installed, or other ones; then review and merge_delegation(expected_tip={tip})',
  },
  needs_review: {
    kind: 'reviewable',
    retry: true,
    goesOn: false,
    judged: true,
    userMends: null,
    mergeable: false,
    sign: 'warning',
    next: 'a blocking warning: read it against the diff before anything else; same branch with feedback (on a line: `src/a.ts:12: text`), or merge if it is right',
  },
  no_changes: {
    kind: 'failed',
    retry: true,
    goesOn: false,
    judged: false,
    userMends: null,
    mergeable: false,
    sign: 'bad',
    next: 'the worker changed nothing: call again on the same branch with a more exact task, or do it yourself',
  },
  checks_failed: {
    kind: 'failed',
    retry: true,
    goesOn: false,
    judged: true,
    userMends: null,
    mergeable: false,
    sign: 'bad',
    next: 'call again on the same branch, with the failing output and what to change as feedback (on a line: `src/a.ts:12: text`)',
  },
  step_limit: {
    kind: 'failed',
    retry: true,
    goesOn: false,
    judged: false,
    userMends: null,
    mergeable: false,
    sign: 'bad',
    next: 'the same call with a higher max_steps goes on; or call again on the same branch with a smaller goal',
  },
  budget_exhausted: {
    kind: 'failed',
    retry: true,
    goesOn: false,
    judged: false,
    userMends: null,
    mergeable: false,
    sign: 'bad',
    next: 'the same call with a higher budget goes on; or call again on the same branch with a smaller goal',
  },
  loop_detected: {
    kind: 'failed',
    retry: true,
    goesOn: false,
    judged: false,
    userMends: null,
    mergeable: false,
    sign: 'bad',
    next: 'the worker went in circles: call again with a hint that breaks the circle, or do it yourself',
  },
  rate_limited: {
    kind: 'failed',
    retry: true,
    goesOn: true,
    judged: false,
    userMends: null,
    mergeable: false,
    sign: 'bad',
    next: 'the provider limits the rate: call again later, or do it yourself now',
  },
  quota_exhausted: {
    kind: 'failed',
    retry: false,
    goesOn: true,
    judged: false,
    userMends: 'account',
    mergeable: false,
    sign: 'bad',
    next: 'do it yourself; the user must top up the Kimi account',
  },
  auth_failed: {
    kind: 'failed',
    retry: false,
    goesOn: true,
    judged: false,
    userMends: 'account',
    mergeable: false,
    sign: 'bad',
    next: 'do it yourself; the user must correct the Kimi key or endpoint',
  },
  api_unreachable: {
    kind: 'failed',
    retry: true,
    goesOn: true,
    judged: false,
    userMends: 'account',
    mergeable: false,
    sign: 'bad',
    next: 'the model could not be reached: call again later, or do it yourself now',
  },
  content_refused: {
    kind: 'failed',
    retry: false,
    goesOn: false,
    judged: false,
    userMends: null,
    mergeable: false,
    sign: 'bad',
    next: 'the provider refused the content: do it yourself',
  },
  sandbox_unavailable: {
    kind: 'failed',
    retry: false,
    goesOn: true,
    judged: false,
    userMends: 'machine',
    mergeable: false,
    sign: 'bad',
    next: 'do it yourself; the user must install the sandbox program',
  },
  environment_broken: {
    kind: 'failed',
    retry: false,
    goesOn: true,
    judged: false,
    userMends: 'machine',
    mergeable: false,
    sign: 'bad',
    next: 'do it yourself; the environment must be mended first',
  },
  checks_cannot_run: {
    kind: 'neutral',
    retry: true,
    goesOn: true,
    judged: false,
    userMends: null,
    mergeable: false,
    sign: 'paused',
    next: 'stopped early, since nothing could prove the work: have installed what the reason names, then the same call goes on; or the same call as it is goes on, and its work stays unproved',
  },
  branch_moved: {
    kind: 'neutral',
    retry: true,
    goesOn: false,
    judged: false,
    userMends: null,
    mergeable: false,
    sign: 'warning',
    next: 'the branch moved meanwhile; the work is kept under another name: review it there; merge_delegation and discard_delegation, called with the same branch_name, act on it',
  },
  busy: {
    kind: 'neutral',
    retry: true,
    goesOn: false,
    judged: false,
    userMends: null,
    mergeable: false,
    sign: 'bad',
    next: 'wait for the attempt that runs, or look at it with get_delegation',
  },
  invalid_request: {
    kind: 'neutral',
    retry: true,
    goesOn: false,
    judged: false,
    userMends: null,
    mergeable: false,
    sign: 'bad',
    next: 'correct the call as said and call again',
  },
  storage_error: {
    kind: 'failed',
    retry: false,
    goesOn: true,
    judged: false,
    userMends: 'machine',
    mergeable: false,
    sign: 'bad',
    next: 'do it yourself; the state directory must be writable',
  },
  cancelled: {
    kind: 'neutral',
    retry: true,
    goesOn: true,
    judged: false,
    userMends: null,
    mergeable: false,
    sign: 'paused',
    next: 'stopped on request; the same call or resume_delegation continues it',
  },
  interrupted: {
    kind: 'neutral',
    retry: true,
    goesOn: true,
    judged: false,
    userMends: null,
    mergeable: false,
    sign: 'paused',
    next: 'stopped half-way; the same call or resume_delegation continues it',
  },
  internal_error: {
    kind: 'failed',
    retry: true,
    goesOn: true,
    judged: false,
    userMends: null,
    mergeable: false,
    sign: 'bad',
    next: 'a fault of this program: call again once, or do it yourself',
  },
};

/**
 * Whether Claude should do the work itself now.
 * @param failedAttempts attempts of this delegation that count as failed, this one included
 * @param maxAttempts the setting (2 by default)
 */
export function fallbackNeeded(outcome: Outcome, failedAttempts: number, maxAttempts: number): boolean {
  const rule = OUTCOME_RULES[outcome];
  if (rule.kind !== 'failed') return false;
  return !rule.retry || failedAttempts >= maxAttempts;
}
