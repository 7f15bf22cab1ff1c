/** The ways in which the loop stops itself, each with what to do next. */
import type { Ledger } from './ledger.ts';
import type { AgentEnd } from './types.ts';

export function stopped(outcome: Extract<AgentEnd, { kind: 'stopped' }>['outcome'], reason: string): AgentEnd {
  return { kind: 'stopped', outcome, reason };
}

export function cancelled(): AgentEnd {
  return stopped('cancelled', 'The attempt was cancelled; what it changed so far is kept, and the same call continues it.');
}

/** @param detail how full: by our count, or in the server's words */
export function windowFull(detail: string): AgentEnd {
  return stopped(
    'step_limit',
    `The context window is full (${detail}). What was changed so far is kept: call again on the same branch with a smaller goal.`,
  );
}

/** @param budget in the currency of the ledger */
export function budgetExhausted(ledger: Ledger, budget: number | null, model: string): AgentEnd {
  const unit = ledger.totals.cost.currency;
  const how = ledger.priceKnown ? '' : ` The price of ${model} is unknown, so its tokens were counted at the price of kimi-k2.6.`;
  return stopped(
    'budget_exhausted',
    `The budget of ${budget} ${unit} does not cover another step (${ledger.spent.toFixed(4)} ${unit} used).${how} What was changed so far is kept: the same call with a higher budget goes on, other text on the same branch sets a smaller goal.`,
  );
}

/** @param said what the shared budget says of itself */
export function sharedBudgetExhausted(said: string): AgentEnd {
  return {
    kind: 'stopped',
    outcome: 'budget_exhausted',
    reason: `${said}. What was changed so far is kept, and resume_delegation goes on with it tomorrow, or when the daily budget is higher.`,
    resumable: true,
  };
}

export function timeLimit(minutes: number): AgentEnd {
  return {
    kind: 'stopped',
    outcome: 'step_limit',
    reason: `The time limit of ${minutes === 1 ? 'one minute' : `${minutes} minutes`} was reached before the worker finished. What was changed so far is kept: other text on the same branch sets a smaller goal; when the user allows more with KIMI_MAX_MINUTES, the same call goes on.`,
    timeLimit: minutes,
  };
}

export function stepLimit(maxSteps: number): AgentEnd {
  return stopped(
    'step_limit',
    `The limit of ${maxSteps} steps was reached before the worker finished. What was changed so far is kept: the same call with a higher max_steps goes on, other text on the same branch sets a smaller goal.`,
  );
}
