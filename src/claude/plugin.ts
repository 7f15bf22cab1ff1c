import path from 'node:path';
import { z } from 'zod';
import { MOST_RULE_BYTES } from '../common/read-plain-file.ts';
import { type ClaudeFiles, readText } from './claude-files.ts';
import { SERVER_NAME } from './registration.ts';

const PLUGIN = 'kimi';
/** Claude Code's name for the server of the plugin, as its tools bear it. */
export const PLUGIN_SERVER = `plugin_${PLUGIN}_${SERVER_NAME}`;

const settingsSchema = z.object({ enabledPlugins: z.record(z.string(), z.unknown()).catch({}) });

export interface EnabledPlugin {
  /** With its marketplace, which may be anybody's. */
  readonly name: string;
  /** The file of an open folder that switches it on, as a repository may have brought it; null = the user did. */
  readonly broughtBy: string | null;
}

/**
 * Our plugin for Claude Code, where it is switched on for the user or in one of these folders; null = nowhere. Its key lies
 * among Claude Code's own secrets, and is not looked at.
 */
export function enabledPlugin(files: ClaudeFiles, folders: readonly string[]): EnabledPlugin | null {
  const ofFolders = folders.flatMap((folder) => ['settings.json', 'settings.local.json'].map((name) => path.join(folder, '.claude', name)));
  const ours = (file: string, most?: number) =>
    Object.entries(enabledIn(file, most)).find(([name, on]) => name.startsWith(`${PLUGIN}@`) && on === true)?.[0];
  const own = ours(files.settings);
  if (own !== undefined) return { name: own, broughtBy: null };
  for (const file of ofFolders) {
    const name = ours(file, MOST_RULE_BYTES);
    if (name !== undefined) return { name, broughtBy: file };
  }
  return null;
}

function enabledIn(file: string, most?: number): Readonly<Record<string, unknown>> {
  try {
    return settingsSchema.parse(JSON.parse(readText(file, most) ?? '{}')).enabledPlugins;
  } catch {
    return {}; // what is wrong with it is found where the rules are looked for
  }
}
