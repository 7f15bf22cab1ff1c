import { type Message, message } from '../../messages/message.ts';
import type { Run } from '../run-state.ts';
import { fetchModels } from './fetch-models.ts';
import { httpFetch } from './http-fetch.ts';
import { successorsOf, wasOffered } from './successor.ts';

/** Longer than any list takes that helps somebody who waits. */
const PATIENCE_MS = 10_000;
const MOST_NAMES = 8;

/**
 * Why a model cannot be had: the platform retired it, or does not open it to this key, or nobody ever had one of that name. The server's own
 * list tells; without it, or when it has the model all the same, what the refusal said stands.
 */
export async function explainModel(run: Run, said: string, reason: Message): Promise<Message> {
  const { api, signal, fetch: fetchImpl = httpFetch } = run.options;
  const models = await fetchModels(api, fetchImpl, AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]));
  const offered = models?.map(({ id }) => id) ?? [];
  if (offered.length === 0 || offered.includes(api.model)) return reason;
  const what = { endpoint: api.baseUrl, model: api.model, said, setting: api.modelSetting ?? 'KIMI_MODEL' };
  const successors = successorsOf(api.model, offered);
  if (successors.length > 0) return message('api.modelFollowed', { ...what, models: successors.join(', ') });
  const own = offered.filter((id) => id.startsWith('kimi-'));
  const names = (own.length > 0 ? own : offered).slice(0, MOST_NAMES).join(', ');
  return message(wasOffered(api.model) ? 'api.modelClosed' : 'api.modelUnknown', { ...what, models: names });
}
