/** How a request is written: what Moonshot's dialect of chat completions wants, and what a model can do. */
import type { Tool } from '../types.ts';

/**
 * `toggle`: thinking can be switched off for one request. `always`: the model thinks always, switching it off is an error.
 * `implied`: it thinks always and takes no `thinking` field, and a tool may be forced all the same.
 * `none`: the `thinking` field is not sent (a model or server that does not know it may refuse it).
 */
export type Thinking = 'toggle' | 'always' | 'implied' | 'none';

/** Fields that only help: a server that refuses one is asked again without it. */
export const OPTIONAL_FIELDS = ['thinking', 'stream_options', 'prompt_cache_key'] as const;
export type OptionalField = (typeof OPTIONAL_FIELDS)[number];

const NONE: ReadonlySet<OptionalField> = new Set();

/**
 * Decided by the model's name, since every server that hosts these models under their own names takes the field or ignores it, but for
 * those that said otherwise.
 * @param refused fields that this server refused
 */
export function thinkingOf(model: string, refused: ReadonlySet<OptionalField> = NONE): Thinking {
  if (/^kimi-k3/.test(model)) return 'implied';
  if (refused.has('thinking')) return 'none';
  if (/^kimi-k\d.*-code/.test(model)) return 'always';
  return /^kimi-k(2\.[5-9]|[4-9])/.test(model) ? 'toggle' : 'none';
}

/** Whether assistant messages with tool calls must carry `reasoning_content`, the empty string included (else: 400). */
export function wantsReasoning(model: string): boolean {
  return /kimi/i.test(model);
}

/** The tools as the API takes them. Fixed order and spelling: any change voids the provider's cache. */
export function toolsJson(tools: readonly Tool[]): string {
  return JSON.stringify(
    tools.map(({ name, description, parameters }) => ({ type: 'function', function: { name, description, parameters } })),
  );
}

/** The front of every request of an attempt, up to and with the system message; messages follow, each behind a comma. */
export function headJson(model: string, tools: string, system: string): string {
  const toolField = tools === '[]' ? '' : `"tools":${tools},`;
  const systemMessage = JSON.stringify({ role: 'system', content: system });
  return `{"model":${JSON.stringify(model)},"stream":true,${toolField}"messages":[${systemMessage}`;
}

/**
 * The end of a request. It stands behind the messages, so that a change here costs no cached token.
 * Sampling fields (temperature, top_p, n, penalties) are pinned by these models and refused when sent.
 * @param maxOutput cap on thinking and answer together, tokens; always sent because the documented default is disputed
 * @param asks for a `step` of the work; for a `call`: a step that must call a tool (without thinking where it can be switched off: with
 *   thinking on, `tool_choice` may not force one); for a `note`: words only, without thinking where that is possible (the tools stay in
 *   the request: without them its prefix is not cached)
 * @param cacheKey what the requests of a delegation have in common, for a provider that routes by it to where the prefix is cached
 * @param refused fields that this server refused
 */
export function tailJson(
  model: string,
  maxOutput: number,
  asks: 'step' | 'call' | 'note',
  cacheKey?: string,
  refused: ReadonlySet<OptionalField> = NONE,
): string {
  const thinking = thinkingOf(model, refused);
  const hasField = thinking === 'toggle' || thinking === 'always';
  const fields: Record<string, unknown> = { max_completion_tokens: maxOutput };
  if (!refused.has('stream_options')) fields['stream_options'] = { include_usage: true };
  // Without keep:"all" the server drops earlier reasoning, and the model derives it again at each step.
  if (hasField) fields['thinking'] = { type: 'enabled', keep: 'all' };
  if (thinking === 'toggle' && asks !== 'step') fields['thinking'] = { type: 'disabled' };
  if (canForce(thinking) && asks === 'call') fields['tool_choice'] = 'required';
  if (asks === 'note') fields['tool_choice'] = 'none';
  if (cacheKey && !refused.has('prompt_cache_key')) fields['prompt_cache_key'] = cacheKey;
  return `],${JSON.stringify(fields).slice(1)}`;
}

/** Whether one request can be made to call a tool. */
export function canForce(thinking: Thinking): boolean {
  return thinking === 'toggle' || thinking === 'implied';
}
