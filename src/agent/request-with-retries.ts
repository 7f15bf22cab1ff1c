/** One step's request: within budget and window, sent until it is answered or there is no point in going on. */

import { type Message, message } from '../messages/message.ts';
import { SMALL_OUTPUT } from './cost-ledger.ts';
import { budgetEnd, headroom } from './history/answer-cap.ts';
import type { Reply } from './model/assemble-reply.ts';
import { nextDelay, retryTime } from './model/backoff.ts';
import { classifyError, type Failure, MANY_TRIES } from './model/classify-error.ts';
import { explainModel } from './model/explain-model.ts';
import { tailJson } from './model/request-body.ts';
import { recordSpending, type SendResult, sendRequest } from './model/send-request.ts';
import { DEFAULT_STALL_SECONDS, notice, noticeOnce, type Run } from './run-state.ts';
import { cancelled, stopped } from './stop-reasons.ts';
import type { AgentEnd } from './types.ts';

/** `capped`: what kept the answer shorter than usual. `overflow`: the server says that the request is too large. */
export type Requested = Answered | { end: AgentEnd } | { overflow: Overflow };
export interface Answered {
  readonly reply: Reply;
  readonly capped: 'budget' | 'window' | null;
}
export type Overflow = Extract<Failure, { kind: 'overflow' }>;

/** Others that take the rest of a shared budget each time between the look at it and the hold: it is as good as used up. */
const MOST_OVERTAKEN = 5;

/** The provider keeps what it cached at least so long. */
const CACHE_LIVES_MS = 300_000;

/** A server that refuses more of its requests than this is not one that can be adapted to. */
const MOST_ADAPTATIONS = 5;

/** @param force one request without thinking that must call a tool */
export async function requestWithRetries(run: Run, force: boolean): Promise<Requested> {
  const { clock, signal, api, limits } = run.options;
  const retrying = retryTime((limits.stallSeconds ?? DEFAULT_STALL_SECONDS) * 1000);
  let overtaken = 0;
  let adapted = 0;
  for (let tries = 1; ; tries++) {
    if (signal.aborted) return { end: cancelled() };
    const room = headroom(run);
    if ('end' in room) return room;
    const body = run.history.body(tailJson(api.model, room.maxOutput, force ? 'call' : 'step', api.cacheKey, run.refused));
    const sendResult = await sendRequest(run, body, room.maxOutput);
    if (!sendResult) {
      if (++overtaken >= MOST_OVERTAKEN) return { end: budgetEnd(run) };
      tries--;
      continue; // with what is left now: a shorter answer, or the end
    }
    const { sent } = sendResult;
    if (sent.kind === 'reply') return { reply: settle(run, body.length, sent.reply, sendResult), capped: room.capped };
    recordSpending(run, sendResult);
    if (sent.kind === 'cancelled') return { end: cancelled() };

    const failure = classifyError(sent.problem, api);
    if (failure.kind === 'stop') return { end: stopped(failure.outcome, await explained(run, failure)) };
    if (failure.kind === 'overflow') return { overflow: failure };
    if (failure.kind === 'field' || failure.kind === 'cap') {
      if (++adapted > MOST_ADAPTATIONS || !adapt(run, failure, room.maxOutput)) return { end: stopped('api_unreachable', failure.reason) };
      continue;
    }
    explainLimit(run, failure);
    const boundMs = (limits.retrySeconds ?? 300) * 1000;
    retrying.failed(sendResult.ms);
    // A host that answered before is there, also when a network that comes back after a sleep does not find it at once.
    const patient = run.answeredAt === null ? failure : { ...failure, maxTries: MANY_TRIES };
    const delayMs = nextDelay(patient, { tries, elapsedMs: retrying.ms(), boundMs, random: clock.random() });
    if (delayMs === null) return { end: gaveUp(failure, tries) };
    run.ledger.totals.retries++;
    run.options.emit({ type: 'retry', step: run.step, reason: failure.reason, delayMs, tries });
    await clock.sleep(delayMs, signal);
    retrying.waited(delayMs);
  }
}

async function explained(run: Run, { reason, model }: Extract<Failure, { kind: 'stop' }>): Promise<Message> {
  return model === undefined ? reason : explainModel(run, model, reason);
}

/**
 * Other servers of these models know fewer fields, or allow shorter answers.
 * @returns whether the same request may be taken in its new form
 */
function adapt(run: Run, failure: Extract<Failure, { kind: 'field' | 'cap' }>, asked: number): boolean {
  if (failure.kind === 'field') {
    if (run.refused.has(failure.field)) return false;
    run.refused.add(failure.field);
    notice(run, message('log.fieldRefused', { field: failure.field }));
    return true;
  }
  if (failure.most >= asked || failure.most < SMALL_OUTPUT) return false;
  run.longestAnswer = failure.most;
  notice(run, message('log.shorterAnswers', { most: failure.most, asked }));
  return true;
}

/** Journals a complete answer, and what is odd about its count. */
function settle(run: Run, bytes: number, reply: Reply, { usage, cost, ms }: SendResult): Reply {
  const now = run.options.clock.now();
  const isWarm = run.answeredAt !== null && now - ms - run.answeredAt < CACHE_LIVES_MS;
  run.answeredAt = now;
  if (reply.oddUsage) noticeOnce(run, message('log.oddUsage'));
  else if (!reply.usage && !reply.ranAway) noticeOnce(run, message('log.noUsage'));
  else if (reply.usage && isWarm && run.ledger.cacheMissed(reply.usage)) noticeOnce(run, message('log.coldCache'));
  if (reply.usage) run.ledger.calibrate(bytes, reply.usage);
  run.ledger.totals.steps = run.step;
  run.options.emit({ type: 'reply', step: run.step, finishReason: reply.finishReason, usage, ms, cost });
  return reply;
}

function explainLimit(run: Run, failure: Extract<Failure, { kind: 'retry' }>): void {
  const { requestsPerMinute } = failure;
  if (requestsPerMinute === null || requestsPerMinute > 20) return;
  const steps = run.options.limits.maxSteps;
  noticeOnce(run, message('log.slowTier', { requests: requestsPerMinute, steps, minutes: Math.ceil(steps / requestsPerMinute) }));
}

function gaveUp(failure: Extract<Failure, { kind: 'retry' }>, tries: number): AgentEnd {
  const times = tries === 1 ? message('times.one') : message('times.many', { count: tries });
  const why = failure.reason;
  return failure.cause === 'rate'
    ? stopped('rate_limited', message('api.gaveUp.rate', { why, times }))
    : stopped('api_unreachable', message('api.gaveUp.reach', { why, times }));
}
