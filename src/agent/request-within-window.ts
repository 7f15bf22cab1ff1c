/** A step's request with room made for it: the history is compacted when that is due, and when the server says that it is too large. */
import { message } from '../messages/message.ts';
import { compact, type Why } from './history/compaction.ts';
import { leaveOutOld } from './history/leave-out.ts';
import { isFull, paysOff, USUAL_NOTE } from './history/when-to-compact.ts';
import { type Answered, type Overflow, requestWithRetries } from './request-with-retries.ts';
import { notice, type Run } from './run-state.ts';
import { windowFull } from './stop-reasons.ts';
import type { AgentEnd } from './types.ts';

/** After so many refusals of one step's request as too large, nothing helps. */
const MOST_OVERFLOWS = 3;
/** Tokens: system prompt, tools and first message, and the last steps, for a guess at what a compaction leaves. */
const USUALLY_KEPT = { front: 12_000, steps: 6_000 } as const;

/** @param force one request without thinking that must call a tool */
export async function requestWithinWindow(run: Run, force: boolean): Promise<Answered | { end: AgentEnd }> {
  takeNews(run);
  leaveOutOld(run);
  const why = due(run);
  if (why) await compact(run, why);
  run.crowded = false;
  for (let overflows = 1; ; overflows++) {
    const asked = await requestWithRetries(run, force);
    if (!('overflow' in asked)) return asked;
    const learned = learn(run, asked.overflow);
    if (overflows > MOST_OVERFLOWS) return { end: windowFull(asked.overflow.said) };
    // With the right window known, a shorter answer may be all that is needed.
    if (learned && due(run) === null) continue;
    if (!(await compact(run, 'overflow'))) return { end: windowFull(asked.overflow.said) };
  }
}

/** Journalled at a decision, not when the answer arrives, so that a journal tells in which order things were known. */
function takeNews(run: Run): void {
  if (typeof run.windowNews === 'string') return;
  const { listed } = run.windowNews;
  run.windowNews = 'none';
  if (listed === run.windowTokens) return;
  notice(run, message('log.listedWindow', { model: run.options.api.model, listed, assumed: run.windowTokens }));
  run.windowTokens = listed;
}

function due(run: Run): Why | null {
  const { history, ledger, step, options } = run;
  const { input } = ledger.estimateInput(history.bytes);
  if (run.crowded || isFull(input, run.windowTokens) || isFull(history.bytes, run.byteLimit)) return 'window';
  const rewritten = USUAL_NOTE + USUALLY_KEPT.steps;
  const tokens = { input, rewritten, dropped: input - rewritten - USUALLY_KEPT.front };
  return paysOff(tokens, { done: step - run.rewrittenAt, left: options.limits.maxSteps - step }, ledger.price) ? 'cost' : null;
}

/** @returns whether the error told of a smaller limit than was known */
function learn(run: Run, { limit }: Overflow): boolean {
  const { tokens, bytes } = limit;
  if (tokens !== null && tokens > 0 && tokens < run.windowTokens) {
    notice(run, message('log.smallerWindow', { tokens, assumed: run.windowTokens }));
    run.windowTokens = tokens;
    run.windowNews = 'none';
    return true;
  }
  if (bytes !== null && bytes > 0 && bytes < run.byteLimit) {
    run.byteLimit = bytes;
    return true;
  }
  return false;
}
