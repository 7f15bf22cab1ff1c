/**
 * The agent loop: ask the model, run the tools that it calls, tell it the results, until it is done or must stop.
 * It knows nothing of git, MCP or delegations; everything that happens is reported through `emit`, before it happens.
 */
import { errorText } from '../common/caught-error.ts';
import { message } from '../messages/message.ts';
import { Ledger, SMALL_OUTPUT } from './cost-ledger.ts';
import { budgetEnd, LARGEST_REQUEST_BYTES } from './history/answer-cap.ts';
import { NOTE_PREFIX } from './history/exchanges.ts';
import { History, serialize } from './history/history.ts';
import { type LostRequest, missingMessages, replayGuards } from './history/replay-history.ts';
import { hasLeakedCall } from './leaked-calls.ts';
import { Guards } from './loop-guards.ts';
import type { Reply } from './model/assemble-reply.ts';
import { fetchModels } from './model/fetch-models.ts';
import { httpFetch } from './model/http-fetch.ts';
import { createClient } from './model/kimi-client.ts';
import { canForce, headJson, thinkingOf, toolsJson, wantsReasoning } from './model/request-body.ts';
import { costOf, isPlatform, isWindowKnown, priceOf, windowOf } from './prices.ts';
import { redactKey } from './redact-key.ts';
import type { Answered } from './request-with-retries.ts';
import { requestWithinWindow } from './request-within-window.ts';
import {
  type AgentOptions,
  append,
  DEFAULT_STALL_SECONDS,
  MOST_JOURNALLED,
  notice,
  type Run,
  resealed,
  sizeInJournal,
} from './run-state.ts';
import { runToolCalls, storable } from './run-tool-calls.ts';
import { SeenFiles } from './seen-files.ts';
import { ShownInConversation } from './shown-lines.ts';
import { cancelled, stepLimit, stopped, timeLimit, tooMuchSaid } from './stop-reasons.ts';
import type { AgentEnd, AgentTotals, ChatMessage, ToolCall } from './types.ts';
import { untilAborted } from './until-aborted.ts';

export type { AgentLimits, AgentOptions } from './run-state.ts';

/**
 * Works until the model calls `finish`, stops by itself, or a limit, a failure or the signal ends it (within a second).
 * Never throws for what a model, a network or a tool can do;
 * what `emit` throws comes through.
 */
export async function runAgent(options: AgentOptions): Promise<{ end: AgentEnd; totals: AgentTotals }> {
  const { signal, limits } = options;
  const run = await prepareRun(limits.time ? { ...options, signal: AbortSignal.any([signal, limits.time.up]) } : options);
  openHistory(run);
  const ended = new AbortController();
  const end = await steps(run, ended.signal).finally(() => ended.abort());
  const late = limits.time?.up.aborted && !signal.aborted && end.kind === 'stopped' && end.outcome === 'cancelled';
  return { end: late ? timeLimit(limits.time.minutes) : end, totals: run.ledger.totals };
}

/** @param ended aborts when the loop is over, whatever it is over for */
async function steps(run: Run, ended: AbortSignal): Promise<AgentEnd> {
  for (;;) {
    if (run.options.signal.aborted) return cancelled();
    if (run.step >= run.options.limits.maxSteps) return stepLimit(run.options.limits.maxSteps);
    if (run.journalled > MOST_JOURNALLED) return tooMuchSaid();
    // Noted with the step before: a resume goes back to its checkpoint, and must send the same bytes again.
    for (const text of run.options.inbox?.() ?? []) append(run, { role: 'user', content: NOTE_PREFIX + text });
    run.step++;
    const asked = await requestWithinWindow(run, mustForce(run));
    if ('end' in asked) return asked.end;
    // Only now: it must neither hold up the first request nor take its place in a rate limit.
    if (run.windowNews === 'ask') askForWindow(run, ended);
    const end = await digest(run, asked);
    if (end) return end;
  }
}

/** While the model works; without an answer everything stays as it is. */
function askForWindow(run: Run, ended: AbortSignal): void {
  const { api, fetch: fetchImpl = httpFetch } = run.options;
  run.windowNews = 'asked';
  void fetchModels(api, fetchImpl, ended).then((models) => {
    const listed = models?.find(({ id }) => id === api.model)?.window ?? null;
    // A refusal may have come first, and tells it exactly.
    if (run.windowNews === 'asked') run.windowNews = listed === null ? 'none' : { listed };
  });
}

/** What an answer leads to: a kind for each, and null to go on. */
async function digest(run: Run, { reply, capped }: Answered): Promise<AgentEnd | null> {
  if (reply.finishReason === 'content_filter') {
    return stopped('content_refused', message('api.contentCut'));
  }
  if (reply.finishReason === 'length') {
    run.crowded = capped === 'window';
    return capped === 'budget' ? budgetEnd(run) : digestCut(run, reply);
  }
  run.cuts = 0;
  if (reply.calls.length > 0) return digestCalls(run, reply, reply.calls, lastStepsNote(run));
  const loss = lostCall(run, reply);
  if (loss) return digestNothing(run, loss);
  if (reply.text.trim() !== '') return digestText(run, reply);
  return digestNothing(run, EMPTY);
}

