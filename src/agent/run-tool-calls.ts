/** Runs the tool calls of one step: looks next to each other, everything else in order; a result for every call. */

import { errorText } from '../common/caught-error.ts';
import { cutText } from '../common/cut-text.ts';
import { message } from '../messages/message.ts';
import { FAILED } from './history/replay-history.ts';
import { rollBack } from './history/roll-back.ts';
import { type Advice, plainName } from './loop-guards.ts';
import { redactKey } from './redact-key.ts';
import { append, notice, type Run } from './run-state.ts';
import { cancelled, stopped } from './stop-reasons.ts';
import type { AgentEnd, Tool, ToolCall, ToolResult } from './types.ts';
import { type TriedCall, UnmendedFailures } from './unmended-failures.ts';
import { untilAborted } from './until-aborted.ts';

/** A longer result would crowd out the work; the tools bound their own output well below this. */
const LONGEST_RESULT_BYTES = 60_000;

/** Bytes of the results of one answer, about half of what a usual window holds: what comes behind could hardly be sent, but would be made and kept. */
const MOST_OF_AN_ANSWER = 512 * 1024;

/** Calls that only look and run side by side: each may start a process, and an answer may hold hundreds. */
const MOST_AT_ONCE = 8;

/** `meant`: the tool of a call that cannot run. */
type Prepared = { call: ToolCall; tool: Tool; args: unknown } | { call: ToolCall; tool: null; meant: Tool | null; error: string };

/**
 * @param calls of an assistant message that is in the history already
 * @param note appended to the last result (a word of the loop to the model)
 * @returns how the attempt ended, or null to go on
 */
export async function runToolCalls(run: Run, calls: readonly ToolCall[], note: string | null): Promise<AgentEnd | null> {
  const prepared = calls.map((call) => prepare(run, call));
  const stalled = await lookForChange(run);
  if (stalled === 'stopped') return cancelled();
  if (stalled?.stop && !prepared.some(({ tool }) => tool?.effect === 'write')) return stopped('loop_detected', stalled.stop);
  const failures = new UnmendedFailures();
  let end: AgentEnd | null = null;
  let circle: Advice | null = null;
  const before = run.history.bytes;
  for (let at = 0; at < prepared.length; ) {
    const isFull = run.history.bytes - before > MOST_OF_AN_ANSWER;
    if (end !== null || isFull) {
      leaveOut(run, prepared.slice(at), end === null ? TOO_MUCH : 'the work had ended before this call.');
      break;
    }
    const batch = nextBatch(prepared, at);
    const results = await untilAborted(run.options.signal, Promise.all(batch.map((one) => runOne(run, one, failures.refusal()))));
    if (results === 'stopped') return cancelled();
    for (const [i, one] of batch.entries()) {
      const result = results[i]!;
      const isLast = at + i === prepared.length - 1;
      const last = isLast && stalled?.reminder && run.guards.seemsStalled ? withReminder(run, stalled.reminder, note) : note;
      const advice = answer(run, one, result, isLast ? last : null);
      if (advice.rollBack) circle = advice;
      failures.add(triedCall(one), result);
      if (advice.stop) end ??= stopped('loop_detected', advice.stop);
      if (result.ok && result.finish) end ??= finished(run, result.finish);
    }
    at += batch.length;
  }
  if (circle?.rollBack && end === null) rollBack(run, circle.rollBack, plainReminder(circle));
  return end;
}

function triedCall(one: Prepared): TriedCall {
  const { call, tool } = one;
  const effect = (tool ?? one.meant)?.effect ?? null;
  return { name: tool?.name ?? call.function.name.slice(0, 64), title: titleOf(one), args: call.function.arguments, effect };
}

const TOO_MUCH = 'the results before this call are as much as one answer can have. Make it again, with fewer beside it.';

/** Calls behind the end: they do not run, but the history may be continued some day and must hold an answer for each. */
function leaveOut(run: Run, rest: readonly Prepared[], why: string): void {
  for (const { call } of rest) append(run, { role: 'tool', tool_call_id: call.id, content: `${FAILED}not run: ${why}` });
}

