import { z } from 'zod';
import type { ApiAccess } from './kimi-client.ts';

/** Nothing can be done in less, so a smaller figure is no window. */
const LEAST_WINDOW = 4096;
const tokens = z.number().int().min(LEAST_WINDOW).optional().catch(undefined);
/** Moonshot and OpenRouter name it in the first way, vLLM and SGLang in the second, Groq in the third. */
const modelSchema = z.object({ id: z.string(), context_length: tokens, max_model_len: tokens, context_window: tokens });
const listSchema = z.object({ data: z.array(z.unknown()) });

/**
 * The context window that the server's own list of models tells of a model, tokens; null when it does not, for whatever reason.
 * @param signal ends the waiting: some servers take long for their list
 */
export async function fetchContextWindow(access: ApiAccess, fetchImpl: typeof fetch, signal: AbortSignal): Promise<number | null> {
  try {
    const headers = { authorization: `Bearer ${access.apiKey}`, accept: 'application/json', 'user-agent': 'claude-kimi-mcp' };
    const response = await fetchImpl(`${access.baseUrl}/models`, { headers, signal, redirect: 'manual' });
    if (!response.ok) {
      await response.body?.cancel();
      return null;
    }
    const { data } = listSchema.parse(await response.json());
    const model = data.map((one) => modelSchema.safeParse(one).data).find((one) => one?.id === access.model);
    return model?.context_length ?? model?.max_model_len ?? model?.context_window ?? null;
  } catch {
    return null;
  }
}