async function digestCalls(run: Run, reply: Reply, calls: readonly ToolCall[], note: string | null): Promise<AgentEnd | null> {
  run.empties = 0;
  const named = calls.map(storable);
  const reasoning = wantsReasoning(run.options.api.model) || reply.reasoning ? { [reply.reasoningField]: reply.reasoning } : {};
  const content = reply.text.trim() === '' ? {} : { content: reply.text };
  append(run, { role: 'assistant', ...content, ...reasoning, tool_calls: named });
  return runToolCalls(run, named, note);
}

/**
 * The answer was cut at the output cap. Its last call may be half a call even when it parses, so it is never run. The
 * first cut is asked again with twice the cap, the second with advice, and a fourth in a row ends the attempt.
 */
async function digestCut(run: Run, reply: Reply): Promise<AgentEnd | null> {
  run.cuts++;
  const whole = reply.calls.slice(0, -1);
  const how = reply.ranAway ? 'only repeated itself and was stopped' : 'was cut at the output limit';
  notice(run, message(reply.ranAway ? 'log.answerRepeated' : 'log.answerCut', { times: run.cuts, kept: whole.length }));
  if (run.cuts >= 4) return stopped('loop_detected', message('loop.cutAnswers'));
  if (whole.length > 0)
    return digestCalls(run, reply, whole, `[note] Your answer ${how} here; further calls in it did not arrive and did not run.`);
  if (reply.ranAway) {
    append(run, {
      role: 'user',
      content: `${NOTE_PREFIX}Your last answer repeated the same text again and again, so it was stopped, and nothing of it was run. Take one small step now: one tool call.`,
    });
  } else if (run.cuts >= 2) {
    append(run, {
      role: 'user',
      content: `${NOTE_PREFIX}Your last answers were cut at the output limit before they were complete, and nothing of them was run. Think less and do less in one answer: write a long file in parts (first a part, then more with edits), one call at a time.`,
    });
  }
  return null;
}

/** A plain stop is the end of the work when there is work, tried after the last edit; else it is sent back once. */
async function digestText(run: Run, reply: Reply): Promise<AgentEnd | null> {
  run.empties = 0;
  append(run, { role: 'assistant', content: reply.text, ...(reply.reasoning ? { [reply.reasoningField]: reply.reasoning } : {}) });
  const objection = run.bounced ? null : await untilAborted(run.options.signal, objectionTo(run));
  if (objection === 'stopped') return cancelled();
  if (!objection) return { kind: 'finished', summary: redactKey(reply.text.trim(), run.options.api.apiKey), commitMessage: null };
  run.bounced = true;
  notice(run, message('log.sentBack', { objection: objection.text }));
  append(run, { role: 'user', content: NOTE_PREFIX + objection.text });
  return null;
}

async function objectionTo(run: Run): Promise<{ text: string } | null> {
  if (!(await hasChanges(run)))
    return {
      text: 'Nothing has been changed yet, and nobody reads questions here. Do the work now with the tools; if there is truly nothing to change, call finish and say why.',
    };
  if (run.guards.unprovenEdit)
    return {
      text: 'You have not run anything since your last edit. Run the tests or checks that cover it, mend what fails, then call finish.',
    };
  return null;
}

/** By the working tree; when that cannot be looked at, by the edits. */
async function hasChanges(run: Run): Promise<boolean> {
  const byEdits = run.guards.edits > 0;
  try {
    return (await run.options.hasChanges?.()) ?? byEdits;
  } catch (error) {
    const said = errorText(error);
    if (!run.options.signal.aborted) notice(run, message('log.changesUnknown', { said }));
    return byEdits;
  }
}

/** What is said of an answer that brought the work no further: in the journal, and to the model. */
interface Nothing {
  readonly log: 'log.emptyAnswer' | 'log.callAsText' | 'log.callWithoutName';
  readonly nudge: string;
}

const EMPTY: Nothing = {
  log: 'log.emptyAnswer',
  nudge: 'Your last answer was empty. Go on with the next tool call, or call finish when the work is complete.',
};

/** A call that the model meant and that did not arrive as one: its answer is no end of the work, whatever else it says. */
function lostCall({ tools }: Run, reply: Reply): Nothing | null {
  if (hasLeakedCall(reply.text, tools.keys()) || hasLeakedCall(reply.reasoning, tools.keys())) {
    return {
      log: 'log.callAsText',
      nudge:
        'Your tool call came as text and did not run. Make it again as a real call, without writing its markup anywhere; when the work is complete, call finish.',
    };
  }
  if (reply.droppedCalls === 0 && reply.finishReason !== 'tool_calls') return null;
  return {
    log: 'log.callWithoutName',
    nudge: 'Your tool call came without a name and did not run. Make it again; when the work is complete, call finish.',
  };
}

