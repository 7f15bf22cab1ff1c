/** How long the next answer may be: bounded by the cap, the context window and the budget; too little left ends the attempt. */
import { message } from '../../messages/message.ts';
import { SMALL_OUTPUT } from '../cost-ledger.ts';
import type { Run } from '../run-state.ts';
import { budgetExhausted, sharedBudgetExhausted, windowFull } from '../stop-reasons.ts';
import type { AgentEnd } from '../types.ts';

/** Thinking shares the cap. A cap as large as the window would count fully against the rate limit, so it stays moderate. */
const USUAL_CAP = 32_768;
const RAISED_CAP = 65_536;
/** The API refuses more in one request, whatever the window. */
export const LARGEST_REQUEST_BYTES = 2_097_152;
/** For the tail of the request and the provider's own framing, tokens. */
export const MARGIN = 256;

/** Bytes of what stands behind the messages in a request, on the careful side: what is held for a request counts them. */
export const TAIL_BYTES = 512;

export function headroom(run: Run): { maxOutput: number; capped: 'budget' | 'window' | null } | { end: AgentEnd } {
  const { ledger, history } = run;
  const input = ledger.estimateInput(history.bytes).input;
  const room = run.windowTokens - input - MARGIN;
  if (room < SMALL_OUTPUT) return { end: windowFull(message('limit.context.tokens', { tokens: input, window: run.windowTokens })) };
  if (history.bytes > run.byteLimit - 1024)
    return { end: windowFull(message('limit.context.bytes', { bytes: history.bytes, most: run.byteLimit })) };
  const affordable = ledger.affordableOutput(history.bytes + TAIL_BYTES, run.options.limits.shared?.left());
  if (affordable < SMALL_OUTPUT) return { end: budgetEnd(run) };
  const usual = Math.min(run.cuts > 0 ? RAISED_CAP : USUAL_CAP, run.longestAnswer);
  const wanted = Math.min(usual, room);
  if (affordable < wanted) return { maxOutput: affordable, capped: 'budget' };
  return { maxOutput: wanted, capped: wanted < usual ? 'window' : null };
}

/** Told by the budget that leaves less. */
export function budgetEnd({ ledger, options }: Run): AgentEnd {
  const { shared, budget } = options.limits;
  if (shared && shared.left() < ledger.left) return sharedBudgetExhausted(shared.usedUp());
  return budgetExhausted(ledger, budget, options.api.model);
}
