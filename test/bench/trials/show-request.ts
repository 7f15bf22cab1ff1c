/** A request as whoever answers reads it: everything at first, then only what is new. */

export interface ChatRequest {
  readonly messages: readonly ChatMessage[];
  readonly tools?: readonly {
    readonly function: { readonly name: string; readonly description?: string; readonly parameters?: unknown };
  }[];
}

interface ChatMessage {
  readonly role: string;
  readonly content?: unknown;
  readonly tool_call_id?: string;
  readonly tool_calls?: readonly { readonly id: string; readonly function: { readonly name: string; readonly arguments: string } }[];
}

/** @param options.shown how many messages the last request had; a shorter history was rewritten, and is shown whole again */
export function showRequest(
  { messages, tools = [] }: ChatRequest,
  { number, shown, tokens }: { number: number; shown: number; tokens: number },
): string {
  const isWhole = shown === 0 || messages.length <= shown;
  const lines = [`=== request ${number} (${messages.length} messages, about ${tokens} tokens)`];
  if (isWhole && shown > 0) lines.push('(The history was rewritten; this is the whole of it.)');
  if (isWhole) lines.push('--- tools', ...tools.map(showTool));
  // One's own answers are known, unless the history was rewritten.
  const fresh = isWhole ? messages : messages.slice(shown).filter(({ role }) => role !== 'assistant');
  return `${[...lines, ...fresh.map(showMessage)].join('\n')}\n`;
}

function showTool({ function: { name, description = '', parameters = {} } }: NonNullable<ChatRequest['tools']>[number]): string {
  return `${name}: ${description}\n   ${JSON.stringify(parameters)}`;
}

function showMessage({ role, content, tool_call_id, tool_calls = [] }: ChatMessage): string {
  const calls = tool_calls.map(({ id, function: fn }) => `[call ${id}] ${fn.name} ${fn.arguments}`);
  return [`--- ${role}${tool_call_id ? ` (${tool_call_id})` : ''}`, textIn(content), ...calls].filter((line) => line !== '').join('\n');
}

function textIn(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part: { text?: string }) => part.text ?? JSON.stringify(part)).join('');
}
