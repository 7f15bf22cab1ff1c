import path from 'node:path';
import { claudeFiles } from '../claude/claude-files.ts';
import { entryIn, readRegistered, variablesOf } from '../claude/registration.ts';
import { type SettingLayer, variableLayer } from '../config.ts';
import { fileLayers } from '../setting-files.ts';
import type { SetupContext } from './setup-context.ts';

/** What a server that works in a folder takes its settings from, best first. */
export async function settingLayers(context: SetupContext, folder: string | undefined): Promise<SettingLayer[]> {
  const { t, env, stateDir, dist, settings } = context;
  const window = await settings.ofWindow(folder);
  const registered = entryIn(readRegistered(claudeFiles(env, context.home), folder === undefined ? [] : [folder]), folder);
  return [
    ...(registered ? [variableLayer('environment', t('the registration with Claude Code'), variablesOf(registered, env))] : []),
    variableLayer('environment', t('the environment'), env),
    ...(window ? [window] : []),
    ...fileLayers(stateDir, path.join(dist, 'server-main.cjs')),
  ];
}

/** What a window tells servers that work in a folder. */
export function windowLayer(
  t: SetupContext['t'],
  folder: string | undefined,
  values: SettingLayer['values'],
  apiKey: string | undefined,
): SettingLayer {
  const label = folder ? t('the VS Code window on {0}', folder) : t('this VS Code window');
  return { source: 'window', label, values: { ...values, apiKey } };
}