/** An answer without anything to act on: a nudge, then one request that must call a tool (where the model can be made to), then the end. */
function digestNothing(run: Run, { log, nudge }: Nothing): AgentEnd | null {
  run.empties++;
  const lastResort = canForce(thinkingOf(run.options.api.model, run.refused)) ? 3 : 2;
  if (run.empties >= lastResort) return stopped('loop_detected', message('loop.emptyAnswers', { times: run.empties }));
  notice(run, message(log, { times: run.empties }));
  if (run.empties === 1) append(run, { role: 'user', content: NOTE_PREFIX + nudge });
  return null;
}

function mustForce(run: Run): boolean {
  return run.empties >= 2;
}

/** Told a few steps before the limit, so that the work ends in a state that can be reviewed. */
function lastStepsNote(run: Run): string | null {
  const { maxSteps } = run.options.limits;
  const left = maxSteps - run.step;
  if (maxSteps < 10 || left !== Math.min(5, Math.floor(maxSteps / 5))) return null;
  return `[note] ${left} steps are left. Bring the work into a state that passes its tests, then call finish.`;
}

async function prepareRun(options: AgentOptions): Promise<Run> {
  const { api, limits, resume } = options;
  const head = headOf(options);
  const run: Run = {
    options: {
      ...options,
      emit(event) {
        run.journalled += sizeInJournal(event);
        options.emit(event);
      },
    },
    client: await createClient(api, (limits.stallSeconds ?? DEFAULT_STALL_SECONDS) * 1000, options.fetch),
    history: new History(headJson(head.model, head.tools, head.system)),
    ledger: new Ledger(api.baseUrl, priceOf(api.model, api.baseUrl, api.price), limits.budget, resume?.totals ?? null),
    guards: new Guards(),
    tools: new Map(options.head.tools.map((tool) => [tool.name, tool])),
    toolContext: {
      ...options.context,
      signal: options.signal,
      seen: new SeenFiles(resume?.seen ?? []),
      shown: new ShownInConversation(),
    },
    windowTokens: api.contextWindow ?? windowOf(api.model),
    windowNews: api.contextWindow === undefined && !isWindowKnown(api.model, api.baseUrl) ? 'ask' : 'none',
    byteLimit: LARGEST_REQUEST_BYTES,
    longestAnswer: Number.POSITIVE_INFINITY,
    refused: new Set(),
    step: resume?.step ?? 0,
    cuts: 0,
    empties: 0,
    crowded: false,
    rewrittenAt: 0,
    lookedAt: 0,
    journalled: resume?.transcript.reduce((sum, json) => sum + json.length, 0) ?? 0,
    bounced: false,
    answeredAt: null,
    said: new Set(),
  };
  return run;
}

/** A resume sends the journalled front again; only a change of the model in the settings makes a new one. */
function headOf(options: AgentOptions): { model: string; tools: string; system: string } {
  const { resume, api, head } = options;
  if (resume && resume.head.model === api.model) return resume.head;
  return { model: api.model, tools: toolsJson(head.tools), system: head.system };
}

/** Counted like one whose answer broke off; how long that had become by then, the answers before it tell. */
function countLost(run: Run, { step, bytes }: LostRequest): void {
  const { ledger, options } = run;
  const { steps, usage: before } = ledger.totals;
  const usage = { ...ledger.estimateInput(bytes), output: steps > 0 ? Math.ceil(before.output / steps) : SMALL_OUTPUT };
  options.limits.shared?.settle(costOf(usage, ledger.price));
  options.emit({ type: 'spent', step, usage, cost: ledger.add(usage) });
}

/** Another model or server may have left it out, or named it otherwise, where this one demands it; its own messages come through with the same bytes. */
function withReasoning(json: string, baseUrl: string): string {
  const message = JSON.parse(json) as ChatMessage;
  if (message.role !== 'assistant' || !message.tool_calls || message.reasoning_content !== undefined) return json;
  const { reasoning, ...rest } = message;
  if (reasoning !== undefined && !isPlatform(baseUrl)) return json;
  return serialize({ ...rest, reasoning_content: reasoning ?? '' });
}

function openHistory(run: Run): void {
  const { resume, emit, firstMessages, firstFiles, api } = run.options;
  const head = headOf(run.options);
  if (head !== resume?.head) emit({ type: 'head', ...head });
  if (resume) {
    const fitting = wantsReasoning(api.model) ? resume.messages.map((json) => withReasoning(json, api.baseUrl)) : resume.messages;
    for (const json of fitting) run.history.append(resealed(run, json));
    if (resume.measured && head === resume.head) run.ledger.recall(resume.measured.bytes, resume.measured.usage);
    if (resume.lost) countLost(run, resume.lost);
    replayGuards(run.guards, resume.transcript, run.tools);
    for (const message of missingMessages(resume.messages)) {
      if (message.role === 'tool' || firstMessages.length === 0) append(run, message);
    }
  }
  for (const [i, message] of firstMessages.entries())
    append(run, message, { by: 'task', ...(i === 0 && firstFiles && { files: firstFiles }) });
  if (run.history.length === 0) throw new Error('An attempt needs a first message: give `firstMessages`, or a `resume` that has messages.');
}