/** What the steps before changed, and what there is to say when that is nothing for too long. */
async function lookForChange(run: Run): Promise<Advice | null | 'stopped'> {
  const { tree, signal } = run.options;
  const known = tree?.peek();
  run.guards.beginStep(known);
  if (tree && known === null && run.guards.seemsStalled) {
    // What cannot be looked at counts as changed here; whoever reads the files next will tell what is wrong with them.
    const seen = await untilAborted(
      signal,
      tree.look().catch(() => null),
    );
    if (seen === 'stopped') return seen;
    if (seen === null) return null;
    run.guards.sawTree(seen);
  }
  return run.guards.stalled();
}

function withReminder(run: Run, reminder: string, note: string | null): string {
  notice(run, message('log.reminded', { reminder }));
  return [reminder, note].filter(Boolean).join('\n\n');
}

function plainReminder({ reminder }: Advice): string {
  return (reminder ?? '').replace(/^\[reminder\] /, '');
}

function finished(run: Run, { summary, commitMessage }: NonNullable<ToolResult['finish']>): AgentEnd {
  const { apiKey } = run.options.api;
  return { kind: 'finished', summary: redactKey(summary, apiKey), commitMessage: commitMessage && redactKey(commitMessage, apiKey) };
}

/** Some reads that follow each other form a batch; anything else is alone. */
function nextBatch(prepared: readonly Prepared[], from: number): Prepared[] {
  let to = from;
  while (to - from < MOST_AT_ONCE && prepared[to]?.tool?.effect === 'read') to++;
  return prepared.slice(from, Math.max(to, from + 1));
}

function prepare(run: Run, call: ToolCall): Prepared {
  const tool = run.tools.get(plainName(call.function.name));
  if (!tool)
    return {
      call,
      tool: null,
      meant: null,
      error: `there is no tool "${call.function.name}". The tools are: ${[...run.tools.keys()].join(', ')}.`,
    };
  const args = parseArguments(call.function.arguments);
  if (args) return { call, tool, args };
  return {
    call,
    tool: null,
    meant: tool,
    error: `the arguments of ${tool.name} were not a JSON object, so it did not run. Call it again with one object, strings escaped as JSON wants it (\\n, \\", \\\\); required: ${tool.parameters.required.join(', ') || 'nothing'}.`,
  };
}

