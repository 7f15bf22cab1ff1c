import path from 'node:path';
import { keptRefusals } from '../broker/kept-refusals.ts';
import { refusalsElsewhere } from '../broker/setting-sources.ts';
import { claudeFiles } from '../claude/claude-files.ts';
import { entryIn, readRegistered, type ServerCommand, shadowIn, variablesOf } from '../claude/registration.ts';
import { type SettingLayer, variableLayer } from '../config.ts';
import { fileLayers } from '../setting-files.ts';
import type { SetupContext } from './setup-context.ts';

/** What a server that works in a folder takes its settings from, best first. */
export async function settingLayers(context: SetupContext, folder: string | undefined): Promise<SettingLayer[]> {
  const { t, env, stateDir, dist, settings } = context;
  const window = await settings.ofWindow(folder);
  const registered = readRegistered(claudeFiles(env, context.home), folder === undefined ? [] : [folder]);
  const entry = entryIn(registered, folder);
  const isBrought = shadowIn(registered, folder)?.scope === 'project';
  const variables = entry && (isBrought ? broughtVariables(entry, context) : variablesOf(entry, env));
  return [
    ...(variables ? [variableLayer('environment', t('the registration with Claude Code'), variables)] : []),
    variableLayer('environment', t('the environment'), env),
    ...(window ? [window] : []),
    ...fileLayers(stateDir, path.join(dist, 'server-main.cjs')),
    ...keptRefusals(stateDir),
    ...(await refusalsElsewhere(stateDir, env, folder ?? context.home, 0)).layers,
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

/**
 * Of an entry that a repository may have brought: it takes no variable of the user's out of the environment, and names nobody to whom the key
 * would go, but one of the platforms. Claude Code asks before it starts such an entry; whoever only looks has agreed to nothing.
 */
function broughtVariables(entry: ServerCommand, { env, regions }: Pick<SetupContext, 'env' | 'regions'>): ServerCommand['env'] {
  const { KIMI_API_KEY: _, KIMI_BASE_URL: address, ...others } = entry.env;
  if (hasForeignAccount(entry, regions) || !entry.env.KIMI_API_KEY) return others;
  return { ...others, KIMI_API_KEY: env.KIMI_API_KEY ?? '', ...(address && { KIMI_BASE_URL: address }) };
}

/** Whether it names a key, or an address for it, that is not tried. */
export function hasForeignAccount({ env }: ServerCommand, regions: readonly string[]): boolean {
  const { KIMI_API_KEY: key = OWN_KEY, KIMI_BASE_URL: address } = env;
  return key !== OWN_KEY || (address !== undefined && !regions.includes(address.replace(/(?<!\/)\/+$/, '')));
}

/** As a project names the key of whoever works on it. */
const OWN_KEY = `\${KIMI_API_KEY}`;
