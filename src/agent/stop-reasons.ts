/** The ways in which the loop stops itself, each with what to do next. */
import { type Argument, type Message, message } from '../messages/message.ts';
import type { Ledger } from './cost-ledger.ts';
import type { AgentEnd } from './types.ts';

export function stopped(outcome: Extract<AgentEnd, { kind: 'stopped' }>['outcome'], reason: Message): AgentEnd {
  return { kind: 'stopped', outcome, reason };
}

export function cancelled(): AgentEnd {
  return stopped('cancelled', message('end.cancelled'));
}

/** @param detail how full: by our count, or in the server's words */
export function windowFull(detail: Argument): AgentEnd {
  return stopped('step_limit', message('limit.context', { detail }));
}

/** @param budget in the currency of the ledger */
export function budgetExhausted(ledger: Ledger, budget: number | null, model: string): AgentEnd {
  const amounts = { budget: String(budget), currency: ledger.totals.cost.currency, spent: ledger.spent.toFixed(4) };
  return stopped(
    'budget_exhausted',
    ledger.priceKnown ? message('limit.budget', amounts) : message('limit.budget.unknownPrice', { ...amounts, model }),
  );
}

/** @param reason what the shared budget says of itself */
export function sharedBudgetExhausted(reason: Message): AgentEnd {
  return { kind: 'stopped', outcome: 'budget_exhausted', reason, resumable: true };
}

export function timeLimit(minutes: number): AgentEnd {
  const time = minutes === 1 ? message('minutes.one') : message('minutes.many', { count: minutes });
  return { kind: 'stopped', outcome: 'step_limit', reason: message('limit.time', { time }), timeLimit: minutes };
}

export function tooMuchSaid(): AgentEnd {
  return stopped('loop_detected', message('loop.tooMuchSaid'));
}

export function stepLimit(maxSteps: number): AgentEnd {
  return stopped('step_limit', message('limit.steps', { steps: maxSteps }));
}
