import path from 'node:path';
import {
  fileLayers,
  type Resolution,
  resolveSettings,
  SETTING_NAMES,
  type SettingLayer,
  shownName,
  variableLayer,
} from '../../../config.ts';
import type { Message } from '../../../messages/message.ts';
import { isWindowSetting } from '../../setting-names.ts';
import { messageWords } from '../../wording/wording.ts';
import type { SetupPlace } from '../place.ts';
import type { CheckReport, Finding } from './page.ts';

/** Longer lists are shown by their beginning. */
const MAX_ITEMS = 4;

/** The settings as a server gets them that works in a folder. */
export interface Resolved {
  readonly folder: string | undefined;
  readonly resolution: Resolution;
}

export async function resolve(place: SetupPlace, folder: string | undefined): Promise<Resolved> {
  const { t } = place;
  const key = place.trusted ? await place.key.read() : undefined;
  const label = folder ? t('the VS Code window on {0}', folder) : t('this VS Code window');
  const values = { ...place.settings.explicit(folder), apiKey: key };
  const env = { ...place.env, CLAUDE_KIMI_HOME: place.stateDir };
  const layers: SettingLayer[] = [
    variableLayer('environment', t('the environment'), place.env),
    { source: 'window', label, values },
    ...fileLayers(env, path.join(place.dist, 'server-main.cjs')),
  ];
  return { folder, resolution: resolveSettings(layers) };
}

/** The settings of the first folder, and what is different in others. */
export function settingRows(place: SetupPlace, [first, ...others]: readonly Resolved[]): CheckReport['settings'] {
  const rows = rowsOf(place, first);
  const different = others.flatMap((other) => {
    const own = rowsOf(place, other).filter(({ value, from }, index) => value !== rows[index]?.value || from !== rows[index]?.from);
    return own.map((row) => ({ ...row, name: `${row.name} (${path.basename(other.folder ?? '')})` }));
  });
  return [...rows, ...different];
}

function rowsOf({ t }: SetupPlace, resolved: Resolved | undefined): CheckReport['settings'] {
  if (!resolved?.resolution.ok) return [];
  const { values, origins } = resolved.resolution.settings;
  return SETTING_NAMES.map((name) => {
    const { source, layer } = origins[name];
    const value = name === 'apiKey' ? (values.apiKey ? '••••••••' : '') : shownValue(values[name], t);
    const shown =
      name === 'apiKey' && (source === 'window' || source === 'default')
        ? t('API key')
        : shownName(name, source === 'default' ? (isWindowSetting(name) ? 'window' : 'environment') : source);
    const ofWindow = name === 'apiKey' ? t('VS Code’s secret storage') : t('VS Code’s settings');
    const from = source === 'default' ? t('default') : source === 'window' ? ofWindow : wordsOf(layer, t);
    return { name: wordsOf(shown, t), value, from };
  });
}

/** A name stands for itself. */
const wordsOf = (text: string | Message, t: SetupPlace['t']) => (typeof text === 'string' ? text : messageWords(text, t));

function shownValue(value: unknown, t: SetupPlace['t']): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) {
    const shown = value.slice(0, MAX_ITEMS).join(', ');
    return value.length > MAX_ITEMS ? t('{0} and {1} more', shown, value.length - MAX_ITEMS) : shown;
  }
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

export function settingFindings({ t, trusted, folders }: SetupPlace, resolved: readonly Resolved[]): Finding[] {
  const findings: Finding[] = [];
  if (!trusted) {
    findings.push({
      state: 'bad',
      what: t('Folder'),
      found: t('open in Restricted Mode'),
      remedy: t('Trust the folder (command Workspaces: Manage Workspace Trust).'),
    });
  }
  if (folders.length === 0) {
    findings.push({
      state: 'note',
      what: t('Folder'),
      found: t('none is open'),
      remedy: t('Open a repository: only its window lends the key to Claude Code.'),
    });
  }
  const words = (messages: readonly Message[]) => new Set(messages.map((message) => messageWords(message, t)));
  const problems = words(resolved.flatMap(({ resolution }) => (resolution.ok ? [] : resolution.problems)));
  const ignored = words(resolved.flatMap(({ resolution }) => (resolution.ok ? resolution.settings.ignored : [])));
  for (const found of problems) findings.push({ state: 'bad', what: t('Settings'), found, remedy: t('Correct the setting.') });
  for (const found of ignored) findings.push({ state: 'note', what: t('Settings'), found });
  return findings;
}
