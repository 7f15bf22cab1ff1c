/**
 * Takes out of the history what the model has no use for any more: what it read of files that it has edited since, and long outputs of steps
 * long past. All in one cut, when that saves more than it costs, since everything behind a change misses the cache once. Calls stay, and
 * of outputs the first and last lines: which command gave which result.
 */
import { posix } from 'node:path';
import { count } from '../../common/count-noun.ts';
import { cutText } from '../../common/cut-text.ts';
import { message } from '../../messages/message.ts';
import { afterRewrite, notice, type Run, sealed } from '../run-state.ts';
import { PATH_ALIASES, withCanonicalNames } from '../tools/lenient-arguments.ts';
import { pathsRead } from '../tools/read-file.ts';
import type { ChatMessage, ToolCall } from '../types.ts';
import { type Exchange, exchangesOf } from './exchanges.ts';
import { FAILED } from './replay-history.ts';
import { leavingOutPaysOff } from './when-to-compact.ts';

/** The last steps stay as they are: so many, and so many bytes. */
const KEPT = { exchanges: 10, bytes: 24 * 1024 } as const;
/** Shorter outputs stay, and what saves less. */
const LONG_OUTPUT = 2_000;
const LEAST_SAVED = 500;
const SHOWN_LINES = { first: 3, last: 5 } as const;
/** Looking costs some milliseconds, so it waits until the history has grown by so much. */
const LOOK_AGAIN = 16 * 1024;

export function leaveOutOld(run: Run): void {
  const { history, ledger, options } = run;
  if (history.bytes < run.lookedAt + LOOK_AGAIN) return;
  run.lookedAt = history.bytes;
  const jsons = history.messages();
  const shorter = shortened(run, jsons);
  const [from] = shorter.keys();
  if (from === undefined) return;
  const insert = jsons.slice(from).map((json, index) => shorter.get(from + index) ?? json);
  const saved = [...shorter].reduce((sum, [at, json]) => sum + Buffer.byteLength(jsons[at]!) - Buffer.byteLength(json), 0);
  const tokens = { dropped: ledger.tokensOf(saved), rewritten: ledger.tokensOf(history.bytes - history.bytesBefore(from) - saved) };
  const steps = { done: run.step - run.rewrittenAt, left: options.limits.maxSteps - run.step };
  if (!leavingOutPaysOff(tokens, steps, ledger.price)) return;

  const before = history.bytes;
  options.emit({ type: 'compacted', step: run.step - 1, why: 'cost', by: 'leaving_out', from, to: jsons.length, insert });
  history.replace(from, jsons.length, insert);
  afterRewrite(run);
  notice(run, message('log.leftOut', { results: shorter.size, before, after: history.bytes }));
}

/** Positions of results, in order, and what may stand there instead. */
function shortened(run: Run, jsons: readonly string[]): Map<number, string> {
  const messages = jsons.map((json) => JSON.parse(json) as ChatMessage);
  const exchanges = exchangesOf(messages);
  const old = exchanges.slice(0, -KEPT.exchanges).filter(({ to }) => run.history.bytes - run.history.bytesBefore(to) >= KEPT.bytes);
  const edited = lastEdits(run, exchanges);
  const shorter = new Map<number, string>();
  for (const { from, answer, results } of old) {
    for (const [index, result] of results.entries()) {
      const call = answer.tool_calls?.find(({ id }) => id === result.tool_call_id);
      const content =
        call === undefined ? null : shortForm(run, call, result.content, (path) => (edited.get(plainPath(run, path)) ?? -1) > from);
      if (content === null) continue;
      const at = from + 1 + index;
      const json = sealed(run, { ...result, content });
      if (Buffer.byteLength(jsons[at]!) - Buffer.byteLength(json) >= LEAST_SAVED) shorter.set(at, json);
    }
  }
  return shorter;
}

/** Path -> position of the answer that changed it last. */
function lastEdits(run: Run, exchanges: readonly Exchange[]): Map<string, number> {
  const edits = new Map<string, number>();
  for (const { from, answer, results } of exchanges) {
    for (const call of answer.tool_calls ?? []) {
      if (run.tools.get(call.function.name)?.effect !== 'write') continue;
      const result = results.find(({ tool_call_id }) => tool_call_id === call.id)?.content ?? FAILED;
      const { path } = withCanonicalNames(argumentsOf(call), { path: PATH_ALIASES });
      if (typeof path === 'string' && !result.startsWith(FAILED)) edits.set(plainPath(run, path), from);
    }
  }
  return edits;
}

/** One name for a file, by text alone: `./a.ts`, `/work/a.ts`. Whatever else leads to it is taken for another, and stays. */
function plainPath({ toolContext: { workspace } }: Run, given: string): string {
  const { shownRoot, root, folder } = workspace;
  const full = posix.resolve(shownRoot, folder, given);
  return full.startsWith(`${root}/`) ? posix.join(shownRoot, full.slice(root.length)) : full;
}

function shortForm(run: Run, call: ToolCall, result: string, isEditedSince: (path: string) => boolean): string | null {
  const tool = run.tools.get(call.function.name);
  if (tool?.effect !== 'read' && tool?.effect !== 'command') return null;
  const paths = tool.name === 'read_file' ? pathsRead(argumentsOf(call)) : [];
  if (paths.length > 0) {
    if (!paths.every(isEditedSince)) return null;
    return `[left out to save room: ${count(result.split('\n').length, 'line')}; you have edited ${cutText(paths.join(', '), 200)} since, read again what you need]`;
  }
  return result.length < LONG_OUTPUT ? null : ends(result);
}

function ends(output: string): string {
  const lines = output.split('\n');
  const left = lines.length - SHOWN_LINES.first - SHOWN_LINES.last;
  if (left <= 0) return output;
  const short = (part: readonly string[]) => part.map((line) => cutText(line, 200));
  const first = short(lines.slice(0, SHOWN_LINES.first));
  return [...first, `[${count(left, 'line')} left out to save room]`, ...short(lines.slice(-SHOWN_LINES.last))].join('\n');
}

function argumentsOf(call: ToolCall): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(call.function.arguments);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
