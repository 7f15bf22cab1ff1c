import { z } from 'zod';
import { hideSecrets } from '../../common/hide-secrets.ts';
import { parseJson } from '../../common/json-file.ts';
import type { JournalLine } from '../../delegation/journal/journal.ts';
import { escapeUntrusted } from '../../mcp/escape-untrusted.ts';
import type { Translate } from '../../messages/translate.ts';

const messageSchema = z.object({
  content: z.string().nullish(),
  reasoning_content: z.string().nullish(),
  reasoning: z.string().nullish(),
  tool_calls: z.array(z.object({ id: z.string(), function: z.object({ name: z.string(), arguments: z.string() }) })).nullish(),
  tool_call_id: z.string().nullish(),
});

/** All that a step thought, called and got back, as plain text; null when the lines of its journal do not tell. */
export function stepDetails(lines: readonly JournalLine[], step: number, t: Translate): string | null {
  const messages = lines.flatMap((line) => {
    if (line.type !== 'message' || line.step !== step) return [];
    const read = parseJson(messageSchema, line.json);
    return read ? [{ role: line.role, ...read }] : [];
  });
  const names = new Map<string, string>();
  const parts: string[] = [];
  const add = (title: string, text: string | null | undefined) => {
    if (text?.trim()) parts.push(`${title}\n${'-'.repeat(Math.min(60, title.length))}\n${text.trimEnd()}\n`);
  };
  for (const { role, content, reasoning_content, reasoning, tool_calls, tool_call_id } of messages) {
    if (role === 'tool') add(t('Result of {0}', names.get(tool_call_id ?? '') ?? '?'), content);
    if (role !== 'assistant') continue;
    add(t('Thought'), reasoning_content ?? reasoning);
    add(t('Said'), content);
    for (const call of tool_calls ?? []) {
      names.set(call.id, call.function.name);
      add(call.function.name, readable(call.function.arguments));
    }
  }
  return parts.length > 0 ? hideSecrets(escapeUntrusted(parts.join('\n'))) : null;
}

/** Arguments as people read them: a line for each, texts as they are. */
function readable(json: string): string {
  const args = parseJson(z.record(z.string(), z.unknown()), json);
  if (!args) return json;
  return Object.entries(args)
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value, null, 2)}`)
    .join('\n');
}
