import { z } from 'zod';
import { type ClaudeFiles, readText } from './claude-files.ts';
import { readRegistered } from './registration.ts';

/** The plugin of this repository, whichever marketplace it came from. */
const PLUGIN = /^kimi@/;
const settingsSchema = z.object({ enabledPlugins: z.record(z.string(), z.unknown()) });

/**
 * Whether Claude Code has the tools where these folders are open: by an entry of the user's, by one of a folder, or by the plugin. Files that
 * cannot be read give it none.
 */
export function claudeHasTools(files: ClaudeFiles, folders: readonly string[]): boolean {
  const { user, shadows } = readRegistered(files, folders);
  return user !== null || shadows.some(({ folder }) => folders.includes(folder)) || hasPlugin(files);
}

function hasPlugin({ settings }: ClaudeFiles): boolean {
  try {
    const { enabledPlugins } = settingsSchema.parse(JSON.parse(readText(settings) ?? '{}'));
    return Object.entries(enabledPlugins).some(([name, enabled]) => PLUGIN.test(name) && enabled === true);
  } catch {
    return false;
  }
}
