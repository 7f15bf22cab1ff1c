import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ScriptedClaude } from '../fakes/anthropic/server.ts';

const FAKE_KEY = 'sk-ant-api03-not-a-real-key-0123456789abcdef';
/** Stands in the prompts of a test, and so in the requests that belong to it. */
export const MARK = 'KIMI-TEST';
/** Keeps Claude Code on this machine, also when a window starts it. */
export const QUIET_CLAUDE = { DISABLE_AUTOUPDATER: '1', CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1' };

/** Puts the real Claude Code into a HOME, as somebody has it who has used it before. */
export function installClaude(home: string, program: string): void {
  mkdirSync(path.join(home, '.local/bin'), { recursive: true });
  symlinkSync(program, path.join(home, '.local/bin/claude'));
  const state = { hasCompletedOnboarding: true, customApiKeyResponses: { approved: [FAKE_KEY.slice(-20)], rejected: [] } };
  writeFileSync(path.join(home, '.claude.json'), JSON.stringify(state));
}

/** `claude -p` of that user in a folder; resolves at its end. */
export async function askClaude(home: string, options: { cwd: string; api: ScriptedClaude; prompt: string }): Promise<void> {
  const env = {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    HOME: home,
    LANG: 'C.UTF-8',
    ANTHROPIC_BASE_URL: options.api.baseUrl,
    ANTHROPIC_API_KEY: FAKE_KEY,
    ...QUIET_CLAUDE,
  };
  const program = path.join(home, '.local/bin/claude');
  const child = spawn(program, ['-p', `${MARK} ${options.prompt}`], { cwd: options.cwd, env, stdio: ['ignore', 'ignore', 'inherit'] });
  await once(child, 'close');
}
