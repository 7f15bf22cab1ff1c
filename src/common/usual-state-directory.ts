import path from 'node:path';
import { realPathOf } from './real-path.ts';

/** Where the state of programs lies that have no CLAUDE_KIMI_HOME, if that is elsewhere; null = it is the same, or not known. */
export function usualStateDirectory(env: Readonly<Record<string, string | undefined>>, stateDir: string): string | null {
  const home = env.HOME || env.USERPROFILE || '';
  const usual = path.join(home, '.claude-kimi-mcp');
  return path.isAbsolute(home) && (realPathOf(usual) ?? usual) !== (realPathOf(stateDir) ?? stateDir) ? usual : null;
}
