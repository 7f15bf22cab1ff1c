/** What Moonshot enforces, and the errors that it answers with. No dependencies. */
import type { WireMessage } from './scenario.ts';

export interface Refusal {
  status: number;
  type: string;
  message: string;
}

export interface ChatRequest {
  model: string;
  messages: WireMessage[];
  tools?: unknown[];
  stream?: boolean;
  stream_options?: { include_usage?: boolean };
  thinking?: { type?: string; keep?: string | null };
  tool_choice?: unknown;
  max_completion_tokens?: number;
}

const KNOWN_FIELDS = new Set([
  'model',
  'messages',
  'tools',
  'stream',
  'stream_options',
  'thinking',
  'tool_choice',
  'max_completion_tokens',
  'prompt_cache_key',
]);
const PINNED = ['temperature', 'top_p', 'n', 'presence_penalty', 'frequency_penalty'];
const TOOL_NAME = /^[a-zA-Z_][a-zA-Z0-9_-]{2,63}$/;
const FORBIDDEN_KEYWORDS = [
  'oneOf',
  'allOf',
  'not',
  'const',
  'pattern',
  'format',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'prefixItems',
  'uniqueItems',
  '$schema',
];
/** What was sent as thinking with each call, by the id of the call (ids can repeat). */
export type SentReasoning = ReadonlyMap<string, ReadonlySet<string>>;

export const MESSAGE_BYTES_LIMIT = 2_097_152;

/** @returns the first rule that the request breaks, or null */
export function refuse(
  body: ChatRequest,
  limits: { models: readonly string[]; window: number; tokens: number; bytes: number; knowsThinking: boolean },
  sent: SentReasoning,
): Refusal | null {
  if (!limits.models.includes(body.model)) {
    return { status: 404, type: 'resource_not_found_error', message: `Not found the model ${body.model} or Permission denied` };
  }
  const broken = fields(body) ?? tools(body.tools ?? []) ?? messages(body, sent) ?? (limits.knowsThinking ? thinking(body) : null);
  if (broken) return invalid(broken);
  if (limits.bytes > MESSAGE_BYTES_LIMIT) return invalid(`total message size ${limits.bytes} exceeds limit ${MESSAGE_BYTES_LIMIT}`);
  if (limits.tokens >= limits.window) return invalid('Input token length too long');
  const asked = limits.tokens + (body.max_completion_tokens ?? 0);
  if (asked > limits.window)
    return invalid(`Invalid request: Your request exceeded model token limit: ${limits.window} (requested: ${asked})`);
  return null;
}

function fields(body: ChatRequest): string | null {
  for (const name of PINNED) if (name in body) return `invalid ${name}: only the default is allowed for this model`;
  for (const name of Object.keys(body)) if (!KNOWN_FIELDS.has(name)) return `unknown field ${name}`;
  if (!Number.isInteger(body.max_completion_tokens) || body.max_completion_tokens! < 1)
    return 'max_completion_tokens must be a positive integer';
  return null;
}

function tools(list: readonly unknown[]): string | null {
  if (list.length > 128) return 'at most 128 tools are allowed';
  for (const tool of list as { type?: string; function?: { name?: string; description?: string; parameters?: unknown } }[]) {
    if (tool.type !== 'function' || !TOOL_NAME.test(tool.function?.name ?? '')) {
      return 'function name is invalid, must start with a letter and can contain letters, numbers, underscores, and dashes';
    }
    const problem = schema(tool.function?.parameters, 1);
    if (problem) return `tools.function.parameters is not a valid moonshot flavored json schema, details: <${problem}>`;
  }
  return null;
}

function schema(node: unknown, depth: number): string | null {
  if (typeof node !== 'object' || node === null || Array.isArray(node)) return 'a schema must be an object';
  const it = node as Record<string, unknown>;
  if (depth > 5) return 'at most 5 levels of nesting';
  for (const word of FORBIDDEN_KEYWORDS) if (word in it) return `keyword ${word} is not supported`;
  const branches = 'anyOf' in it || '$ref' in it;
  if (branches === 'type' in it) return branches ? 'type must not stand beside anyOf or $ref' : 'type is not defined';
  const properties = Object.values((it['properties'] as Record<string, unknown> | undefined) ?? {});
  if (properties.length > 100) return 'at most 100 properties';
  const children = [...properties, ...(it['items'] === undefined ? [] : [it['items']]), ...((it['anyOf'] as unknown[] | undefined) ?? [])];
  for (const child of children) {
    const problem = schema(child, depth + 1);
    if (problem) return problem;
  }
  return null;
}

