import { homedir } from 'node:os';
import { claudeFiles } from '../claude/claude-files.ts';
import { findSessionCall } from '../claude/session-file.ts';
import type { Caller } from '../economics/saving.ts';
import { estimateTokens } from './estimate-tokens.ts';
import { instructions } from './instructions.ts';
import { MCP_TOOLS } from './tool-schemas.ts';

/** What a call to work on a branch put into the context of the model that made it; null unless Claude Code made it. */
export function callerOf(
  env: Readonly<Record<string, string | undefined>>,
  call: { readonly branch: string; readonly report: string; readonly polls: number },
): Caller | null {
  const sessionId = env.CLAUDE_CODE_SESSION_ID;
  const found = sessionId ? findSessionCall(claudeFiles(env, homedir()).projects, sessionId, call.branch) : null;
  return found && { ...found, told: toldTokens(), report: estimateTokens(call.report), polls: call.polls };
}

/** What is in every request of a session with this server, whether it delegates or not. */
function toldTokens(): number {
  const loaded = MCP_TOOLS.filter((tool) => '_meta' in tool).map(({ name, description, inputSchema }) => ({
    name,
    description,
    inputSchema,
  }));
  return estimateTokens(JSON.stringify(loaded)) + estimateTokens(instructions('silent'));
}
