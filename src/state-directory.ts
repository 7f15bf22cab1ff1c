import { homedir } from 'node:os';
import path from 'node:path';

/** The folder with everything that outlives a process: journals, workspaces, `.env`. `CLAUDE_KIMI_HOME` overrides. */
export function stateDirectory(env: Readonly<Record<string, string | undefined>>): string {
  const given = env.CLAUDE_KIMI_HOME?.trim();
  return given ? path.resolve(given) : path.join(homedir(), '.claude-kimi-mcp');
}
