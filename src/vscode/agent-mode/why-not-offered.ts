import type { Translate } from '../../messages/translate.ts';

/** The values of the setting claudeKimi.agentMode. */
export type AgentModeSetting = 'auto' | 'on' | 'off';

export interface WindowNow {
  readonly setting: AgentModeSetting;
  readonly trusted: boolean;
  /** Folders on disk that are open. */
  readonly folders: readonly string[];
  readonly hasKey: boolean;
  /** Claude's own extension is installed and enabled. */
  readonly claudeExtension: boolean;
  /** Claude Code has the tools in these folders. */
  readonly claudeHasTools: boolean;
}

/**
 * Why VS Code's own agent mode does not get the tools, or null when it does. VS Code's sessions with Claude read Claude Code's files and get
 * the servers of VS Code on top, so that what both have would be there twice; and tools that cannot work yet would only cost context.
 */
export function whyNotOffered(now: WindowNow, t: Translate): string | null {
  if (!now.trusted) return t('the window is in Restricted Mode');
  if (now.folders.length === 0) return t('no folder is open');
  if (now.setting !== 'auto') return now.setting === 'on' ? null : t('the setting claudeKimi.agentMode says so');
  if (now.claudeExtension) return t('Claude’s own extension is installed');
  if (now.claudeHasTools) return t('Claude Code has them');
  return now.hasKey ? null : t('there is no key yet');
}