function messages(body: ChatRequest, sent: SentReasoning): string | null {
  const thinks = body.thinking?.type !== 'disabled';
  if (!Array.isArray(body.messages) || body.messages.length === 0) return 'messages must not be empty';
  let open = new Set<string>();
  for (const [at, message] of body.messages.entries()) {
    if (message.role === 'tool') {
      if (!open.delete(message.tool_call_id ?? '')) return `tool_call_id ${message.tool_call_id} is not found`;
      if (isEmpty(message.content)) return `message at position ${at} with role 'tool' must not be empty`;
      continue;
    }
    if (open.size > 0) return unanswered(open);
    if (message.role === 'assistant') {
      const problem = assistant(message, at, thinks) ?? verbatim(message, at, sent);
      if (problem) return problem;
      open = new Set((message.tool_calls ?? []).map(({ id }) => id));
      if (open.size !== (message.tool_calls ?? []).length) return 'tool call ids of a message must be unique';
    } else if (message.role !== 'system' && message.role !== 'user') return `invalid role ${message.role}`;
    else if (isEmpty(message.content)) return `message at position ${at} with role '${message.role}' must not be empty`;
  }
  if (open.size > 0) return unanswered(open);
  return body.messages.at(-1)?.role === 'assistant' ? 'the last message must not be of role assistant' : null;
}

function assistant(message: WireMessage, at: number, thinks: boolean): string | null {
  const calls = message.tool_calls ?? [];
  if (calls.length === 0) return isEmpty(message.content) ? `message at position ${at} with role 'assistant' must not be empty` : null;
  if (message.content === '') return `message at position ${at} with role 'assistant' must not be empty`;
  if (thinks && typeof message.reasoning_content !== 'string') {
    return `thinking is enabled but reasoning_content is missing in assistant tool call message at index ${at}`;
  }
  for (const call of calls) {
    if (!call.id || call.type !== 'function' || !TOOL_NAME.test(call.function?.name ?? '')) return `invalid tool call at index ${at}`;
    if (!isJsonObject(call.function.arguments)) return `function arguments at index ${at} are not a JSON object`;
  }
  return null;
}

/** A client may make an id unique by `_` behind it; what was never sent cannot be compared. */
function verbatim(message: WireMessage, at: number, sent: SentReasoning): string | null {
  for (const { id } of message.tool_calls ?? []) {
    const known = sent.get(id) ?? sent.get(id.replace(/_+$/, ''));
    if (!known || message.reasoning_content === undefined || known.has(String(message.reasoning_content))) continue;
    return `reasoning_content at index ${at} is not what was sent with ${id}`;
  }
  return null;
}

/** Models that always think and take no `thinking` field; a tool may be forced all the same. */
const ALWAYS = /^kimi-k3/;

function thinking(body: ChatRequest): string | null {
  if (ALWAYS.test(body.model)) return body.thinking ? 'the thinking parameter is not supported for this model' : null;
  const off = body.thinking?.type === 'disabled';
  if (![undefined, null, 'all'].includes(body.thinking?.keep)) return 'invalid thinking keep';
  // The API itself would drop the earlier thinking and say nothing; the model then derives it again at each step.
  if (!off && /^kimi-k\d/.test(body.model) && body.thinking?.keep !== 'all') return 'thinking.keep must be "all" for this model';
  if (body.thinking && !['enabled', 'disabled'].includes(body.thinking.type ?? '')) return 'invalid thinking type';
  if (off && body.model.includes('code')) return 'thinking cannot be disabled for this model';
  if (!off && !['auto', 'none', undefined].includes(body.tool_choice as string | undefined))
    return "tool_choice 'required' is incompatible with thinking enabled";
  return null;
}

function unanswered(open: ReadonlySet<string>): string {
  return `an assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${[...open].join(', ')}`;
}

function isEmpty(content: unknown): boolean {
  return typeof content !== 'string' || content === '';
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

function invalid(message: string): Refusal {
  return { status: 400, type: 'invalid_request_error', message };
}
