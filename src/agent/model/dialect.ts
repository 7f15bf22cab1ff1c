/** How a request is written: what Moonshot's dialect of chat completions wants, and what a model can do. */
import type { Tool } from '../types.ts';

/**
 * `toggle`: thinking can be switched off for one request. `always`: the model thinks always, switching it off is an error.
 * `none`: the `thinking` field is not sent (a model or server that does not know it may refuse it).
 */
export type Thinking = 'toggle' | 'always' | 'none';

/** Decided by the model's name, since every server that hosts these models under their own names takes the field or ignores it. */
export function thinkingOf(model: string): Thinking {
  if (/^kimi-k\d.*-code/.test(model)) return 'always';
  return /^kimi-k(2\.[5-9]|[3-9])/.test(model) ? 'toggle' : 'none';
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
  return `{"model":${JSON.stringify(model)},"stream":true,"stream_options":{"include_usage":true},${toolField}"messages":[${systemMessage}`;
}

/**
 * The end of a request. It stands behind the messages, so that a change here costs no cached token.
 * Sampling fields (temperature, top_p, n, penalties) are pinned by these models and refused when sent.
 * @param maxOutput cap on thinking and answer together, tokens; always sent because the documented default is disputed
 * @param asks for a `step` of the work; for a `call`: a step without thinking that must call a tool (with thinking on, `tool_choice` may
 *   not force one); for a `note`: words only, without thinking (the tools stay in the request: without them its prefix is not cached)
 * @param cacheKey what the requests of a delegation have in common, for a provider that routes by it to where the prefix is cached
 */
export function tailJson(model: string, maxOutput: number, asks: 'step' | 'call' | 'note', cacheKey?: string): string {
  const thinking = thinkingOf(model);
  const fields: Record<string, unknown> = { max_completion_tokens: maxOutput };
  // Without keep:"all" the server drops earlier reasoning, and the model derives it again at each step.
  if (thinking !== 'none') fields['thinking'] = { type: 'enabled', keep: 'all' };
  if (thinking === 'toggle' && asks !== 'step') fields['thinking'] = { type: 'disabled' };
  if (thinking === 'toggle' && asks === 'call') fields['tool_choice'] = 'required';
  if (asks === 'note') fields['tool_choice'] = 'none';
  if (cacheKey) fields['prompt_cache_key'] = cacheKey;
  return `],${JSON.stringify(fields).slice(1)}`;
}
