import { provisionClaude } from '../claude/provision.ts';
import { type ClaudeRequest, type ClaudeTurn, lastResults, type ScriptedClaude, startClaudeApi } from '../fakes/anthropic/server.ts';
import { installClaude, MARK, QUIET_CLAUDE } from './claude-user.ts';
import type { HostWindow } from './host-window.ts';
import { openWindow } from './open-window.ts';
import { provisionHost } from './provision.ts';
import { openShop, type Shop } from './shop.ts';
import { type Host, startHost } from './vscode-server.ts';

/** A window on the shop, with the real Claude Code in the same HOME. */
export interface ClaudeWindow {
  readonly shop: Shop;
  readonly host: Host;
  readonly window: HostWindow;
  /** Claude: delegates on the branch that the prompt names, and ends when it has the report. */
  readonly api: ScriptedClaude;
  close(): Promise<void>;
}

/** @param vsix the extension that is installed */
export async function openClaudeWindow(vsix: string, userSettings: (shop: Shop) => Record<string, unknown>): Promise<ClaudeWindow> {
  const install = await provisionHost({ log: (line) => console.error(line) });
  const claude = await provisionClaude((line) => console.error(line));
  const opened: { close(): Promise<void> }[] = [];
  const keep = <T extends { close(): Promise<void> }>(one: T): T => {
    opened.unshift(one);
    return one;
  };
  const close = async () => {
    for (const one of opened.splice(0)) await one.close();
  };
  try {
    const shop = keep(await openShop());
    const api = keep(await startClaudeApi((request) => answer(request, shop)));
    const host = keep(await startHost({ install, smokeDriver: false, vsix: [vsix], userSettings: userSettings(shop), env: QUIET_CLAUDE }));
    installClaude(host.home, claude);
    const window = keep(await openWindow(host, { folder: shop.repo }));
    return { shop, host, window, api, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function answer(request: ClaudeRequest, shop: Shop): ClaudeTurn | null {
  const branch = new RegExp(`${MARK} ([\\w/-]+)`).exec(JSON.stringify(request.messages))?.[1];
  if (!branch) return null;
  if (lastResults(request).length > 0) return { text: 'The work is done.' };
  const input = {
    repo_path: shop.repo,
    branch_name: branch,
    task_spec: 'Add a rate limit (limit).',
    checks: ['node --test test/rate-limit.test.js'],
  };
  return { calls: [{ name: 'mcp__kimi-agent__implement_feature', input }] };
}
