/** Lines as Claude Code 2.1.330 writes them into the file of a session, without what nobody reads. */
export const SESSION = '3485bc87-ef2b-4512-bc63-920bd703da8d';

interface Used {
  input?: number;
  output?: number;
  read?: number;
  /** Into the cache, and how much of it for an hour. */
  write?: number;
  hour?: number;
  speed?: string;
}

const about = { isSidechain: false, sessionId: SESSION, version: '2.1.330', cwd: '/home/ann/shop' };

export const user = (content: string) => JSON.stringify({ ...about, type: 'user', message: { role: 'user', content } });

export const toolResult = (text: string) =>
  JSON.stringify({
    ...about,
    type: 'user',
    message: { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: text }] },
    toolUseResult: text,
  });

export function assistant(id: string, used: Used = {}, content: readonly object[] = [], model = 'claude-opus-5-5'): string {
  const { input = 0, output = 0, read = 0, write = 0, hour = 0, speed = 'standard' } = used;
  const usage = {
    input_tokens: input,
    cache_creation_input_tokens: write,
    cache_read_input_tokens: read,
    output_tokens: output,
    cache_creation: { ephemeral_1h_input_tokens: hour, ephemeral_5m_input_tokens: write - hour },
    speed,
  };
  return JSON.stringify({ ...about, message: { id, type: 'message', role: 'assistant', model, content, usage }, type: 'assistant' });
}

export const delegating = (branch: string, name = 'mcp__kimi-agent__implement_feature') => ({
  type: 'tool_use',
  id: 'toolu_2',
  name,
  input: { repo_path: '/home/ann/shop', branch_name: branch, task_spec: 'Limit the rate.' },
});
