import { z } from 'zod';
import type { ApiAccess } from './kimi-client.ts';

/** Nothing can be done in less, so a smaller figure is no window. */
const LEAST_WINDOW = 4096;
const tokens = z.number().int().min(LEAST_WINDOW).optional().catch(undefined);
/** Moonshot and OpenRouter name the window in the first way, vLLM and SGLang in the second, Groq in the third. */
const modelSchema = z.object({ id: z.string(), context_length: tokens, max_model_len: tokens, context_window: tokens });
const listSchema = z.object({ data: z.array(z.unknown()) });

export interface OfferedModel {
  readonly id: string;
  /** Tokens; null when the server does not tell. */
  readonly window: number | null;
}

/**
 * What the server offers to this key; null when it does not say, for whatever reason.
 * @param signal ends the waiting: some servers take long for their list
 */
export async function fetchModels(
  access: ApiAccess,
  fetchImpl: typeof fetch,
  signal: AbortSignal,
): Promise<readonly OfferedModel[] | null> {
  try {
    const headers = { authorization: `Bearer ${access.apiKey}`, accept: 'application/json', 'user-agent': 'claude-kimi-mcp' };
    const response = await fetchImpl(`${access.baseUrl}/models`, { headers, signal, redirect: 'manual' });
    if (!response.ok) {
      await response.body?.cancel();
      return null;
    }
    const { data } = listSchema.parse(await response.json());
    return data.flatMap((one) => {
      const model = modelSchema.safeParse(one).data;
      return model ? [{ id: model.id, window: model.context_length ?? model.max_model_len ?? model.context_window ?? null }] : [];
    });
  } catch {
    return null;
  }
}
