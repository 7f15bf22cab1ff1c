/** The settings that the server would have in a repository, below what the command line gives. */
import path from 'node:path';
import { settingSources } from '../broker/setting-sources.ts';
import { resolveSettings, type SettingLayer } from '../config.ts';
import { sentences } from '../messages/message.ts';
import type { Context } from './command.ts';

export async function settingsHere(root: string, context: Context, given: readonly SettingLayer[] = []) {
  const { layers, window, silent } = await sourcesFor(context)(root);
  const resolution = resolveSettings([...given, ...layers]);
  if (!resolution.ok) return { ok: false, ofCall: resolution.ofCall, reason: sentences(resolution.problems) } as const;
  return { ok: true, settings: resolution.settings, window: silent ?? window } as const;
}

/** Where the settings of a folder come from. */
export const sourcesFor =
  ({ env, stateDir, programFolder }: Context) =>
  (folder: string) =>
    settingSources({ stateDir, env, programFile: path.join(programFolder, 'cli-main.cjs') }, folder);