/** @returns the arguments as an object, also where they were encoded twice; null when they are none. No arguments at all are an empty object. */
export function parseArguments(text: string): Record<string, unknown> | null {
  if (text.trim() === '') return {};
  try {
    const once: unknown = JSON.parse(text);
    const value: unknown = typeof once === 'string' ? JSON.parse(once) : once;
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject && !(INVALID in value) && isShallow(value, MOST_NESTED) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** No tool takes anything like it, and what walks through values calls itself for each level. */
const MOST_NESTED = 100;

function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((each) => isShallow(each, levels - 1));
}

/** The field under which broken arguments are kept in the history. */
const INVALID = '__not_json__';

/**
 * A call as the history may hold it. Some servers parse the arguments of old calls, and refuse every later request when
 * they are not JSON; names must fit the API's rule for names.
 */
export function storable(call: ToolCall): ToolCall {
  const name = plainName(call.function.name);
  const args = call.function.arguments;
  const parsed = parseArguments(args);
  const asObject = () => (args.trimStart().startsWith('{') ? args : JSON.stringify(parsed));
  return {
    ...call,
    function: {
      name: /^[a-zA-Z_][a-zA-Z0-9_-]{2,63}$/.test(name) ? name : 'unknown_tool',
      arguments: parsed ? asObject() : JSON.stringify({ [INVALID]: args.slice(0, 2000) }),
    },
  };
}

/** @param refusal what speaks against the end of the work, should this be the call for it */
async function runOne(run: Run, one: Prepared, refusal: string | null): Promise<ToolResult> {
  const { call } = one;
  const { emit, clock } = run.options;
  const name = one.tool?.name ?? call.function.name.slice(0, 64);
  const startedAt = clock.now();
  emit({ type: 'tool_start', step: run.step, callId: call.id, name, title: redactKey(titleOf(one), run.options.api.apiKey) });
  const result = await resultOf(run, one, refusal);
  // An abandoned tool may still end after a cancellation: that is no news any more.
  if (!run.options.signal.aborted) {
    const summary = cutText(redactKey(result.summary, run.options.api.apiKey), 200);
    const seen = run.toolContext.seen.takeUnjournalled();
    emit({
      type: 'tool_end',
      step: run.step,
      callId: call.id,
      name,
      ok: result.ok,
      summary,
      ms: clock.now() - startedAt,
      ...(seen && { seen }),
      ...(result.use && { use: result.use }),
      ...mayHaveChanged(one, result),
      ...(result.run && { run: { ...result.run, command: redactKey(result.run.command, run.options.api.apiKey) } }),
    });
  }
  return result;
}

function mayHaveChanged({ tool }: Prepared, { ok, ran }: ToolResult): { may?: 'write' | 'command' } {
  const isChange = (tool?.effect === 'write' || tool?.effect === 'command') && (ok || ran);
  return isChange ? { may: tool.effect as 'write' | 'command' } : {};
}

async function resultOf(run: Run, one: Prepared, refusal: string | null): Promise<ToolResult> {
  if (!one.tool) return failure(one.error, 'not run');
  if (one.tool.effect === 'finish' && refusal !== null) return failure(refusal, 'refused');
  try {
    return await one.tool.run(one.args, run.toolContext);
  } catch (error) {
    const said = errorText(error);
    if (!run.options.signal.aborted) notice(run, message('log.toolThrew', { tool: one.tool.name, said }));
    return failure(`${one.tool.name} failed: ${said}`, 'failed');
  }
}

function answer(run: Run, one: Prepared, result: ToolResult, note: string | null): Advice {
  const { call } = one;
  const name = one.tool?.name ?? call.function.name;
  const effect = (one.tool ?? one.meant)?.effect ?? null;
  const ok = result.ok || result.ran === true;
  const own = ownText(run, result.text, ok, effect);
  const advice = run.guards.observe({ name, args: call.function.arguments, result: own, ok, effect });
  if (advice.reminder) notice(run, message('log.reminded', { reminder: advice.reminder }));
  const text = [own, advice.reminder, note].filter(Boolean).join('\n\n');
  append(run, { role: 'tool', tool_call_id: call.id, content: text }, { by: name, ...(result.sent && { files: result.sent }) });
  return advice;
}

/** What the tool said, as the history will hold it. */
function ownText(run: Run, text: string, ok: boolean, effect: Tool['effect'] | null): string {
  // Before it is cut, which could halve a secret.
  const masked = run.toolContext.workspace.neverSend.mask(text);
  const said = redactKey(shorten(masked), run.options.api.apiKey) || '(no output)';
  const isMarked = effect === 'write' || effect === 'command';
  return isMarked && !ok && !said.startsWith(FAILED) ? FAILED + said : said;
}

function failure(text: string, summary: string): ToolResult {
  return { ok: false, text: FAILED + text, summary };
}

function titleOf(one: Prepared): string {
  if (!one.tool) return '';
  try {
    return cutText(one.tool.title(one.args), 200);
  } catch {
    return '';
  }
}

function shorten(text: string): string {
  if (text.length <= LONGEST_RESULT_BYTES / 3) return text;
  const bytes = Buffer.from(text);
  if (bytes.length <= LONGEST_RESULT_BYTES) return text;
  const head = bytes.subarray(0, (LONGEST_RESULT_BYTES * 2) / 3).toString();
  const tail = bytes.subarray(bytes.length - LONGEST_RESULT_BYTES / 3).toString();
  return `${head}\n... ${bytes.length - LONGEST_RESULT_BYTES} bytes left out ...\n${tail}`;
}
