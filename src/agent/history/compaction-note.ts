/** The words of a hand-over note: how it is asked for, how it is made from the record when the model does not write it, how it stands in the history. */

import { cutText } from '../../common/cut-text.ts';
import type { ChatMessage, Tool, ToolCall } from '../types.ts';
import { type Exchange, NOTE_PREFIX } from './exchanges.ts';
import { FAILED } from './replay-history.ts';

export const NOTE_REQUEST = `${NOTE_PREFIX}The conversation has become long. Everything after the task, except perhaps the last steps, is about to be replaced by a note that you write now to yourself: what is not in it will be forgotten. Do not go on with the work and call no tool. Write in plain text, at most 700 words, only what the conversation shows:
Done: file by file what was changed, why, and what was decided (exact names).
Checked: the exact commands that were run and their results (counts, names of failing tests, exact error lines).
Files: paths that matter for the rest, with the lines or names to look at.
Unknown: what is open, what was tried and did not work.
Plan: the next steps, in order.`;

const BEFORE_NOTE = `${NOTE_PREFIX}Hand-over. To make room, the conversation up to here was replaced by this note. The task stands as given, and the files are as you left them.\n\n`;
const AFTER_NOTE = '\n\nGo on from here. Look at a place again before you edit it.';

/** @param note by the model, by the record, or both */
export function noteMessage(note: string): ChatMessage {
  return { role: 'user', content: BEFORE_NOTE + note + AFTER_NOTE };
}

/** The note in a message that `noteMessage` made, or null. */
export function noteIn(message: ChatMessage): string | null {
  if (message.role !== 'user' || !message.content.startsWith(BEFORE_NOTE)) return null;
  return message.content.slice(BEFORE_NOTE.length, -AFTER_NOTE.length);
}

const MOST_PATHS = 60;
const MOST_COMMANDS = 20;
const MOST_OF_AN_EARLIER_NOTE = 12_000;

/**
 * What the record alone tells: changed files, commands with the ends of their outputs, the last words.
 * @param earlier the note that stood before these exchanges
 */
export function recordNote(exchanges: readonly Exchange[], tools: ReadonlyMap<string, Tool>, earlier: string | null): string {
  const changed = new Set<string>();
  const seen = new Set<string>();
  const commands: string[] = [];
  for (const { answer, results } of exchanges) {
    for (const call of answer.tool_calls ?? []) {
      const tool = tools.get(call.function.name);
      const result = results.find((one) => one.tool_call_id === call.id)?.content ?? '';
      if (!tool) continue;
      const title = titleOf(tool, call);
      if (tool.effect === 'command') commands.push(`- ${title}\n${ends(result)}`);
      else if (tool.effect === 'write' && !result.startsWith(FAILED)) changed.add(title);
      else if (tool.effect === 'read' && tool.name.startsWith('read')) seen.add(title);
    }
  }
  const words = exchanges.findLast(({ answer }) => answer.content?.trim())?.answer.content?.trim();
  return [
    ...(earlier ? [earlier.slice(-MOST_OF_AN_EARLIER_NOTE), ''] : []),
    'From the record of the steps:',
    changed.size > 0 ? `Files changed: ${listed(changed)}` : 'No file was changed yet.',
    ...(seen.size > 0 ? [`Files read: ${listed(seen)}`] : []),
    ...(commands.length > 0 ? [`Last commands, with what they gave:\n${commands.slice(-MOST_COMMANDS).join('\n')}`] : []),
    ...(words ? [`Your last words: ${cutText(words, 1000)}`] : []),
  ].join('\n');
}

function listed(paths: ReadonlySet<string>): string {
  const last = [...paths].slice(-MOST_PATHS);
  return `${last.join(', ')}${paths.size > last.length ? `, and ${paths.size - last.length} before them` : ''}`;
}

function titleOf(tool: Tool, call: ToolCall): string {
  try {
    return cutText(tool.title(JSON.parse(call.function.arguments)), 300);
  } catch {
    return cutText(call.function.arguments, 120);
  }
}

/** The first line (the exit code) and the last ones (counts, errors) of an output. */
function ends(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim());
  const shown = lines.length > 5 ? [lines[0]!, '...', ...lines.slice(-3)] : lines;
  return shown.map((line) => `  ${cutText(line, 160)}`).join('\n');
}
